//! The catalogue as of a set of change requests, and what the checks of today judge in it.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use crate::{Catalogue, Clause, Status};

impl Catalogue {
    /// Numbers of the change requests that clauses come from.
    pub fn change_requests(&self) -> BTreeSet<String> {
        let sources = self
            .clauses
            .iter()
            .filter_map(|clause| clause.source.as_ref());
        sources
            .map(|source| source.change_request.clone())
            .collect()
    }

    /// The catalogue as of a set of change requests: clauses of others are not in it. What one of others supersedes is
    /// judged again where its successor states the same duty, and is excluded with a reason where not. Rules of RFCs
    /// stay.
    #[must_use]
    pub fn edition(&self, change_requests: &BTreeSet<String>) -> Catalogue {
        let within = |clause: &&Clause| {
            let source = clause.source.as_ref();
            source.is_none_or(|source| change_requests.contains(&source.change_request))
        };
        let held: HashSet<&str> = self
            .clauses
            .iter()
            .filter(within)
            .map(|clause| clause.id.as_str())
            .collect();
        let mut edition = Catalogue {
            titles: self.titles.clone(),
            stand_ins: self.stand_ins.clone(),
            ..Catalogue::default()
        };
        for clause in self.clauses.iter().filter(within) {
            let mut clause = clause.clone();
            if let Status::Superseded { by } = &clause.status
                && !held.contains(by.as_str())
            {
                let (status, check) = self.alone(&clause, &held);
                if let Some(check) = check {
                    let ids = edition.stand_ins.entry(check).or_default();
                    ids.push(clause.id.clone());
                }
                clause.status = status;
            }
            edition
                .by_id
                .insert(clause.id.clone(), edition.clauses.len());
            edition.clauses.push(clause);
        }
        let by_id = &edition.by_id;
        edition.stand_ins.retain(|_, ids| {
            ids.retain(|id| by_id.contains_key(id));
            !ids.is_empty()
        });
        edition
    }

    /// The edition of these change requests; this catalogue itself where none are named.
    pub fn as_of(&self, change_requests: Option<&BTreeSet<String>>) -> Cow<'_, Catalogue> {
        match change_requests {
            None => Cow::Borrowed(self),
            Some(change_requests) => Cow::Owned(self.edition(change_requests)),
        }
    }

    /// The clauses for which a check of `cited` counts: itself where this catalogue holds it, else what it came to
    /// stand for with the same duty, else none.
    pub fn judged_by<'a>(&'a self, cited: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let own = self.get(cited).map(|clause| clause.id.as_str());
        let others = match own {
            None => self.stand_ins.get(cited),
            Some(_) => None,
        };
        own.into_iter()
            .chain(others.into_iter().flatten().map(String::as_str))
    }

    /// What a clause is where its successor is not, and the clause whose checks judge it.
    fn alone(&self, clause: &Clause, held: &HashSet<&str>) -> (Status, Option<String>) {
        let mut last = clause;
        // A circle of successors ends by the count.
        for _ in 0..self.clauses.len() {
            let Status::Superseded { by } = &last.status else {
                break;
            };
            if held.contains(by.as_str()) {
                return (last.status.clone(), None);
            }
            let successor = self.get(by).filter(|_| last.same_duty);
            let Some(successor) = successor else {
                let reason = unstated(last, by);
                return (Status::Excluded { reason }, None);
            };
            last = successor;
        }
        let check = (last.status == Status::Judged).then(|| last.id.clone());
        (last.status.clone(), check)
    }
}

/// Why no scenario judges a clause whose successor is of another duty.
fn unstated(clause: &Clause, by: &str) -> String {
    let reading = clause.reading.as_ref().map(|reading| reading.text.as_str());
    let reading = reading.map_or(String::new(), |text| format!(": {text}"));
    format!(
        "Not judged in this edition, since scenarios state its successor {by}, which asks for something else{reading}"
    )
}
