//! What can stop the program before it has a verdict, and the exit code that says whose fault it is.

use std::path::PathBuf;

use world::{LabError, profile::ProfileError};

use crate::certificate::{Fault, Refusal};

/// A failure of a whole command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error("{}: {source}\n  help: {help}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
        help: &'static str,
    },
    #[error(
        "{file}:{line}:{column}: {problem}\n  help: a feature is Gherkin; see features/controlling/ad_hoc_setup.feature"
    )]
    Feature {
        file: String,
        line: usize,
        column: usize,
        problem: String,
    },
    #[error("{file}:{line}: the clause `{clause}` is not in the catalogue\n  help: {help}")]
    UnknownClause {
        file: String,
        line: usize,
        clause: String,
        help: String,
    },
    #[error(
        "{file}:{line}: the clause `{clause}` is pending, yet judged here\n  help: set its entry to `status: judged` ({entry}), or tag the scenario @pending"
    )]
    PendingClause {
        file: String,
        line: usize,
        clause: String,
        /// Where the catalogue has it, as `file:line`.
        entry: String,
    },
    #[error(transparent)]
    Catalogue(#[from] clauses::Error),
    #[error(transparent)]
    Expectations(#[from] reports::Error),
    #[error(transparent)]
    Change(#[from] reports::change::ReadError),
    #[error(transparent)]
    Mutations(#[from] sabotage::Error),
    #[error(
        "`{0}` selects no scenario\n  help: `shall clauses` lists the ids, with --edition those of an edition; a glob such as '7.2.1.2/*' selects several"
    )]
    NothingSelected(String),
    #[error(
        "`{0}`: no scenario judges it yet, as it is pending\n  help: write its scenario without the tag @pending, and set the entry to `status: judged`"
    )]
    OnlyPending(String),
    #[error("no scenario has the tag @{tag}\n  help: the features have {known}")]
    NoTag { tag: String, known: String },
    #[error("no clause matches `{glob}`\n  help: {help}")]
    NoClause { glob: String, help: String },
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Lab(#[from] LabError),
    #[error("cannot write {}: {source}\n  help: choose another folder with --out", path.display())]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "cannot write to standard output: {0}\n  help: its reader ended, or the disk behind it is full; what goes to --out is written all the same"
    )]
    Output(std::io::Error),
    #[error("cannot listen to signals: {0}")]
    Signals(std::io::Error),
    #[error(transparent)]
    Proxy(sabotage::proxy::Error),
    #[error("{}: {source}\n  help: give the folder of a run, or its run.jsonl", path.display())]
    Archive {
        path: PathBuf,
        source: trace::run_file::Error,
    },
    #[error("{0}\n  help: give every part of one run (--shard 1/N to N/N) once, or whole runs")]
    Shards(#[from] trace::run_file::Mismatch),
    #[error("{}: {problem}\n  help: only runs of a `shall` that records profiles can be judged again", path.display())]
    Unjudgeable { path: PathBuf, problem: String },
    #[error("{}: its edition has the change request {lost}, which the catalogue does not\n  help: the catalogue has {known}; name one that has it with --features", path.display())]
    OtherEdition {
        path: PathBuf,
        lost: String,
        known: String,
    },
    #[error("{}: {problem}\n  help: {help}", path.display())]
    Key {
        path: PathBuf,
        problem: &'static str,
        help: &'static str,
    },
    #[error("{}: it cannot be certified: {problem}\n  help: {help}", path.display())]
    Uncertifiable {
        path: PathBuf,
        problem: String,
        help: &'static str,
    },
    #[error("{}: refused: {refusal}{}", path.display(), remedy(refusal))]
    Refused { path: PathBuf, refusal: Refusal },
}

fn remedy(refusal: &Refusal) -> &'static str {
    match refusal.fault {
        Fault::Unreadable => "\n  help: give the bundle.zip that `shall certify` wrote",
        _ => "",
    }
}

impl Error {
    /// The exit code of the design, section 4, rule 9.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Refused { refusal, .. } if matches!(refusal.fault, Fault::Unreadable) => 2,
            Self::Refused { .. } | Self::Uncertifiable { .. } => 1,
            Self::Profile(_)
            | Self::File { .. }
            | Self::Feature { .. }
            | Self::UnknownClause { .. }
            | Self::PendingClause { .. }
            | Self::Catalogue(_)
            | Self::Expectations(_)
            | Self::Change(_)
            | Self::Mutations(_)
            | Self::Usage(_)
            | Self::Archive { .. }
            | Self::Key { .. }
            | Self::OtherEdition { .. }
            | Self::Unjudgeable { .. }
            | Self::Shards(_)
            | Self::Lab(LabError::NoAddress | LabError::NoProgram { .. } | LabError::Start(..)) => {
                2
            }
            Self::NothingSelected(_)
            | Self::OnlyPending(_)
            | Self::NoClause { .. }
            | Self::NoTag { .. }
            | Self::Lab(
                LabError::Unreachable(..) | LabError::NoInvitation(..) | LabError::Silent(..),
            ) => 3,
            Self::Lab(_)
            | Self::Proxy(_)
            | Self::Write { .. }
            | Self::Output(_)
            | Self::Signals(_) => 4,
        }
    }
}
