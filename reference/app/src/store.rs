//! Documents of the XDMS in SQLite: one file, every call one transaction, bounded.

use std::cell::RefCell;
use std::path::Path;

use roles::xdms::{Fault, Key, Put, Store, Stored};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::log::Log;
use crate::records::remedy;

/// A database, opened.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    log: RefCell<Log>,
}

impl Sqlite {
    /// Opens a database file, and makes it when it is not there; `:memory:` keeps nothing.
    pub fn open(file: &Path) -> rusqlite::Result<Sqlite> {
        let connection = match file.to_str() {
            Some(":memory:") => Connection::open_in_memory()?,
            _ => Connection::open(file)?,
        };
        // Readers do not wait for writers; what was answered survives this process, though not a power cut.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "max_page_count", PAGES)?;
        connection.pragma_update(None, "cache_size", -CACHE)?;
        connection.busy_timeout(BUSY)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Sqlite {
            connection,
            log: RefCell::new(Log::new(file.display().to_string())),
        })
    }

    /// What the operator is told, and whoever asked.
    fn fault(&self, error: rusqlite::Error) -> Fault {
        let why = format!("{error}: {}", remedy(&error, PAGES_REMEDY));
        let meanwhile = "documents are refused with 500 or 507";
        self.log.borrow_mut().failed(&why, meanwhile);
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Fault::Full,
            _ => Fault::Broken(error.to_string()),
        }
    }
}

impl Store for Sqlite {
    fn get(&self, key: &Key) -> Result<Option<Stored>, Fault> {
        let mut query = self
            .connection
            .prepare_cached(
                "SELECT document, etag FROM documents WHERE auid = ?1 AND user = ?2 AND name = ?3",
            )
            .map_err(|error| self.fault(error))?;
        let stored = |row: &Row<'_>| {
            Ok(Stored {
                document: row.get(0)?,
                etag: row.get(1)?,
            })
        };
        query
            .query_row(params![key.auid, key.user, key.name], stored)
            .optional()
            .map_err(|error| self.fault(error))
    }

    fn put(&mut self, key: &Key, stored: Stored, group: Option<&str>) -> Result<Put, Fault> {
        let mut query = self
            .connection
            .prepare_cached(
                "INSERT INTO documents (auid, user, name, document, etag, group_uri) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (auid, user, name) DO UPDATE SET document = ?4, etag = ?5, group_uri = ?6",
            )
            .map_err(|error| self.fault(error))?;
        let values = params![
            key.auid,
            key.user,
            key.name,
            stored.document,
            stored.etag,
            group
        ];
        match query.execute(values) {
            Ok(_) => {
                self.log.borrow_mut().written();
                Ok(Put::Stored)
            }
            // The only other unique column is that of the groups.
            Err(rusqlite::Error::SqliteFailure(error, _))
                if error.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE =>
            {
                Ok(Put::Claimed)
            }
            Err(error) => Err(self.fault(error)),
        }
    }

    fn delete(&mut self, key: &Key) -> Result<(), Fault> {
        let values = params![key.auid, key.user, key.name];
        self.connection
            .execute(
                "DELETE FROM documents WHERE auid = ?1 AND user = ?2 AND name = ?3",
                values,
            )
            .map(|_| self.log.borrow_mut().written())
            .map_err(|error| self.fault(error))
    }

    fn group(&self, uri: &str) -> Result<Option<Key>, Fault> {
        let mut query = self
            .connection
            .prepare_cached("SELECT auid, user, name FROM documents WHERE group_uri = ?1")
            .map_err(|error| self.fault(error))?;
        let key = |row: &Row<'_>| {
            Ok(Key {
                auid: row.get(0)?,
                user: row.get(1)?,
                name: row.get(2)?,
            })
        };
        query
            .query_row([uri], key)
            .optional()
            .map_err(|error| self.fault(error))
    }

    fn count(&self, user: &str) -> Result<usize, Fault> {
        let mut query = self
            .connection
            .prepare_cached("SELECT count(*) FROM documents WHERE user = ?1")
            .map_err(|error| self.fault(error))?;
        let count: i64 = query
            .query_row([user], |row| row.get(0))
            .map_err(|error| self.fault(error))?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }
}

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS documents (
        auid TEXT NOT NULL, user TEXT NOT NULL, name TEXT NOT NULL,
        document BLOB NOT NULL, etag TEXT NOT NULL, group_uri TEXT UNIQUE,
        PRIMARY KEY (auid, user, name)
    );
    CREATE INDEX IF NOT EXISTS by_user ON documents (user);";

/// 4 KiB each: 4 GiB of documents.
const PAGES: u32 = 1 << 20;
const PAGES_REMEDY: &str = "make room on its disk; 4 GiB of documents are the most that it takes";
/// KiB of pages that stay in memory.
const CACHE: i32 = 1024;
const BUSY: std::time::Duration = std::time::Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Key {
            auid: "a".into(),
            user: "sip:alice@x".into(),
            name: name.into(),
        }
    }

    fn stored(text: &str) -> Stored {
        Stored {
            document: text.into(),
            etag: format!("\"{text}\""),
        }
    }

    #[test]
    fn what_is_stored_is_found_until_it_is_deleted() {
        let mut store = Sqlite::open(Path::new(":memory:")).unwrap();
        assert_eq!(store.get(&key("n")), Ok(None));
        assert_eq!(
            store.put(&key("n"), stored("1"), Some("sip:g@x")),
            Ok(Put::Stored)
        );
        assert_eq!(
            store.put(&key("n"), stored("2"), Some("sip:g@x")),
            Ok(Put::Stored)
        );
        assert_eq!(store.get(&key("n")), Ok(Some(stored("2"))));
        assert_eq!(store.group("sip:g@x"), Ok(Some(key("n"))));
        assert_eq!(store.count("sip:alice@x"), Ok(1));
        assert_eq!(
            store.put(&key("m"), stored("3"), Some("sip:g@x")),
            Ok(Put::Claimed)
        );
        assert_eq!(store.get(&key("m")), Ok(None));
        assert_eq!(store.put(&key("m"), stored("3"), None), Ok(Put::Stored));
        assert_eq!(store.put(&key("o"), stored("3"), None), Ok(Put::Stored));
        assert_eq!(store.delete(&key("n")), Ok(()));
        assert_eq!(store.delete(&key("n")), Ok(()));
        assert_eq!(store.group("sip:g@x"), Ok(None));
    }

    #[test]
    fn a_store_that_may_not_write_or_is_full_says_so_once_and_works_again_later() {
        let mut store = Sqlite::open(Path::new(":memory:")).unwrap();
        store.put(&key("n"), stored("1"), None).unwrap();
        let pragma = |store: &Sqlite, name: &str, value: u32| {
            store.connection.pragma_update(None, name, value).unwrap();
        };
        pragma(&store, "query_only", 1);
        for _ in 0..2 {
            let refused = store.put(&key("n"), stored("2"), None);
            assert!(matches!(refused, Err(Fault::Broken(_))), "{refused:?}");
        }
        assert_eq!(store.get(&key("n")), Ok(Some(stored("1"))));
        pragma(&store, "query_only", 0);
        pragma(&store, "max_page_count", 8);
        let big = stored(&"x".repeat(100_000));
        assert_eq!(store.put(&key("m"), big.clone(), None), Err(Fault::Full));
        pragma(&store, "max_page_count", PAGES);
        assert_eq!(store.put(&key("m"), big, None), Ok(Put::Stored));
        let said = store.log.borrow().said.clone();
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said[0].contains("let this user write"), "{said:?}");
        assert!(said[1].contains("make room on its disk"), "{said:?}");
        assert_eq!(said[2], "it works again");
    }

    #[test]
    fn a_file_keeps_what_it_was_given() {
        let file =
            std::env::temp_dir().join(format!("im-server-store-{}.sqlite", std::process::id()));
        let mut store = Sqlite::open(&file).unwrap();
        store.put(&key("n"), stored("kept"), None).unwrap();
        drop(store);
        let found = Sqlite::open(&file).unwrap().get(&key("n"));
        for end in ["", "-wal", "-shm"] {
            let mut name = file.clone().into_os_string();
            name.push(end);
            let _ = std::fs::remove_file(name);
        }
        assert_eq!(found, Ok(Some(stored("kept"))));
    }
}
