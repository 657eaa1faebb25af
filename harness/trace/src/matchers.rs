//! Small questions to an exchange that answer with messages, and the findings they lead to.

use crate::{Evidence, Finding, Held};

/// The clause was kept, and `evidence` shows it.
pub fn held(expected: impl Into<String>, found: impl Into<String>, evidence: Vec<Evidence>) -> Finding {
    Finding { held: Held::Yes, expected: expected.into(), found: found.into(), evidence }
}

/// The clause was broken, and `evidence` shows where.
pub fn not_held(expected: impl Into<String>, found: impl Into<String>, evidence: Vec<Evidence>) -> Finding {
    Finding { held: Held::No, expected: expected.into(), found: found.into(), evidence }
}

/// What the clause speaks of was never seen.
pub fn missing(expected: impl Into<String>, found: impl Into<String>) -> Finding {
    Finding { held: Held::Missing, expected: expected.into(), found: found.into(), evidence: Vec::new() }
}
