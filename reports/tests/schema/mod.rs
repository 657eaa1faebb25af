//! Checks JSON against the part of JSON Schema that our schemas use.

use serde_json::Value;

pub(crate) fn check(schema: &str, json: &str) {
    let root: Value = serde_json::from_str(schema).expect("the fixture is sound");
    let value: Value = serde_json::from_str(json).expect("the fixture is sound");
    assert_eq!(fault(&root, &root, &value, "$"), None);
}

/// First breach of the part of JSON Schema that our schemas use.
pub(crate) fn fault(root: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    // Lines of a run file say by `kind` which of the forms they have.
    if schema["oneOf"].is_array() {
        let kind = value["kind"].as_str().unwrap_or_default();
        return match schema["$defs"].get(kind) {
            Some(form) => fault(root, form, value, at),
            None => Some(format!("{at}: no form is called {kind:?}")),
        };
    }
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
    // An object without properties may be any.
    if let (Value::Object(fields), Value::Object(_)) = (value, &schema["properties"]) {
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
