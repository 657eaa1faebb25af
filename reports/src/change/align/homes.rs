//! Where each subclause of the text stands in the catalogue: by sentences, then by number with title and stems.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::groups::{Group, Unit};
use super::likeness;
use crate::change::statements::List;

/// A sentence that only one place of the catalogue has; one that several have weighs 1 in a thousand of it.
const UNIQUE: u32 = 100_000;
const SHARED: u32 = 100;

/// Subclause of the text to subclause of the catalogue, for those that have one.
pub(super) fn of(
    lists: &[List],
    units: &[Unit],
    groups: &[Group<'_>],
    by_sha: &HashMap<&str, Vec<usize>>,
) -> HashMap<String, String> {
    let mut votes: BTreeMap<&str, BTreeMap<&str, u32>> = BTreeMap::new();
    let mut under: BTreeMap<&str, Vec<&Unit>> = BTreeMap::new();
    for unit in units {
        under.entry(&unit.subclause).or_default().push(unit);
        let tally = votes.entry(&unit.subclause).or_default();
        let shas = [Some(unit.sha.as_str()), unit.old_sha.as_deref()];
        for found in shas.into_iter().flatten().filter_map(|sha| by_sha.get(sha)) {
            let weight = if found.len() == 1 { UNIQUE } else { SHARED };
            for group in found {
                let votes = tally.entry(groups[*group].subclause).or_default();
                *votes = votes.saturating_add(weight);
            }
        }
    }
    for (number, own) in under {
        let tally = votes.entry(number).or_default();
        for (subclause, likeness) in numbered(lists, &own, number, groups) {
            let votes = tally.entry(subclause).or_default();
            *votes = votes.saturating_add(likeness);
        }
    }
    let best = |tally: &BTreeMap<&str, u32>| {
        let best = tally.iter().max_by_key(|(_, votes)| **votes)?;
        Some((*best.0).to_owned())
    };
    votes
        .iter()
        .filter_map(|(here, tally)| Some(((*here).to_owned(), best(tally)?)))
        .collect()
}

/// Subclauses of the catalogue with that number, and how like their titles and stems are.
fn numbered<'a>(
    lists: &[List],
    own: &[&Unit],
    number: &str,
    groups: &[Group<'a>],
) -> BTreeMap<&'a str, u32> {
    let mut found: BTreeMap<&str, u32> = BTreeMap::new();
    let mut here = groups
        .iter()
        .filter(|group| group.subclause.rsplit(':').next() == Some(number))
        .peekable();
    if here.peek().is_none() {
        return found;
    }
    let title = likeness::words(own.first().map_or("", |unit| &unit.title));
    let of: BTreeSet<usize> = own.iter().map(|unit| unit.of).collect();
    let stems: Vec<BTreeSet<String>> = of
        .into_iter()
        .map(|of| likeness::words(lists[of].stem()))
        .collect();
    for group in here {
        let stem = stems
            .iter()
            .map(|stem| likeness::shared(stem, &group.speaks))
            .max();
        let title = likeness::shared(&title, &likeness::words(group.title));
        let likeness = found.entry(group.subclause).or_insert(0);
        *likeness = (*likeness).max(title + stem.unwrap_or_default());
    }
    found
}
