//! Each rule of the lint fires where it should and is quiet where it should be.

use std::collections::BTreeSet;
use std::path::Path;

use clauses::Catalogue;
use reports::change::{Analysis, Document, rules};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    rule: String,
    fires: String,
    quiet: String,
}

fn cases() -> Vec<Case> {
    serde_yaml::from_str(include_str!("change/rules.yaml")).expect("the fixture is sound")
}

/// Lines at which a rule fires in a text.
fn lines(rule: &str, text: &str, catalogue: &Catalogue) -> Vec<usize> {
    let text = match text.starts_with(['1', '·']) {
        true => {
            format!("9.1 Visitors\nUpon receiving a SIP INVITE request the IM Server:\n{text}\n")
        }
        false => format!("{text}\n"),
    };
    let document = Document::read("rule.txt", text.as_bytes()).expect("the fixture is sound");
    let analysis = Analysis::of(document, catalogue, &Default::default()).expect(&text);
    let found = analysis.findings.iter().filter(|found| found.rule == rule);
    found.map(|found| found.line).collect()
}

#[test]
fn each_rule_fires_in_one_text_and_is_quiet_in_another() {
    let clauses = Path::new(env!("CARGO_MANIFEST_DIR")).join("../features/clauses");
    let catalogue = Catalogue::load_dir(clauses).expect("the catalogue of this edition loads");
    let mut wrong = Vec::new();
    for Case { rule, fires, quiet } in cases() {
        if lines(&rule, &fires, &catalogue).is_empty() {
            wrong.push(format!("{rule} is quiet in {fires:?}"));
        }
        let lines = lines(&rule, &quiet, &catalogue);
        if !lines.is_empty() {
            wrong.push(format!("{rule} fires at {lines:?} of {quiet:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_rule_goes_without_a_case() {
    let cases: BTreeSet<String> = cases().into_iter().map(|case| case.rule).collect();
    let rules: BTreeSet<String> = rules().iter().map(|rule| rule.rule.clone()).collect();
    assert_eq!(cases, rules);
}
