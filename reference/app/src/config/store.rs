//! The part of the configuration that is about durable storage.

use std::path::PathBuf;

use serde::Deserialize;
use tokio_postgres::config::SslMode;

use crate::file::Fault;

/// Where functions keep what they have promised to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreConfig {
    /// A database of PostgreSQL.
    Postgresql(Box<tokio_postgres::Config>),
    /// A file of SQLite.
    Sqlite {
        /// The file; `:memory:` keeps nothing.
        database: PathBuf,
        /// How large it may grow, in pages of 4 KiB.
        pages: u32,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    database: Database,
    pages: Option<u32>,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
enum Database {
    File(PathBuf),
    Postgresql(Box<tokio_postgres::Config>),
}

/// The address of a PostgreSQL that cannot be used; it never says what the address is, for that holds a password.
#[derive(Debug, thiserror::Error)]
enum Address {
    #[error(
        "the address of PostgreSQL cannot be read: write it as {FORM}, `%40` for an @ in the password"
    )]
    Form,
    #[error("the address of PostgreSQL names no host: write it as {FORM}")]
    Host,
    #[error(
        "TLS to PostgreSQL is not supported: take `sslmode` away, and reach it by a network that is trusted"
    )]
    Tls,
}

const FORM: &str = "postgresql://user:password@host/database";

impl TryFrom<String> for Database {
    type Error = Address;

    fn try_from(text: String) -> Result<Database, Address> {
        if !["postgresql://", "postgres://"]
            .iter()
            .any(|scheme| text.starts_with(scheme))
        {
            return Ok(Database::File(text.into()));
        }
        let config: tokio_postgres::Config = text.parse().map_err(|_| Address::Form)?;
        if config.get_hosts().is_empty() {
            return Err(Address::Host);
        }
        match config.get_ssl_mode() {
            SslMode::Disable | SslMode::Prefer => Ok(Database::Postgresql(Box::new(config))),
            _ => Err(Address::Tls),
        }
    }
}

impl From<File> for StoreConfig {
    fn from(file: File) -> StoreConfig {
        match file.database {
            Database::File(database) => StoreConfig::Sqlite {
                database,
                pages: file.pages.unwrap_or(PAGES),
            },
            Database::Postgresql(config) => StoreConfig::Postgresql(config),
        }
    }
}

pub(super) fn fault(file: Option<&File>) -> Option<Fault> {
    let file = file?;
    match (&file.database, file.pages?) {
        (Database::File(_), 0..16) => Some((
            "store",
            "the store has no room".into(),
            "Use 16 pages of 4 KiB or more, or leave the key out",
        )),
        (Database::Postgresql(_), _) => Some((
            "store",
            "PostgreSQL has no `pages`".into(),
            "Take the key away; the disk of PostgreSQL is the room there is",
        )),
        (Database::File(_), _) => None,
    }
}

/// 4 GiB.
const PAGES: u32 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(database: &str) -> Result<StoreConfig, String> {
        let text = format!("database: \"{database}\"");
        let file: Result<File, _> = serde_yaml::from_str(&text);
        file.map(StoreConfig::from)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_address_of_postgresql_is_told_from_a_file() {
        let file = |database: &str| read(database).unwrap();
        assert!(matches!(
            file("im-server.sqlite"),
            StoreConfig::Sqlite { pages: PAGES, .. }
        ));
        for scheme in ["postgresql", "postgres"] {
            let StoreConfig::Postgresql(config) = file(&format!("{scheme}://u:s%40cret@h/d"))
            else {
                panic!("a file");
            };
            assert_eq!(config.get_password(), Some(&b"s@cret"[..]));
            assert_eq!(crate::records::name(&config), "postgresql://h:5432/d");
        }
    }

    #[test]
    fn nothing_that_is_said_holds_a_password() {
        let config = read("postgresql://user:secret@host/d").unwrap();
        assert!(!format!("{config:?}").contains("secret"));
        for (address, remedy) in [
            ("postgresql://u:secret@h:port/d", "write it as"),
            ("postgresql://u:secret@/d", "names no host"),
            (
                "postgresql://u:secret@h/d?sslmode=require",
                "take `sslmode` away",
            ),
        ] {
            let said = read(address).unwrap_err();
            assert!(said.contains(remedy) && !said.contains("secret"), "{said}");
        }
    }
}
