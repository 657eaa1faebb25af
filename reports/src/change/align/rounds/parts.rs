//! Clauses of one sentence that the text says in paragraphs of their own.

use std::cmp::Reverse;

use super::{Found, How, Match, Pairing, Reach};
use crate::change::align::groups::Unit;
use crate::change::align::likeness::Likeness;

/// Words of a clause's summary that a paragraph of its own has at least, in per cent.
const SAYS_IT: u32 = 75;

impl Pairing<'_> {
    /// The clauses of a sentence that a paragraph like it tells: no more than it has statements, the likest ones.
    pub(super) fn told(&self, unit: &Unit, group: usize) -> Vec<usize> {
        let mut clauses = self.left[group].clone();
        clauses.sort_by_key(|nth| Reverse(self.of_clause(unit, group, *nth).held));
        clauses.truncate(unit.statements.len());
        clauses.sort_unstable();
        clauses
    }

    /// Pairs paragraphs that are none yet with what is left of sentences told in part, near ones first; what nobody tells
    /// goes back to its sentence.
    pub(super) fn parts(&mut self, units: &[Unit], found: &mut Found) {
        for reach in [Reach::List, Reach::Subclause] {
            for (unit, place) in units.iter().zip(&mut found.units) {
                let part = place.is_none().then(|| self.part(unit, reach)).flatten();
                if let Some(part) = part {
                    self.left[part.group].retain(|nth| !part.clauses.contains(nth));
                    *place = Some(part);
                }
            }
        }
        for one in found.units.iter_mut().flatten() {
            if matches!(one.how, How::Like(_)) {
                one.clauses.append(&mut self.left[one.group]);
            }
        }
    }

    /// The clause that a paragraph tells apart from the rest of its sentence.
    fn part(&self, unit: &Unit, reach: Reach) -> Option<Match> {
        if unit.old.as_ref().is_some_and(String::is_empty) {
            return None;
        }
        let split = (0..self.groups.len())
            .filter(|group| !self.free(*group) && self.reach(unit, *group) == reach);
        let left = split.flat_map(|group| self.left[group].iter().map(move |nth| (group, *nth)));
        let like = left.map(|(group, nth)| (self.of_clause(unit, group, nth), group, nth));
        let (like, group, nth) = like
            .filter(|(like, ..)| like.held >= SAYS_IT)
            .max_by_key(|(like, group, _)| (like.weight(), Reverse(*group)))?;
        Some(Match {
            group,
            clauses: vec![nth],
            how: How::Like(like),
        })
    }

    fn of_clause(&self, unit: &Unit, group: usize, nth: usize) -> Likeness {
        Likeness::of_words(unit, &self.groups[group].parts[nth])
    }
}
