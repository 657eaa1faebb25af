//! `--edition`: a superseded clause is judged again under its own id, later clauses are not there, and stored runs keep
//! their edition.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod binary;
#[path = "../../../reports/tests/schema/mod.rs"]
#[allow(dead_code, reason = "the schemas' own test needs more of it")]
mod schema;

use std::fs;
use std::path::Path;
use std::process::Output;

use binary::{folder, shall};
use serde_json::Value;

#[track_caller]
fn json(output: &Output, code: i32) -> Value {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Id, status and verdict of what a run says of the clauses with this beginning.
fn outcomes(folder: &Path, run: &str, beginning: &str) -> Vec<(String, String, String)> {
    let text = fs::read_to_string(folder.join(run).join("summary.json")).unwrap();
    let summary: Value = serde_json::from_str(&text).unwrap();
    let word = |clause: &Value, key: &str| clause[key].as_str().unwrap_or("none").to_owned();
    let all = summary["clauses"].as_array().unwrap().iter();
    all.map(|c| (word(c, "id"), word(c, "status"), word(c, "verdict")))
        .filter(|(id, ..)| id.starts_with(beginning))
        .collect()
}

/// Both wordings of the rules for a client's requests, over one transport.
fn run(folder: &Path, out: &str, more: &[&str]) -> Output {
    let clauses = ["--clause", "001:6.2.1.1", "--clause", "003:7.1.1.1"];
    let words = [
        &["run", "--transport", "udp", "--out", out],
        &clauses[..],
        more,
    ]
    .concat();
    shall(folder, &words)
}

#[test]
fn a_superseded_clause_is_judged_under_its_own_id_and_later_ones_are_not_there() {
    let folder = folder("editions");
    let before = ["--edition", "000..001", "--format", "json"];
    let summary = json(&run(&folder, "before", &before), 0);
    assert_eq!(summary["edition"], "CR-000 to CR-001");
    assert_eq!(outcomes(&folder, "before", "003:"), []);
    let told = outcomes(&folder, "before", "001:6.2.1.1/");
    let passed = |(_, status, verdict): &(String, String, String)| {
        (status.as_str(), verdict.as_str()) == ("judged", "pass")
    };
    assert!(told.len() == 10 && told.iter().all(passed), "{told:?}");
    let text = fs::read_to_string(folder.join("before/run.jsonl")).unwrap();
    // All that this scenario judges came later.
    assert!(!text.contains("A session of a group"));
    assert!(text.contains("The first request of a call"));
    text.lines()
        .for_each(|line| schema::check(reports::RUN_SCHEMA, line));

    // The same checks count for the successors in the whole edition.
    let summary = json(&run(&folder, "after", &["--format", "json"]), 0);
    assert_eq!(summary["edition"], "CR-000 to CR-004");
    assert_eq!(outcomes(&folder, "after", "001:6.2.1.1/"), []);
    assert_eq!(outcomes(&folder, "after", "003:").len(), 12);
    let other = ["compare", "before", "after", "--format", "json"];
    let compared = shall(&folder, &other);
    schema::check(
        reports::COMPARE_SCHEMA,
        std::str::from_utf8(&compared.stdout).unwrap(),
    );
    // Neither worse nor gone: another edition asks for other clauses.
    let compared = json(&compared, 0);
    assert_eq!(compared["elsewhere"].as_array().unwrap().len(), 22);
    let first = &compared["elsewhere"][0];
    assert_eq!(first["clause"], "001:6.2.1.1/client-sends/stem");
    assert_eq!(
        first["reason"],
        "superseded by 003:7.1.1.1/client-sends/stem in the edition CR-000 to CR-004"
    );

    let beside = shall(&folder, &["report", "before", "after", "--format", "json"]);
    let beside = json(&beside, 0);
    assert_eq!(beside["alone"].as_array().unwrap().len(), 22);
    assert_eq!(beside["agreed"].as_array().unwrap().len(), 0, "{beside}");

    // The run keeps its edition, whoever looks at it.
    for again in [
        &["judge", "before", "--out", "again"][..],
        &["report", "before", "--out", "again"],
    ] {
        assert_eq!(shall(&folder, again).status.code(), Some(0), "{again:?}");
        assert_eq!(
            outcomes(&folder, "again", ""),
            outcomes(&folder, "before", "")
        );
    }
    for words in [&["certify", "before"][..], &["verify", "bundle.zip"]] {
        let done = shall(&folder, words);
        assert_eq!(done.status.code(), Some(0), "{done:?}");
    }
}

#[test]
fn what_another_duty_superseded_is_never_a_pass() {
    let folder = folder("editions-unjudged");
    let words = [
        "clauses",
        "001:6.2.1.1",
        "--edition",
        "000..001",
        "--format",
        "json",
    ];
    let coverage = json(&shall(&folder, &words), 0);
    let all = coverage["clauses"].as_array().unwrap();
    let unjudged = all.iter().filter(|clause| clause["status"] == "excluded");
    let said: Vec<(&str, &str)> = unjudged
        .map(|c| (c["id"].as_str().unwrap(), c["reason"].as_str().unwrap()))
        .collect();
    let ids: Vec<&str> = said.iter().map(|(id, _)| *id).collect();
    let expected = ["client-sends/1", "client-sends/7", "ims/u1"];
    assert_eq!(ids, expected.map(|step| format!("001:6.2.1.1/{step}")));
    assert!(
        said[0]
            .1
            .contains("its successor 003:7.1.1.1/client-sends/1"),
        "{said:?}"
    );
    assert!(said[2].1.contains("names no IMS profile"), "{said:?}");
    assert_eq!(coverage["uncovered"], Value::Array(Vec::new()));
}

#[test]
fn sabotage_breaks_the_old_clause_too() {
    let folder = folder("editions-proved");
    let words = [
        "prove",
        "--edition",
        "001",
        "--clause",
        "001:6.2.1.1/client-sends/*",
    ];
    let proved = json(
        &shall(&folder, &[&words[..], &["--format", "json"]].concat()),
        0,
    );
    let kills = proved["kills"].as_array().unwrap().iter();
    let killed: Vec<&str> = kills
        .filter(|kill| kill["killed"] == true)
        .map(|kill| kill["clause"].as_str().unwrap())
        .collect();
    assert!(killed.contains(&"001:6.2.1.1/client-sends/2"), "{killed:?}");
    assert_eq!(proved["totals"]["judged"], 7);
    assert_eq!(proved["totals"]["killed"], 7);
}

#[test]
fn an_edition_that_nobody_has_is_refused() {
    let folder = folder("editions-refused");
    let refused = |output: Output, code: i32, words: &str| {
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.code() == Some(code) && said.contains(words),
            "{said}"
        );
    };
    let known = "they are 000, 001, 002, 003, 004";
    refused(shall(&folder, &["run", "--edition", "007"]), 2, known);
    refused(shall(&folder, &["clauses", "--edition", "0"]), 2, known);
    let later = ["run", "--edition", "001", "--clause", "003:7.1.1.1"];
    refused(shall(&folder, &later), 3, "with --edition");

    // Shards keep their edition, and do not mix with those of another.
    for (part, edition) in [
        ("1/2", "000..001"),
        ("2/2", "000..001"),
        ("2/2", "000,001,003"),
    ] {
        let out = format!("{}-{}", &part[..1], edition.len());
        let more = ["--edition", edition, "--shard", part];
        assert_eq!(run(&folder, &out, &more).status.code(), Some(0));
    }
    refused(
        shall(&folder, &["report", "1-8", "2-11"]),
        2,
        "the editions of the catalogue differ",
    );
    let whole = shall(&folder, &["report", "1-8", "2-8", "--format", "json"]);
    assert_eq!(json(&whole, 0)["edition"], "CR-000 to CR-001");

    // A run of an edition that the catalogue no longer has.
    let path = folder.join("1-8/run.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let text = text.replacen(
        "\"change_requests\":[\"000\"",
        "\"change_requests\":[\"777\"",
        1,
    );
    fs::write(&path, text).unwrap();
    refused(
        shall(&folder, &["judge", "1-8"]),
        2,
        "has the change request 777",
    );
}
