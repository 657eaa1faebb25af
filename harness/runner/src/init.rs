//! `shall init`: a commented profile, from arguments, from answers at a terminal, or from defaults.

mod documented;
mod questions;
mod template;

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};

use world::Profile;

use crate::cli::InitOptions;
use crate::terminal::told;
use crate::{Bundle, Error};

pub(crate) use documented::claims;

pub(crate) fn init(options: InitOptions) -> Result<u8, Error> {
    let bundle = Bundle::open(None)?;
    let catalogue = bundle.catalogue()?;
    let schema = documented::schema(&bundle, &catalogue)?;
    if options.schema {
        return told(writeln!(io::stdout(), "{schema:#}")).map(|()| 0);
    }
    let (out, without) = (options.out.clone(), options.without.clone());
    if out.exists() && !options.force {
        return Err(Error::Usage(format!(
            "{}: this file is there already\n  help: name another with --out, or write over it with --force",
            out.display()
        )));
    }
    let asks = io::stdin().is_terminal() && io::stderr().is_terminal();
    let answers = match asks {
        true => questions::ask(options, &mut io::stdin().lock(), &mut io::stderr()),
        false => questions::ask(options, &mut io::empty(), &mut io::sink()),
    };
    let answers = answers.map_err(Error::Usage)?;
    let text = template::text(&answers, &without, &schema);
    let file = out.to_string_lossy();
    let profile = Profile::parse(&file, &text)?;
    let known = claims(&bundle)?;
    let known: Vec<&str> = known.keys().map(String::as_str).collect();
    profile.check_claims(&file, &text, &known)?;
    fs::write(&out, text).map_err(|source| Error::File {
        path: out.clone(),
        source,
        help: "name a file in a folder that is there and can be written, with --out",
    })?;
    let next = format!("shall probe --profile {file}; shall run --profile {file}");
    told(writeln!(io::stdout(), "profile: {file}\nnext:    {next}")).map(|()| 0)
}
