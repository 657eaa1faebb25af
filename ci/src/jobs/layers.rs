//! Job `layers`: compares `cargo metadata` and the pure crates' sources with the import table.

mod table;

use crate::context::Context;
use crate::job::Outcome;
use crate::{command, files};
use serde::Deserialize;
use std::time::Duration;
use table::{CALLS, EXTERNAL, PURE, TABLE};

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
}

pub(super) fn check(context: &Context) -> Outcome {
    let mut faults = Vec::new();
    let packages = match packages(context) {
        Ok(packages) => packages,
        Err(fault) => return Outcome::fault(fault),
    };
    for package in &packages {
        faults.extend(imports(package));
    }
    for row in TABLE {
        if !packages
            .iter()
            .any(|package| folder(&package.name) == Some(row.0))
        {
            faults.push(format!(
                "the table names `{}`, which is no crate of the workspace",
                row.0
            ));
        }
    }
    match calls(context) {
        Ok(found) => faults.extend(found),
        Err(fault) => faults.push(fault),
    }
    Outcome::of(faults, format!("{} crates", packages.len()))
}

fn packages(context: &Context) -> Result<Vec<Package>, String> {
    let mut command = command::cargo(context);
    command.args(["metadata", "--format-version", "1", "--no-deps", "--locked"]);
    let captured = command::capture(&mut command, Duration::from_secs(60))?;
    if captured.code != Some(0) {
        return Err(format!("cargo metadata: {}", captured.stderr));
    }
    let metadata: Metadata = serde_json::from_str(&captured.stdout)
        .map_err(|fault| format!("cargo metadata: {fault}"))?;
    Ok(metadata.packages)
}

/// Imports of one crate that the table does not allow, test dependencies included.
fn imports(package: &Package) -> Vec<String> {
    let Some(name) = folder(&package.name) else {
        return vec![format!(
            "package `{}` is not called shall-<folder>",
            package.name
        )];
    };
    let Some((_, allowed)) = TABLE.iter().find(|(row, _)| *row == name) else {
        return vec![format!(
            "`{name}` has no row in ci/src/jobs/layers/table.rs"
        )];
    };
    let mut faults = Vec::new();
    for dependency in &package.dependencies {
        if let Some(imported) = folder(&dependency.name) {
            if !allowed.contains(&imported) && imported != name {
                faults.push(format!(
                    "`{name}` imports `{imported}`; it may import: {}",
                    if allowed.is_empty() {
                        "nothing of ours".to_owned()
                    } else {
                        allowed.join(", ")
                    }
                ));
            }
        } else if let Some((crate_name, users)) =
            EXTERNAL.iter().find(|(row, _)| *row == dependency.name)
            && !users.contains(&name)
        {
            faults.push(format!(
                "`{name}` depends on `{crate_name}`, which is for {} only",
                users.join(", ")
            ));
        }
    }
    faults
}

/// Calls out of a pure crate, outside its tests.
fn calls(context: &Context) -> Result<Vec<String>, String> {
    let mut faults = Vec::new();
    for name in PURE {
        for text in files::texts(context, format!("reference/{name}/src"), &["rs"])? {
            let code = text
                .content
                .split("#[cfg(test)]\nmod ")
                .next()
                .unwrap_or_default();
            let is_test = text.short.ends_with("tests.rs") || text.short.contains("/tests/");
            let lines = code
                .lines()
                .enumerate()
                .filter(|(_, line)| !is_test && !line.trim_start().starts_with("//"));
            for (index, line) in lines {
                for (call, what) in CALLS.iter().filter(|(call, _)| line.contains(call)) {
                    faults.push(format!(
                        "{}:{}: `{call}` in a pure crate; {what} belongs to net or app",
                        text.short,
                        index + 1
                    ));
                }
            }
        }
    }
    for text in files::texts(context, "reference/wire/src", &["rs"])? {
        if text.content.contains("rsip::") && !text.short.contains("rsip_bridge") {
            faults.push(format!(
                "{}: only wire/src/sip/rsip_bridge names rsip",
                text.short
            ));
        }
    }
    Ok(faults)
}

fn folder(package: &str) -> Option<&str> {
    package.strip_prefix("shall-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[&str]) -> Package {
        let dependencies = dependencies
            .iter()
            .map(|name| Dependency {
                name: (*name).to_owned(),
            })
            .collect();
        Package {
            name: name.to_owned(),
            dependencies,
        }
    }

    #[test]
    fn allows_what_the_table_allows() {
        assert!(
            imports(&package(
                "shall-roles",
                &["shall-wire", "shall-machines", "thiserror"]
            ))
            .is_empty()
        );
    }

    #[test]
    fn refuses_a_reference_crate_that_imports_the_harness() {
        assert_eq!(imports(&package("shall-roles", &["shall-trace"])).len(), 1);
    }

    #[test]
    fn refuses_sockets_in_a_pure_crate() {
        assert_eq!(imports(&package("shall-machines", &["tokio"])).len(), 1);
    }

    #[test]
    fn refuses_a_crate_without_a_row() {
        assert_eq!(imports(&package("shall-new", &[])).len(), 1);
        assert_eq!(imports(&package("other", &[])).len(), 1);
    }
}
