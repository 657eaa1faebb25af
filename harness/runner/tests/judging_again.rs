//! `shall judge`: the same verdicts from the archive, others when the archive says otherwise, and a place for what it cannot read.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod binary;
#[path = "../../../reports/tests/schema/mod.rs"]
#[allow(dead_code, reason = "the schemas' own test needs more of it")]
mod schema;

use std::fs;
use std::path::PathBuf;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use binary::{folder, shall};
use serde_json::Value;

/// A run of one subclause, over both transports.
fn archived(name: &str) -> PathBuf {
    let folder = folder(&format!("judge-{name}"));
    let run = shall(&folder, &["run", "--clause", "7.2.1.1/*"]);
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    folder
}

/// The line of a run file in which the subject says X-Serv for Server.
fn broken(line: &str) -> String {
    let mut record: Value = serde_json::from_str(line).unwrap();
    if record["kind"] == "frame" && record["direction"] == "received" {
        let bytes = BASE64_STANDARD
            .decode(record["bytes"].as_str().unwrap())
            .unwrap();
        let text = String::from_utf8(bytes)
            .unwrap()
            .replace("\r\nServer: ", "\r\nX-Serv: ");
        record["bytes"] = BASE64_STANDARD.encode(text).into();
    }
    record.to_string() + "\n"
}

#[test]
fn an_archived_run_is_judged_the_same() {
    let folder = archived("same");
    let again = shall(&folder, &["judge", "out"]);
    assert_eq!(again.status.code(), Some(0), "{again:?}");
    assert!(again.stderr.is_empty(), "{again:?}");
    let files = [
        "summary.json",
        "run.jsonl",
        "junit.xml",
        "summary.md",
        "report.html",
    ];
    for file in files {
        let read = |path: &str| fs::read_to_string(folder.join(path).join(file)).unwrap();
        assert!(read("out") == read("out/judged"), "{file}");
    }
}

#[test]
fn an_archive_that_says_otherwise_is_judged_otherwise() {
    let folder = archived("otherwise");
    let path = folder.join("out/run.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.lines().map(broken).collect::<String>()).unwrap();
    let again = shall(&folder, &["judge", "out"]);
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    let changes = String::from_utf8(again.stderr).unwrap();
    let change = "7.2.1.1/server-sends-1xx/2: was pass, is fail";
    assert!(changes.contains(change), "{changes}");
}

#[test]
fn two_runs_compared_name_what_was_lost_and_show_the_message() {
    let folder = archived("compared");
    shall(&folder, &["judge", "out", "--out", "same"]);
    let equal = shall(&folder, &["compare", "out", "same"]);
    assert_eq!(equal.status.code(), Some(0), "{equal:?}");
    let said = String::from_utf8(equal.stdout).unwrap();
    assert_eq!(
        said,
        "0 worse, 0 gone, 0 new, 0 better; messages of 0 scenarios differ\n"
    );

    let path = folder.join("out/run.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.lines().map(broken).collect::<String>()).unwrap();
    shall(&folder, &["judge", "out", "--out", "broken"]);
    let worse = shall(&folder, &["compare", "same", "broken", "--format", "json"]);
    assert_eq!(worse.status.code(), Some(1), "{worse:?}");
    let json = String::from_utf8(worse.stdout).unwrap();
    schema::check(reports::COMPARE_SCHEMA, &json);
    let comparison: Value = serde_json::from_str(&json).unwrap();
    let lost = |turned: &Value| turned["clause"].as_str().unwrap().to_owned();
    let lost: Vec<String> = comparison["worse"]
        .as_array()
        .unwrap()
        .iter()
        .map(lost)
        .collect();
    let server = ["7.2.1.1/server-sends-1xx/2", "7.2.1.1/server-sends-200/6"];
    assert_eq!(lost, server);
    let shown = comparison["messages"][0]["difference"].as_str().unwrap();
    assert!(
        shown.contains("-Server: ") && shown.contains("+X-Serv: "),
        "{shown}"
    );
    let places = shown.lines().filter(|line| line.starts_with("@@"));
    for place in places {
        assert!(place.contains("subject -> "), "{place}");
        assert!(place.contains("SIP/2.0"), "{place}");
    }
}

#[test]
fn what_is_no_archive_has_a_place_and_a_remedy() {
    let folder = folder("judge-nothing");
    let refused = |text: &str, words: &[&str]| {
        fs::write(folder.join("run.jsonl"), text).unwrap();
        let output = shall(&folder, &["judge", "run.jsonl"]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        for word in words {
            assert!(error.contains(word), "{word:?} in: {error}");
        }
    };
    refused("", &["run.jsonl: line 1", "the file is empty", "help: "]);
    refused("{\"kind\":\"frame\"}\n", &["line 1, column", "help: "]);
    let head = r#"{"kind":"run","schema":"shall.run/1","subject":"s","edition":"e","transports":["udp"],"started_ms":0}"#;
    refused(&format!("{head}\nnonsense\n"), &["line 2, column 2"]);
    refused(&format!("{head}\n"), &["no profile", "help: "]);
    let output = shall(&folder, &["judge", "nowhere"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}
