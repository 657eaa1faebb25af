//! `Warning` (RFC 3261 section 20.43).

use std::fmt;

use super::Violation;

/// A reason a person can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Three digits.
    pub code: u16,
    /// Host or pseudonym that adds it.
    pub agent: String,
    /// Without quotes and escapes.
    pub text: String,
}

impl Warning {
    /// Reads one element (no comma list).
    pub fn parse(_text: &str) -> Result<Self, Violation> {
        Err(Violation::Warning)
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} \"{}\"", self.code, self.agent, self.text)
    }
}
