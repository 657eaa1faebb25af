//! Records in a file of SQLite.

use std::path::Path;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, Transaction, TransactionBehavior, params_from_iter};

use super::work::{self, Row, Value, Work};
use super::{Database, Failure};

/// A database file, opened.
#[derive(Debug)]
pub(super) struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    /// With the latest time that it has known.
    pub(super) fn open(file: &Path, pages: u32) -> rusqlite::Result<(Sqlite, u64)> {
        let connection = match file.to_str() {
            Some(":memory:") => Connection::open_in_memory()?,
            _ => Connection::open(file)?,
        };
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // What was answered survives the end of this process and of the power.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "max_page_count", pages)?;
        connection.execute_batch(SCHEMA)?;
        let latest = connection.query_row(work::LATEST, [], |row| row.get(0))?;
        Ok((Sqlite { connection }, latest))
    }
}

impl Database for Sqlite {
    fn begin(&mut self, writes: bool) -> Result<Box<dyn Work + '_>, Failure> {
        let behavior = match writes {
            true => TransactionBehavior::Immediate,
            false => TransactionBehavior::Deferred,
        };
        let work = self.connection.transaction_with_behavior(behavior);
        Ok(Box::new(work.map_err(failure)?))
    }
}

impl Work for Transaction<'_> {
    fn ask(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Failure> {
        rows(self, sql, values).map_err(failure)
    }

    fn commit(self: Box<Self>) -> Result<(), Failure> {
        Transaction::commit(*self).map_err(failure)
    }
}

fn rows(work: &Transaction<'_>, sql: &str, values: &[Value<'_>]) -> rusqlite::Result<Vec<Row>> {
    let mut statement = work.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut found = statement.query(params_from_iter(values))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let values = (0..columns).map(|column| match row.get_ref(column)? {
            ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes.to_vec().into())),
            ValueRef::Text(_) => Ok(Value::Text(row.get::<_, String>(column)?.into())),
            ValueRef::Null => Ok(Value::Nothing),
            ValueRef::Integer(_) | ValueRef::Real(_) => row.get(column).map(Value::Number),
        });
        rows.push(values.collect::<rusqlite::Result<_>>()?);
    }
    Ok(rows)
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Value::Bytes(bytes) => Ok(ToSqlOutput::Borrowed(ValueRef::Blob(bytes))),
            Value::Nothing => Ok(ToSqlOutput::Borrowed(ValueRef::Null)),
            Value::Number(number) => number.to_sql(),
            Value::Text(text) => text.to_sql(),
        }
    }
}

fn failure(error: rusqlite::Error) -> Failure {
    let room = "make room on its disk, or raise `store: pages`";
    Failure {
        why: format!("{error}: {}", remedy(&error, room)),
        lost: false,
    }
}

/// What to do about an error; `room` when there is none left.
pub(crate) fn remedy(error: &rusqlite::Error, room: &'static str) -> &'static str {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, PermissionDenied, ReadOnly};
    match error.sqlite_error_code() {
        Some(DiskFull) => room,
        Some(ReadOnly | PermissionDenied | CannotOpen) => {
            "let this user write to it and its directory"
        }
        _ => "look at its disk; a copy of it may have to be restored",
    }
}

/// A number is never used again, so that what follows one is always newer.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS records (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        folder TEXT NOT NULL, name TEXT NOT NULL, stored INTEGER NOT NULL, expires INTEGER,
        bytes BLOB NOT NULL, UNIQUE (folder, name)
    );
    CREATE INDEX IF NOT EXISTS by_folder ON records (folder, number);
    CREATE TABLE IF NOT EXISTS gone (
        folder TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL, since INTEGER NOT NULL,
        PRIMARY KEY (folder, name)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS by_age ON gone (since);";

const BUSY: std::time::Duration = std::time::Duration::from_secs(5);
