//! Licences and sources of all packages, by `cargo metadata`: the check that needs no other tool.

use crate::command;
use crate::context::Context;
use serde::Deserialize;
use std::time::Duration;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

/// Faults, and how many packages were looked at.
pub(super) fn check(context: &Context) -> Result<(Vec<String>, usize), String> {
    let rules = std::fs::read_to_string(context.root.join("deny.toml"))
        .map_err(|fault| format!("deny.toml: {fault}"))?;
    let allowed = listed(&rules, "allow = [");
    let clarified: Vec<&str> = rules
        .lines()
        .filter_map(|line| quoted(line.strip_prefix("crate = ")?))
        .collect();
    let mut command = command::cargo(context);
    command.args(["metadata", "--format-version", "1", "--locked"]);
    let captured = command::capture(&mut command, Duration::from_secs(120))?;
    let metadata: Metadata = serde_json::from_str(&captured.stdout)
        .map_err(|fault| format!("cargo metadata: {fault}\n{}", captured.stderr))?;
    let mut faults = Vec::new();
    for package in &metadata.packages {
        let name = format!("{} {}", package.name, package.version);
        match &package.license {
            None if clarified.contains(&package.name.as_str()) => {}
            None => faults.push(format!("{name}: names no licence")),
            Some(licence) if is_allowed(licence, &allowed) => {}
            Some(licence) => {
                faults.push(format!("{name}: `{licence}` is not allowed by deny.toml"))
            }
        }
        let foreign = package
            .source
            .as_deref()
            .filter(|source| !source.ends_with(REGISTRY));
        if let Some(source) = foreign {
            faults.push(format!("{name}: comes from {source}"));
        }
    }
    Ok((faults, metadata.packages.len()))
}

/// The quoted words of one list of the file.
fn listed<'a>(rules: &'a str, opener: &str) -> Vec<&'a str> {
    let list = rules
        .split(&format!("\n{opener}"))
        .nth(1)
        .and_then(|rest| rest.split("\n]").next());
    list.unwrap_or_default()
        .lines()
        .filter_map(quoted)
        .collect()
}

fn quoted(text: &str) -> Option<&str> {
    text.split('"').nth(1)
}

/// An SPDX expression without nested parentheses other than `(A OR B) AND C`; `/` is the old OR.
fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    let conjunction = |text: &str| text.split(" AND ").all(|part| alternatives(part, allowed));
    if expression.contains('(') {
        conjunction(expression)
    } else {
        expression.split(" OR ").any(conjunction) || alternatives(expression, allowed)
    }
}

fn alternatives(part: &str, allowed: &[&str]) -> bool {
    let part = part
        .trim()
        .trim_start_matches('(')
        .trim_end_matches(')')
        .replace('/', " OR ");
    part.split(" OR ")
        .any(|name| allowed.contains(&name.trim()))
}

const REGISTRY: &str = "github.com/rust-lang/crates.io-index";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_weighed() {
        let allowed = ["MIT", "Unicode-3.0"];
        assert!(is_allowed("MIT/Apache-2.0", &allowed));
        assert!(is_allowed("(MIT OR Apache-2.0) AND Unicode-3.0", &allowed));
        assert!(is_allowed(
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
            &allowed
        ));
        assert!(!is_allowed("MIT AND GPL-3.0", &allowed));
        assert!(!is_allowed("GPL-3.0", &allowed));
    }

    #[test]
    fn the_list_is_read_with_its_comments() {
        assert_eq!(
            listed(
                "a\nallow = [\n  \"MIT\", # short\n  \"ISC\",\n]\n",
                "allow = ["
            ),
            ["MIT", "ISC"]
        );
    }
}
