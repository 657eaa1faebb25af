//! `shall report`: one run again, two shards as one whole run, several subjects side by side, and what makes no run.

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

const CLAUSES: &str = "7.2.1.1/server-sends-*";

#[track_caller]
fn ended(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
}

#[track_caller]
fn refused(output: &Output, words: &[&str]) {
    ended(output, 2);
    let error = String::from_utf8_lossy(&output.stderr);
    for word in words {
        assert!(error.contains(word), "{word:?} in: {error}");
    }
}

fn text(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap()
}

/// What a run says of clauses and scenarios, without how long it took and which frames proved it.
fn said(folder: &Path) -> Value {
    let mut summary: Value = serde_json::from_str(&text(folder, "summary.json")).unwrap();
    summary["wall_seconds"].take();
    for list in ["clauses", "supporting"] {
        for clause in summary[list].as_array_mut().unwrap() {
            clause["evidence"].take();
        }
    }
    summary
}

/// Every case of a JUnit file by name, and the counts of its suites.
fn cases(folder: &Path) -> Vec<String> {
    let junit = text(folder, "junit.xml");
    let named = junit.lines().filter_map(|line| {
        let line = line.trim_start();
        let tag = line.starts_with("<testcase") || line.starts_with("<testsuite ");
        tag.then(|| line.split(" time=").next().unwrap().to_owned())
    });
    named.collect()
}

/// Number, place, transport and verdicts of each scenario of a run file.
fn scenarios(folder: &Path) -> Vec<String> {
    let lines = text(folder, "run.jsonl");
    let told = lines.lines().filter_map(|line| {
        let record: Value = serde_json::from_str(line).unwrap();
        let of = |names: &[&str]| -> String {
            names
                .iter()
                .map(|name| format!("{} ", record[name]))
                .collect()
        };
        match record["kind"].as_str().unwrap() {
            "scenario" => Some(of(&["id", "feature", "line", "name", "transport"])),
            "judgement" => Some(of(&["scenario_id", "clause", "line", "verdict"])),
            _ => None,
        }
    });
    told.collect()
}

#[test]
fn two_shards_merged_equal_one_whole_run() {
    let folder = folder("report-shards");
    let run = |more: &[&str]| {
        let words = [&["run", "--clause", CLAUSES], more].concat();
        ended(&shall(&folder, &words), 0);
    };
    run(&["--out", "whole"]);
    run(&["--shard", "1/2", "--out", "one"]);
    run(&["--shard", "2/2", "--out", "two"]);
    // In any order.
    let merged = shall(&folder, &["report", "two", "one", "--out", "merged"]);
    ended(&merged, 0);
    let [whole, merged] = ["whole", "merged"].map(|name| folder.join(name));
    assert_eq!(said(&merged), said(&whole));
    assert_eq!(cases(&merged), cases(&whole));
    assert_eq!(scenarios(&merged), scenarios(&whole));
    assert!(cases(&whole).len() > 10 && scenarios(&whole).len() > 10);
    for line in text(&merged, "run.jsonl")
        .lines()
        .chain(text(&folder, "one/run.jsonl").lines())
    {
        schema::check(reports::RUN_SCHEMA, line);
    }
    // The merged file is a whole run: judged again, it says the same.
    let again = shall(&folder, &["judge", "merged", "--out", "again"]);
    ended(&again, 0);
    assert!(again.stderr.is_empty(), "{again:?}");

    refused(
        &shall(&folder, &["report", "one"]),
        &["these are missing: 2", "help: "],
    );
    refused(
        &shall(&folder, &["report", "one", "one"]),
        &["both part 1 of 2"],
    );
    refused(
        &shall(&folder, &["report", "one", "whole"]),
        &["whole is a whole run"],
    );
    let other = |from: &str, to: &str| {
        fs::create_dir_all(folder.join("other")).unwrap();
        let text = text(&folder, "two/run.jsonl");
        assert!(text.contains(from), "{from}");
        fs::write(folder.join("other/run.jsonl"), text.replacen(from, to, 1)).unwrap();
        shall(&folder, &["report", "one", "other"])
    };
    let subject = other("\"subject\":\"Shall", "\"subject\":\"Another");
    refused(
        &subject,
        &["one and other", "the subjects have other names"],
    );
    refused(
        &other("CR-004", "CR-005"),
        &["the editions of the catalogue differ"],
    );
    refused(
        &other("\"of\":2", "\"of\":3"),
        &["the numbers of parts differ"],
    );
    refused(
        &other("\"scenarios\":", "\"scenarios\":1"),
        &["other clauses or tags"],
    );
}

#[test]
fn one_run_is_rendered_again_with_its_ladders() {
    let folder = folder("report-again");
    let run = shall(&folder, &["run", "--clause", CLAUSES, "--transport", "udp"]);
    ended(&run, 0);
    let again = shall(
        &folder,
        &["report", "out", "--out", "again", "--ladder", "mermaid"],
    );
    ended(&again, 0);
    for file in [
        "summary.json",
        "junit.xml",
        "results.sarif",
        "badge.svg",
        "run.jsonl",
    ] {
        let read = |path: &str| text(&folder, &format!("{path}/{file}"));
        assert!(read("out") == read("again"), "{file}");
    }
    let drawn: Vec<_> = fs::read_dir(folder.join("again/ladders/udp"))
        .unwrap()
        .collect();
    let played = scenarios(&folder.join("out"));
    let played = played
        .iter()
        .filter(|line| line.contains("features/") && line.contains("\"udp\""));
    assert_eq!(drawn.len(), played.count());
    let one = fs::read_to_string(drawn[0].as_ref().unwrap().path()).unwrap();
    assert!(
        one.contains("sequenceDiagram") && one.contains("INVITE"),
        "{one}"
    );
    let over = shall(&folder, &["report", "out", "--out", "out"]);
    refused(&over, &["holds the run that is read", "help: "]);
}

#[test]
fn several_subjects_stand_side_by_side() {
    let folder = folder("report-matrix");
    let run = shall(
        &folder,
        &[
            "run",
            "--clause",
            CLAUSES,
            "--transport",
            "udp",
            "--out",
            "ours",
        ],
    );
    ended(&run, 0);
    let theirs = text(&folder, "ours/run.jsonl");
    let theirs = theirs.replacen("\"subject\":\"Shall", "\"subject\":\"Another", 1);
    let lost = "\"clause\":\"7.2.1.1/server-sends-1xx/2\"";
    let change = |line: &str| match line.contains(lost) {
        true => line.replace("\"verdict\":\"pass\"", "\"verdict\":\"fail\"") + "\n",
        false => line.to_owned() + "\n",
    };
    fs::create_dir_all(folder.join("theirs")).unwrap();
    let theirs: String = theirs.lines().map(change).collect();
    fs::write(folder.join("theirs/run.jsonl"), theirs).unwrap();
    let both = shall(&folder, &["report", "ours", "theirs", "--format", "json"]);
    ended(&both, 0);
    let json = String::from_utf8(both.stdout).unwrap();
    schema::check(reports::MATRIX_SCHEMA, &json);
    assert_eq!(json, text(&folder, "out/report/report.json"));
    let matrix: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(matrix["differing"].as_array().unwrap().len(), 1);
    let row = &matrix["differing"][0];
    assert_eq!(row["clause"], "7.2.1.1/server-sends-1xx/2");
    assert_eq!(row["outcomes"], serde_json::json!(["pass", "fail"]));
    assert!(matrix["agreed"].as_array().unwrap().len() > 10);
    assert_eq!(matrix["alone"].as_array().unwrap().len(), 0);
    let page = text(&folder, "out/report/report.md");
    assert!(page.contains("## Where they differ: 1\n"), "{page}");
    assert!(
        page.contains("| `7.2.1.1/server-sends-1xx/2` | SHALL | pass | fail |"),
        "{page}"
    );
    let ladder = shall(&folder, &["report", "ours", "theirs", "--ladder", "svg"]);
    refused(&ladder, &["are for one run"]);
}
