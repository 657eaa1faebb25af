//! The examples that users copy are sound, and explain all there is.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use reports::Expectations;
use runner::Bundle;
use world::Profile;

fn text(name: &str) -> (String, String) {
    let bundle = Bundle::open(None).unwrap();
    let path = format!("profiles/{name}.yaml");
    let text = bundle.text(&path).unwrap().to_owned();
    (bundle.shown(&path), text)
}

#[test]
fn every_example_profile_can_be_used_as_it_is() {
    for name in [
        "reference",
        "remote",
        "process",
        "reference-client",
        "reference-core",
        "reference-history",
        "reference-participating",
        "process-client",
    ] {
        let (file, text) = text(name);
        Profile::parse(&file, &text).unwrap();
    }
}

#[test]
fn the_example_of_a_profile_explains_every_claim() {
    let (_, text) = text("remote");
    let catalogue = Bundle::open(None).unwrap().catalogue().unwrap();
    let claims: BTreeSet<&str> = catalogue
        .iter()
        .filter_map(|c| c.claim.as_deref())
        .collect();
    for claim in claims {
        let explained = format!("#   {claim} ");
        assert!(text.contains(&explained), "remote.yaml lacks {claim}");
    }
}

#[test]
fn the_example_of_expectations_names_clauses_that_are_judged() {
    let (file, text) = text("expectations");
    let expected = Expectations::parse(&file, &text).unwrap();
    assert!(!expected.expectations.is_empty());
    let catalogue = Bundle::open(None).unwrap().catalogue().unwrap();
    for entry in &expected.expectations {
        let clause = catalogue.get(&entry.clause).unwrap();
        assert!(clause.is_judged(), "{}", entry.clause);
    }
}
