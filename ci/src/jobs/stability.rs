//! Job `stability`: runs in a row, at several `--jobs`, give the same verdicts and snapshots.

use super::shall::{self, Summary};
use crate::context::Context;
use crate::files;
use crate::job::Outcome;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Values of `--jobs`.
const JOBS: [&str; 3] = ["1", "4", "32"];

/// What must not differ between two runs.
#[derive(PartialEq, Eq)]
struct Said {
    verdicts: BTreeMap<String, String>,
    snapshots: BTreeMap<String, Vec<u8>>,
}

pub(super) fn check(context: &Context) -> Outcome {
    let count = context.value("--runs").map_or(Ok(100), str::parse::<usize>);
    let Ok(count) = count else {
        return Outcome::fault(
            "--runs takes a number, for example `cargo ci stability --runs 100`",
        );
    };
    match runs(context, count, &[]) {
        Ok(told) => Outcome::Passed(told),
        Err(faults) => Outcome::Failed(faults),
    }
}

/// So many runs at each `--jobs`, compared with the first; stops after ten differences.
pub(super) fn runs(
    context: &Context,
    count: usize,
    env: &[(&str, &OsStr)],
) -> Result<String, Vec<String>> {
    let one = |fault: String| vec![fault];
    let binary = shall::build(context).map_err(one)?;
    let mut first: Option<Said> = None;
    let mut faults = Vec::new();
    for number in 1..=count {
        for jobs in JOBS {
            let name = format!("run {number} with --jobs {jobs}");
            let said = said(context, &binary, jobs, env)
                .map_err(|fault| vec![format!("{name}: {fault}")])?;
            match &first {
                None => first = Some(said),
                Some(first) => faults.extend(
                    differences(first, &said)
                        .into_iter()
                        .map(|fault| format!("{name}: {fault}")),
                ),
            }
            if faults.len() >= 10 {
                return Err(faults);
            }
        }
        if count > 1 && number % 10 == 0 {
            println!("  {number} of {count}");
        }
    }
    let (verdicts, snapshots) = first.map_or((0, 0), |first| {
        (first.verdicts.len(), first.snapshots.len())
    });
    if faults.is_empty() && verdicts > 0 && snapshots > 0 {
        Ok(format!(
            "{} runs, {verdicts} verdicts and {snapshots} snapshots each",
            count * JOBS.len()
        ))
    } else if faults.is_empty() {
        Err(one("nothing was judged, or no snapshot written".into()))
    } else {
        Err(faults)
    }
}

fn said(
    context: &Context,
    shall: &Path,
    jobs: &str,
    env: &[(&str, &OsStr)],
) -> Result<Said, String> {
    let out = context
        .fresh("stability")
        .map_err(|fault| fault.to_string())?;
    let mut command = Command::new(shall);
    command
        .current_dir(&context.root)
        .args(["run", "--jobs", jobs, "--out"])
        .arg(&out);
    command.env("INSTA_UPDATE", "no").envs(env.iter().copied());
    let captured = crate::command::capture(&mut command, Duration::from_secs(120))?;
    if let Some(fault) = shall::demand(&captured, 0, "shall run") {
        return Err(fault);
    }
    let mut snapshots = BTreeMap::new();
    for path in files::ending(&out.join("snapshots"), ".txt")? {
        let bytes = std::fs::read(&path).map_err(|fault| format!("{}: {fault}", path.display()))?;
        let name = path
            .strip_prefix(&out)
            .unwrap_or(&path)
            .display()
            .to_string();
        snapshots.insert(name, bytes);
    }
    Ok(Said {
        verdicts: Summary::read(&out)?.verdicts(),
        snapshots,
    })
}

fn differences(first: &Said, other: &Said) -> Vec<String> {
    let mut faults = Vec::new();
    for id in first.verdicts.keys().chain(
        other
            .verdicts
            .keys()
            .filter(|id| !first.verdicts.contains_key(*id)),
    ) {
        let (was, is) = (first.verdicts.get(id), other.verdicts.get(id));
        if was != is {
            faults.push(format!("{id}: {}, was {}", word(is), word(was)));
        }
    }
    for name in first.snapshots.keys().chain(
        other
            .snapshots
            .keys()
            .filter(|name| !first.snapshots.contains_key(*name)),
    ) {
        if first.snapshots.get(name) != other.snapshots.get(name) {
            let lines = |said: &Said| -> Vec<String> {
                let octets = said.snapshots.get(name).map_or(&[][..], Vec::as_slice);
                let text = String::from_utf8_lossy(octets);
                text.lines().map(str::to_owned).collect()
            };
            let (was, is) = (lines(first), lines(other));
            let same = was.iter().zip(&is).take_while(|(was, is)| was == is);
            let at = same.count();
            let line = |lines: &[String]| lines.get(at).cloned().unwrap_or_default();
            faults.push(format!(
                "{name}:{}: the snapshot differs: {:?}, was {:?}",
                at + 1,
                line(&is),
                line(&was)
            ));
        }
    }
    faults
}

fn word(verdict: Option<&String>) -> &str {
    verdict.map_or("missing", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(verdict: &str, bytes: &[u8]) -> Said {
        Said {
            verdicts: BTreeMap::from([("a/b/1".to_owned(), verdict.to_owned())]),
            snapshots: BTreeMap::from([("a.snap".to_owned(), bytes.to_vec())]),
        }
    }

    #[test]
    fn a_changed_verdict_or_snapshot_is_a_difference() {
        assert!(differences(&said("pass", b"x"), &said("pass", b"x")).is_empty());
        assert_eq!(
            differences(&said("pass", b"x"), &said("fail", b"y")).len(),
            2
        );
    }
}
