//! The rules of judging: from single verdicts to one outcome per clause and one exit code.

use crate::{ClauseSummary, Proof, Run, ScenarioVerdict, Summary, Totals};
use clauses::{Catalogue, Clause};
use std::collections::BTreeMap;
use trace::{Judgement, Verdict};

/// Brings the verdicts of a run to one outcome per clause of its edition, in the order of the catalogue.
pub fn summarise(catalogue: &Catalogue, run: &Run) -> Summary {
    let catalogue = &*catalogue.as_of(run.change_requests.as_ref());
    let mut by_clause: BTreeMap<&str, Vec<&Judgement>> = BTreeMap::new();
    let mut faults = Vec::new();
    for judgement in &run.judgements {
        if catalogue.get(&judgement.clause).is_none() {
            faults.push(format!(
                "{}:{}: judges `{}`, which the catalogue does not hold",
                judgement.feature, judgement.line, judgement.clause
            ));
        }
        by_clause
            .entry(&judgement.clause)
            .or_default()
            .push(judgement);
    }
    let (mut main, mut supporting) = (Vec::new(), Vec::new());
    for clause in catalogue.iter() {
        if run
            .selected
            .as_ref()
            .is_some_and(|selected| !selected.contains(&clause.id))
        {
            continue;
        }
        let judgements = by_clause
            .get(clause.id.as_str())
            .map_or(&[][..], Vec::as_slice);
        let list = if clause.supporting {
            &mut supporting
        } else {
            &mut main
        };
        list.push(of_clause(clause, judgements, run));
    }
    Summary {
        schema: "shall.summary/1",
        edition: run.edition.clone(),
        subject: run.subject.clone(),
        transports: run.transports.clone(),
        wall_seconds: run.wall_seconds,
        interrupted: run.interrupted,
        totals: Totals::of(&main),
        clauses: main,
        supporting_totals: Totals::of(&supporting),
        supporting,
        stale: Vec::new(),
        faults,
        known: catalogue.iter().map(|clause| clause.id.clone()).collect(),
    }
}

/// 0 conformant or as expected, 1 a clause fails or an expectation is stale,
/// 3 no verdict or interrupted, 4 a fault of ours.
pub fn exit_code(summary: &Summary) -> u8 {
    let has = |wanted| {
        summary
            .all()
            .any(|c| c.verdict == Some(wanted) && c.expected.is_none())
    };
    let decided = |clause: &ClauseSummary| {
        matches!(
            clause.verdict,
            Some(Verdict::Pass | Verdict::Warning | Verdict::Fail)
        )
    };
    if has(Verdict::Error) || !summary.faults.is_empty() {
        4
    } else if has(Verdict::Fail) || !summary.stale.is_empty() {
        1
    } else if has(Verdict::Inconclusive) || summary.interrupted || !summary.all().any(decided) {
        3
    } else {
        0
    }
}

/// The outcome of a run in words.
pub(crate) fn outcome(summary: &Summary) -> &'static str {
    match exit_code(summary) {
        0 if summary.all().any(|c| c.expected.is_some()) => {
            "conformant, with the expected deviations"
        }
        0 => "conformant",
        1 => "not conformant",
        3 if summary.interrupted => "interrupted, no verdict",
        3 => "no verdict",
        _ => "fault of the harness",
    }
}

fn of_clause(clause: &Clause, judgements: &[&Judgement], run: &Run) -> ClauseSummary {
    let scenarios = judgements
        .iter()
        .map(|judgement| scenario_verdict(judgement, run))
        .collect();
    let mut summary = ClauseSummary {
        id: clause.id.clone(),
        actor: clause.actor.clone(),
        level: clause.level,
        verdict: None,
        status: clause.status.name(),
        scenarios,
        evidence: Vec::new(),
        reason: clause.status.reason(),
        expected: None,
    };
    if clause.is_judged() {
        (summary.verdict, summary.reason, summary.evidence) = judged(clause, judgements, run);
    }
    summary
}

fn judged(
    clause: &Clause,
    judgements: &[&Judgement],
    run: &Run,
) -> (Option<Verdict>, String, Vec<Proof>) {
    let denied = clause
        .claim
        .as_ref()
        .filter(|claim| run.claims.get(*claim) == Some(&false));
    let broken = judgements
        .iter()
        .any(|judgement| judgement.verdict >= Verdict::Fail);
    // A verdict that was given against the subject is told even where its claims deny the clause.
    if let (Some(claim), false) = (denied, broken) {
        let reason = format!("the profile claims `{claim}: false`");
        return (Some(Verdict::NotApplicable), reason, Vec::new());
    }
    let Some(worst) = judgements
        .iter()
        .map(|judgement| effective(judgement))
        .max_by_key(|v| rank(*v))
    else {
        return (Some(Verdict::Inconclusive), unjudged(run), Vec::new());
    };
    let decisive = || {
        judgements
            .iter()
            .filter(|judgement| effective(judgement) == worst)
    };
    let reason = match worst {
        Verdict::Pass => String::new(),
        _ => decisive()
            .next()
            .map(|judgement| reason(judgement))
            .unwrap_or_default(),
    };
    let proof = |judgement: &&&Judgement| {
        let (scenario, transport) = (judgement.scenario.clone(), judgement.transport.clone());
        let scenario_id = run.scenario_of(judgement).map(|s| s.id);
        let place = move |evidence: &trace::Evidence| Proof {
            scenario_id,
            frame: evidence.frame,
            octets: evidence.octets,
            scenario: scenario.clone(),
            transport: transport.clone(),
        };
        judgement
            .finding
            .evidence
            .iter()
            .map(place)
            .collect::<Vec<_>>()
    };
    let evidence = decisive().flat_map(|judgement| proof(&judgement)).collect();
    (Some(worst), reason, evidence)
}

/// No pass without evidence.
pub(crate) fn effective(judgement: &Judgement) -> Verdict {
    match judgement.verdict {
        Verdict::Pass if judgement.finding.evidence.is_empty() => Verdict::Inconclusive,
        verdict => verdict,
    }
}

/// Worse is higher; a clause is not applicable only when it is so in every scenario.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::NotApplicable => 0,
        Verdict::Pass => 1,
        Verdict::Warning => 2,
        Verdict::Inconclusive => 3,
        Verdict::Fail => 4,
        Verdict::Error => 5,
    }
}

fn unjudged(run: &Run) -> String {
    match run.scenarios.len() {
        _ if run.interrupted => "interrupted before it was judged".to_owned(),
        0 => "nothing ran".to_owned(),
        1 => "the scenario that ran does not judge it".to_owned(),
        count => format!("none of the {count} scenarios that ran judges it"),
    }
}

/// Why a judgement is what it is, with scenario and transport.
pub(crate) fn reason(judgement: &Judgement) -> String {
    let Judgement {
        finding, reason, ..
    } = judgement;
    let hollow = judgement.verdict == Verdict::Pass && finding.evidence.is_empty();
    let why = match (hollow, reason.is_empty()) {
        (true, _) => "passed without evidence: no frame of the subject is named".to_owned(),
        (false, true) => format!("expected {}; found {}", finding.expected, finding.found),
        (false, false) => reason.clone(),
    };
    format!("{} ({}): {why}", judgement.scenario, judgement.transport)
}

fn scenario_verdict(judgement: &Judgement, run: &Run) -> ScenarioVerdict {
    ScenarioVerdict {
        scenario_id: run.scenario_of(judgement).map(|s| s.id),
        name: judgement.scenario.clone(),
        feature: judgement.feature.clone(),
        line: judgement.line,
        transport: judgement.transport.clone(),
        verdict: effective(judgement),
    }
}
