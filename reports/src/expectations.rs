//! The baseline: failures that are known and waived for a while, and never rot.

use crate::{Date, Summary};
use clauses::Catalogue;
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
    /// File and line of the entry.
    #[serde(skip)]
    pub place: (String, usize),
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
        let mut read: Expectations =
            serde_yaml::from_str(text).map_err(|error| malformed(file, &error))?;
        let lines = lines(text, &read.expectations);
        for (entry, line) in read.expectations.iter_mut().zip(lines) {
            entry.place = (file.to_owned(), line);
        }
        Ok(read)
    }

    /// Refuses an entry whose clause the catalogue does not have.
    pub fn known_to(self, catalogue: &Catalogue) -> Result<Expectations, Error> {
        let strange = |entry: &&Expectation| catalogue.get(&entry.clause).is_none();
        let Some(entry) = self.expectations.iter().find(strange) else {
            return Ok(self);
        };
        let (file, line) = entry.place.clone();
        let meant = catalogue.suggest(&entry.clause);
        let remedy = meant.map(|id| format!("did you mean {id}?"));
        Err(Error::Malformed {
            file,
            line,
            column: 1,
            problem: format!("the clause {} is not in the catalogue", entry.clause),
            remedy: remedy.unwrap_or_else(|| "`shall clauses` lists the ids".to_owned()),
        })
    }

    /// Marks the outcomes that are expected, and lists every entry that is stale:
    /// expired, or of a clause that no longer fails.
    /// A clause outside the selection of the run says nothing about its entry.
    pub fn apply(&self, summary: &mut Summary, today: Date) {
        for entry in &self.expectations {
            let (file, line) = &entry.place;
            if let Some(why) = entry.mark(summary, today) {
                let id = &entry.clause;
                summary.stale.push(format!("{file}:{line}: {id}: {why}"));
            }
        }
    }
}

impl Expectation {
    /// Marks its clause as expected, or says why it is stale.
    fn mark(&self, summary: &mut Summary, today: Date) -> Option<String> {
        let Expectation {
            reason, expires, ..
        } = self;
        if *expires < today {
            return Some(format!("expired on {expires}: {reason}"));
        }
        let mut clauses = summary.clauses.iter_mut().chain(&mut summary.supporting);
        let clause = clauses.find(|clause| clause.id == self.clause)?;
        match (clause.verdict, self.expect) {
            (Some(Verdict::Fail), _) | (Some(Verdict::Inconclusive), Expect::Waived) => {
                clause.expected = Some(format!("{reason} (until {expires})"));
                None
            }
            (Some(Verdict::Inconclusive | Verdict::Error), _) => None,
            (Some(verdict), _) => {
                let word = verdict.word();
                Some(format!("no longer fails ({word}); remove the entry"))
            }
            (None, _) => Some(format!("is {}; remove the entry", clause.status)),
        }
    }
}

/// Where each entry stands: the line of its `clause` key, or of its id where keys and entries do not match.
fn lines(text: &str, entries: &[Expectation]) -> Vec<usize> {
    let numbered = || {
        text.lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    };
    let said = numbered().filter(|(_, line)| !line.trim_start().starts_with('#'));
    let keys: Vec<usize> = said
        .flat_map(|(number, line)| line.matches("clause:").map(move |_| number))
        .collect();
    if keys.len() == entries.len() {
        return keys;
    }
    let named = |entry: &Expectation| {
        let mut lines = numbered();
        let line = lines.find(|(_, line)| line.contains(&entry.clause));
        line.map_or(1, |(number, _)| number)
    };
    entries.iter().map(named).collect()
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
