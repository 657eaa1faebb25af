//! A SIP message: start line, header lines verbatim in order, body as octets.

use super::{CSeq, NameAddr, Via, Violation, full, is_list, read, same_name, split_commas};

/// A message whose lines are well-formed; header values may still be anything (see `validate`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Request line or status line.
    pub start: Start,
    /// Order and spelling kept; values unfolded and trimmed.
    pub headers: Vec<Header>,
    /// Exactly `Content-Length` octets.
    pub body: Vec<u8>,
}

/// The first line; the version is SIP/2.0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// Request line.
    Request {
        /// Case-sensitive token.
        method: String,
        /// Request-URI, verbatim.
        uri: String,
    },
    /// Status line.
    Response {
        /// 100 to 699.
        code: u16,
        /// May be empty.
        reason: String,
    },
}

/// One header line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// As spelled, compact or not.
    pub name: String,
    /// Unfolded, trimmed.
    pub value: String,
}

impl Message {
    /// Reads one datagram or one framed message: a longer body is cut at `Content-Length`
    /// (RFC 3261 section 18.3), a shorter one refused. Header values are not judged; see `validate`.
    pub fn parse(bytes: &[u8]) -> Result<Self, Violation> {
        read::message(bytes)
    }

    /// Prints the message; `Content-Length` is always the true one, in its place or at the end.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512 + self.body.len());
        match &self.start {
            Start::Request { method, uri } => {
                out.extend_from_slice(format!("{method} {uri} SIP/2.0\r\n").as_bytes());
            }
            Start::Response { code, reason } => {
                out.extend_from_slice(format!("SIP/2.0 {code:03} {reason}\r\n").as_bytes());
            }
        }
        let mut length = Some(self.body.len());
        for header in &self.headers {
            if full(&header.name).eq_ignore_ascii_case("Content-Length") {
                if let Some(length) = length.take() {
                    out.extend_from_slice(format!("{}: {length}\r\n", header.name).as_bytes());
                }
                continue;
            }
            out.extend_from_slice(header.name.as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(header.value.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        if let Some(length) = length {
            out.extend_from_slice(format!("Content-Length: {length}\r\n").as_bytes());
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(&self.body);
        out
    }

    /// A request without headers.
    pub fn request(method: &str, uri: &str) -> Self {
        Self {
            start: Start::Request {
                method: method.to_owned(),
                uri: uri.to_owned(),
            },
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A response with what RFC 3261 section 8.2.6.2 copies: every Via, From, To, Call-ID, CSeq.
    /// The To tag is the caller's to add.
    pub fn response(request: &Self, code: u16, reason: &str) -> Self {
        let copied = ["Via", "From", "To", "Call-ID", "CSeq"];
        let headers = copied.iter().flat_map(|name| {
            let same = move |header: &&Header| same_name(&header.name, name);
            request.headers.iter().filter(same).cloned()
        });
        Self {
            start: Start::Response {
                code,
                reason: reason.to_owned(),
            },
            headers: headers.collect(),
            body: Vec::new(),
        }
    }

    /// Whether the start line is a request line.
    pub fn is_request(&self) -> bool {
        matches!(self.start, Start::Request { .. })
    }

    /// The method of a request.
    pub fn method(&self) -> Option<&str> {
        match &self.start {
            Start::Request { method, .. } => Some(method),
            Start::Response { .. } => None,
        }
    }

    /// The Request-URI of a request, verbatim.
    pub fn uri(&self) -> Option<&str> {
        match &self.start {
            Start::Request { uri, .. } => Some(uri),
            Start::Response { .. } => None,
        }
    }

    /// The status code of a response.
    pub fn code(&self) -> Option<u16> {
        match self.start {
            Start::Request { .. } => None,
            Start::Response { code, .. } => Some(code),
        }
    }

    /// Value of the first header line of that name (compact or full, either way).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    /// Values of all header lines of that name, lists not split.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let name = full(name);
        self.headers
            .iter()
            .filter(move |header| full(&header.name).eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }

    /// All elements of that header, comma lists split outside quotes and `<>`; empty ones left out.
    /// Headers whose commas do not separate elements (`Date`, `Subject`, ...) stay whole.
    pub fn values(&self, name: &str) -> Vec<String> {
        if !is_list(name) {
            return self.headers(name).map(str::to_owned).collect();
        }
        let mut elements = Vec::new();
        for value in self.headers(name) {
            let spans = split_commas(value.as_bytes()).into_iter();
            let filled = spans.filter(|span| !span.is_empty());
            elements.extend(filled.map(|span| value[span].to_owned()));
        }
        elements
    }

    /// Adds a header line at the end.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.headers.push(Header {
            name: name.to_owned(),
            value: value.into(),
        });
    }

    /// Adds a header line at the top.
    pub fn push_first(&mut self, name: &str, value: impl Into<String>) {
        let header = Header {
            name: name.to_owned(),
            value: value.into(),
        };
        self.headers.insert(0, header);
    }

    /// Replaces all lines of that name by one, at the place of the first or at the end.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let at = self.position(name).unwrap_or(self.headers.len());
        self.remove(name);
        let header = Header {
            name: name.to_owned(),
            value: value.into(),
        };
        self.headers.insert(at, header);
    }

    /// Removes all lines of that name.
    pub fn remove(&mut self, name: &str) {
        self.headers.retain(|header| !same_name(&header.name, name));
    }

    /// `push` for chains.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.push(name, value);
        self
    }

    /// Sets the body and its `Content-Type`.
    pub fn set_body(&mut self, content_type: &str, body: Vec<u8>) {
        self.set("Content-Type", content_type);
        self.body = body;
    }

    /// `Call-ID`.
    pub fn call_id(&self) -> Option<&str> {
        self.header("Call-ID")
    }

    /// `CSeq`; `None` if absent or unreadable.
    pub fn cseq(&self) -> Option<CSeq> {
        CSeq::parse(self.header("CSeq")?).ok()
    }

    /// `From`; `None` if absent or unreadable.
    pub fn from(&self) -> Option<NameAddr> {
        NameAddr::parse(self.header("From")?).ok()
    }

    /// `To`; `None` if absent or unreadable.
    pub fn to(&self) -> Option<NameAddr> {
        NameAddr::parse(self.header("To")?).ok()
    }

    /// The topmost `Via`; `None` if absent or unreadable.
    pub fn via(&self) -> Option<Via> {
        Via::parse(self.first("Via")?).ok()
    }

    /// The first `Contact`; `None` if absent or unreadable.
    pub fn contact(&self) -> Option<NameAddr> {
        NameAddr::parse(self.first("Contact")?).ok()
    }

    fn first(&self, name: &str) -> Option<&str> {
        let value = self.header(name)?;
        let span = split_commas(value.as_bytes()).first()?.clone();
        Some(&value[span])
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.headers
            .iter()
            .position(|header| same_name(&header.name, name))
    }
}
