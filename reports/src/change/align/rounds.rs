//! Pairs paragraphs with sentences: the same words first, then like words in the same subclause.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::groups::{Gone, Group, Unit};
use crate::change::words;

/// Most differing bits of 64 for sentences of one subclause.
const LIKE_HERE: u32 = 22;
/// Most differing bits of 64 for sentences of different subclauses.
const LIKE_ELSEWHERE: u32 = 10;

/// Which sentence each paragraph is.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Group and how it was found, for each unit.
    pub(super) units: Vec<Option<(usize, String)>>,
    /// Groups that the change removes, with their wording where known.
    pub(super) removed: Vec<(usize, Option<String>)>,
}

struct Pairing<'a> {
    groups: &'a [Group<'a>],
    by_sha: HashMap<&'a str, Vec<usize>>,
    used: Vec<bool>,
    /// Subclause of the change request to subclause of the catalogue.
    homes: HashMap<String, String>,
}

pub(super) fn pair(units: &[Unit], gone: &[Gone], groups: &[Group<'_>]) -> Found {
    let mut by_sha: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, group) in groups.iter().enumerate() {
        by_sha.entry(group.sha).or_default().push(index);
    }
    let homes = homes(units, groups, &by_sha);
    let mut pairing = Pairing {
        groups,
        by_sha,
        used: vec![false; groups.len()],
        homes,
    };
    let mut found = Found {
        units: vec![None; units.len()],
        ..Found::default()
    };
    for elsewhere in [false, true] {
        for (index, unit) in units.iter().enumerate() {
            if found.units[index].is_none() {
                found.units[index] = pairing.exact(unit, elsewhere);
            }
        }
    }
    for one in gone {
        if let Some(group) = pairing.sentence(&one.sha, &one.subclause, None, true) {
            pairing.used[group] = true;
            found.removed.push((group, Some(one.old.clone())));
        }
    }
    pairing.alike(units, &mut found);
    if units.iter().all(|unit| unit.old.is_none()) && gone.is_empty() {
        pairing.left_out(units, &mut found);
    }
    found
}

/// Where each subclause stands in the catalogue: by sentences that only one place has, then by its number.
fn homes(
    units: &[Unit],
    groups: &[Group<'_>],
    by_sha: &HashMap<&str, Vec<usize>>,
) -> HashMap<String, String> {
    let mut votes: BTreeMap<&str, BTreeMap<&str, u32>> = BTreeMap::new();
    for unit in units {
        let known = votes.contains_key(unit.subclause.as_str());
        let tally = votes.entry(&unit.subclause).or_default();
        let shas = [Some(unit.sha.as_str()), unit.old_sha.as_deref()];
        for found in shas.into_iter().flatten().filter_map(|sha| by_sha.get(sha)) {
            let weight = if found.len() == 1 { 100 } else { 1 };
            for group in found {
                *tally.entry(groups[*group].subclause).or_default() += weight;
            }
        }
        // The number alone says little, yet it decides when nothing else does.
        for group in groups
            .iter()
            .filter(|group| !known && number(group) == unit.subclause)
        {
            tally.entry(group.subclause).or_insert(0);
        }
    }
    let best = |tally: &BTreeMap<&str, u32>, here: &str| {
        let mut all: Vec<(&&str, &u32)> = tally.iter().collect();
        all.sort_by_key(|(subclause, votes)| (**votes, subclause.rsplit(':').next() == Some(here)));
        all.last().map(|(subclause, _)| (**subclause).to_owned())
    };
    votes
        .iter()
        .filter_map(|(here, tally)| Some(((*here).to_owned(), best(tally, here)?)))
        .collect()
}

fn number<'a>(group: &Group<'a>) -> &'a str {
    group
        .subclause
        .rsplit(':')
        .next()
        .unwrap_or(group.subclause)
}

impl Pairing<'_> {
    fn exact(&mut self, unit: &Unit, elsewhere: bool) -> Option<(usize, String)> {
        let same = self.sentence(&unit.sha, &unit.subclause, Some(unit), elsewhere);
        let (group, by) = match (same, &unit.old_sha) {
            (Some(group), _) => (group, "digest"),
            (None, Some(sha)) => (
                self.sentence(sha, &unit.subclause, Some(unit), elsewhere)?,
                "digest of the old wording",
            ),
            (None, None) => return None,
        };
        self.used[group] = true;
        Some((group, by.to_owned()))
    }

    /// The unused sentence with that digest whose place fits best; `elsewhere` allows another subclause.
    fn sentence(
        &self,
        sha: &str,
        subclause: &str,
        unit: Option<&Unit>,
        elsewhere: bool,
    ) -> Option<usize> {
        let all = self.by_sha.get(sha)?;
        let home = self.homes.get(subclause);
        let score = |index: usize| {
            let group = &self.groups[index];
            let home = home.is_some_and(|home| home == group.subclause);
            let near = unit.map_or(0, |unit| {
                u32::from(unit.list == group.list) * 2 + u32::from(unit.step == group.step)
            });
            (home, near, std::cmp::Reverse(index))
        };
        let free = all.iter().copied().filter(|index| !self.used[*index]);
        let best = free.max_by_key(|index| score(*index))?;
        // Stock sentences stand in many subclauses; one of another says nothing.
        let fits = score(best).0 || (elsewhere && all.len() == 1);
        fits.then_some(best)
    }

    /// Pairs what is left by likeness, the most alike first.
    fn alike(&mut self, units: &[Unit], found: &mut Found) {
        let mut near: Vec<(u32, usize, usize)> = Vec::new();
        let free: Vec<usize> = (0..self.groups.len())
            .filter(|index| !self.used[*index])
            .collect();
        for (index, unit) in units.iter().enumerate() {
            if found.units[index].is_some() || unit.old.as_ref().is_some_and(String::is_empty) {
                continue;
            }
            let home = self.homes.get(&unit.subclause);
            for group in &free {
                let other = &self.groups[*group];
                let distance = (unit.simhash ^ other.simhash).count_ones();
                if distance > LIKE_HERE {
                    continue;
                }
                let titled = number(other) == unit.subclause
                    && words::plain(&unit.title) == words::plain(other.title);
                let here = home.is_some_and(|home| home == other.subclause) || titled;
                let place =
                    u32::from(unit.list == other.list) * 2 + u32::from(unit.step == other.step) * 3;
                if distance <= if here { LIKE_HERE } else { LIKE_ELSEWHERE } {
                    near.push(((distance + 5).saturating_sub(place), index, *group));
                }
            }
        }
        near.sort_unstable();
        for (_, unit, group) in near {
            if found.units[unit].is_none() && !self.used[group] {
                let distance = (units[unit].simhash ^ self.groups[group].simhash).count_ones();
                found.units[unit] =
                    Some((group, format!("likeness, {distance} of 64 bits differ")));
                self.used[group] = true;
            }
        }
    }

    /// Sentences that a restated subclause leaves out; restated is what gives at least half of its sentences.
    fn left_out(&mut self, units: &[Unit], found: &mut Found) {
        let mut given: BTreeMap<&str, usize> = BTreeMap::new();
        for (group, _) in found.units.iter().flatten() {
            *given.entry(self.groups[*group].subclause).or_default() += 1;
        }
        let restated: BTreeSet<&str> = units
            .iter()
            .filter_map(|unit| self.homes.get(&unit.subclause).map(String::as_str))
            .collect();
        for (index, group) in self.groups.iter().enumerate() {
            let all = self
                .groups
                .iter()
                .filter(|other| other.subclause == group.subclause)
                .count();
            let some = given.get(group.subclause).copied().unwrap_or_default();
            if !self.used[index] && some * 2 >= all && restated.contains(&group.subclause) {
                found.removed.push((index, None));
            }
        }
    }
}
