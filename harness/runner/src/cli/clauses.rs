//! Arguments of `shall clauses`.

use std::path::PathBuf;

use clap::Args;

use super::Format;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  shall clauses '7.2.1.2/*' --coverage --format json")]
pub(crate) struct ClausesOptions {
    /// Clauses to list, as a glob
    #[arg(default_value = "*")]
    pub(crate) glob: String,
    /// Shows which scenarios judge each clause
    #[arg(long)]
    pub(crate) coverage: bool,
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
    #[arg(long, value_name = "DIR")]
    pub(crate) features: Option<PathBuf>,
}
