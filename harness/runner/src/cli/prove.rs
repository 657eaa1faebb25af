//! Arguments of `shall prove`.

use std::path::PathBuf;

use clap::Args;

use super::{Choice, Format};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  shall prove --clause '7.2.1.1/server-sends-200/*'
  shall prove --edition 000..002")]
pub(crate) struct ProveOptions {
    #[command(flatten)]
    pub(crate) choice: Choice,
    /// Breaks the clauses of the catalogue as of these change requests, such as 000..002 or 000,003
    #[arg(long, value_name = "SET")]
    pub(crate) edition: Option<String>,
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
    /// Folder for kills.json
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(crate) out: PathBuf,
}
