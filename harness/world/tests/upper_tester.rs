//! The schema of the upper tester's protocol and the types that speak it say the same, form by form.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use world::{Command, Told};

const SCHEMA: &str = include_str!("../schema/upper-tester.schema.json");

fn schema() -> Value {
    serde_json::from_str(SCHEMA).expect("the schema is JSON")
}

/// The forms of commands or events, each with its name.
fn forms(of: &str, key: &str) -> Vec<(String, Value)> {
    let schema = schema();
    let forms = schema["$defs"][of]["oneOf"].as_array().expect("forms");
    let named = |form: &Value| {
        let name = form["properties"][key]["const"].as_str();
        (name.expect("a name").to_owned(), form.clone())
    };
    forms.iter().map(named).collect()
}

/// Whether a value is what a schema of ours says.
fn fits(schema: &Value, value: &Value) -> bool {
    if let Some(any) = schema["anyOf"].as_array() {
        return any.iter().any(|one| fits(one, value));
    }
    if let Some(wanted) = schema.get("const") {
        return wanted == value;
    }
    match (schema["type"].as_str(), value) {
        (Some("string"), Value::String(_))
        | (Some("boolean"), Value::Bool(_))
        | (Some("null"), Value::Null) => true,
        (Some("integer"), Value::Number(number)) => {
            let bound = |key: &str| schema[key].as_i64();
            let number = number.as_i64();
            number >= bound("minimum") && bound("maximum").is_none_or(|most| number <= Some(most))
        }
        (Some("array"), Value::Array(items)) => {
            items.iter().all(|item| fits(&schema["items"], item))
        }
        (Some("object"), Value::Object(fields)) => {
            let known = &schema["properties"];
            let required = schema["required"].as_array().into_iter().flatten();
            let mut required = required.filter_map(Value::as_str);
            required.all(|key| fields.contains_key(key))
                && fields
                    .iter()
                    .all(|(key, field)| known.get(key).is_some_and(|form| fits(form, field)))
        }
        _ => false,
    }
}

/// Something that a schema allows; objects with all that they may have, or with what they must have.
fn sample(schema: &Value, whole: bool) -> Value {
    if let Some(any) = schema["anyOf"].as_array() {
        return sample(&any[usize::from(!whole)], whole);
    }
    if let Some(only) = schema.get("const") {
        return only.clone();
    }
    match schema["type"].as_str() {
        Some("string") => json!("sip:bob@im.example"),
        Some("boolean") => json!(true),
        Some("integer") => json!(486),
        Some("array") => json!([sample(&schema["items"], whole)]),
        Some("object") => {
            let required = schema["required"].as_array().expect("a list");
            let properties = schema["properties"].as_object().expect("properties");
            let wanted = properties
                .iter()
                .filter(|(key, _)| whole || required.contains(&json!(key)));
            let fields = wanted.map(|(key, form)| (key.clone(), sample(form, whole)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        _ => Value::Null,
    }
}

/// Every line must fit the form of its name, and every form must have a line.
fn agree(of: &str, key: &str, lines: &[String]) {
    let forms = forms(of, key);
    let mut spoken = BTreeSet::new();
    for line in lines {
        let value: Value = serde_json::from_str(line).expect("a line is JSON");
        let name = value[key].as_str().expect("a name");
        let form = forms.iter().find(|(known, _)| known == name);
        let (_, form) = form.unwrap_or_else(|| panic!("no form for {line}"));
        assert!(fits(form, &value), "{line} does not fit {form:#}");
        spoken.insert(name.to_owned());
    }
    let known: BTreeSet<String> = forms.into_iter().map(|(name, _)| name).collect();
    assert_eq!(spoken, known);
}

#[test]
fn every_command_of_the_schema_is_read_and_written_again() {
    let mut lines = Vec::new();
    for (name, form) in forms("command", "do") {
        for whole in [true, false] {
            let line = sample(&form, whole).to_string();
            let read = Command::read(&line);
            let read = read.unwrap_or_else(|error| panic!("{name}: {line}: {error}"));
            assert_eq!(Command::read(&read.line()).ok().as_ref(), Some(&read));
            lines.push(read.line());
        }
    }
    agree("command", "do", &lines);
}

#[test]
fn every_event_of_the_schema_is_read_and_written_again() {
    let mut lines = Vec::new();
    for (name, form) in forms("event", "event") {
        for whole in [true, false] {
            let line = sample(&form, whole).to_string();
            let read = Told::read(&line);
            let read = read.unwrap_or_else(|error| panic!("{name}: {line}: {error}"));
            assert_eq!(Told::read(&read.line()).ok().as_ref(), Some(&read));
            lines.push(read.line());
        }
    }
    agree("event", "event", &lines);
}

/// The names that serde expects, as its error lists them.
fn expected(error: &str) -> BTreeSet<String> {
    let (_, list) = error.split_once("expected one of ").expect("a list");
    let list = list.split(" at line ").next().unwrap_or_default();
    list.split(", ")
        .map(|name| name.trim_matches('`').to_owned())
        .collect()
}

#[test]
fn no_command_or_event_is_missing_from_the_schema() {
    let names = |of: &str, key: &str| {
        let names = forms(of, key).into_iter().map(|(name, _)| name);
        names.collect::<BTreeSet<_>>()
    };
    let command = Command::read(r#"{"do":"?"}"#).expect_err("no command");
    assert_eq!(expected(&command.to_string()), names("command", "do"));
    let told = Told::read(r#"{"event":"?"}"#).expect_err("no event");
    assert_eq!(expected(&told.to_string()), names("event", "event"));
}

#[test]
fn a_line_that_does_not_fit_is_found() {
    let (_, form) = forms("command", "do").remove(1);
    for wrong in [
        json!({"do": "invite"}),
        json!({"do": "invite", "call": 1}),
        json!({"do": "invite", "call": "c1", "to": [1]}),
        json!({"do": "invite", "call": "c1", "more": true}),
    ] {
        assert!(!fits(&form, &wrong), "{wrong}");
    }
}
