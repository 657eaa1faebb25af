//! The run file: one JSON object a line, written as the run goes and read back whole.

mod merge;
mod read;
mod write;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Exchange, Frame, Judgement};
pub use merge::{Mismatch, merge};
pub use read::read;
pub use write::Writer;

/// Name of this format, in the first record.
pub const SCHEMA: &str = "shall.run/1";

/// One line of a run file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Record {
    /// First line: what ran.
    Run {
        /// [`SCHEMA`].
        schema: String,
        /// The subject's name, from its profile.
        subject: String,
        /// The catalogue's edition.
        edition: String,
        /// The change requests that make it up; absent when it was all that the catalogue has.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change_requests: Option<BTreeSet<String>>,
        /// Transports of the run.
        transports: Vec<String>,
        /// Milliseconds since the Unix epoch when the run began.
        started_ms: u64,
        /// The profiles of its subjects, as they were read.
        #[serde(default)]
        profiles: Vec<serde_json::Value>,
        /// The clauses that the run was asked for; absent when it was all of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        selected: Option<BTreeSet<String>>,
        /// Which part of a run this is; absent when it is a whole one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shard: Option<Shard>,
    },
    /// A scenario begins; frames and judgements name it by number.
    Scenario {
        /// Number of the scenario in this file.
        id: usize,
        /// Title.
        name: String,
        /// Feature file, relative to `features/`.
        feature: String,
        /// Line of the scenario, from 1.
        line: usize,
        /// `udp` or `tcp`.
        transport: String,
        /// How it was played.
        #[serde(flatten)]
        staging: Staging,
    },
    /// One frame of a scenario.
    Frame {
        /// Number of the scenario.
        scenario_id: usize,
        /// The frame.
        #[serde(flatten)]
        frame: Frame,
    },
    /// One verdict of a scenario.
    Judgement {
        /// Number of the scenario.
        scenario_id: usize,
        /// The verdict with its reasons.
        #[serde(flatten)]
        judgement: Judgement,
    },
    /// Last line; its absence means that the run was cut off.
    End {
        /// Wall time of the run in seconds.
        wall_seconds: f64,
        /// Whether the run was ended before all scenarios had run.
        #[serde(default)]
        interrupted: bool,
    },
}

/// A part of a run whose scenarios were shared out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// This part, from 1.
    pub part: usize,
    /// How many parts there are.
    pub of: usize,
    /// Scenarios of all parts together, counted for each transport.
    pub scenarios: usize,
    /// The clauses that the whole run was asked for; absent when it was all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selected: Option<BTreeSet<String>>,
}

/// How a scenario was played: with the exchange, all that its checks look at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Staging {
    /// Number in the addresses of its users.
    pub number: usize,
    /// How much faster than the clock protocol time ran.
    pub scale: f64,
    /// Addresses, and the names that snapshots show instead.
    pub names: Vec<(String, String)>,
    /// Why it could not go on.
    pub blocked: Option<String>,
    /// What the subject does not offer of what it was asked for.
    pub unable: Option<String>,
    /// A fault of the harness or of the feature.
    pub fault: Option<String>,
    /// Its steps: line in the feature, and text.
    pub steps: Vec<(usize, String)>,
}

/// Seconds to the millisecond, which JSON gives back as they were.
#[must_use]
pub fn to_millisecond(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

/// What a run file may hold at most.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Octets of one line.
    pub line: usize,
    /// Lines.
    pub records: usize,
    /// Octets of all lines together.
    pub total: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            line: 16 << 20,
            records: 4_000_000,
            total: 1 << 30,
        }
    }
}

/// Why a run file could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be written or read.
    #[error("line {line}: {source}")]
    Io {
        /// Line in the run file, from 1.
        line: usize,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line is not a record.
    #[error("line {line}, column {column}: {reason}")]
    Syntax {
        /// Line in the run file, from 1.
        line: usize,
        /// Octet in that line, from 1.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// A line, or the file, is longer than the bounds allow.
    #[error(
        "line {line}: {what} exceeds {limit}; this is not a run file of ours, or its bounds must be raised"
    )]
    TooLong {
        /// Line in the run file, from 1.
        line: usize,
        /// What is too long.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
}

/// One scenario of a run, read back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scenario {
    /// Number in the file.
    pub id: usize,
    /// Title.
    pub name: String,
    /// Feature file, relative to `features/`.
    pub feature: String,
    /// Line of the scenario.
    pub line: usize,
    /// `udp` or `tcp`.
    pub transport: String,
    /// How it was played.
    pub staging: Staging,
    /// Its frames.
    pub exchange: Exchange,
    /// Its verdicts.
    pub judgements: Vec<Judgement>,
}

/// A whole run, read back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// The subject's name.
    pub subject: String,
    /// The catalogue's edition.
    pub edition: String,
    /// The change requests that make it up; `None` when it was all that the catalogue has.
    pub change_requests: Option<BTreeSet<String>>,
    /// Transports of the run.
    pub transports: Vec<String>,
    /// Milliseconds since the Unix epoch when the run began.
    pub started_ms: u64,
    /// The profiles of its subjects, as they were read.
    pub profiles: Vec<serde_json::Value>,
    /// The clauses that the run was asked for; `None` when it was all of them.
    pub selected: Option<BTreeSet<String>>,
    /// Which part of a run it is; `None` when it is a whole one.
    pub shard: Option<Shard>,
    /// Scenarios in order of their numbers.
    pub scenarios: Vec<Scenario>,
    /// Wall time in seconds; `None` when the run was cut off.
    pub wall_seconds: Option<f64>,
    /// Whether the run was ended before all scenarios had run.
    pub interrupted: bool,
}

#[cfg(test)]
mod tests;
