//! `shall man`: manual pages, from the definitions of `--help`.

use std::fs;
use std::io::{self, Write as _};

use clap::CommandFactory as _;

use crate::Error;
use crate::cli::{Cli, ManOptions};
use crate::terminal::told;

pub(crate) fn man(options: &ManOptions) -> Result<u8, Error> {
    let written = fs::create_dir_all(&options.out)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), &options.out));
    written.map_err(|source| Error::Write {
        path: options.out.clone(),
        source,
    })?;
    told(writeln!(io::stdout(), "pages: {}", options.out.display())).map(|()| 0)
}
