//! Runs the `shall` binary and reads what it wrote.

use crate::command::{self, Captured};
use crate::context::Context;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The part of `summary.json` that the checks read.
#[derive(Deserialize)]
pub(super) struct Summary {
    /// Null where a run cannot tell, as it cannot tell what is unproven.
    pub(super) totals: BTreeMap<String, Option<u64>>,
    pub(super) clauses: Vec<Clause>,
    /// Rules of RFCs, judged and reported apart.
    #[serde(default)]
    pub(super) supporting: Vec<Clause>,
}

/// One clause of a summary.
#[derive(Deserialize)]
pub(super) struct Clause {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) verdict: Option<String>,
    #[serde(default)]
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) evidence: Vec<serde_json::Value>,
}

impl Summary {
    /// Reads `summary.json` of a run's folder.
    pub(super) fn read(folder: &Path) -> Result<Summary, String> {
        let path = folder.join("summary.json");
        let text = std::fs::read_to_string(&path)
            .map_err(|fault| format!("{}: {fault}", path.display()))?;
        serde_json::from_str(&text).map_err(|fault| format!("{}: {fault}", path.display()))
    }

    /// Clauses and supporting rules.
    pub(super) fn all(&self) -> impl Iterator<Item = &Clause> {
        self.clauses.iter().chain(&self.supporting)
    }

    /// A total by its name; what is not listed is 0.
    pub(super) fn total(&self, name: &str) -> u64 {
        self.totals.get(name).copied().flatten().unwrap_or_default()
    }

    /// Verdict, or status where there is none, by clause.
    pub(super) fn verdicts(&self) -> BTreeMap<String, String> {
        let word = |clause: &Clause| {
            clause
                .verdict
                .clone()
                .unwrap_or_else(|| clause.status.clone())
        };
        self.all()
            .map(|clause| (clause.id.clone(), word(clause)))
            .collect()
    }
}

/// Builds the `shall` binary.
pub(super) fn build(context: &Context) -> Result<PathBuf, String> {
    command::build(context, "shall-runner", "shall")
}

/// A `shall run` that writes to a folder; captured, bounded.
pub(super) fn run(
    context: &Context,
    shall: &Path,
    out: &Path,
    words: &[&str],
) -> Result<Captured, String> {
    let mut command = Command::new(shall);
    command
        .current_dir(&context.root)
        .arg("run")
        .arg("--out")
        .arg(out)
        .args(words);
    command::capture(&mut command, LIMIT)
}

/// A fault when a captured program did not end as demanded.
pub(super) fn demand(captured: &Captured, code: i32, what: &str) -> Option<String> {
    if captured.code == Some(code) {
        return None;
    }
    let end = match (captured.timed_out, captured.code) {
        (true, _) => "did not end in time".to_owned(),
        (false, Some(found)) => format!("ended with {found}, not {code}"),
        (false, None) => "was ended by a signal".to_owned(),
    };
    let said = command::tail(&format!("{}\n{}", captured.stdout, captured.stderr), 40);
    Some(format!("{what} {end}\n{said}"))
}

/// Time of one run; the whole catalogue needs about two seconds.
const LIMIT: Duration = Duration::from_secs(120);
