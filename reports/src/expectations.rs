//! The baseline: failures that are known and waived for a while, and never rot.

use crate::{Date, Summary};
use clauses::nearest::nearest;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use trace::Verdict;

/// What a user expects not to pass.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectations {
    pub expectations: Vec<Expectation>,
}

/// One clause that is expected not to pass.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Id of the clause.
    pub clause: String,
    pub expect: Expect,
    pub reason: String,
    /// Last day on which the entry counts.
    pub expires: Date,
}

/// What an entry covers. Errors are never covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// The clause fails.
    Fail,
    /// The clause fails or stays inconclusive.
    Waived,
}

/// Why an expectations file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}: cannot be read: {source}\n  help: give an existing file to --expect", path.display())]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{file}:{line}:{column}: {problem}\n  help: {remedy}")]
    Malformed {
        file: String,
        line: usize,
        column: usize,
        problem: String,
        remedy: String,
    },
}

impl Expectations {
    /// Reads a file of entries with `clause`, `expect`, `reason` and `expires`.
    pub fn load(path: impl AsRef<Path>) -> Result<Expectations, Error> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| Error::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Expectations::parse(&path.display().to_string(), &text)
    }

    /// Reads YAML text; `file` stands in errors.
    pub fn parse(file: &str, text: &str) -> Result<Expectations, Error> {
        serde_yaml::from_str(text).map_err(|error| malformed(file, &error))
    }

    /// Marks the outcomes that are expected, and lists every entry that is stale:
    /// expired, of an unknown clause, or of a clause that no longer fails.
    /// A clause outside the selection of the run says nothing about its entry.
    pub fn apply(&self, summary: &mut Summary, today: Date) {
        for entry in &self.expectations {
            let Expectation {
                clause: id,
                reason,
                expires,
                ..
            } = entry;
            if *expires < today {
                summary
                    .stale
                    .push(format!("{id}: expired on {expires}: {reason}"));
                continue;
            }
            let clauses = summary.clauses.iter_mut().chain(&mut summary.supporting);
            let Some(clause) = clauses.into_iter().find(|clause| clause.id == *id) else {
                if !summary.known.contains(id) {
                    let meant = nearest(id, summary.known.iter().map(String::as_str));
                    let hint = meant
                        .map(|meant| format!("; did you mean {meant}?"))
                        .unwrap_or_default();
                    summary.stale.push(format!("{id}: no such clause{hint}"));
                }
                continue;
            };
            match (clause.verdict, entry.expect) {
                (Some(Verdict::Fail), _) | (Some(Verdict::Inconclusive), Expect::Waived) => {
                    clause.expected = Some(format!("{reason} (until {expires})"));
                }
                (Some(Verdict::Inconclusive | Verdict::Error), _) => {}
                (Some(verdict), _) => {
                    let word = verdict.word();
                    summary
                        .stale
                        .push(format!("{id}: no longer fails ({word}); remove the entry"));
                }
                (None, _) => {
                    let status = clause.status;
                    summary
                        .stale
                        .push(format!("{id}: is {status}; remove the entry"));
                }
            }
        }
    }
}

fn malformed(file: &str, error: &serde_yaml::Error) -> Error {
    let message = error.to_string();
    let (line, column) = error
        .location()
        .map_or((1, 1), |at| (at.line(), at.column()));
    let mut quoted = message.split('`').skip(1).step_by(2);
    let meant = quoted.next().and_then(|word| nearest(word, quoted));
    let remedy = match meant {
        Some(meant) if message.contains("unknown") => format!("did you mean `{meant}`?"),
        _ => "each entry needs clause, expect (fail or waived), reason and expires (2027-01-31)"
            .to_owned(),
    };
    let problem = message
        .split(" at line ")
        .next()
        .unwrap_or(&message)
        .to_owned();
    Error::Malformed {
        file: file.to_owned(),
        line,
        column,
        problem,
        remedy,
    }
}
