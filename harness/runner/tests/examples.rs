//! The examples that users copy are sound, and explain all there is.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../reports/tests/schema/mod.rs"]
#[allow(dead_code, reason = "the schemas' own test needs more of it")]
mod schema;

use std::collections::BTreeSet;
use std::process::Command;

use reports::Expectations;
use runner::Bundle;
use serde_json::{Value, json};
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

/// What editors know of profiles.
fn profile_schema() -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shall"));
    let output = command.args(["init", "--schema"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_key_and_every_claim_is_explained() {
    let schema = profile_schema();
    let keys = schema["properties"].as_object().unwrap();
    let said = |about: &Value| about["description"].as_str().unwrap_or_default().len();
    for (key, about) in keys {
        assert!(said(about) > 20, "{key} is not explained");
    }
    let bundle = Bundle::open(None).unwrap();
    let catalogue = bundle.catalogue().unwrap();
    let known: BTreeSet<&str> = catalogue
        .iter()
        .filter_map(|c| c.claim.as_deref())
        .collect();
    let claims = schema["properties"]["claims"]["properties"]
        .as_object()
        .unwrap();
    let explained: BTreeSet<&str> = claims.keys().map(String::as_str).collect();
    assert_eq!(explained, known);
    for clause in catalogue.iter().filter(|c| c.claim.is_some()) {
        let about = claims[clause.claim.as_deref().unwrap()]["description"].as_str();
        assert!(about.unwrap().contains(&clause.id), "{}", clause.id);
    }
    // A clause that the explanation of a key names is one of the catalogue.
    let ids = keys
        .values()
        .filter_map(|about| about["description"].as_str());
    let words = ids
        .flat_map(str::split_whitespace)
        .filter(|w| w.matches('/').count() == 2);
    for id in words.map(|w| w.trim_matches(|c: char| !c.is_alphanumeric())) {
        assert!(
            id.contains("ADDRESS") || catalogue.get(id).is_some(),
            "{id}"
        );
    }
}

#[test]
fn the_shipped_profiles_keep_the_schema() {
    let mut schema = profile_schema();
    for key in ["kind", "adapter"] {
        let forms = schema["properties"][key]["oneOf"].take();
        let names = forms
            .as_array()
            .unwrap()
            .iter()
            .map(|form| form["const"].clone());
        schema["properties"][key] = json!({ "type": "string", "enum": names.collect::<Value>() });
    }
    for name in [
        "reference",
        "remote",
        "process",
        "reference-core",
        "process-client",
    ] {
        let (file, text) = text(name);
        let value: Value = serde_yaml::from_str(&text).unwrap();
        assert_eq!(schema::fault(&schema, &schema, &value, &file), None);
    }
    let wrong = json!({ "subject": "x", "sip": 5060 });
    assert!(schema::fault(&schema, &schema, &wrong, "$").is_some());
}
