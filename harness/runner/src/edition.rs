//! The catalogue as of a set of change requests.

use std::collections::BTreeSet;

use clauses::Catalogue;

use crate::{Bundle, Error};

/// The whole catalogue, or what of it a set such as `000..002` or `000,003` makes up.
pub(crate) fn catalogue(bundle: &Bundle, set: Option<&str>) -> Result<Catalogue, Error> {
    let catalogue = bundle.catalogue()?;
    match set {
        None => Ok(catalogue),
        Some(set) => Ok(catalogue.edition(&parse(set, &catalogue)?)),
    }
}

fn parse(set: &str, catalogue: &Catalogue) -> Result<BTreeSet<String>, Error> {
    let known = catalogue.change_requests();
    let list = || known.iter().cloned().collect::<Vec<_>>().join(", ");
    let refused = |part: &str| {
        Error::Usage(format!(
            "`{part}` is no change request of the catalogue\n  help: they are {}; write 000..002, or 000,003",
            list()
        ))
    };
    let bare = |part: &str| part.trim().trim_start_matches("CR-").to_owned();
    let one = |part: &str| {
        let part = bare(part);
        if known.contains(&part) {
            Ok(part)
        } else {
            Err(refused(&part))
        }
    };
    let mut chosen = BTreeSet::new();
    for part in set.split(',') {
        match part.split_once("..") {
            Some((from, to)) => {
                let (from, to) = (one(from)?, one(to)?);
                chosen.extend(
                    known
                        .iter()
                        .filter(|name| **name >= from && **name <= to)
                        .cloned(),
                );
            }
            None => {
                chosen.insert(one(part)?);
            }
        }
    }
    Ok(chosen)
}
