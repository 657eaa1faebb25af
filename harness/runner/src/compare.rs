//! `shall compare`: what turned better or worse between two runs, and whose messages are others.

use std::io;

use reports::{Comparison, render_comparison_json, render_comparison_text};

use crate::cli::{CompareOptions, Format};
use crate::judge::archived;
use crate::terminal::told;
use crate::{Bundle, Error};

pub(crate) fn compare(options: &CompareOptions) -> Result<u8, Error> {
    let bundle = Bundle::open(options.features.as_deref())?;
    let catalogue = bundle.catalogue()?;
    let (_, before) = archived(&options.before)?;
    let (_, after) = archived(&options.after)?;
    let comparison = Comparison::of(&catalogue, &before, &after);
    let out = &mut io::stdout().lock();
    let written = match options.format {
        Format::Json => render_comparison_json(&comparison, out),
        Format::Human => render_comparison_text(&comparison, out),
    };
    told(written).map(|()| u8::from(comparison.is_regression()))
}
