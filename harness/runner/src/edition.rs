//! Editions by name: what `--edition` means, and by what a stored run was judged.

use std::collections::BTreeSet;
use std::path::Path;

use clauses::{Catalogue, Citation};
use trace::run_file;

use crate::{Bundle, Error};

/// A catalogue and what it is made of.
pub(crate) struct Edition {
    pub(crate) catalogue: Catalogue,
    /// Its change requests; `None` is all that there are.
    pub(crate) change_requests: Option<BTreeSet<String>>,
    /// What people call it, such as `CR-000 to CR-002`.
    pub(crate) name: String,
}

impl Edition {
    /// The whole catalogue, or what of it a set such as `000..002` or `000,003` makes up.
    pub(crate) fn of(whole: &Catalogue, set: Option<&str>) -> Result<Self, Error> {
        let known = whole.change_requests();
        let chosen = set.map(|set| parse(set, &known)).transpose()?;
        // All of them by name are the whole catalogue.
        let change_requests = chosen.filter(|chosen| *chosen != known);
        Ok(Self {
            catalogue: whole.as_of(change_requests.as_ref()).into_owned(),
            name: name(change_requests.as_ref().unwrap_or(&known), &known),
            change_requests,
        })
    }

    /// The edition by which the run of `path` was judged, of today's catalogue.
    pub(crate) fn of_run(
        whole: &Catalogue,
        path: &Path,
        run: &run_file::Run,
    ) -> Result<Self, Error> {
        let known = whole.change_requests();
        let asked = run.change_requests.as_ref();
        if let Some(lost) = asked.and_then(|asked| asked.difference(&known).next()) {
            return Err(Error::OtherEdition {
                path: path.to_owned(),
                lost: lost.clone(),
                known: listed(&known),
            });
        }
        Ok(Self {
            catalogue: whole.as_of(asked).into_owned(),
            name: name(asked.unwrap_or(&known), &known),
            change_requests: asked.cloned(),
        })
    }
}

/// The catalogue of the bundle, or what of it a set makes up.
pub(crate) fn catalogue(bundle: &Bundle, set: Option<&str>) -> Result<Catalogue, Error> {
    Ok(Edition::of(&bundle.catalogue()?, set)?.catalogue)
}

/// A citation under each id for which it counts in an edition.
pub(crate) fn counted(edition: &Catalogue, cited: Citation) -> Vec<Citation> {
    let of = |clause: &str| Citation {
        clause: clause.to_owned(),
        ..cited.clone()
    };
    edition.judged_by(&cited.clause).map(of).collect()
}

fn listed(known: &BTreeSet<String>) -> String {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    known.join(", ")
}

fn parse(set: &str, known: &BTreeSet<String>) -> Result<BTreeSet<String>, Error> {
    let one = |part: &str| {
        let part = part.trim();
        let bare = part.strip_prefix("CR-").unwrap_or(part);
        let found = [part, bare].into_iter().find(|name| known.contains(*name));
        let refused = || {
            let known = listed(known);
            Error::Usage(format!(
                "`{part}` is no change request of the catalogue\n  help: they are {known}; write 000..002, or 000,003"
            ))
        };
        found.map(str::to_owned).ok_or_else(refused)
    };
    let mut chosen = BTreeSet::new();
    for part in set.split(',') {
        match part.split_once("..") {
            Some((from, to)) => {
                let (from, to) = (one(from)?, one(to)?);
                if from > to {
                    return Err(Error::Usage(format!(
                        "`{part}` holds no change request\n  help: the earlier one comes first: {to}..{from}"
                    )));
                }
                chosen.extend(known.range(from..=to).cloned());
            }
            None => {
                chosen.insert(one(part)?);
            }
        }
    }
    Ok(chosen)
}

/// Neighbours of one form in one piece: `CR-000 to CR-002, CR-004`.
fn name(chosen: &BTreeSet<String>, known: &BTreeSet<String>) -> String {
    let shown = |name: &str| match name.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("CR-{name}"),
        false => name.to_owned(),
    };
    let mut pieces: Vec<(&str, &str)> = Vec::new();
    let mut before: Option<&str> = None;
    for name in known {
        if chosen.contains(name) {
            match pieces.last_mut() {
                Some((_, last)) if before == Some(*last) && last.len() == name.len() => {
                    *last = name;
                }
                _ => pieces.push((name, name)),
            }
        }
        before = Some(name);
    }
    let piece = |(first, last): (&str, &str)| match first == last {
        true => shown(first),
        false => format!("{} to {}", shown(first), shown(last)),
    };
    let pieces: Vec<String> = pieces.into_iter().map(piece).collect();
    pieces.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_set_is_read_and_named() {
        let known = set(&["000", "001", "002", "003", "CR-0042"]);
        for (words, meant, called) in [
            ("000..002", &["000", "001", "002"][..], "CR-000 to CR-002"),
            ("CR-000,003", &["000", "003"], "CR-000, CR-003"),
            ("001", &["001"], "CR-001"),
            (
                "000, 002..003, CR-0042",
                &["000", "002", "003", "CR-0042"],
                "CR-000, CR-002 to CR-003, CR-0042",
            ),
        ] {
            let read = parse(words, &known).unwrap();
            assert_eq!(read, set(meant), "{words}");
            assert_eq!(name(&read, &known), called);
        }
        assert_eq!(name(&known, &known), "CR-000 to CR-003, CR-0042");
        for (wrong, help) in [
            ("005", "they are 000, 001, 002, 003, CR-0042"),
            ("000..005", "`005` is no change request"),
            ("002..000", "000..002"),
            ("", "`` is no change request"),
        ] {
            let error = parse(wrong, &known).unwrap_err().to_string();
            assert!(error.contains(help), "{error}");
        }
    }
}
