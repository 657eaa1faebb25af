//! What each question is in SQL, the same for every database.

use std::borrow::Cow;

use machines::store::{Answer, Ask, Record, Room};

use super::{Failure, expiry};

/// A transaction. Dropping it undoes what it has done.
pub(super) trait Work {
    /// Carries out one statement. Its parameters are `$1`, `$2` and so on, first used in this order.
    fn ask(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Failure>;

    /// By the time that this returns, what was done outlasts the end of the process and of the power.
    fn commit(self: Box<Self>) -> Result<(), Failure>;
}

/// A value of a statement or of a row.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    Bytes(Cow<'a, [u8]>),
    /// No number.
    Nothing,
    Number(u64),
    Text(Cow<'a, str>),
}

/// One row of what a statement has found.
pub(super) type Row = Vec<Value<'static>>;

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Value<'a> {
        Value::Text(Cow::Borrowed(text))
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Value::Number(number)
    }
}

pub(super) fn answer(work: &mut dyn Work, ask: &Ask, now: u64) -> Result<Answer, Failure> {
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
            let values = [folder.as_str().into(), now.into(), u64::from(*limit).into()];
            let rows = work.ask(LIST, &values)?;
            let records: Result<_, _> = rows.into_iter().map(record).collect();
            records.map(Answer::List)
        }
        Ask::Folders {
            prefix,
            after,
            limit,
        } => {
            let from = after.max(prefix).as_str();
            let values = [
                from.into(),
                prefix.as_str().into(),
                u64::from(*limit).into(),
            ];
            let rows = work.ask(FOLDERS, &values)?;
            let names: Result<_, _> = rows
                .into_iter()
                .flatten()
                .map(|name| text(Some(name)))
                .collect();
            names.map(Answer::Folders)
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

fn append(work: &mut dyn Work, new: &New<'_>, now: u64) -> Result<Answer, Failure> {
    let (folder, name) = (Value::from(new.folder), Value::from(new.name));
    work.ask(FORGET, &[now.saturating_sub(REMEMBERED).into()])?;
    let known = work.ask(KNOWN, &[folder.clone(), name.clone()])?;
    if let Some(row) = known.into_iter().next() {
        let number = number(row.into_iter().next())?;
        return Ok(Answer::Kept { number });
    }
    if new.expires.is_some_and(|expires| expires <= now) {
        return Ok(Answer::OutOfDate);
    }
    let held = work.ask(HELD, &[folder.clone(), now.into()])?;
    let mut held = held.into_iter().flatten();
    let (records, octets) = (number(held.next())?, number(held.next())?);
    if records >= new.room.records || octets + new.bytes.len() as u64 > new.room.octets {
        return Ok(Answer::NoRoom);
    }
    let bytes = Value::Bytes(Cow::Borrowed(new.bytes));
    let expires = new.expires.map_or(Value::Nothing, Value::Number);
    let kept = work.ask(KEEP, &[folder, name, now.into(), expires, bytes])?;
    let number = number(kept.into_iter().flatten().next())?;
    Ok(Answer::Kept { number })
}

fn first(work: &mut dyn Work, folder: &str, after: u64, now: u64) -> Result<Answer, Failure> {
    let expired = work.ask(EXPIRE, &[folder.into(), now.into()])?.len();
    let found = work.ask(FIRST, &[folder.into(), after.into()])?;
    Ok(Answer::First {
        record: found.into_iter().next().map(record).transpose()?,
        expired: expired as u64,
    })
}

fn remove(work: &mut dyn Work, folder: &str, number: u64, now: u64) -> Result<Answer, Failure> {
    work.ask(REMEMBER, &[now.into(), folder.into(), number.into()])?;
    let removed = work.ask(REMOVE, &[folder.into(), number.into()])?;
    Ok(Answer::Removed(!removed.is_empty()))
}

fn record(row: Row) -> Result<Record, Failure> {
    let mut row = row.into_iter();
    Ok(Record {
        number: number(row.next())?,
        name: text(row.next())?,
        stored: number(row.next())?,
        expires: match row.next() {
            Some(Value::Nothing) => None,
            other => Some(number(other)?),
        },
        bytes: match row.next() {
            Some(Value::Bytes(bytes)) => bytes.into_owned(),
            _ => return Err(strange()),
        },
    })
}

pub(super) fn number(value: Option<Value<'_>>) -> Result<u64, Failure> {
    match value {
        Some(Value::Number(number)) => Ok(number),
        _ => Err(strange()),
    }
}

fn text(value: Option<Value<'_>>) -> Result<String, Failure> {
    match value {
        Some(Value::Text(text)) => Ok(text.into_owned()),
        _ => Err(strange()),
    }
}

fn strange() -> Failure {
    Failure {
        why: "its tables are not those of this version: name another database".into(),
        lost: false,
    }
}

const LIST: &str = "SELECT number, name, stored, expires, bytes FROM records
    WHERE folder = $1 AND (expires IS NULL OR expires > $2) ORDER BY number LIMIT $3";
const FOLDERS: &str = "SELECT DISTINCT folder FROM records
    WHERE folder > $1 AND substr(folder, 1, length($2)) = $2 ORDER BY folder LIMIT $3";
const FORGET: &str = "DELETE FROM gone WHERE since < $1";
const KNOWN: &str = "SELECT number FROM records WHERE folder = $1 AND name = $2
    UNION ALL SELECT number FROM gone WHERE folder = $1 AND name = $2";
const HELD: &str = "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM records
    WHERE folder = $1 AND (expires IS NULL OR expires > $2)";
const KEEP: &str = "INSERT INTO records (folder, name, stored, expires, bytes)
    VALUES ($1, $2, $3, $4, $5) RETURNING number";
const EXPIRE: &str = "DELETE FROM records WHERE folder = $1 AND expires <= $2 RETURNING number";
const FIRST: &str = "SELECT number, name, stored, expires, bytes FROM records
    WHERE folder = $1 AND number > $2 ORDER BY number LIMIT 1";
const REMEMBER: &str = "INSERT INTO gone (since, folder, name, number)
    SELECT $1, folder, name, number FROM records WHERE folder = $2 AND number = $3
    ON CONFLICT (folder, name) DO UPDATE SET number = excluded.number, since = excluded.since";
const REMOVE: &str = "DELETE FROM records WHERE folder = $1 AND number = $2 RETURNING number";
/// The latest time that the database has known.
pub(super) const LATEST: &str = "SELECT coalesce(max(known), 0) FROM
    (SELECT max(stored) AS known FROM records UNION ALL SELECT max(since) FROM gone) AS times";

/// Seconds for which the name of a removed record is remembered.
const REMEMBERED: u64 = 600;
