//! Arguments of `shall prove`.

use std::path::PathBuf;

use clap::Args;

use super::{Choice, Format};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  shall prove --clause '7.2.1.1/server-sends-200/*'")]
pub(crate) struct ProveOptions {
    #[command(flatten)]
    pub(crate) choice: Choice,
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
    /// Folder for kills.json
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(crate) out: PathBuf,
}
