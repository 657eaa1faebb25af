//! One snapshot a renderer, of one run that holds every verdict; and JSON against its schema.

mod fixture;

use clauses::Citation;
use reports::{
    Coverage, Expectations, Kill, Kills, Summary, render_coverage_json, render_coverage_text,
    render_junit, render_kills_json, render_kills_text, render_markdown, render_summary, summarise,
};
use serde_json::Value;
use std::io;

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
    Coverage::of(&fixture::catalogue(), &citations)
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

fn check(schema: &str, json: &str) {
    let root: Value = serde_json::from_str(schema).expect("the fixture is sound");
    let value: Value = serde_json::from_str(json).expect("the fixture is sound");
    assert_eq!(fault(&root, &root, &value, "$"), None);
}

/// First breach of the part of JSON Schema that our schemas use.
fn fault(root: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let target = root
            .pointer(name.strip_prefix('#').expect("the fixture is sound"))
            .expect("the fixture is sound");
        return fault(root, target, value, at);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fits = |wanted: &Value| wanted == kind || (wanted == "number" && kind == "integer");
    let typed = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(fits),
        wanted => fits(wanted),
    };
    if !typed
        || schema["enum"]
            .as_array()
            .is_some_and(|allowed| !allowed.contains(value))
    {
        return Some(format!("{at}: {value} does not fit"));
    }
    if let Value::Object(fields) = value {
        let missing = schema["required"].as_array().into_iter().flatten();
        if let Some(key) = missing
            .filter_map(Value::as_str)
            .find(|key| !fields.contains_key(*key))
        {
            return Some(format!("{at}: lacks {key}"));
        }
        return fields
            .iter()
            .find_map(|(key, field)| match schema["properties"].get(key) {
                Some(inner) => fault(root, inner, field, &format!("{at}.{key}")),
                None => Some(format!("{at}: unknown {key}")),
            });
    }
    value
        .as_array()
        .into_iter()
        .flatten()
        .find_map(|item| fault(root, &schema["items"], item, &format!("{at}[]")))
}
