//! From what a matcher found to the verdict on a clause.

use clauses::Level;
use serde::{Deserialize, Serialize};

/// Octets of one frame that show what a finding says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Index of the frame in its exchange.
    pub frame: usize,
    /// First octet, and the octet after the last.
    pub octets: (usize, usize),
}

/// A matcher's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Held {
    /// The exchange shows that the clause was kept.
    Yes,
    /// The exchange shows that the clause was broken.
    No,
    /// What the clause speaks of was never seen.
    Missing,
}

/// What a matcher found in an exchange, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Kept, broken, or nothing to judge.
    pub held: Held,
    /// What the clause asks for.
    pub expected: String,
    /// What was there instead, or in fulfilment.
    pub found: String,
    /// The places that prove it.
    pub evidence: Vec<Evidence>,
}

/// The verdict on one clause (ISO/IEC 9646 words); later is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Kept, with evidence.
    Pass,
    /// A recommendation was not followed.
    Warning,
    /// The subject's claims put the clause out of reach.
    NotApplicable,
    /// What the clause speaks of was never seen.
    Inconclusive,
    /// Broken.
    Fail,
    /// The harness itself failed.
    Error,
}

/// The verdict on one clause in one scenario, with its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Id of the clause, such as `7.2.1.1/on-200/3`.
    pub clause: String,
    /// Title of the scenario.
    pub scenario: String,
    /// Feature file, relative to `features/`.
    pub feature: String,
    /// Line of the judging step in the feature file, from 1.
    pub line: usize,
    /// `udp` or `tcp`.
    pub transport: String,
    /// The verdict.
    pub verdict: Verdict,
    /// What the matcher found.
    pub finding: Finding,
    /// Why the verdict is not the plain reading of the finding; empty otherwise.
    pub reason: String,
}

impl Finding {
    /// Whether any evidence is given; a pass without it is none (no pass without evidence).
    pub fn has_evidence(&self) -> bool {
        !self.evidence.is_empty()
    }
}

impl Verdict {
    /// The verdict that a finding gives on a clause of this level.
    ///
    /// A finding that holds without evidence is inconclusive: a pass names at least one frame.
    pub fn of(level: Level, finding: &Finding) -> Self {
        match (finding.held, level) {
            (Held::Yes, _) if !finding.has_evidence() => Self::Inconclusive,
            (Held::Yes, _) => Self::Pass,
            (Held::No, Level::Shall) => Self::Fail,
            (Held::No, Level::Should) => Self::Warning,
            // Not doing what one may do breaks nothing and proves nothing.
            (Held::No, Level::May) => Self::NotApplicable,
            (Held::Missing, Level::May) => Self::NotApplicable,
            (Held::Missing, _) => Self::Inconclusive,
        }
    }

    /// The word that reports print.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warning => "warning",
            Self::NotApplicable => "not-applicable",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }
}
