//! What a profile denies is neither asked for nor a failure.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod binary;

use std::fs;

use binary::{folder, shall};
use serde_json::Value;

/// A server that has the function, so that nothing but the claim makes a clause not applicable.
const PROFILE: &str = include_str!("../../../features/profiles/reference.yaml");

#[test]
fn a_server_without_groups_is_asked_for_none_and_fails_in_none() {
    let folder = folder("denied_claims");
    let profile = format!("{PROFILE}\nclaims: {{ pre_defined_groups: false }}\n");
    fs::write(folder.join("mine.yaml"), profile).unwrap();
    let run = ["run", "--profile", "mine.yaml", "--format", "json"];
    let asked = ["--clause", "7.2.1.3/on-*", "--clause", "7.2.1.12/on-*"];
    let output = shall(&folder, &[&run[..], &asked].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    for snapshot in fs::read_dir(folder.join("out/snapshots/udp")).unwrap() {
        let messages = fs::read_to_string(snapshot.unwrap().path()).unwrap();
        assert!(!messages.contains("byGroupID"), "a group was used");
    }
    let junit = fs::read_to_string(folder.join("out/junit.xml")).unwrap();
    assert!(!junit.contains("type=\"inconclusive\""), "{junit}");
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let word = |clause: &Value, key: &str| clause[key].as_str().unwrap_or("none").to_owned();
    let all = summary["clauses"].as_array().unwrap().iter();
    let verdicts: Vec<(String, String)> =
        all.map(|c| (word(c, "id"), word(c, "verdict"))).collect();
    let of = |wanted: &str| verdicts.iter().filter(|(_, v)| v == wanted).count();
    assert!(
        of("pass") > 5,
        "what needs no group is judged: {verdicts:?}"
    );
    assert!(of("not-applicable") > 30, "{verdicts:?}");
    assert_eq!(of("fail") + of("inconclusive"), 0, "{verdicts:?}");
}
