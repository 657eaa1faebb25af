//! `shall clauses`: the catalogue, and what judges each clause.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clauses::{citations, glob_matches};
use reports::Coverage;

use crate::cli::{ClausesOptions, Format};
use crate::{Bundle, Error};

pub(crate) fn clauses(options: &ClausesOptions) -> Result<u8, Error> {
    let bundle = Bundle::open(options.features.as_deref())?;
    let catalogue = bundle.catalogue()?;
    let cited: Vec<_> = bundle
        .below("", ".feature")
        .flat_map(|(path, text)| citations::in_feature(&format!("features/{path}"), text))
        .collect();
    let mut coverage = Coverage::of(&catalogue, &cited);
    coverage
        .clauses
        .retain(|c| glob_matches(&options.glob, &c.id));
    if coverage.clauses.is_empty() {
        return Err(Error::NothingSelected(options.glob.clone()));
    }
    let out = &mut io::stdout().lock();
    let written = |source| Error::Write {
        path: PathBuf::from("standard output"),
        source,
    };
    match (options.format, options.coverage) {
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
    }
    .map_err(written)?;
    Ok(0)
}
