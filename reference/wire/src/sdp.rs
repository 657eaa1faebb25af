//! Session descriptions (RFC 4566) kept line by line, with the MSRP attributes of RFC 4975.

use std::fmt;

/// Why a text is not a session description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Placeholder replaced below.
    #[error("the description is empty (RFC 4566 section 5)")]
    Empty,
}

/// One `<kind>=<value>` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The letter before the equals sign.
    pub kind: char,
    /// Everything after the equals sign, verbatim (RFC 4975 prints `s= -`, blank included).
    pub value: String,
}

/// One `m=` line and the lines that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// `message`, `audio`, ...
    pub kind: String,
    /// 0 refuses the stream, 9 stands for "I connect" (RFC 6135 section 4.2.2).
    pub port: u16,
    /// `TCP/MSRP`, `TCP/TLS/MSRP`, ...
    pub protocol: String,
    /// `*` for MSRP.
    pub formats: Vec<String>,
    /// The lines after this `m=` line, in order.
    pub lines: Vec<Line>,
}

/// A session description: the session level, then its media.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// Session-level lines in order.
    pub lines: Vec<Line>,
    /// Media sections in order.
    pub media: Vec<Media>,
}

impl Description {
    /// Reads a description.
    pub fn parse(_text: &str) -> Result<Self, Violation> {
        Err(Violation::Empty)
    }

    /// The connection address that holds for `media`: its own `c=` or the session's.
    pub fn connection(&self, _media: &Media) -> Option<String> {
        None
    }
}

impl fmt::Display for Description {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl Media {
    /// The value of the first `a=name:value` line.
    pub fn attribute(&self, _name: &str) -> Option<&str> {
        None
    }

    /// All attributes with their values.
    pub fn attributes(&self) -> Vec<(&str, Option<&str>)> {
        Vec::new()
    }

    /// The types of `a=accept-types` (RFC 4975 section 8.6).
    pub fn accept_types(&self) -> Vec<String> {
        Vec::new()
    }

    /// The URIs of `a=path` (RFC 4975 section 8.2).
    pub fn path(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Line-level faults with their octet offsets.
pub fn lint(_text: &str) -> Vec<(usize, String)> {
    Vec::new()
}
