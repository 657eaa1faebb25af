//! One snapshot a renderer, of one run that holds every verdict; and JSON against its schema.

mod fixture;
mod schema;

use clauses::Citation;
use reports::{
    Coverage, Expectations, Kill, Kills, Summary, render_badge, render_coverage_json,
    render_coverage_text, render_junit, render_kills_json, render_kills_text, render_markdown,
    render_sarif, render_summary, summarise,
};
use schema::{check, fault};
use serde_json::Value;
use std::io;
use trace::run_file::Writer;

fn summary() -> Summary {
    let mut summary = summarise(&fixture::catalogue(), &fixture::run());
    let baseline = "expectations:\n\
        - { clause: 7.9/on-x/2, expect: fail, reason: known, expires: 2027-12-31 }\n\
        - { clause: 7.9/on-x/1, expect: fail, reason: repaired, expires: 2027-12-31 }\n";
    Expectations::parse("expect.yaml", baseline)
        .expect("the fixture is sound")
        .apply(
            &mut summary,
            "2027-01-15".parse().expect("the fixture is sound"),
        );
    kills().note(&mut summary);
    summary
}

fn kills() -> Kills {
    let kill = |clause: &str, mutation: &str, killed, also_lost: &[&str]| Kill {
        clause: clause.to_owned(),
        mutation: mutation.to_owned(),
        killed,
        also_lost: also_lost.iter().map(|id| (*id).to_owned()).collect(),
    };
    let catalogue = fixture::catalogue();
    let judged = catalogue
        .iter()
        .filter(|clause| clause.is_judged())
        .map(|clause| clause.id.as_str());
    let kills = vec![
        kill(
            "7.9/on-x/1",
            "drop Session-Expires",
            true,
            &["7.9/on-x/2", "rfc9999:1/rule"],
        ),
        kill("7.9/on-x/2", "say uas", false, &[]),
        kill("7.9/on-x/2", "say nobody", true, &[]),
        kill("7.9/on-x/3", "drop Allow", false, &[]),
    ];
    Kills::of(judged, kills)
}

fn coverage() -> Coverage {
    let citation = |clause: &str, line| Citation {
        clause: clause.to_owned(),
        file: "controlling/x.feature".to_owned(),
        line,
        feature: "X".to_owned(),
        scenario: "x is answered".to_owned(),
    };
    let citations = [
        citation("7.9/on-x/1", 7),
        citation("7.9/on-x/2", 8),
        citation("7.9/on-x/77", 9),
    ];
    Coverage::of(&fixture::catalogue(), &citations, |_| true)
}

fn text(render: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    render(&mut out).expect("the fixture is sound");
    String::from_utf8(out).expect("the fixture is sound")
}

#[test]
fn summary_json() {
    let json = text(|out| render_summary(&summary(), out));
    check(reports::SUMMARY_SCHEMA, &json);
    insta::assert_snapshot!(json);
}

#[test]
fn kills_as_json() {
    let json = text(|out| render_kills_json(&kills(), out));
    check(reports::KILLS_SCHEMA, &json);
    insta::assert_snapshot!(json);
}

#[test]
fn kills_as_text() {
    insta::assert_snapshot!(text(|out| render_kills_text(&kills(), out)));
}

#[test]
fn coverage_as_json() {
    insta::assert_snapshot!(text(|out| render_coverage_json(&coverage(), out)));
}

#[test]
fn coverage_as_text() {
    insta::assert_snapshot!(text(|out| render_coverage_text(&coverage(), out)));
}

#[test]
fn junit() {
    insta::assert_snapshot!(text(|out| render_junit(&summary(), &fixture::run(), out)));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(text(|out| render_markdown(&summary(), out)));
}

#[test]
fn badge() {
    insta::assert_snapshot!(text(|out| render_badge(&summary(), out)));
}

#[test]
fn sarif() {
    let catalogue = fixture::catalogue();
    let sarif = text(|out| render_sarif(&catalogue, &summary(), &fixture::run(), out));
    let log: Value = serde_json::from_str(&sarif).expect("it is JSON");
    let run = &log["runs"][0];
    let rules = &run["tool"]["driver"]["rules"];
    for result in run["results"].as_array().expect("results are a list") {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("a number"));
        assert_eq!(rules[index.expect("small")]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "controlling/x.feature");
        assert_eq!(place["region"]["startLine"], 7);
    }
    insta::assert_snapshot!(sarif);
}

#[test]
fn the_schema_refuses_what_it_should() {
    let json = text(|out| render_kills_json(&kills(), out));
    let root: Value = serde_json::from_str(reports::KILLS_SCHEMA).expect("the fixture is sound");
    for (good, bad) in [
        ("\"killed\": true", "\"killed\": 1"),
        ("\"mutation\"", "\"mutant\""),
        ("kills/1", "kills/2"),
    ] {
        let broken: Value =
            serde_json::from_str(&json.replacen(good, bad, 1)).expect("the fixture is sound");
        assert!(fault(&root, &root, &broken, "$").is_some(), "{bad}");
    }
}

#[test]
fn every_line_of_a_run_file_fits_its_schema() {
    let mut writer = Writer::new(Vec::new());
    for record in fixture::records() {
        writer.write(&record).expect("a buffer takes all");
    }
    let lines = String::from_utf8(writer.into_inner()).expect("JSON is text");
    assert_eq!(lines.lines().count(), 5);
    for line in lines.lines() {
        check(reports::RUN_SCHEMA, line);
    }
}
