//! `shall change --results`: of a conformant, a sabotaged and a certified run exactly the verdicts that may flip.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod by_hand;
#[path = "../../../reports/tests/schema/mod.rs"]
#[allow(dead_code, reason = "the schemas' own test needs more of it")]
mod schema;

use std::fs;
use std::path::Path;
use std::process::Command;

use by_hand::{does, folder, hurried, ready, run, server, shall};
use clauses::fingerprint;
use ports::free;
use serde_json::Value;

/// Step, claim and sentence of a specification of ours.
const SENTENCES: [(u8, &str, &str); 5] = [
    (1, "null", "1. SHALL name its release in a Server header;"),
    (
        2,
        "null",
        "2. SHALL say in P-Asserted-Identity who is called;",
    ),
    (
        3,
        "null",
        "3. SHALL list the methods that it takes in an Allow header;",
    ),
    (
        4,
        "wakes_guests",
        "4. SHALL wake the guest with a bell of his choice; and,",
    ),
    (5, "null", "5. SHALL let the caller see what program rings."),
];

/// The first is worded anew, the second is left out, the third has another number, the fourth is worded anew and
/// nobody claims it, and the fifth is weaker.
const REQUEST: &str = r#"1 Reason for Change
Nobody could tell whose server rings.
2 Impact on Backward Compatibility
none
3 Detailed Change Proposal
9.9 Ringing
Upon sending a SIP 180 "Ringing" response the IM Server:
1. SHALL name its release and its vendor in a Server header;
2. SHALL list the methods that it takes in an Allow header;
3. SHALL wake the guest with a bell of the host's choice; and,
4. SHOULD let the caller see what program rings.
"#;

const FEATURE: &str = "Feature: Ringing
  Scenario: The guest is called
    When alice invites bob
    And bob rings
    And bob answers
    Then [9.9/on-ringing/1] the 180 to alice names the IM release in Server
    And [9.9/on-ringing/2] the 180 to alice carries P-Asserted-Identity
    And [9.9/on-ringing/3] the 180 to alice lists the methods of the server in Allow
    And [9.9/on-ringing/5] the 180 to alice names the IM release in Server
";

/// A folder of features for that specification.
fn features(folder: &Path) {
    let mut clauses = "subclause: \"9.9\"\ntitle: Ringing\nclauses:\n".to_owned();
    for (step, claim, sentence) in SENTENCES {
        let print = fingerprint::of(sentence);
        clauses.push_str(&format!(
            "  - {{ id: 9.9/on-ringing/{step}, level: SHALL, actor: im-server-controlling, area: ringing, trigger: a 180 is sent, requirement: Our words., observable: on-wire-sip, claim: {claim}, source: {{ change_request: \"900\", change: 1, line: {step} }}, fingerprint: {{ sha256: \"{}\", simhash: \"{}\" }}, status: judged }}\n",
            print.sha256, print.simhash
        ));
    }
    for (file, text) in [
        ("clauses/ringing.yaml", clauses.as_str()),
        ("ringing.feature", FEATURE),
    ] {
        let path = folder.join("features").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    fs::write(folder.join("request.txt"), REQUEST).unwrap();
}

/// Clause, verdict, what it may become and whether for sure, of one run.
fn flips<'a>(impact: &'a Value, run: &str) -> Vec<(&'a str, &'a str, &'a str, bool)> {
    let all = impact["verdicts"].as_array().unwrap().iter();
    let own = all.filter(|flip| flip["run"].as_str().unwrap().starts_with(run));
    own.map(|flip| {
        let word = |key: &str| flip[key].as_str().unwrap_or("nothing");
        let sure = flip["certain"] == true;
        (word("clause"), word("verdict"), word("becomes"), sure)
    })
    .collect()
}

/// A run of the reference server, one of the same through the sabotaging proxy, and the first certified.
fn three_runs(folder: &Path) {
    let (core, xdms) = (free(), free());
    let (_server, sip) = server(folder, core, xdms);
    let mut proxy = Command::new(run::SHALL);
    proxy.args(["proxy", "--listen", "127.0.0.1:0", "--mutation"]);
    proxy.args(["180 without Server", "--subject", &sip.to_string()]);
    let (_proxy, behind) = ready(&mut proxy);
    for (name, sip, code) in [("sound", sip, 0), ("broken", behind, 1)] {
        let init = format!("init --sip {sip} --core {core} --xdms {xdms} --out {name}.yaml");
        does(folder, &init, 0);
        let path = folder.join(format!("{name}.yaml"));
        hurried(&path);
        let text = fs::read_to_string(&path).unwrap();
        let claims = "claims: { wakes_guests: false }";
        fs::write(&path, text.replace("claims: {}", claims)).unwrap();
        let run = format!("run --features features --profile {name}.yaml --transport udp");
        does(folder, &format!("{run} --out {name}"), code);
    }
    let certify = "certify sound --features features --new-key my.key --out sound.zip";
    does(folder, certify, 0);
}

#[test]
fn exactly_the_verdicts_that_may_flip_are_named_in_every_stored_run() {
    let folder = folder("touched");
    features(&folder);
    three_runs(&folder);
    let change = "change request.txt --features features --results sound broken sound.zip";
    let output = shall(&folder, &format!("{change} --out cr --format json"));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let json = String::from_utf8(output.stdout).unwrap();
    schema::check(reports::CHANGE_SCHEMA, &json);
    let analysis: Value = serde_json::from_str(&json).unwrap();
    let impact = &analysis["impact"];
    let sound = [
        ("9.9/on-ringing/1", "pass", "fail", false),
        ("9.9/on-ringing/2", "pass", "nothing", true),
    ];
    let broken = [
        ("9.9/on-ringing/1", "fail", "pass", false),
        ("9.9/on-ringing/2", "pass", "nothing", true),
        ("9.9/on-ringing/5", "fail", "warning", true),
    ];
    assert_eq!(flips(impact, "sound/"), sound);
    assert_eq!(flips(impact, "sound.zip"), sound);
    assert_eq!(flips(impact, "broken/"), broken);

    // Each says where it was seen; the failure also, what was found there.
    for flip in impact["verdicts"].as_array().unwrap() {
        let proof = &flip["evidence"][0];
        assert_eq!(proof["scenario"], "The guest is called", "{flip}");
        let why = flip["why"].as_str().unwrap();
        let reason = flip["reason"].as_str().unwrap();
        let failed = flip["verdict"] == "fail";
        assert!(
            !why.is_empty() && reason.contains("no Server header") == failed,
            "{flip}"
        );
    }
    let certified: Vec<Option<&str>> = impact["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["certified"].as_str())
        .collect();
    assert_eq!(certified[..2], [None, None]);
    assert!(
        certified[2].unwrap().starts_with("sha256:"),
        "{certified:?}"
    );

    // The steps are known from the binary; role files only in a checkout.
    let touched = &impact["clauses"][0];
    let step = touched["steps"][0].as_str().unwrap();
    assert!(
        step.contains(".rs:") && step.ends_with(" the 180 to alice names the IM release in Server"),
        "{step}"
    );
    assert_eq!(impact["searched"], Value::Null);
    views(&folder, change);
}

/// Terminal, page and mail say it too.
fn views(folder: &Path, change: &str) {
    let said = does(folder, change, 0);
    for words in [
        "9.9/on-ringing/5  fail becomes warning",
        "certified, signed by sha256:",
        "were not looked for: run from a checkout",
    ] {
        assert!(said.contains(words), "{words:?} in: {said}");
    }
    for view in ["change.html", "change.md"] {
        let text = fs::read_to_string(folder.join("cr").join(view)).unwrap();
        assert!(
            text.contains("pass may become fail") && text.contains("9.9/on-ringing/5"),
            "{text}"
        );
    }
}

#[test]
fn what_is_no_stored_run_is_refused() {
    let folder = folder("untouched");
    features(&folder);
    fs::write(folder.join("run.zip"), REQUEST).unwrap();
    for (results, words) in [
        ("run.zip", "run.zip: refused: "),
        ("nowhere", "nowhere: "),
        ("request.txt", "request.txt: line 1"),
    ] {
        let change = format!("change request.txt --features features --results {results}");
        let said = does(&folder, &change, 2);
        assert!(said.contains(words), "{said}");
    }
    let said = does(&folder, "change request.txt --source nowhere", 2);
    assert!(said.contains("reference/roles/src"), "{said}");
}
