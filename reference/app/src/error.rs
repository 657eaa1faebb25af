//! What can go wrong before a server or client runs, each with its remedy.

/// Why the program did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration file cannot be read.
    #[error(
        "{file}: cannot be read: {source}. Check the path, or copy an example from reference/app"
    )]
    Unreadable {
        /// The path as given.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The configuration is not what it should be.
    #[error("{file}:{line}:{column}: {problem}. {remedy}")]
    Config {
        /// The path as given.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        problem: String,
        /// What to do about it.
        remedy: String,
    },
    /// The command line is not what it should be.
    #[error("{0}. Try --help")]
    Usage(String),
    /// The database of the XDMS or of the store cannot be used.
    #[error(
        "{file}: cannot be used as a database: {source}. Check the path and its permissions, or choose another with `database`"
    )]
    Database {
        /// The path as given.
        file: String,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The database of the store cannot be used.
    #[error("{name}: {source}")]
    Postgresql {
        /// The database, without user and password.
        name: String,
        /// What PostgreSQL said.
        source: crate::Fault,
    },
    /// The sockets could not be opened.
    #[error(transparent)]
    Net(#[from] net::Error),
    /// The file of the trace cannot be written.
    #[error("{file}: cannot be written: {source}. Name another file with --trace")]
    Trace {
        /// The path as given.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system does not let us hear signals.
    #[error("cannot listen for signals: {0}. Check the limits of this process")]
    Signals(std::io::Error),
}

impl Error {
    /// The exit code of a program: 2 for a configuration to correct, 4 for a machine that refuses.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Unreadable { .. } | Error::Config { .. } | Error::Usage(_) => 2,
            Error::Net(net::Error::TimeScale(_) | net::Error::NoNode) => 2,
            Error::Net(net::Error::InUse { .. } | net::Error::Listen { .. })
            | Error::Database { .. }
            | Error::Postgresql { .. }
            | Error::Trace { .. }
            | Error::Signals(_) => 4,
        }
    }
}
