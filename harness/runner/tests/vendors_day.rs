//! A vendor's day, as the README has it, for a server that was started by hand, and the day on which something broke.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod by_hand;
#[path = "../../../reports/tests/schema/mod.rs"]
#[allow(dead_code, reason = "the schemas' own test needs more of it")]
mod schema;

use std::fs;
use std::process::Command;

use by_hand::{does, folder, hurried, ready, run, server, shall};
use ports::free;
use serde_json::Value;

#[test]
fn a_regression_is_one_clause_and_the_messages_that_lost_it() {
    let folder = folder("regression");
    let (core, xdms) = (free(), free());
    let (_server, sip) = server(&folder, core, xdms);
    let mut proxy = Command::new(run::SHALL);
    proxy.args(["proxy", "--listen", "127.0.0.1:0", "--mutation"]);
    proxy.args(["180 without Server", "--subject", &sip.to_string()]);
    let (_proxy, behind) = ready(&mut proxy);
    for (name, sip) in [("before", sip), ("after", behind)] {
        let init = format!("init --sip {sip} --core {core} --xdms {xdms} --out {name}.yaml");
        does(&folder, &init, 0);
        hurried(&folder.join(format!("{name}.yaml")));
    }
    // The other clauses of the subclause, those of the 200 among them, stand; one would wait for a session to expire.
    let clauses = "--clause 7.2.1.1/server-sends-* --exclude 7.2.1.1/server-sends-200/3.2";
    let run = |name: &str| format!("run --profile {name}.yaml {clauses} --out {name}");
    does(&folder, &run("before"), 0);
    does(&folder, &run("after"), 1);

    let said = does(&folder, "compare before after", 1);
    assert!(said.contains("1 worse, 0 gone, 0 new, 0 better"), "{said}");
    assert!(said.contains("7.2.1.1/server-sends-1xx/2"), "{said}");
    let changed = said
        .lines()
        .filter(|line| line.trim_start().starts_with("@@"));
    let changed: Vec<&str> = changed.collect();
    assert!(!changed.is_empty(), "{said}");
    for place in changed {
        assert!(place.contains("subject -> "), "{place}");
        assert!(place.contains("SIP/2.0 180 Ringing"), "{place}");
    }
    assert!(said.contains("-Server: IM-serv/OMA"), "{said}");
}

#[test]
fn a_profile_is_written_probed_run_certified_and_verified() {
    let folder = folder("whole");
    let (core, xdms) = (free(), free());
    let (_server, sip) = server(&folder, core, xdms);
    let init = format!("init --sip {sip} --core {core} --xdms {xdms} --out my-server.yaml");
    assert!(does(&folder, &init, 0).contains("my-server.yaml"));
    let path = folder.join("my-server.yaml");
    hurried(&path);

    let said = does(&folder, "probe --profile my-server.yaml", 0);
    for words in [
        "udp              answers",
        "tcp              answers",
        "Allow ",
        "claims.uri_list_message",
    ] {
        assert!(said.contains(words), "{words:?} in: {said}");
    }
    let run = "run --profile my-server.yaml --clause 7.2.1.1/server-sends-1xx/*";
    assert!(does(&folder, run, 0).contains("pass"));
    does(&folder, "certify out --new-key my.key", 0);
    let said = does(&folder, "verify bundle.zip --key my.key.pub", 0);
    assert!(said.contains("all the same"), "{said}");

    // A claim that the wire contradicts.
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("claims: {}", "claims: { uri_list_message: false }"),
    )
    .unwrap();
    let output = shall(&folder, "probe --profile my-server.yaml --format json");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let json = String::from_utf8(output.stdout).unwrap();
    schema::check(reports::PROBE_SCHEMA, &json);
    let probe: Value = serde_json::from_str(&json).unwrap();
    let claims = probe["claims"].as_array().unwrap();
    let claim = claims
        .iter()
        .find(|c| c["key"] == "claims.uri_list_message")
        .unwrap();
    assert_eq!(
        (&claim["profile"], &claim["wire"]),
        (&false.into(), &"yes".into())
    );
    assert!(
        claim["shown"]["message"]
            .as_str()
            .unwrap()
            .contains("SIP/2.0"),
        "{claim}"
    );
}

#[test]
fn nobody_there_is_no_answer() {
    let folder = folder("nobody");
    let init = format!("init --sip {} --core {} --xdms {}", free(), free(), free());
    does(&folder, &init, 0);
    let said = does(&folder, "probe --profile profile.yaml", 3);
    assert!(said.contains("does not answer SIP"), "{said}");
    // What is there is not written over unasked.
    let said = does(&folder, "init", 2);
    assert!(said.contains("--force"), "{said}");
    does(&folder, "init --force --kind core", 0);
    let said = does(&folder, "init --out x.yaml --without b2ba", 2);
    assert!(said.contains("there is no claim `b2ba`"), "{said}");
    assert!(!folder.join("x.yaml").exists());
}
