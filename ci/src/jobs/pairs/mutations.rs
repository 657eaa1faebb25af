//! The mutations of the sabotage crate, by the clause each of them breaks.

use crate::context::Context;
use crate::files;
use serde_yaml::Value;

/// One mutation.
pub(super) struct Mutation {
    pub(super) file: String,
    pub(super) clause: String,
    /// Its own name, where it has one.
    pub(super) name: Option<String>,
}

/// All mutations, and what could not be read.
pub(super) fn read(context: &Context) -> (Vec<Mutation>, Vec<String>) {
    let texts = match files::texts(context, "harness/sabotage/mutations", &["yaml", "yml"]) {
        Ok(texts) => texts,
        Err(fault) => return (Vec::new(), vec![fault]),
    };
    let (mut mutations, mut faults) = (Vec::new(), Vec::new());
    for text in texts {
        match of(&text.short, &text.content) {
            Ok(found) => mutations.extend(found),
            Err(fault) => faults.push(fault),
        }
    }
    (mutations, faults)
}

/// The mutations of one file: every mapping with a key `clause`, at any depth.
pub(super) fn of(file: &str, content: &str) -> Result<Vec<Mutation>, String> {
    let value: Value = serde_yaml::from_str(content).map_err(|fault| format!("{file}: {fault}"))?;
    let mut found = Vec::new();
    collect(file, &value, &mut found);
    if found.is_empty() {
        return Err(format!("{file}: no entry has a `clause:`"));
    }
    Ok(found)
}

fn collect(file: &str, value: &Value, found: &mut Vec<Mutation>) {
    if let Some(clause) = value.get("clause").and_then(Value::as_str) {
        let name = ["name", "id", "mutation"]
            .iter()
            .find_map(|key| value.get(*key)?.as_str());
        found.push(Mutation {
            file: file.into(),
            clause: clause.into(),
            name: name.map(str::to_owned),
        });
        return;
    }
    if let Some(items) = value.as_sequence() {
        items.iter().for_each(|item| collect(file, item, found));
    } else if let Some(mapping) = value.as_mapping() {
        mapping.values().for_each(|item| collect(file, item, found));
    }
}
