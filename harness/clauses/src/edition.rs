//! The catalogue as of a set of change requests.

use std::collections::BTreeSet;

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

    /// The catalogue as of a set of change requests: clauses of others are not in it, and what one of
    /// others supersedes is judged again. Rules of RFCs stay.
    #[must_use]
    pub fn edition(&self, change_requests: &BTreeSet<String>) -> Catalogue {
        let held = |clause: &Clause| {
            let source = clause.source.as_ref();
            source.is_none_or(|source| change_requests.contains(&source.change_request))
        };
        let mut edition = Catalogue {
            titles: self.titles.clone(),
            ..Catalogue::default()
        };
        for clause in self.clauses.iter().filter(|clause| held(clause)) {
            let mut clause = clause.clone();
            if let Status::Superseded { by } = &clause.status
                && !self.get(by).is_some_and(held)
            {
                clause.status = Status::Judged;
            }
            edition
                .by_id
                .insert(clause.id.clone(), edition.clauses.len());
            edition.clauses.push(clause);
        }
        edition
    }
}
