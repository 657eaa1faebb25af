//! `shall clauses`: the catalogue, and what judges each clause.

use std::io::{self, Write as _};

use clauses::glob_matches;
use reports::Coverage;

use crate::cli::{ClausesOptions, Format};
use crate::terminal::told;
use crate::{Bundle, Error, edition, globs};

pub(crate) fn clauses(options: &ClausesOptions) -> Result<u8, Error> {
    globs::check([&options.glob])?;
    let bundle = Bundle::open(options.features.as_deref())?;
    let catalogue = edition::catalogue(&bundle, options.edition.as_deref())?;
    globs::matching(&catalogue, &options.glob)?;
    let cited: Vec<_> = bundle
        .citations()
        .flat_map(|cited| match options.edition {
            Some(_) => edition::counted(&catalogue, cited),
            // One that the catalogue does not know is to be named.
            None => vec![cited],
        })
        .collect();
    let coverage = Coverage::of(&catalogue, &cited, |id| glob_matches(&options.glob, id));
    let out = &mut io::stdout().lock();
    let written = match (options.format, options.coverage) {
        (Format::Json, _) => reports::render_coverage_json(&coverage, out),
        (Format::Human, true) => reports::render_coverage_text(&coverage, out),
        (Format::Human, false) => coverage.clauses.iter().try_for_each(|c| {
            writeln!(
                out,
                "{:<36} {:<6} {:<10} {}",
                c.id,
                c.level.to_string(),
                c.status,
                c.requirement
            )
        }),
    };
    told(written).map(|()| 0)
}
