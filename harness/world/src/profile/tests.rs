//! Each fault of a profile is named with its key, its line and what to do.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;

const SOUND: &str = r#"subject: x
adapter: remote
sip: 127.0.0.1:5060
core: 127.0.0.1:5070
domain: example.com
conference_factory: sip:conference-factory@example.com
unallocated_factory: sip:no-such-factory@example.com
barred_user: sip:mallory@example.com
users: "sip:{chair}.{n}@example.com"
max_participants: 4
session_interval: 90
time_scale: 1
"#;

fn error(good: &str, bad: &str) -> String {
    assert!(SOUND.contains(good), "{good}");
    let text = SOUND.replace(good, bad);
    let error = Profile::parse("p.yaml", &text).unwrap_err();
    error.to_string()
}

/// What stands in a sound profile, what is put there, the place of the fault and words of its message.
const FAULTS: [(&str, &str, &str, &str); 18] = [
    (
        "session_interval: 90",
        "session_interval: 89",
        ":11:1",
        "`session_interval` must be 90 or more",
    ),
    (
        "conference_factory: sip:",
        "conference_factory: tel:",
        ":6:1",
        "`conference_factory` is no SIP URI",
    ),
    (
        "no-such-factory@example.com",
        "example.com",
        ":7:1",
        "`unallocated_factory` is no SIP URI",
    ),
    (
        "sip:mallory@example.com",
        "mallory",
        ":8:1",
        "`barred_user` is no SIP URI",
    ),
    (
        "participants: 4",
        "participants: 51",
        ":10:1",
        "`max_participants` must be 2 to 50",
    ),
    (
        "time_scale: 1",
        "time_scale: 0",
        ":12:1",
        "`time_scale` must be 0.01 to 1000",
    ),
    (
        "time_scale: 1",
        "long_wait_scale: 0",
        ":12:1",
        "`long_wait_scale` must be",
    ),
    ("core: 127.0.0.1:5070\n", "", "", "`core` is missing"),
    (
        "core: 127.0.0.1:5070",
        "core: 127.0.0.1:0",
        ":4:1",
        "`core` has port 0",
    ),
    (
        "core: 127.0.0.1:5070",
        "core: 0.0.0.0:5070",
        ":4:1",
        "`core` is no address",
    ),
    ("sip: 127.0.0.1:5060\n", "", "", "`sip` is missing"),
    (
        "sip: 127.0.0.1:5060",
        "sip: localhost:5060",
        ":3:6",
        "names such as localhost are not looked up",
    ),
    ("{chair}", "alice", ":9:1", "`users` has no {chair}"),
    (
        "sip:{chair}",
        "{chair}",
        ":9:1",
        "`users` gives no SIP URIs",
    ),
    ("domain: example.com\n", "", "", "`domain` is missing"),
    ("domain", "domian", ":5:1", "unknown field `domian`"),
    (
        "time_scale: 1",
        "time_scale: quick",
        ":12:13",
        "expected a number",
    ),
    (
        "adapter: remote",
        "adapter: process",
        "",
        "`command` is missing",
    ),
];

#[test]
fn a_fault_is_named_with_its_key_and_remedy() {
    Profile::parse("p.yaml", SOUND).unwrap();
    for (good, bad, place, words) in FAULTS {
        let error = error(good, bad);
        assert!(error.starts_with(&format!("p.yaml{place}: ")), "{error}");
        assert!(error.contains(words), "{words} in: {error}");
        assert!(error.contains("\n  help: "), "{error}");
        assert!(!error.contains("at line"), "{error}");
    }
}

#[test]
fn an_unknown_claim_is_named_with_its_line_and_the_known_ones() {
    for (claims, place) in [
        ("claims:\n  # groups\n  groups: false\n", ":15:3"),
        ("claims: { groups: false }\n", ":13:11"),
    ] {
        let text = format!("{SOUND}{claims}");
        let profile = Profile::parse("p.yaml", &text).unwrap();
        profile.check_claims("p.yaml", &text, &["groups"]).unwrap();
        let error = profile.check_claims("p.yaml", &text, &["ims", "media_policy"]);
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("the claims are ims, media_policy"),
            "{error}"
        );
        let at = format!("p.yaml{place}: there is no claim `groups`");
        assert!(error.starts_with(&at), "{error}");
    }
}

#[test]
fn a_process_that_is_told_the_core_needs_none_in_the_profile() {
    let text = SOUND.replace("core: 127.0.0.1:5070\n", "");
    let text = text.replace("remote", "process\ncommand: [server, \"{core}\"]");
    Profile::parse("p.yaml", &text).unwrap();
}

#[test]
fn a_client_needs_no_address_and_no_server_keys() {
    let text = SOUND.replace(
        "adapter: remote\nsip: 127.0.0.1:5060\ncore: 127.0.0.1:5070",
        "kind: client\nadapter: process\ncommand: [client, \"{proxy}\"]",
    );
    let text = text.replace("unallocated_factory: sip:no-such-factory@example.com\nbarred_user: sip:mallory@example.com\n", "");
    Profile::parse("p.yaml", &text).unwrap();
    let remote = text.replace("process", "remote");
    let error = Profile::parse("p.yaml", &remote).unwrap_err().to_string();
    assert!(
        error.starts_with("p.yaml:3:1: `adapter` does not go"),
        "{error}"
    );
}
