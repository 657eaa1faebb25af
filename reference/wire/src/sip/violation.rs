//! The rules of RFC 3261 and its extensions that a message can break, one variant each.

/// Why a SIP message, or one of its values, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Violation {
    /// `Accept-Contact` is not `*` with parameters.
    #[error("Accept-Contact is not \"*\" with feature parameters (RFC 3841 section 10)")]
    AcceptContact,
    /// The body is longer than the limit.
    #[error("the body is longer than we accept (RFC 3261 section 21.5.7)")]
    BodyTooLong,
    /// Fewer octets follow than `Content-Length` announces.
    #[error("the body is shorter than Content-Length says (RFC 3261 section 18.3)")]
    BodyShort,
    /// `Call-ID` is empty or has blanks.
    #[error("Call-ID is not one word (RFC 3261 section 20.8)")]
    CallId,
    /// `Content-Length` is not a number we can hold.
    #[error("Content-Length is not a decimal number (RFC 3261 section 20.14)")]
    ContentLength,
    /// Two `Content-Length` lines disagree.
    #[error("two Content-Length values disagree (RFC 3261 section 20.14)")]
    ContentLengthConflict,
    /// No `Content-Length` on a stream.
    #[error("Content-Length is missing on a stream (RFC 3261 section 18.3)")]
    ContentLengthMissing,
    /// `Content-Type` is not type/subtype.
    #[error("Content-Type is not type/subtype with parameters (RFC 3261 section 20.15)")]
    ContentType,
    /// A control character inside a header value.
    #[error("a header value holds a control character (RFC 3261 section 25.1)")]
    Control,
    /// `CSeq` is not a number and a method.
    #[error("CSeq is not a number below 2^31 and a method (RFC 3261 section 8.1.1.5)")]
    CSeq,
    /// The method of `CSeq` is not the method of the request.
    #[error("the CSeq method is not the request method (RFC 3261 section 8.1.1.5)")]
    CSeqMethod,
    /// `Date` is not an RFC 1123 date in GMT.
    #[error("Date is not an RFC 1123 date in GMT (RFC 3261 section 20.17)")]
    Date,
    /// `Content-Disposition` is not a token with parameters.
    #[error("Content-Disposition is not a token with parameters (RFC 3261 section 20.11)")]
    Disposition,
    /// There is nothing to read.
    #[error("the message is empty (RFC 3261 section 7)")]
    Empty,
    /// `Event` is not a package name with parameters.
    #[error("Event is not a package with parameters (RFC 6665 section 8.2.1)")]
    Event,
    /// A header name is not a token.
    #[error("a header name is not a token (RFC 3261 section 7.3.1)")]
    HeaderName,
    /// A comma list has an empty element.
    #[error("a header list has an empty element (RFC 3261 section 7.3.1)")]
    EmptyElement,
    /// A line ends in LF or CR alone.
    #[error("a line does not end in CRLF (RFC 3261 section 7)")]
    LineEnd,
    /// A line is longer than the limit.
    #[error("a header line is longer than we accept (RFC 3261 section 21.5.7)")]
    LineTooLong,
    /// The message is longer than the limit.
    #[error("the message is longer than we accept (RFC 3261 section 21.5.7)")]
    MessageTooLong,
    /// The method is not a token.
    #[error("the method is not a token (RFC 3261 section 7.1)")]
    Method,
    /// A mandatory header is absent.
    #[error("{0} is missing (RFC 3261 section 8.1.1)")]
    Missing(&'static str),
    /// A name-addr or addr-spec cannot be read.
    #[error("an address is not name-addr or addr-spec (RFC 3261 section 20)")]
    NameAddr,
    /// A URI with `;`, `?` or `,` stands without angle brackets.
    #[error("a URI with a comma, question mark or semicolon needs <> (RFC 3261 section 20)")]
    NameAddrBrackets,
    /// No empty line ends the headers.
    #[error("no empty line ends the headers (RFC 3261 section 7)")]
    NoBlankLine,
    /// A header line has no colon.
    #[error("a header line has no colon (RFC 3261 section 7.3.1)")]
    NoColon,
    /// A number is not decimal or does not fit.
    #[error("{0} is not a decimal number in range (RFC 3261 section 25.1)")]
    Number(&'static str),
    /// Parameters are not `;name=value`.
    #[error("parameters are not ;name=value (RFC 3261 section 7.3.1)")]
    Params,
    /// A quoted string is not closed.
    #[error("a quoted string is not closed (RFC 3261 section 25.1)")]
    Quote,
    /// A header that may stand once stands twice.
    #[error("{0} stands more than once (RFC 3261 section 7.3.1)")]
    Repeated(&'static str),
    /// The Request-URI is not a URI.
    #[error("the Request-URI is not a URI (RFC 3261 section 7.1)")]
    RequestUri,
    /// `Session-Expires` is not seconds with parameters.
    #[error("Session-Expires is not seconds with parameters (RFC 4028 section 4)")]
    SessionExpires,
    /// The start line is neither a request line nor a status line.
    #[error("the first line is no request or status line (RFC 3261 sections 7.1 and 7.2)")]
    StartLine,
    /// The status code is not three digits from 100 to 699.
    #[error("the status code is not three digits from 100 to 699 (RFC 3261 section 7.2)")]
    StatusCode,
    /// `Subscription-State` is not a token with parameters.
    #[error("Subscription-State is not a state with parameters (RFC 6665 section 8.2.3)")]
    SubscriptionState,
    /// A list of methods or option tags has something else.
    #[error("a list of tokens has an element that is no token (RFC 3261 section 25.1)")]
    Token,
    /// More header lines than the limit.
    #[error("more header lines than we accept (RFC 3261 section 21.5.7)")]
    TooManyHeaders,
    /// A URI has no scheme, host or legal characters.
    #[error("the URI does not follow its grammar (RFC 3261 section 19.1.1)")]
    Uri,
    /// A percent sign is not followed by two hexadecimal digits.
    #[error("a URI escape is not % and two hexadecimal digits (RFC 3261 section 19.1.2)")]
    UriEscape,
    /// The host is not a name, an IPv4 address or a bracketed IPv6 reference.
    #[error("the host is no name, IPv4 address or IPv6 reference (RFC 3261 section 25.1)")]
    UriHost,
    /// The port is not a number up to 65535.
    #[error("the port is not a number up to 65535 (RFC 3261 section 19.1.1)")]
    UriPort,
    /// Header octets are not UTF-8.
    #[error("the headers are not UTF-8 (RFC 3261 section 7)")]
    Utf8,
    /// The version is not SIP/2.0.
    #[error("the version is not SIP/2.0 (RFC 3261 section 7.1)")]
    Version,
    /// `Via` cannot be read.
    #[error("Via is not SIP/2.0/transport, sent-by and parameters (RFC 3261 section 20.42)")]
    Via,
    /// `Warning` is not code, agent and quoted text.
    #[error("Warning is not a code, an agent and a quoted text (RFC 3261 section 20.43)")]
    Warning,
}
