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
    /// Lists the catalogue as of these change requests, such as 000..002 or 000,003
    #[arg(long, value_name = "SET")]
    pub(crate) edition: Option<String>,
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
    /// Reads features and catalogue from here instead of from the binary
    #[arg(long, value_name = "DIR")]
    pub(crate) features: Option<PathBuf>,
}
