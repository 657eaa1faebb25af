//! `Content-Type`, `Content-Disposition` and `Accept-Contact`: a word with parameters.

use std::fmt;

use super::{Params, Violation};

/// Wanted or unwanted features of a callee (RFC 3841 section 9.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptContact {
    /// Feature tags, `require`, `explicit`.
    pub params: Params,
}

/// A media type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentType {
    /// `type/subtype` as spelled.
    pub value: String,
    /// `boundary`, `charset`, ...
    pub params: Params,
}

/// What a body is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disposition {
    /// `session`, `recipient-list`, ...
    pub value: String,
    /// `handling` and others.
    pub params: Params,
}

impl AcceptContact {
    /// Reads one element (no comma list).
    pub fn parse(_text: &str) -> Result<Self, Violation> {
        Err(Violation::AcceptContact)
    }
}

impl ContentType {
    /// Reads the value.
    pub fn parse(_text: &str) -> Result<Self, Violation> {
        Err(Violation::ContentType)
    }
}

impl Disposition {
    /// Reads the value.
    pub fn parse(_text: &str) -> Result<Self, Violation> {
        Err(Violation::Disposition)
    }
}

impl fmt::Display for AcceptContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "*{}", self.params)
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.value, self.params)
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.value, self.params)
    }
}
