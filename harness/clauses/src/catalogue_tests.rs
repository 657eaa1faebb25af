//! Tests of the catalogue reader: what loads, what is refused and with which words.

use super::*;
use crate::Level;

const GOOD: &str = r#"subclause: "7.9"
title: "Example"
clauses:
  - id: 7.9/on-x/1
    level: SHALL
    actor: im-server-controlling
    area: example
    trigger: x received
    requirement: Answer x.
    observable: on-wire-sip
    applies_when: null
    source: { change_request: "000", change: 1, line: 9 }
    fingerprint: { sha256: "0123456789abcdef", simhash: "0123456789abcdef" }
    status: judged
"#;

fn load(files: &[(&str, &str)]) -> Result<Catalogue, Error> {
    Catalogue::load(
        files
            .iter()
            .map(|(name, text)| (name.to_string(), text.to_string())),
    )
}

fn refusal(text: &str) -> String {
    load(&[("bad.yaml", text)]).unwrap_err().to_string()
}

#[test]
fn a_good_file_loads_with_its_place() {
    let catalogue = load(&[("good.yaml", GOOD)]).unwrap();
    let clause = catalogue.get("7.9/on-x/1").unwrap();
    assert_eq!(
        (clause.file.as_str(), clause.line, clause.level),
        ("good.yaml", 4, Level::Shall)
    );
    assert_eq!(catalogue.title("7.9"), Some("Example"));
}

#[test]
fn an_unknown_key_is_refused_with_a_suggestion() {
    let error = refusal(&GOOD.replace("    level:", "    levle:"));
    assert!(error.starts_with("bad.yaml:5:5: "), "{error}");
    assert!(
        error.contains("levle") && error.contains("did you mean `level`?"),
        "{error}"
    );
}

#[test]
fn a_bad_level_is_refused_with_the_known_ones() {
    let error = refusal(&GOOD.replace("SHALL", "SHAL"));
    assert!(error.starts_with("bad.yaml:5:"), "{error}");
    assert!(error.contains("did you mean `SHALL`?"), "{error}");
}

#[test]
fn a_missing_key_is_named() {
    let error = refusal(&GOOD.replace("    actor: im-server-controlling\n", ""));
    assert!(error.contains("add the key `actor`"), "{error}");
}

#[test]
fn a_duplicate_names_both_places() {
    let error = load(&[("one.yaml", GOOD), ("two.yaml", GOOD)])
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("two.yaml:4:5: "), "{error}");
    assert!(error.contains("first at one.yaml:4"), "{error}");
}

#[test]
fn an_exclusion_needs_a_reason_and_a_successor_must_exist() {
    assert!(refusal(&GOOD.replace("judged", "excluded")).contains("add `reason:`"));
    let superseded = GOOD.replace("status: judged", "status: superseded\n    by: 7.9/on-x/2");
    assert!(refusal(&superseded).contains("did you mean `7.9/on-x/1`?"));
}

#[test]
fn a_pending_clause_is_not_judged_and_names_the_one_it_stands_for() {
    let pending = GOOD
        .replace("on-x/1", "on-x/2")
        .replace("judged", "pending\n    supersedes: 7.9/on-x/1");
    let catalogue = load(&[("good.yaml", GOOD), ("new.yaml", &pending)]).unwrap();
    let clause = catalogue.get("7.9/on-x/2").unwrap();
    assert!(!clause.is_judged());
    assert_eq!(clause.supersedes.as_deref(), Some("7.9/on-x/1"));
    assert_eq!(
        (clause.status.name(), clause.status.reason().as_str()),
        ("pending", "no scenario judges it yet")
    );
    let stranger = refusal(&pending);
    assert!(
        stranger.contains("`7.9/on-x/2` supersedes `7.9/on-x/1`, which no file defines"),
        "{stranger}"
    );
    let both = pending.replace("supersedes:", "by:");
    assert!(refusal(&both).contains("names the one that it stands for"));
    let misspelt = GOOD.replace("judged", "pendign");
    assert!(refusal(&misspelt).contains("did you mean `pending`?"));
}

#[test]
fn globs_select_steps_lists_and_subclauses() {
    let id = "7.2.1.2/on-invite/5.2";
    for glob in [
        "7.2.1.2",
        "7.2.1.2/on-invite",
        "7.2.1.2/on-invite/5.2",
        "7.2*",
        "*/5.?",
        "*",
    ] {
        assert!(glob_matches(glob, id), "{glob}");
    }
    for glob in ["7.2.1", "7.2.1.2/on", "*/5", "?.1*", ""] {
        assert!(!glob_matches(glob, id), "{glob}");
    }
}

#[test]
fn an_empty_folder_is_told_apart_from_a_missing_one() {
    let missing = Catalogue::load_dir("no/such/folder").unwrap_err();
    assert!(matches!(missing, Error::Unreadable { .. }));
}
