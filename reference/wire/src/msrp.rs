//! MSRP frames (RFC 4975): requests, responses and the chunks they carry.

use crate::{Framed, Limits};

pub use uri::Uri;

mod uri;

/// Why octets are not an MSRP frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Not `MSRP <tid> <method or code>`.
    #[error("the start line is not `MSRP <transaction> <method or code>` (RFC 4975 section 9)")]
    StartLine,
}

/// What a frame is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A request with its method.
    Request(String),
    /// A response with its code and comment (empty when absent).
    Response(u16, String),
}

/// The continuation flag of the end line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// `$`: the last octets of the message.
    Complete,
    /// `+`: more chunks follow.
    More,
    /// `#`: the message is given up.
    Abort,
}

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The transaction identifier, 4 to 32 characters.
    pub transaction: String,
    /// Request or response.
    pub kind: Kind,
    /// To-Path, leftmost first.
    pub to_path: Vec<String>,
    /// From-Path, leftmost first.
    pub from_path: Vec<String>,
    /// The other headers in order.
    pub headers: Vec<(String, String)>,
    /// `None`: no blank line and no Content-Type; `Some(vec![])`: an empty body.
    pub body: Option<Vec<u8>>,
    /// The continuation flag.
    pub flag: Flag,
}

/// A Byte-Range (RFC 4975 section 7.1.1), 1-based.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    /// First octet, from 1.
    pub start: u64,
    /// Last octet; `None` is `*`.
    pub end: Option<u64>,
    /// Size of the message; `None` is `*`.
    pub total: Option<u64>,
}

impl Frame {
    /// Reads exactly one frame.
    pub fn parse(_bytes: &[u8]) -> Result<Self, Violation> {
        Err(Violation::StartLine)
    }

    /// Writes the frame.
    pub fn to_bytes(&self) -> Vec<u8> {
        Vec::new()
    }

    /// The value of a header, its name in any case.
    pub fn header(&self, _name: &str) -> Option<&str> {
        None
    }

    /// The Byte-Range, if present and well-formed.
    pub fn byte_range(&self) -> Option<ByteRange> {
        None
    }
}

/// Finds the first frame of a stream.
pub fn frame(_buf: &[u8], _limits: &Limits) -> Result<Framed, Violation> {
    Ok(Framed::Incomplete)
}
