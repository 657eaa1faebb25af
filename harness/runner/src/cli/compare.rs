//! Arguments of `shall compare`.

use std::path::PathBuf;

use clap::Args;

use super::Format;

#[derive(Debug, Args)]
#[command(after_help = "Example:
  shall compare out/monday out/tuesday

Exit codes: 0 nothing turned worse, 1 a verdict did or a clause is no longer judged, 2 no run file")]
pub(crate) struct CompareOptions {
    /// The earlier run: its folder, or its run.jsonl
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,
    /// The later run
    #[arg(value_name = "AFTER")]
    pub(crate) after: PathBuf,
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
    /// Reads the catalogue from here instead of from the binary
    #[arg(long, value_name = "DIR")]
    pub(crate) features: Option<PathBuf>,
}
