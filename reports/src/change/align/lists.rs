//! Which list of the catalogue each list of the text is: by what makes it speak, then by the sentences they share.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::groups::{Group, Unit};
use super::{kind_of, kind_of_id, likeness};
use crate::change::statements::List;

/// Words that a stem has to share with a list of the catalogue to be its stem, in per cent.
const SAME_STEM: u32 = 40;

/// The lists of the catalogue, and which of them each list of the text is.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// List of the catalogue that each of its sentences stands in.
    of_group: Vec<usize>,
    /// List of the catalogue that each list of the text is.
    paired: Vec<Option<usize>>,
    /// Lists of the catalogue that the text prints.
    printed: BTreeSet<usize>,
    /// Those of them with a stem.
    restated: BTreeSet<usize>,
}

impl Lists {
    /// Whether the text prints the sentence's list as that list of its own.
    pub(super) fn same(&self, list: usize, group: usize) -> bool {
        self.paired[list] == Some(self.of_group[group])
    }

    /// Whether two sentences stand in one list of the catalogue.
    pub(super) fn together(&self, group: usize, other: usize) -> bool {
        self.of_group[group] == self.of_group[other]
    }

    /// Whether the text prints the sentence's list, as whichever.
    pub(super) fn printed(&self, group: usize) -> bool {
        self.printed.contains(&self.of_group[group])
    }

    /// Whether the text opens the sentence's list anew, so that what it lacks is gone.
    pub(super) fn restated(&self, group: usize) -> bool {
        self.restated.contains(&self.of_group[group])
    }
}

/// A list of the catalogue.
#[derive(Debug)]
struct Known<'a> {
    subclause: &'a str,
    slug: &'a str,
    actor: &'a str,
    speaks: &'a BTreeSet<String>,
    /// Digests of its sentences.
    digests: BTreeSet<&'a str>,
}

/// How well a list of the text fits one of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    weight: u32,
    /// Sentences with the same words, in per cent.
    exact: u32,
    /// Whether the stem says the same.
    stem: bool,
}

/// Pairs lists of one subclause, the best fit first; `homes` leads from a subclause of the text to the catalogue's.
pub(super) fn pair(
    lists: &[List],
    units: &[Unit],
    groups: &[Group<'_>],
    homes: &HashMap<String, String>,
) -> Lists {
    let (known, of_group) = known(groups);
    let mut rarity: HashMap<&str, u32> = HashMap::new();
    for list in &known {
        for digest in &list.digests {
            *rarity.entry(digest).or_default() += 1;
        }
    }
    let mut fits: Vec<(Fit, usize, usize)> = Vec::new();
    let mut under: BTreeMap<usize, Vec<&Unit>> = BTreeMap::new();
    for unit in units {
        under.entry(unit.of).or_default().push(unit);
    }
    for (index, own) in under {
        let list = &lists[index];
        let Some(home) = own.first().and_then(|unit| homes.get(&unit.subclause)) else {
            continue;
        };
        let here = known
            .iter()
            .enumerate()
            .filter(|(_, k)| k.subclause == home);
        let fitting = here.map(|(at, known)| (fit(list, &own, known, &rarity), index, at));
        fits.extend(fitting.filter(|(fit, ..)| fit.exact > 0 || fit.stem));
    }
    fits.sort_by_key(|(fit, list, at)| (std::cmp::Reverse(*fit), *list, *at));
    let mut found = Lists {
        of_group,
        paired: vec![None; lists.len()],
        ..Lists::default()
    };
    for (fit, list, at) in fits {
        // A list may be printed in parts; likeness of stems alone does not make a second part.
        let again = fit.exact > 0 || lists[list].stem.is_empty();
        if found.paired[list].is_none() && (again || !found.printed.contains(&at)) {
            found.printed.insert(at);
            found.paired[list] = Some(at);
            if !lists[list].stem.is_empty() {
                found.restated.insert(at);
            }
        }
    }
    found
}

fn known<'a>(groups: &'a [Group<'a>]) -> (Vec<Known<'a>>, Vec<usize>) {
    let mut all: Vec<Known<'a>> = Vec::new();
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut of_group = Vec::with_capacity(groups.len());
    for group in groups {
        let place = *places
            .entry((group.subclause, group.list))
            .or_insert_with(|| {
                let clause = group.clauses[0];
                all.push(Known {
                    subclause: group.subclause,
                    slug: group.list,
                    actor: &clause.actor,
                    speaks: &group.speaks,
                    digests: BTreeSet::new(),
                });
                all.len() - 1
            });
        all[place].digests.insert(group.sha);
        of_group.push(place);
    }
    (all, of_group)
}

fn fit(list: &List, own: &[&Unit], known: &Known<'_>, rarity: &HashMap<&str, u32>) -> Fit {
    let shared = likeness::shared(&likeness::words(list.stem()), known.speaks);
    let named = list.name == known.slug;
    let same = |unit: &&&Unit| {
        let shas = [Some(unit.sha.as_str()), unit.old_sha.as_deref()];
        shas.into_iter()
            .flatten()
            .any(|sha| known.digests.contains(sha))
    };
    // A sentence that several lists have says little of one.
    let weight =
        |unit: &&Unit| 100_u32.div_ceil(rarity.get(unit.sha.as_str()).copied().unwrap_or(1));
    let votes: u32 = own.iter().filter(same).map(weight).sum();
    let exact = votes.div_ceil(u32::try_from(own.len()).unwrap_or(u32::MAX).max(1));
    let other = match (kind_of(&list.actor), kind_of_id(known.actor)) {
        (Some(one), Some(other)) if one != other => 30,
        _ => 0,
    };
    Fit {
        weight: (3 * (exact + shared) / 2 + 50 * u32::from(named)).saturating_sub(other),
        exact,
        stem: named || shared >= SAME_STEM,
    }
}
