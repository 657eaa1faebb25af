//! What is still to be judged: named, accepted, and never in the way of what is.

use super::scenarios::Step;
use clauses::{Catalogue, Clause, Status, citations::leading_id};

/// A line for each pending clause, with its entry and the scenarios that wait to be written.
pub(super) fn named(catalogue: &Catalogue, steps: &[Step]) -> Vec<String> {
    let line = |clause: &Clause| {
        let scenarios = match waiting(&clause.id, steps).as_slice() {
            [] => "without a scenario".to_owned(),
            places => format!("its scenario at {}", places.join(", ")),
        };
        format!(
            "pending: `{}` at {}:{}, {scenarios}",
            clause.id, clause.file, clause.line
        )
    };
    let pending = catalogue.iter().filter(|clause| is_pending(clause));
    pending.map(line).collect()
}

/// Where a pending scenario would judge a clause.
pub(super) fn waiting(id: &str, steps: &[Step]) -> Vec<String> {
    let own = |step: &&Step| step.pending && leading_id(&step.text) == Some(id);
    let places = steps.iter().filter(own);
    let mut places: Vec<String> = places
        .map(|step| format!("{}:{}", step.file, step.line))
        .collect();
    // The rows of an outline stand at one place.
    places.dedup();
    places
}

/// A clause is judged until the one that stands for it is, and no longer.
pub(super) fn succeeded(catalogue: &Catalogue) -> Vec<String> {
    let mut faults = Vec::new();
    for clause in catalogue.iter() {
        let (id, place) = (&clause.id, format!("{}:{}", clause.file, clause.line));
        if let Status::Superseded { by } = &clause.status
            && catalogue.get(by).is_some_and(is_pending)
        {
            faults.push(format!(
                "{place}: `{id}` is superseded by `{by}`, which is pending, so that neither is judged; \
                 set `{id}` to `judged` until `{by}` is"
            ));
        }
        let old = clause
            .supersedes
            .as_ref()
            .and_then(|old| catalogue.get(old));
        let gone = |old: &&Clause| matches!(&old.status, Status::Superseded { by } if by == id);
        if !is_pending(clause)
            && let Some(old) = old.filter(|old| !gone(old))
        {
            faults.push(format!(
                "{}:{}: `{}` is {}, yet `{id}` ({place}) stands for it and is {}; \
                 give `{}` `status: superseded` and `by: {id}`",
                old.file,
                old.line,
                old.id,
                old.status.name(),
                clause.status.name(),
                old.id
            ));
        }
    }
    faults
}

fn is_pending(clause: &Clause) -> bool {
    matches!(clause.status, Status::Pending { .. })
}
