//! Job `snapshots`: snapshots are current, each is referenced, and `--jobs` changes nothing.

use super::stability;
use crate::context::Context;
use crate::job::Outcome;
use crate::{command, files};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub(super) fn check(context: &Context) -> Outcome {
    match checked(context) {
        Ok(outcome) => outcome,
        Err(fault) => Outcome::fault(fault),
    }
}

fn checked(context: &Context) -> Result<Outcome, String> {
    let out = context
        .fresh("snapshots")
        .map_err(|fault| fault.to_string())?;
    let list = out.join("referenced.txt");
    let mut test = command::cargo(context);
    test.args(["test", "--quiet", "--workspace", "--no-fail-fast"])
        .env("INSTA_UPDATE", "no")
        .env(REFERENCES, &list);
    let mut faults: Vec<String> = command::stream(&mut test).err().into_iter().collect();
    let all_ran = faults.is_empty();
    let stored = files::ending(&context.root, ".snap")?;
    faults.extend(
        files::ending(&context.root, ".snap.new")?
            .iter()
            .map(|path| format!("{}: a snapshot nobody has accepted", context.short(path))),
    );
    let runs = stability::runs(context, 1, &[(REFERENCES, list.as_os_str())]);
    faults.extend(runs.err().unwrap_or_default());
    let referenced = referenced(context, &list)?;
    // Tests that did not run refer to nothing.
    for path in stored.iter().filter(|_| all_ran) {
        let known = path
            .canonicalize()
            .is_ok_and(|path| referenced.contains(&path));
        if !known {
            faults.push(format!(
                "{}: no test and no scenario refers to it",
                context.short(path)
            ));
        }
    }
    Ok(Outcome::of(
        faults,
        format!("{} snapshots, --jobs 1, 4 and 32 agree", stored.len()),
    ))
}

/// The snapshot files that insta has looked at.
fn referenced(context: &Context, list: &Path) -> Result<BTreeSet<PathBuf>, String> {
    if !list.exists() {
        return Ok(BTreeSet::new());
    }
    let text =
        std::fs::read_to_string(list).map_err(|fault| format!("{}: {fault}", list.display()))?;
    Ok(text
        .lines()
        .filter_map(|line| context.root.join(line).canonicalize().ok())
        .collect())
}

/// Where insta lists what it compares, one path a line.
const REFERENCES: &str = "INSTA_SNAPSHOT_REFERENCES_FILE";
