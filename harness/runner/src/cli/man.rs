//! Arguments of `shall man`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "Example:
  shall man --out ~/.local/share/man/man1     then `man shall` and `man shall-run`")]
pub(crate) struct ManOptions {
    /// Folder for the pages, one a command; made when it is not there
    #[arg(long, value_name = "DIR", default_value = "man")]
    pub(crate) out: PathBuf,
}
