//! What nodes keep, in SQLite: one file, several questions one transaction, on the disk before it is answered.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use machines::store::{Answer, Ask, Outcome, Record, Room, Store, Validity};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use crate::clock::Clock;
use crate::log::Log;

/// Records in a database file.
#[derive(Debug)]
pub struct Records {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    connection: Connection,
    clock: Clock,
    log: Log,
}

impl Records {
    /// Opens a database file, and makes it when it is not there; `:memory:` keeps nothing.
    ///
    /// `pages` of 4 KiB are its size at most.
    pub fn open(file: &Path, pages: u32) -> rusqlite::Result<Records> {
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
        let latest: Option<u64> = connection.query_row(LATEST, [], |row| row.get(0))?;
        Ok(Records {
            inner: Mutex::new(Inner {
                connection,
                clock: Clock::new(latest.unwrap_or(0)),
                log: Log::new(file.display().to_string()),
            }),
        })
    }

    #[cfg(test)]
    fn with_clock(self, clock: Clock) -> Records {
        self.inner.lock().unwrap().clock = clock;
        self
    }
}

impl Store for Records {
    fn carry_out(&self, asks: &[Ask]) -> Vec<Outcome> {
        // A thread that panicked has rolled its transaction back.
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let Inner {
            connection,
            clock,
            log,
        } = &mut *inner;
        let now = clock.now(log);
        let outcomes = match transaction(connection, asks, now) {
            Ok(answers) => answers.into_iter().map(Ok).collect(),
            // One of them has undone the work of all: each on its own.
            Err(_) if asks.len() > 1 => asks
                .iter()
                .map(|ask| {
                    let answers = transaction(connection, std::slice::from_ref(ask), now);
                    answers
                        .map_err(said)
                        .and_then(|mut answers| answers.pop().ok_or_else(String::new))
                })
                .collect(),
            Err(error) => vec![Err(said(error))],
        };
        log.outcomes(&outcomes);
        outcomes
    }
}

fn transaction(
    connection: &mut Connection,
    asks: &[Ask],
    now: u64,
) -> rusqlite::Result<Vec<Answer>> {
    let writes = asks
        .iter()
        .any(|ask| !matches!(ask, Ask::List { .. } | Ask::Folders { .. }));
    let behavior = match writes {
        true => TransactionBehavior::Immediate,
        false => TransactionBehavior::Deferred,
    };
    let work = connection.transaction_with_behavior(behavior)?;
    let answers = asks
        .iter()
        .map(|ask| answer(&work, ask, now))
        .collect::<Result<_, _>>()?;
    work.commit()?;
    Ok(answers)
}

fn answer(work: &Transaction<'_>, ask: &Ask, now: u64) -> rusqlite::Result<Answer> {
    match ask {
        Ask::Append {
            folder,
            name,
            bytes,
            validity,
            room,
        } => {
            let new = New {
                folder,
                name,
                bytes,
                expires: expiry(validity, now),
                room,
            };
            append(work, &new, now)
        }
        Ask::First { folder, after } => first(work, folder, *after, now),
        Ask::Remove { folder, number } => remove(work, folder, *number, now),
        Ask::List { folder, limit } => {
            let mut query = work.prepare_cached(
                "SELECT number, name, stored, expires, bytes FROM records
                 WHERE folder = ?1 AND (expires IS NULL OR expires > ?2) ORDER BY number LIMIT ?3",
            )?;
            let found = query.query_map(params![folder, now, limit], record)?;
            Ok(Answer::List(found.collect::<Result<_, _>>()?))
        }
        Ask::Folders {
            prefix,
            after,
            limit,
        } => {
            let mut query = work.prepare_cached(
                "SELECT DISTINCT folder FROM records
                 WHERE folder > ?2 AND substr(folder, 1, length(?1)) = ?1 ORDER BY folder LIMIT ?3",
            )?;
            let from = if after > prefix { after } else { prefix };
            let found = query.query_map(params![prefix, from, limit], |row| row.get(0))?;
            Ok(Answer::Folders(found.collect::<Result<_, _>>()?))
        }
    }
}

struct New<'a> {
    folder: &'a str,
    name: &'a str,
    bytes: &'a [u8],
    expires: Option<u64>,
    room: &'a Room,
}

fn append(work: &Transaction<'_>, new: &New<'_>, now: u64) -> rusqlite::Result<Answer> {
    work.prepare_cached("DELETE FROM gone WHERE since < ?1")?
        .execute([now.saturating_sub(REMEMBERED)])?;
    let known: Option<u64> = work
        .prepare_cached(
            "SELECT number FROM records WHERE folder = ?1 AND name = ?2
             UNION ALL SELECT number FROM gone WHERE folder = ?1 AND name = ?2",
        )?
        .query_row([new.folder, new.name], |row| row.get(0))
        .optional()?;
    if let Some(number) = known {
        return Ok(Answer::Kept { number });
    }
    if new.expires.is_some_and(|expires| expires <= now) {
        return Ok(Answer::OutOfDate);
    }
    let (records, octets): (u64, u64) = work
        .prepare_cached(
            "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM records
             WHERE folder = ?1 AND (expires IS NULL OR expires > ?2)",
        )?
        .query_row(params![new.folder, now], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if records >= new.room.records || octets + new.bytes.len() as u64 > new.room.octets {
        return Ok(Answer::NoRoom);
    }
    work.prepare_cached(
        "INSERT INTO records (folder, name, stored, expires, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![new.folder, new.name, now, new.expires, new.bytes])?;
    let number = u64::try_from(work.last_insert_rowid()).unwrap_or(0);
    Ok(Answer::Kept { number })
}

fn first(work: &Transaction<'_>, folder: &str, after: u64, now: u64) -> rusqlite::Result<Answer> {
    let expired = work
        .prepare_cached("DELETE FROM records WHERE folder = ?1 AND expires <= ?2")?
        .execute(params![folder, now])?;
    let record = work
        .prepare_cached(
            "SELECT number, name, stored, expires, bytes FROM records
             WHERE folder = ?1 AND number > ?2 ORDER BY number LIMIT 1",
        )?
        .query_row(params![folder, after], record)
        .optional()?;
    Ok(Answer::First {
        record,
        expired: expired as u64,
    })
}

fn remove(work: &Transaction<'_>, folder: &str, number: u64, now: u64) -> rusqlite::Result<Answer> {
    work.prepare_cached(
        "INSERT OR REPLACE INTO gone (folder, name, number, since)
         SELECT folder, name, number, ?3 FROM records WHERE folder = ?1 AND number = ?2",
    )?
    .execute(params![folder, number, now])?;
    let removed = work
        .prepare_cached("DELETE FROM records WHERE folder = ?1 AND number = ?2")?
        .execute(params![folder, number])?;
    Ok(Answer::Removed(removed > 0))
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record {
        number: row.get(0)?,
        name: row.get(1)?,
        stored: row.get(2)?,
        expires: row.get(3)?,
        bytes: row.get(4)?,
    })
}

/// When a record comes out of date: seconds from its date, or from now when it has none or one that is to come.
pub(crate) fn expiry(validity: &Validity, now: u64) -> Option<u64> {
    let since = validity.since.unwrap_or(now).min(now);
    Some(since.saturating_add(validity.seconds?).min(END))
}

fn said(error: rusqlite::Error) -> String {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, PermissionDenied, ReadOnly};
    let remedy = match error.sqlite_error_code() {
        Some(DiskFull) => "make room on its disk, or raise `store: pages`",
        Some(ReadOnly | PermissionDenied | CannotOpen) => {
            "let this user write to it and its directory"
        }
        _ => "look at its disk; a copy of it may have to be restored",
    };
    format!("{error}: {remedy}")
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

/// The latest time that the store has known.
const LATEST: &str = "SELECT max(known) FROM (SELECT max(stored) AS known FROM records UNION ALL SELECT max(since) FROM gone)";

/// Seconds for which the name of a removed record is remembered.
const REMEMBERED: u64 = 600;
/// No time is later, for databases count up to here.
const END: u64 = i64::MAX as u64;
const BUSY: std::time::Duration = std::time::Duration::from_secs(5);

#[cfg(test)]
mod tests;
