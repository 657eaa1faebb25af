//! The rules of judging: worst verdicts, exit codes, expectations.

#[allow(dead_code, reason = "only the renderers need records of a run file")]
mod fixture;

use fixture::{catalogue, judgement, run};
use reports::{Date, Expectations, Run, Summary, Totals, exit_code, summarise};
use std::collections::BTreeSet;
use trace::Verdict;

/// A run in which every clause that has to passes.
fn clean_run() -> Run {
    let ids = catalogue();
    let ids = ids.iter().filter(|clause| clause.is_judged());
    let judgements = ids
        .map(|clause| judgement(&clause.id, "udp", Verdict::Pass))
        .collect();
    Run {
        judgements,
        ..run()
    }
}

fn clean() -> Summary {
    summarise(&catalogue(), &clean_run())
}

/// The clean run with one verdict changed.
fn with(id: &str, verdict: Verdict) -> Summary {
    let mut run = clean_run();
    run.judgements.push(judgement(id, "tcp", verdict));
    summarise(&catalogue(), &run)
}

fn apply(summary: &mut Summary, text: &str) -> u8 {
    let today: Date = "2027-01-15".parse().expect("the fixture is sound");
    Expectations::parse("expect.yaml", text)
        .expect("the fixture is sound")
        .apply(summary, today);
    exit_code(summary)
}

fn entry(id: &str, expect: &str, expires: &str) -> String {
    format!(
        "expectations:\n  - clause: {id}\n    expect: {expect}\n    reason: known\n    expires: {expires}\n"
    )
}

#[test]
fn each_clause_takes_its_worst_verdict() {
    let summary = summarise(&catalogue(), &run());
    for (id, verdict) in [
        ("7.9/on-x/1", Some(Verdict::Pass)),
        ("7.9/on-x/2", Some(Verdict::Fail)),
        ("7.9/on-x/3", Some(Verdict::Warning)),
        ("7.9/on-x/4", Some(Verdict::Inconclusive)),
        ("7.9/on-x/5", Some(Verdict::NotApplicable)),
        ("7.9/on-x/6", Some(Verdict::Error)),
        ("7.9/on-x/7", Some(Verdict::Inconclusive)),
        ("7.9/on-x/8", None),
        ("7.9/on-x/9", None),
        ("7.9/on-x/10", Some(Verdict::Pass)),
        ("rfc9999:1/rule", Some(Verdict::Fail)),
    ] {
        assert_eq!(
            summary.get(id).expect("the fixture is sound").verdict,
            verdict,
            "{id}"
        );
    }
    let totals = Totals {
        pass: 2,
        fail: 1,
        warning: 1,
        inconclusive: 2,
        not_applicable: 1,
        excluded: 1,
        superseded: 1,
        pending: 1,
        error: 1,
        unproven: None,
    };
    assert_eq!(summary.totals, totals);
}

#[test]
fn a_pass_without_evidence_is_none() {
    let mut run = clean_run();
    run.judgements[0].finding.evidence.clear();
    let summary = summarise(&catalogue(), &run);
    let clause = summary.get("7.9/on-x/1").expect("the fixture is sound");
    assert_eq!(clause.verdict, Some(Verdict::Inconclusive));
    assert!(
        clause.reason.contains("without evidence"),
        "{}",
        clause.reason
    );
}

#[test]
fn a_claim_does_not_hide_a_failure() {
    let summary = with("7.9/on-x/5", Verdict::Fail);
    assert_eq!(
        summary
            .get("7.9/on-x/5")
            .expect("the fixture is sound")
            .verdict,
        Some(Verdict::Fail)
    );
}

#[test]
fn exit_codes_follow_the_worst_of_clauses_and_supporting_rules() {
    assert_eq!(exit_code(&clean()), 0);
    assert_eq!(exit_code(&with("7.9/on-x/3", Verdict::Warning)), 0);
    assert_eq!(exit_code(&with("7.9/on-x/1", Verdict::Inconclusive)), 3);
    assert_eq!(exit_code(&with("7.9/on-x/1", Verdict::Fail)), 1);
    assert_eq!(exit_code(&with("rfc9999:1/rule", Verdict::Fail)), 1);
    assert_eq!(exit_code(&with("rfc9999:1/rule", Verdict::Error)), 4);
    assert_eq!(
        exit_code(&with("7.9/on-x/99", Verdict::Pass)),
        4,
        "an unknown clause is our fault"
    );
}

#[test]
fn nothing_ran_is_no_verdict() {
    let nothing = Run {
        judgements: Vec::new(),
        scenarios: Vec::new(),
        ..run()
    };
    assert_eq!(exit_code(&summarise(&catalogue(), &nothing)), 3);
    let no_clause = Run {
        selected: Some(BTreeSet::new()),
        ..clean_run()
    };
    assert_eq!(exit_code(&summarise(&catalogue(), &no_clause)), 3);
}

#[test]
fn a_selection_leaves_the_others_out() {
    let selected = Some(BTreeSet::from(["7.9/on-x/1".to_owned()]));
    let summary = summarise(&catalogue(), &Run { selected, ..run() });
    assert_eq!((summary.all().count(), exit_code(&summary)), (1, 0));
}

#[test]
fn an_expected_failure_does_not_fail_the_run() {
    let mut summary = with("7.9/on-x/1", Verdict::Fail);
    assert_eq!(
        apply(&mut summary, &entry("7.9/on-x/1", "fail", "2027-01-15")),
        0
    );
    assert_eq!(
        summary
            .get("7.9/on-x/1")
            .expect("the fixture is sound")
            .expected
            .as_deref(),
        Some("known (until 2027-01-15)")
    );
    assert_eq!(
        summary
            .get("7.9/on-x/1")
            .expect("the fixture is sound")
            .verdict,
        Some(Verdict::Fail)
    );
}

#[test]
fn only_a_waiver_covers_inconclusive_and_nothing_covers_an_error() {
    let inconclusive = || with("7.9/on-x/1", Verdict::Inconclusive);
    assert_eq!(
        apply(
            &mut inconclusive(),
            &entry("7.9/on-x/1", "fail", "2028-01-01")
        ),
        3
    );
    assert_eq!(
        apply(
            &mut inconclusive(),
            &entry("7.9/on-x/1", "waived", "2028-01-01")
        ),
        0
    );
    let mut error = with("7.9/on-x/1", Verdict::Error);
    assert_eq!(
        apply(&mut error, &entry("7.9/on-x/1", "waived", "2028-01-01")),
        4
    );
}

#[test]
fn entries_cannot_rot() {
    for (text, why) in [
        (entry("7.9/on-x/1", "fail", "2028-01-01"), "no longer fails"),
        (entry("7.9/on-x/8", "fail", "2028-01-01"), "is excluded"),
        (
            entry("7.9/on-x/2", "fail", "2027-01-14"),
            "expired on 2027-01-14",
        ),
    ] {
        let mut summary = clean();
        assert_eq!(apply(&mut summary, &text), 1, "{why}");
        let stale = &summary.stale[0];
        assert!(stale.starts_with("expect.yaml:2: 7.9/on-x/"), "{stale}");
        assert!(stale.contains(why), "{stale}");
    }
}

#[test]
fn a_bad_expectations_file_names_the_place_and_the_remedy() {
    let refusal = |text: &str| {
        Expectations::parse("expect.yaml", text)
            .unwrap_err()
            .to_string()
    };
    let good = entry("7.9/on-x/1", "fail", "2028-01-01");
    let error = refusal(&good.replace("reason:", "raeson:"));
    assert!(
        error.starts_with("expect.yaml:4:5: ") && error.contains("did you mean `reason`?"),
        "{error}"
    );
    let error = refusal(&good.replace("2028-01-01", "2028-02-30"));
    assert!(
        error.starts_with("expect.yaml:5:") && error.contains("is not a day"),
        "{error}"
    );
}

#[test]
fn an_entry_of_an_unknown_clause_is_refused_with_its_line() {
    let known = entry("7.9/on-x/1", "fail", "2028-01-01");
    let text =
        known + "  - { clause: 7.9/onx/2, expect: waived, reason: r, expires: 2028-01-01 }\n";
    let read = Expectations::parse("expect.yaml", &text).expect("the fixture is sound");
    let error = read.known_to(&catalogue()).unwrap_err().to_string();
    let place = "expect.yaml:6:1: the clause 7.9/onx/2 is not in the catalogue";
    assert!(error.starts_with(place), "{error}");
    assert!(error.contains("did you mean 7.9/on-x/2?"), "{error}");
}

#[test]
fn an_interrupted_run_is_no_verdict_and_says_so() {
    let mut interrupted = Run {
        interrupted: true,
        ..clean_run()
    };
    assert_eq!(exit_code(&summarise(&catalogue(), &interrupted)), 3);
    interrupted.judgements.retain(|j| j.clause != "7.9/on-x/1");
    let summary = summarise(&catalogue(), &interrupted);
    let clause = summary.get("7.9/on-x/1").expect("the fixture is sound");
    assert_eq!(clause.verdict, Some(Verdict::Inconclusive));
    assert_eq!(clause.reason, "interrupted before it was judged");
}
