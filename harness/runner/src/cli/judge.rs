//! Arguments of `shall judge`.

use std::path::PathBuf;

use clap::Args;

use super::Format;

#[derive(Debug, Args)]
#[command(after_help = "Example:
  shall judge out --out out/again     what changed since is told on standard error")]
pub(crate) struct JudgeOptions {
    /// The folder of a run, or its run.jsonl
    #[arg(value_name = "RUN")]
    pub(crate) run: PathBuf,
    /// Folder for the files of the new judgement
    #[arg(long, value_name = "DIR", default_value = "out/judged")]
    pub(crate) out: PathBuf,
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
    /// Reads features and catalogue from here instead of from the binary
    #[arg(long, value_name = "DIR")]
    pub(crate) features: Option<PathBuf>,
}
