//! What an MSRP peer can get wrong in a single frame.

/// Why octets are not an MSRP frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// The body exceeds the limit set for it.
    #[error("the body exceeds the limit of {limit} octets (RFC 4975 section 7.1)")]
    BodyTooLong {
        /// Octets allowed.
        limit: usize,
    },
    /// A body whose type is not told.
    #[error("a body without Content-Type (RFC 4975 section 7.1)")]
    BodyWithoutType,
    /// Not `start-end/total`.
    #[error("Byte-Range is not `start-end/total` (RFC 4975 section 9)")]
    ByteRange,
    /// The second header is not From-Path.
    #[error("From-Path is not the second header (RFC 4975 section 7.1)")]
    FromPathNotSecond,
    /// A header line without name, colon or permitted characters.
    #[error("a line is not `name: value` (RFC 4975 section 9)")]
    HeaderLine,
    /// All header lines together exceed the limit.
    #[error("the headers exceed the limit of {limit} octets (RFC 4975 section 9)")]
    HeadersTooLong {
        /// Octets allowed.
        limit: usize,
    },
    /// More header lines than the limit allows.
    #[error("more than {limit} header lines (RFC 4975 section 9)")]
    HeadersTooMany {
        /// Lines allowed.
        limit: usize,
    },
    /// A line exceeds the limit.
    #[error("a line exceeds the limit of {limit} octets (RFC 4975 section 9)")]
    LineTooLong {
        /// Octets allowed.
        limit: usize,
    },
    /// The blank line is followed by the end line, with no line end in between.
    #[error("a blank line but no line end before the end line (RFC 4975 section 7.1)")]
    NoCrlfBeforeEndLine,
    /// The octets stop before an end line.
    #[error("no end line with this transaction identifier (RFC 4975 section 7.1)")]
    NoEndLine,
    /// A request that is not SEND carries more than 10240 octets.
    #[error("a body over 10240 octets in a request that is not SEND (RFC 4975 section 7.1)")]
    NonSendBody,
    /// A header line is not UTF-8.
    #[error("a header is not UTF-8 (RFC 4975 section 9)")]
    NotUtf8,
    /// To-Path or From-Path names no address.
    #[error("an empty path (RFC 4975 section 9)")]
    PathEmpty,
    /// To-Path or From-Path occurs again.
    #[error("a path header occurs twice (RFC 4975 section 7.1)")]
    PathRepeated,
    /// A response has a body.
    #[error("a response with a body (RFC 4975 section 9)")]
    ResponseBody,
    /// A response's flag is not `$`.
    #[error("a response whose flag is not `$` (RFC 4975 section 7.2)")]
    ResponseFlag,
    /// Not `MSRP <transaction> <method or code>`.
    #[error("the start line is not `MSRP <transaction> <method or code>` (RFC 4975 section 9)")]
    StartLine,
    /// The first header is not To-Path.
    #[error("To-Path is not the first header (RFC 4975 section 7.1)")]
    ToPathNotFirst,
    /// Octets follow the end line.
    #[error("octets after the end line (RFC 4975 section 7.1)")]
    TrailingOctets,
    /// The identifier is not 4 to 32 permitted characters.
    #[error("the transaction identifier is not 4 to 32 permitted characters (RFC 4975 section 9)")]
    Transaction,
    /// Content-Type is followed by another header.
    #[error("Content-Type is not the last header (RFC 4975 section 7.1)")]
    TypeNotLast,
    /// Content-Type without a body.
    #[error("Content-Type without a body (RFC 4975 section 7.1)")]
    TypeWithoutBody,
    /// Not an MSRP address.
    #[error("not an MSRP address (RFC 4975 section 9)")]
    Uri,
}
