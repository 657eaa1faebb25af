//! Arguments of `shall completions`.

use clap::Args;
use clap_complete::Shell;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  shall completions bash > ~/.local/share/bash-completion/completions/shall
  shall completions zsh > ~/.zfunc/_shall          with ~/.zfunc in fpath
  shall completions fish > ~/.config/fish/completions/shall.fish")]
pub(crate) struct CompletionsOptions {
    /// The shell that reads them
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}
