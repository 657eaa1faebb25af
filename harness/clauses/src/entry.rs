//! A clause file as it is written, and what is wrong with an entry of it.

use crate::Error;
use crate::clause::{Clause, Fingerprint, Level, Observable, Reading, Source, Status};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    pub(crate) subclause: String,
    pub(crate) title: String,
    pub(crate) clauses: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) id: String,
    level: Level,
    actor: String,
    area: String,
    trigger: String,
    requirement: String,
    observable: Observable,
    proxy_observation: Option<String>,
    applies_when: Option<String>,
    claim: Option<String>,
    source: Option<Source>,
    fingerprint: Option<Fingerprint>,
    reading: Option<Reading>,
    status: Word,
    reason: Option<String>,
    by: Option<String>,
    supersedes: Option<String>,
    #[serde(default)]
    same_duty: bool,
    #[serde(default)]
    references: Vec<String>,
    #[serde(default)]
    supporting: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Judged,
    Pending,
    Excluded,
    Superseded,
}

impl Entry {
    /// The clause, or what is wrong with it at that place.
    pub(crate) fn into_clause(
        self,
        file: &str,
        line: usize,
        column: usize,
    ) -> Result<Clause, Error> {
        let fault = |problem: String, remedy: &str| Error::Malformed {
            file: file.to_owned(),
            line,
            column,
            problem,
            remedy: remedy.to_owned(),
        };
        if !is_id(&self.id) {
            let remedy = "write subclause/list/step, for example 7.2.1.2/on-invite/5";
            return Err(fault(format!("`{}` is not a clause id", self.id), remedy));
        }
        let id = self.id.clone();
        let status = status_of(&id, self.status, self.reason, self.by)
            .map_err(|(problem, remedy)| fault(problem, remedy))?;
        if self.same_duty && !matches!(status, Status::Superseded { .. }) {
            return Err(fault(
                format!("`{id}` has `same_duty`, yet no clause supersedes it"),
                "remove the key, or set the status to superseded",
            ));
        }
        if !self.supporting && (self.source.is_none() || self.fingerprint.is_none()) {
            return Err(fault(
                format!("`{id}` has no source or no fingerprint"),
                "add both, or mark a rule of an RFC with `supporting: true`",
            ));
        }
        Ok(Clause {
            id: self.id,
            level: self.level,
            actor: self.actor,
            area: self.area,
            trigger: self.trigger,
            requirement: self.requirement,
            observable: self.observable,
            proxy_observation: self.proxy_observation,
            applies_when: self.applies_when,
            claim: self.claim,
            source: self.source,
            fingerprint: self.fingerprint,
            reading: self.reading,
            status,
            supersedes: self.supersedes,
            same_duty: self.same_duty,
            references: self.references,
            supporting: self.supporting,
            file: file.to_owned(),
            line,
        })
    }
}

/// Why a pending clause is not judged, unless its entry says more.
const UNWRITTEN: &str = "no scenario judges it yet";

/// The status, or the problem and its remedy.
fn status_of(
    id: &str,
    word: Word,
    reason: Option<String>,
    by: Option<String>,
) -> Result<Status, (String, &'static str)> {
    match (word, reason, by) {
        (Word::Judged, None, None) => Ok(Status::Judged),
        (Word::Pending, reason, None) => Ok(Status::Pending {
            reason: reason
                .filter(|reason| !reason.trim().is_empty())
                .unwrap_or_else(|| UNWRITTEN.to_owned()),
        }),
        (Word::Excluded, Some(reason), None) if !reason.trim().is_empty() => {
            Ok(Status::Excluded { reason })
        }
        (Word::Superseded, None, Some(by)) => Ok(Status::Superseded { by }),
        (Word::Judged, ..) => Err((
            format!("`{id}` is judged, yet has a `reason` or a `by`"),
            "remove the key, or set the status to pending, excluded or superseded",
        )),
        (Word::Pending, ..) => Err((
            format!("`{id}` is pending, yet superseded `by` another"),
            "remove the key; a pending clause names the one that it stands for as `supersedes:`",
        )),
        (Word::Excluded, ..) => Err((
            format!("`{id}` is excluded without a reason"),
            "add `reason:` with what an outsider cannot see (and no `by`)",
        )),
        (Word::Superseded, ..) => Err((
            format!("`{id}` is superseded without a successor"),
            "add `by:` with the id that stands in its place (and no `reason`)",
        )),
    }
}

fn is_id(id: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-');
    let parts: Vec<&str> = id.split('/').collect();
    parts.len() >= 2
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.chars().all(good))
}
