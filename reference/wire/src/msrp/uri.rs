//! MSRP addresses and their comparison (RFC 4975 section 6).

use std::fmt;

use super::Violation;

/// `msrp://host:port/session;transport`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri {
    /// `msrps`.
    pub secure: bool,
    /// Host name or address, IPv6 in brackets.
    pub host: String,
    /// Absent and present differ (RFC 4975 section 6.1).
    pub port: Option<u16>,
    /// The session identifier, case-sensitive; may be empty (relays).
    pub session: String,
    /// `tcp`, ...
    pub transport: String,
}

impl Uri {
    /// Reads an address.
    pub fn parse(_text: &str) -> Result<Self, Violation> {
        Err(Violation::StartLine)
    }

    /// Whether both name the same session (RFC 4975 section 6.1).
    pub fn same_as(&self, _other: &Uri) -> bool {
        false
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}
