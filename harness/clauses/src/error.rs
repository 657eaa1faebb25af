//! What can be wrong with a catalogue, and what to do about it.

use std::path::PathBuf;

/// A fault in the catalogue. Lines and columns count from 1.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not YAML, an unknown key, a missing key or a bad value.
    #[error("{file}:{line}:{column}: {problem}\n  help: {remedy}")]
    Malformed {
        file: String,
        line: usize,
        column: usize,
        problem: String,
        remedy: String,
    },

    #[error(
        "{file}:{line}:{column}: clause id `{id}` is used twice, first at {first_file}:{first_line}\n  \
         help: rename one of them; ids never change once published, so rename the newer"
    )]
    DuplicateId {
        id: String,
        file: String,
        line: usize,
        column: usize,
        first_file: String,
        first_line: usize,
    },

    #[error(
        "{file}:{line}:1: `{id}` {relation} `{other}`, which no file defines\n  \
         help: {remedy}"
    )]
    UnknownRelative {
        id: String,
        /// `supersedes` or `is superseded by`.
        relation: &'static str,
        other: String,
        file: String,
        line: usize,
        remedy: String,
    },

    #[error("{}: cannot be read: {source}\n  help: give the folder that holds the catalogue, features/clauses", path.display())]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },

    #[error("{}: holds no clause files (*.yaml)\n  help: give the folder that holds the catalogue, features/clauses", path.display())]
    Empty { path: PathBuf },
}
