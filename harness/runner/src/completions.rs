//! `shall completions`: what a shell completes, from the definitions of `--help`.

use std::io::{self, Write as _};

use clap::CommandFactory as _;

use crate::Error;
use crate::cli::{Cli, CompletionsOptions};
use crate::terminal::told;

pub(crate) fn completions(options: &CompletionsOptions) -> Result<u8, Error> {
    // The generator panics where it cannot write; a buffer always can be written.
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Cli::command(), "shall", &mut script);
    told(io::stdout().lock().write_all(&script)).map(|()| 0)
}
