//! Pairs paragraphs with sentences: the same words first, then a summary, then like words; each first in the paired list.

mod parts;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use clauses::fingerprint;

use super::groups::{Gone, Group, Unit};
use super::homes;
use super::likeness::Likeness;
use super::lists::{self, Lists};
use crate::change::statements::List;

/// Least likeness of a sentence of the paired list, of 200.
const LIKE_IN_LIST: u32 = 50;
/// Least likeness where step and level are the same too.
const LIKE_AT_STEP: u32 = 40;
/// Least likeness of a sentence of the same subclause whose list the text does not print.
const LIKE_HERE: u32 = 80;
/// Least likeness there where step and level are the same too.
const LIKE_HERE_AT_STEP: u32 = 65;
/// Least likeness of a sentence of any other list.
const LIKE_ELSEWHERE: u32 = 120;

/// How a sentence was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Digest,
    Like(Likeness),
    OldDigest,
    /// In the words of the catalogue's summary.
    Summary,
}

impl How {
    /// Whether the wording is one that the catalogue has.
    pub(super) fn is_known(self) -> bool {
        matches!(self, Self::Digest | Self::Summary)
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digest => f.write_str("digest"),
            Self::Like(likeness) => likeness.fmt(f),
            Self::OldDigest => f.write_str("digest of the old wording"),
            Self::Summary => f.write_str("summary"),
        }
    }
}

/// The sentence that a paragraph is.
#[derive(Clone, Debug)]
pub(super) struct Match {
    pub(super) group: usize,
    /// Which of the sentence's clauses.
    pub(super) clauses: Vec<usize>,
    pub(super) how: How,
}

/// Clauses that no paragraph is.
#[derive(Clone, Debug)]
pub(super) struct Lost {
    pub(super) group: usize,
    pub(super) clauses: Vec<usize>,
    /// Wording that a tracked change deletes.
    pub(super) old: Option<String>,
    /// Whether the text only does not restate them.
    pub(super) open: bool,
}

/// Which sentence each paragraph is.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) units: Vec<Option<Match>>,
    pub(super) lost: Vec<Lost>,
    /// What a tracked change deletes that is no sentence of the catalogue.
    pub(super) strangers: Vec<String>,
}

/// How far apart a paragraph and a sentence stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    List,
    /// The same subclause; the sentence's list is not printed.
    Subclause,
    Elsewhere,
}

/// A paragraph and a sentence that it may be: how far apart, how alike, and which.
type Near = (Reach, Reverse<u32>, usize, usize, Likeness);

/// Sentences that are tried for one paragraph.
const CANDIDATES: usize = 8;
const REACHES: [Reach; 3] = [Reach::List, Reach::Subclause, Reach::Elsewhere];

struct Pairing<'a> {
    groups: &'a [Group<'a>],
    lists: &'a Lists,
    /// Subclause of the change request to subclause of the catalogue.
    homes: &'a HashMap<String, String>,
    by_sha: HashMap<&'a str, Vec<usize>>,
    /// Clauses of each group that no paragraph is yet.
    left: Vec<Vec<usize>>,
}

pub(super) fn pair(lists: &[List], units: &[Unit], gone: &[Gone], groups: &[Group<'_>]) -> Found {
    let mut by_sha: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, group) in groups.iter().enumerate() {
        by_sha.entry(group.sha).or_default().push(index);
    }
    let homes = homes::of(lists, units, groups, &by_sha);
    let lists = lists::pair(lists, units, groups, &homes);
    let mut pairing = Pairing {
        groups,
        lists: &lists,
        homes: &homes,
        by_sha,
        left: groups
            .iter()
            .map(|group| (0..group.clauses.len()).collect())
            .collect(),
    };
    let mut found = Found {
        units: vec![None; units.len()],
        ..Found::default()
    };
    pairing.each(units, &mut found, Pairing::exact);
    for one in gone {
        if let Some(group) = pairing.deleted(one) {
            let clauses = std::mem::take(&mut pairing.left[group]);
            let old = Some(one.old.clone());
            found.lost.push(Lost {
                group,
                clauses,
                old,
                open: false,
            });
        } else if units.iter().all(|unit| unit.sha != one.sha) {
            // What stands elsewhere word for word has only moved.
            found.strangers.push(one.old.clone());
        }
    }
    let summaries = summaries(groups);
    pairing.each(units, &mut found, |pairing, unit, reach| {
        pairing.summary(&summaries, unit, reach)
    });
    pairing.alike(units, &mut found);
    pairing.parts(units, &mut found);
    if units.iter().all(|unit| unit.old.is_none()) && gone.is_empty() {
        pairing.left_out(units, &mut found);
    }
    found
}

/// Summaries, and those of all clauses of a sentence in a row, with where they stand.
fn summaries(groups: &[Group<'_>]) -> HashMap<String, Vec<(usize, Vec<usize>)>> {
    let mut all: HashMap<String, Vec<(usize, Vec<usize>)>> = HashMap::new();
    for (index, group) in groups.iter().enumerate() {
        let each: Vec<String> = group
            .clauses
            .iter()
            .map(|clause| fingerprint::normalise(&clause.requirement))
            .collect();
        if each.len() > 1 {
            let whole = (index, (0..each.len()).collect());
            all.entry(each.join(" ")).or_default().push(whole);
        }
        for (nth, one) in each.into_iter().enumerate() {
            all.entry(one).or_default().push((index, vec![nth]));
        }
    }
    all
}

impl Pairing<'_> {
    /// Asks for every paragraph that is none yet, near places before far ones.
    fn each(
        &mut self,
        units: &[Unit],
        found: &mut Found,
        ask: impl Fn(&Self, &Unit, Reach) -> Option<Match>,
    ) {
        for reach in REACHES {
            for (unit, place) in units.iter().zip(&mut found.units) {
                if place.is_none()
                    && let Some(one) = ask(self, unit, reach)
                {
                    self.left[one.group].retain(|nth| !one.clauses.contains(nth));
                    *place = Some(one);
                }
            }
        }
    }

    fn reach(&self, unit: &Unit, group: usize) -> Reach {
        let home = self.homes.get(&unit.subclause);
        let here = home.is_some_and(|home| home == self.groups[group].subclause);
        match (self.lists.same(unit.of, group), here) {
            (true, _) => Reach::List,
            (_, true) if !self.lists.printed(group) => Reach::Subclause,
            _ => Reach::Elsewhere,
        }
    }

    /// Whether no paragraph is any part of the sentence yet.
    fn free(&self, group: usize) -> bool {
        self.left[group].len() == self.groups[group].clauses.len()
    }

    /// The sentence with the words of a paragraph, or with its old ones.
    fn exact(&self, unit: &Unit, reach: Reach) -> Option<Match> {
        let shas = [
            (Some(&unit.sha), How::Digest),
            (unit.old_sha.as_ref(), How::OldDigest),
        ];
        shas.into_iter().find_map(|(sha, how)| {
            let all = self.by_sha.get(sha?.as_str())?;
            // A sentence that many lists have says nothing outside its own.
            let telling = reach != Reach::Elsewhere || all.len() == 1;
            let fits =
                |group: &usize| telling && self.free(*group) && self.reach(unit, *group) == reach;
            let step = |group: &usize| (self.groups[*group].step == unit.step, Reverse(*group));
            let group = all.iter().copied().filter(fits).max_by_key(step)?;
            let clauses = self.left[group].clone();
            Some(Match {
                group,
                clauses,
                how,
            })
        })
    }

    /// The sentence that a tracked change deletes.
    fn deleted(&self, gone: &Gone) -> Option<usize> {
        let all = self.by_sha.get(gone.sha.as_str())?;
        let home = self.homes.get(&gone.subclause);
        let here = |group: usize| home.is_some_and(|home| home == self.groups[group].subclause);
        let free = all.iter().copied().filter(|group| self.free(*group));
        let best = free.max_by_key(|group| (here(*group), Reverse(*group)))?;
        (here(best) || all.len() == 1).then_some(best)
    }

    /// The clauses whose summary a paragraph is.
    fn summary(
        &self,
        summaries: &HashMap<String, Vec<(usize, Vec<usize>)>>,
        unit: &Unit,
        reach: Reach,
    ) -> Option<Match> {
        // What a tracked change makes of a sentence is a change, whatever words it comes to.
        let all = summaries.get(&unit.said).filter(|_| unit.old.is_none())?;
        let telling = reach != Reach::Elsewhere || all.len() == 1;
        let fits = |(group, nth): &&(usize, Vec<usize>)| {
            let left = nth.iter().all(|nth| self.left[*group].contains(nth));
            telling && left && self.reach(unit, *group) == reach
        };
        let step = |(group, _): &&(usize, Vec<usize>)| {
            (self.groups[*group].step == unit.step, Reverse(*group))
        };
        let (group, clauses) = all.iter().filter(fits).max_by_key(step)?.clone();
        Some(Match {
            group,
            clauses,
            how: How::Summary,
        })
    }

    /// Pairs what is left by likeness, near places before far ones and the most alike first.
    fn alike(&mut self, units: &[Unit], found: &mut Found) {
        let free: Vec<usize> = (0..self.groups.len())
            .filter(|group| self.free(*group))
            .collect();
        let open = units.iter().enumerate().filter(|(index, unit)| {
            found.units[*index].is_none() && !unit.old.as_ref().is_some_and(String::is_empty)
        });
        let mut near: Vec<Near> = open
            .flat_map(|(index, unit)| self.near(index, unit, &free))
            .collect();
        near.sort_unstable_by_key(|(reach, rank, unit, group, _)| (*reach, *rank, *unit, *group));
        for (_, _, unit, group, like) in near {
            if found.units[unit].is_none() && self.free(group) {
                let clauses = self.told(&units[unit], group);
                self.left[group].retain(|nth| !clauses.contains(nth));
                let how = How::Like(like);
                found.units[unit] = Some(Match {
                    group,
                    clauses,
                    how,
                });
            }
        }
    }

    /// The sentences that a paragraph is like enough to, the best first.
    fn near(&self, index: usize, unit: &Unit, free: &[usize]) -> Vec<Near> {
        let mut near: Vec<Near> = Vec::new();
        for group in free {
            let other = &self.groups[*group];
            let reach = self.reach(unit, *group);
            let level = other.clauses.first().map(|clause| clause.level);
            let step = unit.step == other.step;
            let least = match (reach, step && level == Some(unit.level)) {
                (Reach::List, true) => LIKE_AT_STEP,
                (Reach::List, false) => LIKE_IN_LIST,
                (Reach::Subclause, true) => LIKE_HERE_AT_STEP,
                (Reach::Subclause, false) => LIKE_HERE,
                (Reach::Elsewhere, _) => LIKE_ELSEWHERE,
            };
            let telling = reach != Reach::Elsewhere || self.by_sha[other.sha].len() == 1;
            let like = telling
                .then(|| Likeness::of(unit, other, reach != Reach::Elsewhere, least))
                .flatten();
            if let Some(like) = like {
                let rank = like.weight() + 15 * u32::from(step);
                near.push((reach, Reverse(rank), index, *group, like));
            }
        }
        near.sort_unstable_by_key(|(reach, rank, _, group, _)| (*reach, *rank, *group));
        near.truncate(CANDIDATES);
        near
    }

    /// Whether the text gives at least half of the sentences of this one's list; fewer restate nothing.
    fn is_given(&self, group: usize, found: &Found) -> bool {
        let own = |other: &usize| self.lists.together(group, *other);
        let all = (0..self.groups.len()).filter(own).count();
        let given: BTreeSet<usize> = found.units.iter().flatten().map(|one| one.group).collect();
        given.into_iter().filter(own).count() * 2 >= all
    }

    /// What a restated list lacks is gone; a list that a restated subclause lacks is a question.
    fn left_out(&mut self, units: &[Unit], found: &mut Found) {
        let mut given: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for one in found.units.iter().flatten() {
            let own = given.entry(self.groups[one.group].subclause);
            own.or_default().insert(one.group);
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
            let some = given.get(group.subclause).map_or(0, BTreeSet::len);
            let gone = self.lists.restated(index) && self.is_given(index, found);
            let asked = self.lists.restated(index) || some * 2 >= all;
            let open = !gone && asked && restated.contains(group.subclause);
            let clauses = std::mem::take(&mut self.left[index]);
            if !clauses.is_empty() && (gone || open) {
                found.lost.push(Lost {
                    group: index,
                    clauses,
                    old: None,
                    open,
                });
            }
        }
    }
}
