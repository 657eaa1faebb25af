//! Arguments of `shall change`.

use std::path::PathBuf;

use clap::Args;

use super::Format;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  shall change CR-0042.docx                      what changes, what is wrong, what it touches
  shall change CR-0042.docx --format json        the same for programs

Exit codes: 0 nothing wrong with the text, 1 findings of class error, 2 the file cannot be read")]
pub(crate) struct ChangeOptions {
    /// The change request: text (UTF-8), or .docx with or without tracked changes
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
    /// Reads catalogue and features from here instead of from the binary
    #[arg(long, value_name = "DIR")]
    pub(crate) features: Option<PathBuf>,
}
