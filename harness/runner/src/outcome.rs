//! From what a scenario brought to judgements.

use std::collections::BTreeSet;

use clauses::{Catalogue, Level};
use trace::{Finding, Held, Judgement, Verdict};

use crate::Played;

/// The judgements of one play, one for each clause of the catalogue that its Then lines judge.
///
/// What rests on a claim of `denied` is not applicable, whatever the subject does instead.
#[must_use]
pub fn judgements(
    catalogue: &Catalogue,
    denied: &BTreeSet<&str>,
    played: &Played,
) -> Vec<Judgement> {
    let make =
        |clause: &str, line: usize, verdict: Verdict, finding: Finding, reason: String| Judgement {
            clause: clause.to_owned(),
            scenario: played.scenario.clone(),
            feature: format!("features/{}", played.feature),
            line,
            transport: played.turn.transport.clone(),
            verdict,
            finding,
            reason,
        };
    let mut all = Vec::new();
    let checks = played.checked.iter();
    for (check, clause) in
        checks.flat_map(|c| catalogue.judged_by(&c.clause).map(move |id| (c, id)))
    {
        let level = catalogue.get(clause).map_or(Level::Shall, |c| c.level);
        let claim = catalogue.get(clause).and_then(|c| c.claim.as_deref());
        let claim = claim.filter(|claim| denied.contains(claim));
        let unable = out_of_reach(claim, played, check.finding.held);
        let blocked = &played.staging.blocked;
        let verdict = match (&unable, Verdict::of(level, &check.finding)) {
            (Some(_), _) => Verdict::NotApplicable,
            // What the clause speaks of may never have begun, so that keeping it shows nothing.
            (None, Verdict::Pass | Verdict::Warning) if blocked.is_some() => Verdict::Inconclusive,
            (None, verdict) => verdict,
        };
        let reason = match (blocked, check.finding.held) {
            _ if unable.is_some() => unable.unwrap_or_default(),
            (Some(reason), _) if verdict == Verdict::Inconclusive => format!("blocked: {reason}"),
            (None, Held::Missing) => check.finding.found.clone(),
            _ => String::new(),
        };
        let finding = check.finding.clone();
        all.push(make(clause, check.line, verdict, finding, reason));
    }
    if let Some(fault) = &played.staging.fault {
        for clause in played
            .cited
            .iter()
            .filter(|c| !played.checked.iter().any(|k| &k.clause == *c))
            .flat_map(|c| catalogue.judged_by(c))
        {
            let nothing = Finding {
                held: Held::Missing,
                expected: String::new(),
                found: String::new(),
                evidence: Vec::new(),
            };
            all.push(make(
                clause,
                played.line,
                Verdict::Error,
                nothing,
                fault.clone(),
            ));
        }
    }
    all
}

/// Why a clause is not applicable: a claim denies it, or the subject could not do what shows it.
fn out_of_reach(denied: Option<&str>, played: &Played, held: Held) -> Option<String> {
    let shown = match held {
        Held::Yes => ", though it is kept here",
        Held::No | Held::Missing => "",
    };
    let unable = played.staging.unable.as_ref();
    match denied {
        Some(claim) => Some(format!("the profile claims `{claim}: false`{shown}")),
        None => unable.filter(|_| held == Held::Missing).cloned(),
    }
}
