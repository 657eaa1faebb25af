//! `Via` (RFC 3261 section 20.42) and `CSeq` (section 20.16).

use std::fmt;

use super::{Params, Violation};

/// One hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// `UDP`, `TCP`, ..., as spelled.
    pub transport: String,
    /// IPv6 keeps its brackets.
    pub host: String,
    /// `None` if not printed.
    pub port: Option<u16>,
    /// `branch`, `received`, `rport`, ...
    pub params: Params,
}

impl Via {
    /// Reads one element (no comma list).
    pub fn parse(_text: &str) -> Result<Self, Violation> {
        Err(Violation::Via)
    }

    /// The `branch` parameter.
    pub fn branch(&self) -> Option<&str> {
        self.params.value("branch")
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIP/2.0/{} {}", self.transport, self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        write!(f, "{}", self.params)
    }
}

/// Place of a request in its dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CSeq {
    /// Below 2^31.
    pub number: u32,
    /// Case-sensitive.
    pub method: String,
}

impl CSeq {
    /// Reads the value.
    pub fn parse(_text: &str) -> Result<Self, Violation> {
        Err(Violation::CSeq)
    }
}

impl fmt::Display for CSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.method)
    }
}
