//! Bytes to values and back, for every format on the wire: no input or output, no state.

pub mod cpim;
pub mod mime;
pub mod msrp;
pub mod percent;
pub mod scan;
pub mod sdp;
pub mod sip;
pub mod xml;

/// Octets counted from the start of the message.
pub type Span = std::ops::Range<usize>;

/// The most one message may take, in octets unless said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The whole message.
    pub message: usize,
    /// How many header lines.
    pub headers: usize,
    /// One line, its folds included.
    pub line: usize,
    /// The body.
    pub body: usize,
}

impl Default for Limits {
    /// RFC 3261 section 18.1.1 asks for messages up to 65,535 octets; the rest is ours.
    fn default() -> Self {
        Self {
            message: 65_535,
            headers: 256,
            line: 8192,
            body: 65_535,
        }
    }
}

/// Whether a stream buffer holds a whole message yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framed {
    /// The message is `buf[skip..skip + len]`.
    Complete {
        /// Leading CRLF keep-alives (RFC 5626 section 3.5.1).
        skip: usize,
        /// Octets of the message.
        len: usize,
    },
    /// More octets are needed.
    Incomplete,
}
