//! Our XML documents against schemas: those on the wire against their RFCs' definitions, junit.xml against its readers'.

mod junit;

use crate::command;
use crate::context::Context;
use crate::files;
use crate::job::Outcome;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Validates every sample that the wire crate writes.
pub(super) fn check(context: &Context) -> Outcome {
    match validated(context) {
        Ok((faults, count)) => Outcome::of(faults, format!("{count} XML documents valid")),
        Err(fault) => Outcome::fault(fault),
    }
}

fn validated(context: &Context) -> Result<(Vec<String>, usize), String> {
    let out = context.fresh("xml").map_err(|fault| fault.to_string())?;
    let mut samples = command::cargo(context);
    samples
        .args([
            "run",
            "--quiet",
            "--package",
            "shall-wire",
            "--example",
            "xml_samples",
            "--",
        ])
        .arg(&out);
    command::stream(&mut samples)?;
    let schemas = files::ending(&context.root.join("reference/wire/schemas"), ".xsd")?;
    let documents = files::ending(&out, ".xml")?;
    if documents.is_empty() {
        return Err("the example xml_samples wrote no document".into());
    }
    let faults: Vec<String> = documents
        .iter()
        .filter_map(|document| of_namespace(document, &schemas).err())
        .chain(junit::faults(context)?)
        .collect();
    Ok((faults, documents.len() + junit::FILES))
}

fn of_namespace(document: &Path, schemas: &[PathBuf]) -> Result<(), String> {
    let name = document.file_name().unwrap_or_default().to_string_lossy();
    let schema = schema_of(document, schemas)
        .ok_or_else(|| format!("{name}: no schema for its namespace"))?;
    validate(document, schema)
}

fn validate(document: &Path, schema: &Path) -> Result<(), String> {
    let name = document.file_name().unwrap_or_default().to_string_lossy();
    let mut command = Command::new("xmllint");
    command
        .args(["--noout", "--nonet", "--schema"])
        .arg(schema)
        .arg(document);
    let captured = command::capture(&mut command, Duration::from_secs(30))?;
    if captured.code == Some(0) {
        Ok(())
    } else {
        Err(format!("{name}: {}", captured.stderr))
    }
}

/// The schema whose target namespace is that of the document's root.
fn schema_of<'a>(document: &Path, schemas: &'a [PathBuf]) -> Option<&'a PathBuf> {
    let text = std::fs::read_to_string(document).ok()?;
    let root = text
        .split('<')
        .find(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()))?;
    let prefix = root
        .split([' ', '>', '\n', '\r'])
        .next()?
        .split_once(':')
        .map(|(prefix, _)| prefix);
    let key = prefix.map_or_else(|| "xmlns=".to_owned(), |prefix| format!("xmlns:{prefix}="));
    let namespace = attribute(root, &key)?;
    schemas.iter().find(|schema| {
        let text = std::fs::read_to_string(schema).unwrap_or_default();
        attribute(&text, "targetNamespace=") == Some(namespace)
    })
}

fn attribute<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let rest = text.split(key).nth(1)?;
    let mark = rest.chars().next()?;
    rest[1..].split(mark).next()
}
