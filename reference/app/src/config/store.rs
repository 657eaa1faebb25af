//! The part of the configuration that is about durable storage.

use std::path::PathBuf;

use serde::Deserialize;

use crate::file::Fault;

/// Where functions keep what they have promised to keep: a file of SQLite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreConfig {
    /// The file; `:memory:` keeps nothing.
    pub database: PathBuf,
    /// How large it may grow, in pages of 4 KiB.
    pub pages: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    database: PathBuf,
    pages: Option<u32>,
}

impl From<File> for StoreConfig {
    fn from(file: File) -> StoreConfig {
        StoreConfig {
            database: file.database,
            pages: file.pages.unwrap_or(PAGES),
        }
    }
}

pub(super) fn fault(file: Option<&File>) -> Option<Fault> {
    matches!(file?.pages, Some(0..16)).then(|| {
        (
            "store",
            "the store has no room".into(),
            "Use 16 pages of 4 KiB or more, or leave the key out",
        )
    })
}

/// 4 GiB.
const PAGES: u32 = 1 << 20;
