//! What is pending is not planned, and cited only by what is pending itself.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use clauses::Catalogue;
use runner::{Bundle, Error, Plan, Selection, Turn};

const CLAUSES: &str = "subclause: 9.9\ntitle: Doors\nclauses:\n\
  - { id: rfc9999:1/old, level: SHALL, actor: a, area: a, trigger: t, requirement: r, observable: on-wire-sip, status: judged, supporting: true }\n\
  - { id: rfc9999:1/new, level: SHALL, actor: a, area: a, trigger: t, requirement: r, observable: on-wire-sip, status: pending, supersedes: rfc9999:1/old, supporting: true }\n";

const FEATURE: &str = "Feature: Doors
  Scenario: closed
    When bob knocks
    Then [rfc9999:1/old] nobody answers
  @pending
  Scenario: open
    When …
    Then [rfc9999:1/new] …
";

fn planned(feature: &str, globs: &[&str]) -> Result<Plan, Error> {
    let files = [("clauses/9.9.yaml", CLAUSES), ("doors.feature", feature)];
    let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
    let bundle = Bundle::of(files.to_vec());
    let catalogue: Catalogue = bundle.catalogue()?;
    let features = Plan::read(&bundle, &catalogue)?;
    let selection = Selection {
        clauses: globs.iter().map(|glob| (*glob).to_owned()).collect(),
        ..Selection::default()
    };
    let turn = Turn {
        transport: "udp".to_owned(),
        mutation: None,
    };
    Plan::make(&catalogue, &features, &selection, |_| vec![turn.clone()])
}

#[test]
fn a_pending_scenario_is_not_planned_and_its_clause_is_told_where_it_was_asked_for() {
    let plan = planned(FEATURE, &[]).unwrap();
    let names: Vec<&str> = plan.features[0]
        .scenarios
        .iter()
        .map(|s| s.name.as_str())
        .collect();
    assert_eq!(names, ["closed"]);
    assert!(!plan.clauses.contains("rfc9999:1/new"));
    let asked = planned(FEATURE, &["rfc9999:1"]).unwrap();
    assert!(asked.clauses.contains("rfc9999:1/new"));
    let alone = planned(FEATURE, &["rfc9999:1/new"]).unwrap_err();
    assert_eq!(alone.code(), 3);
    assert!(alone.to_string().contains("it is pending"), "{alone}");
}

#[test]
fn a_feature_that_is_pending_as_a_whole_is_left_out() {
    let plan = planned(&format!("@pending\n{FEATURE}"), &[]).unwrap_err();
    assert!(plan.to_string().contains("selects no scenario"), "{plan}");
}

#[test]
fn a_scenario_that_judges_what_is_pending_is_refused_with_both_places() {
    let early = planned(&FEATURE.replace("  @pending\n", ""), &[]).unwrap_err();
    assert_eq!(early.code(), 2);
    let said = early.to_string();
    for words in [
        "features/doors.feature:7: the clause `rfc9999:1/new` is pending",
        "set its entry to `status: judged` (features/clauses/9.9.yaml:",
    ] {
        assert!(said.contains(words), "{said}");
    }
}
