//! Why PostgreSQL has not done what it was asked, each with its remedy.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::records::Failure;

/// What went wrong with PostgreSQL.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It says why, or the connection does.
    #[error("{}: {}", said(.0), remedy(.0))]
    Said(#[from] Error),
    /// It says nothing.
    #[error(
        "no answer in 10 s: look whether it is stopped, has too much to do, or is behind a network that fails"
    )]
    Silent,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        Failure {
            why: fault.to_string(),
            lost: match &fault {
                Fault::Said(error) => error.is_closed() || !is_about_the_work(error),
                Fault::Silent => true,
            },
        }
    }
}

/// Whether another transaction may succeed on the same connection.
fn is_about_the_work(error: &Error) -> bool {
    // Classes 08 and 57P: connection exception, operator intervention.
    error
        .code()
        .is_some_and(|state| !state.code().starts_with("08") && !state.code().starts_with("57P"))
}

fn said(error: &Error) -> String {
    if let Some(told) = error.as_db_error() {
        return format!("{} ({})", told.message(), told.code().code());
    }
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn remedy(error: &Error) -> &'static str {
    const REMEDIES: [(SqlState, &str); 9] = [
        (SqlState::DISK_FULL, "make room on its disk"),
        (
            SqlState::INSUFFICIENT_PRIVILEGE,
            "let the user of `store: database` own the database",
        ),
        (
            SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
            "let the user in by pg_hba.conf, or correct `store: database`",
        ),
        (
            SqlState::INVALID_CATALOG_NAME,
            "make the database with `createdb`, or correct `store: database`",
        ),
        (
            SqlState::INVALID_PASSWORD,
            "correct user and password in `store: database`",
        ),
        (
            SqlState::READ_ONLY_SQL_TRANSACTION,
            "name the primary in `store: database`, or make the database writable",
        ),
        (
            SqlState::TOO_MANY_CONNECTIONS,
            "raise its max_connections, or end other clients",
        ),
        (
            SqlState::UNDEFINED_COLUMN,
            "its tables are not those of this version, name another database",
        ),
        (
            SqlState::ADMIN_SHUTDOWN,
            "it is connected to again once it runs",
        ),
    ];
    let code = error.code();
    let known = REMEDIES.iter().find(|(state, _)| Some(state) == code);
    match (known, code) {
        (Some((_, remedy)), _) => remedy,
        (None, Some(_)) => "look into its log",
        (None, None) => "look whether it runs and `store: database` names it",
    }
}
