//! A SIP message as it came: every octet kept, nothing refused, every fault a defect with its place.

mod body;
mod fields;
mod lines;

use crate::Span;

/// A message seen without judging it. Spans count octets from the start of `bytes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// What came in.
    pub bytes: Vec<u8>,
    /// First line, without its line end.
    pub start: Span,
    /// Header lines in order.
    pub headers: Vec<HeaderLine>,
    /// Everything `Content-Length` covers, or all that follows the empty line.
    pub body: Span,
    /// What a strict reader refuses, in order of place.
    pub defects: Vec<Defect>,
}

/// One header line, folds included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderLine {
    /// Name to last octet, without the line end.
    pub whole: Span,
    /// Empty if the line has no colon.
    pub name: Span,
    /// Trimmed; may hold folds.
    pub value: Span,
}

/// A fault and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Which rule.
    pub kind: DefectKind,
    /// Which octets.
    pub span: Span,
}

/// What a strict reader refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DefectKind {
    /// CR without LF inside the headers.
    BareCr,
    /// LF without CR ends a line.
    BareLf,
    /// Start line is neither request line nor status line.
    BadStartLine,
    /// Version is not SIP/2.0.
    BadVersion,
    /// Header name is not a token.
    BadName,
    /// `Content-Length` is not a number.
    ContentLengthBad,
    /// More than one `Content-Length`.
    ContentLengthDuplicate,
    /// `Content-Length` announces less than came; the rest is outside the body.
    ContentLengthShort,
    /// `Content-Length` announces more than came.
    ContentLengthLong,
    /// No `Content-Length`, though a body came.
    ContentLengthMissing,
    /// Control character in a header line.
    Control,
    /// Nothing but line ends.
    Empty,
    /// No empty line after the headers.
    NoBlankLine,
    /// Header line without a colon.
    NoColon,
    /// Header octets are not UTF-8.
    NonUtf8,
    /// Blank between name and colon: legal (RFC 3261 section 7.3.1), but not to be sent.
    SpaceBeforeColon,
}

/// A header value, unfolded; octets that are not UTF-8 are replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Folds replaced by one blank.
    pub value: String,
    /// Where it stands, folds included.
    pub span: Span,
}

impl Scan {
    /// Looks at the octets of one SIP message; never fails.
    pub fn sip(bytes: &[u8]) -> Self {
        lines::scan(bytes)
    }

    /// The octets of the body.
    pub fn body(&self) -> &[u8] {
        &self.bytes[self.body.clone()]
    }

    /// The same octets that came in.
    pub fn print(&self) -> Vec<u8> {
        self.bytes.clone()
    }
}
