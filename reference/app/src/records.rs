//! What nodes keep, in SQLite or PostgreSQL: several questions one transaction, on the disk before it is answered.

mod postgresql;
mod sqlite;
mod work;

use std::fmt::Debug;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use machines::store::{Answer, Ask, Outcome, Store, Validity};

use crate::clock::Clock;
use crate::log::Log;
pub use postgresql::Fault;
use postgresql::Postgresql;
pub(crate) use postgresql::name;
use sqlite::Sqlite;
pub(crate) use sqlite::remedy;
use work::Work;

/// Records in a database.
#[derive(Debug)]
pub struct Records {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    database: Box<dyn Database>,
    clock: Clock,
    log: Log,
}

/// Where the records are.
trait Database: Send + Debug {
    /// Begins a transaction; without its commit nothing of it has happened. `writes`: it may change something.
    fn begin(&mut self, writes: bool) -> Result<Box<dyn Work + '_>, Failure>;
}

/// Why a transaction did not come about.
#[derive(Clone, Debug)]
struct Failure {
    /// What happened, and what to do about it.
    why: String,
    /// The database is out of reach, so that any other question would fail likewise.
    lost: bool,
}

impl Records {
    /// Opens a database file of SQLite, and makes it when it is not there; `:memory:` keeps nothing.
    ///
    /// `pages` of 4 KiB are its size at most.
    pub fn open(file: &Path, pages: u32) -> rusqlite::Result<Records> {
        let (database, latest) = Sqlite::open(file, pages)?;
        Ok(Records::of(
            Box::new(database),
            latest,
            file.display().to_string(),
        ))
    }

    /// Connects to PostgreSQL, and makes the tables when they are not there.
    ///
    /// Waits; the caller is a thread of a tokio runtime that may, and whose runtime then carries the connection.
    pub fn connect(config: &tokio_postgres::Config) -> Result<Records, Fault> {
        let (database, latest) = Postgresql::connect(config.clone())?;
        Ok(Records::of(Box::new(database), latest, name(config)))
    }

    fn of(database: Box<dyn Database>, latest: u64, name: String) -> Records {
        Records {
            inner: Mutex::new(Inner {
                database,
                clock: Clock::new(latest),
                log: Log::new(name),
            }),
        }
    }

    /// `clock` makes one that begins at no earlier time than the latest known.
    #[cfg(test)]
    fn with_clock(self, clock: fn(u64) -> Clock) -> Records {
        let mut inner = self.inner.lock().unwrap();
        let mut work = inner.database.begin(false).unwrap();
        let latest = work.ask(work::LATEST, &[]).unwrap().remove(0).remove(0);
        drop(work);
        inner.clock = clock(work::number(Some(latest)).unwrap());
        drop(inner);
        self
    }
}

impl Store for Records {
    fn carry_out(&self, asks: &[Ask]) -> Vec<Outcome> {
        // A thread that panicked has rolled its transaction back.
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let Inner {
            database,
            clock,
            log,
        } = &mut *inner;
        let now = clock.now(log);
        let outcomes = match transaction(&mut **database, asks, now) {
            Ok(answers) => answers.into_iter().map(Ok).collect(),
            // One of them has undone the work of all.
            Err(failure) if asks.len() > 1 && !failure.lost => alone(&mut **database, asks, now),
            Err(failure) => vec![Err(failure.why); asks.len()],
        };
        log.outcomes(&outcomes);
        outcomes
    }
}

/// Each on its own, until the database is out of reach.
fn alone(database: &mut dyn Database, asks: &[Ask], now: u64) -> Vec<Outcome> {
    let mut lost: Option<String> = None;
    let mut one = |ask| {
        if let Some(why) = &lost {
            return Err(why.clone());
        }
        let answers = transaction(database, std::slice::from_ref(ask), now);
        answers
            .map_err(|failure| {
                lost = failure.lost.then(|| failure.why.clone());
                failure.why
            })
            .and_then(|mut answers| answers.pop().ok_or_else(String::new))
    };
    asks.iter().map(&mut one).collect()
}

fn transaction(
    database: &mut dyn Database,
    asks: &[Ask],
    now: u64,
) -> Result<Vec<Answer>, Failure> {
    let writes = asks
        .iter()
        .any(|ask| !matches!(ask, Ask::List { .. } | Ask::Folders { .. }));
    let mut work = database.begin(writes)?;
    let answers = asks
        .iter()
        .map(|ask| work::answer(&mut *work, ask, now))
        .collect::<Result<_, _>>()?;
    work.commit()?;
    Ok(answers)
}

/// When a record comes out of date: seconds from its date, or from now when it has none or one that is to come.
pub(crate) fn expiry(validity: &Validity, now: u64) -> Option<u64> {
    let since = validity.since.unwrap_or(now).min(now);
    Some(since.saturating_add(validity.seconds?).min(END))
}

/// No time is later, for databases count up to here.
const END: u64 = i64::MAX as u64;

#[cfg(test)]
mod tests;
