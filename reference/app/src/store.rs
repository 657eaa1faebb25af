//! Documents of the XDMS in SQLite: one file, every call one transaction, bounded.

use std::path::Path;

use roles::xdms::{Fault, Key, Put, Store, Stored};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// A database, opened.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
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
        Ok(Sqlite { connection })
    }
}

impl Store for Sqlite {
    fn get(&self, key: &Key) -> Result<Option<Stored>, Fault> {
        let mut query = self
            .connection
            .prepare_cached(
                "SELECT document, etag FROM documents WHERE auid = ?1 AND user = ?2 AND name = ?3",
            )
            .map_err(fault)?;
        let stored = |row: &Row<'_>| {
            Ok(Stored {
                document: row.get(0)?,
                etag: row.get(1)?,
            })
        };
        query
            .query_row(params![key.auid, key.user, key.name], stored)
            .optional()
            .map_err(fault)
    }

    fn put(&mut self, key: &Key, stored: Stored, group: Option<&str>) -> Result<Put, Fault> {
        let mut query = self
            .connection
            .prepare_cached(
                "INSERT INTO documents (auid, user, name, document, etag, group_uri) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (auid, user, name) DO UPDATE SET document = ?4, etag = ?5, group_uri = ?6",
            )
            .map_err(fault)?;
        let values = params![
            key.auid,
            key.user,
            key.name,
            stored.document,
            stored.etag,
            group
        ];
        match query.execute(values) {
            Ok(_) => Ok(Put::Stored),
            // The only other unique column is that of the groups.
            Err(rusqlite::Error::SqliteFailure(error, _))
                if error.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE =>
            {
                Ok(Put::Claimed)
            }
            Err(error) => Err(fault(error)),
        }
    }

    fn delete(&mut self, key: &Key) -> Result<(), Fault> {
        let values = params![key.auid, key.user, key.name];
        self.connection
            .execute(
                "DELETE FROM documents WHERE auid = ?1 AND user = ?2 AND name = ?3",
                values,
            )
            .map(drop)
            .map_err(fault)
    }

    fn group(&self, uri: &str) -> Result<Option<Key>, Fault> {
        let mut query = self
            .connection
            .prepare_cached("SELECT auid, user, name FROM documents WHERE group_uri = ?1")
            .map_err(fault)?;
        let key = |row: &Row<'_>| {
            Ok(Key {
                auid: row.get(0)?,
                user: row.get(1)?,
                name: row.get(2)?,
            })
        };
        query.query_row([uri], key).optional().map_err(fault)
    }

    fn count(&self, user: &str) -> Result<usize, Fault> {
        let mut query = self
            .connection
            .prepare_cached("SELECT count(*) FROM documents WHERE user = ?1")
            .map_err(fault)?;
        let count: i64 = query.query_row([user], |row| row.get(0)).map_err(fault)?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }
}

fn fault(error: rusqlite::Error) -> Fault {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => Fault::Full,
        _ => Fault::Broken(error.to_string()),
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
