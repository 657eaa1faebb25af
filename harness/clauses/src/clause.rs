//! One clause and the words that describe it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One normative statement of the edition, or of an RFC it presupposes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// Stable name: `subclause/list/step`, or `rfcNNNN:section/word` for a supporting rule.
    pub id: String,
    pub level: Level,
    /// Who has to act, for example `im-server-controlling`.
    pub actor: String,
    /// Topic that unifies the numbering systems of the change requests.
    pub area: String,
    /// What makes the clause speak.
    pub trigger: String,
    /// The duty in our own words; never a quotation.
    pub requirement: String,
    pub observable: Observable,
    /// How a statement about the inside shows outside.
    pub proxy_observation: Option<String>,
    /// Name of the condition the clause depends on; `None` is always, given the trigger.
    pub applies_when: Option<String>,
    /// Profile claim that decides: only a profile that sets it to false makes the clause not applicable.
    pub claim: Option<String>,
    /// Where the sentence stands; `None` for supporting rules.
    pub source: Option<Source>,
    /// Digest of the sentence; `None` for supporting rules.
    pub fingerprint: Option<Fingerprint>,
    pub reading: Option<Reading>,
    /// Judged, pending, excluded or superseded, with the reason.
    pub status: Status,
    /// Id of the clause that it stands for: until this one is pending no more, that one is still judged.
    pub supersedes: Option<String>,
    /// Of a superseded clause: its successor states the same duty, so that what judges the one judges the other.
    pub same_duty: bool,
    /// What the text refers to, as printed.
    pub references: Vec<String>,
    /// True for rules of RFCs that the change requests presuppose; judged and reported apart.
    pub supporting: bool,
    /// File the clause was read from.
    pub file: String,
    /// Line of its `id`, counted from 1.
    pub line: usize,
}

impl Clause {
    /// The subclause, that is the id up to its first `/`.
    pub fn subclause(&self) -> &str {
        self.id.split('/').next().unwrap_or(&self.id)
    }

    /// True when runs have to bring a verdict for this clause.
    pub fn is_judged(&self) -> bool {
        self.status == Status::Judged
    }
}

/// Force of a clause. A MUST of an RFC is written SHALL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    #[serde(rename = "SHALL")]
    Shall,
    #[serde(rename = "SHOULD")]
    Should,
    #[serde(rename = "MAY")]
    May,
}

impl fmt::Display for Level {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Level::Shall => "SHALL",
            Level::Should => "SHOULD",
            Level::May => "MAY",
        })
    }
}

/// Where keeping the clause shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observable {
    OnWireSip,
    OnWireMsrp,
    OnWireXcap,
    Internal,
    UserInterface,
}

/// Where the original sentence stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Number of the change request, `000` to `004`.
    pub change_request: String,
    /// Number of the change inside it, where printed.
    pub change: Option<u32>,
    /// Line in its plain text, counted from 1.
    pub line: u32,
}

/// Digest of a normalised sentence; see [`crate::fingerprint`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fingerprint {
    /// First 16 hexadecimal digits of SHA-256.
    pub sha256: String,
    /// 64-bit similarity hash, 16 hexadecimal digits.
    pub simhash: String,
}

/// How we understand a clause whose text is unclear or contradicts another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    pub text: String,
    /// Numbers of the findings it answers, for example `F142`.
    #[serde(default)]
    pub findings: Vec<String>,
}

/// Whether runs judge a clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum Status {
    Judged,
    /// To be judged once somebody writes its scenario; judged by nobody yet.
    Pending {
        reason: String,
    },
    /// Nobody outside can see it, or it needs what this edition does not hold.
    Excluded {
        reason: String,
    },
    /// A later clause stands in its place.
    Superseded {
        by: String,
    },
}

impl Status {
    /// `judged`, `pending`, `excluded` or `superseded`.
    pub fn name(&self) -> &'static str {
        match self {
            Status::Judged => "judged",
            Status::Pending { .. } => "pending",
            Status::Excluded { .. } => "excluded",
            Status::Superseded { .. } => "superseded",
        }
    }

    /// Why runs do not judge it; empty where they do.
    pub fn reason(&self) -> String {
        match self {
            Status::Judged => String::new(),
            Status::Pending { reason } | Status::Excluded { reason } => reason.clone(),
            Status::Superseded { by } => format!("superseded by {by}"),
        }
    }
}
