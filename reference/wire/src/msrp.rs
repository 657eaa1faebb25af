//! MSRP frames (RFC 4975): requests, responses and the chunks they carry.

pub use byte_range::ByteRange;
pub use read::frame;
pub use uri::Uri;
pub(crate) use uri::{address, same_host};

mod byte_range;
mod read;
#[cfg(test)]
mod tests;
mod uri;
mod violation;

pub use violation::Violation;

/// One frame.
///
/// Paths are kept as text: whether an address belongs to a session is the receiver's question,
/// answered with 481 and not with silence (RFC 4975 section 7.3).
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
    /// The other headers in order, without line ends; `Content-Type` is written last.
    pub headers: Vec<(String, String)>,
    /// `None`: neither blank line nor Content-Type; `Some(vec![])`: an empty body.
    pub body: Option<Vec<u8>>,
    /// The continuation flag.
    pub flag: Flag,
}

/// What a frame is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A request with its method, upper case.
    Request(String),
    /// A response with its code and comment (empty when absent).
    Response(u16, String),
}

/// The continuation flag of the end line (RFC 4975 section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// `$`: the last octets of the message.
    Complete,
    /// `+`: more chunks follow.
    More,
    /// `#`: the message is given up.
    Abort,
}

impl Frame {
    /// Reads exactly one frame; octets after its end line are a violation.
    ///
    /// Tolerated beyond the grammar: no header after From-Path, and any blanks around a header value.
    pub fn parse(bytes: &[u8]) -> Result<Self, Violation> {
        read::parse(bytes)
    }

    /// A request without further headers and body, complete.
    pub fn request(
        method: &str,
        transaction: &str,
        to_path: &[String],
        from_path: &[String],
    ) -> Self {
        Self {
            transaction: transaction.to_owned(),
            kind: Kind::Request(method.to_owned()),
            to_path: to_path.to_vec(),
            from_path: from_path.to_vec(),
            headers: Vec::new(),
            body: None,
            flag: Flag::Complete,
        }
    }

    /// The response to this request: to the leftmost sender address only when it is a SEND
    /// (RFC 4975 section 7.2). A REPORT gets none; not asking is the caller's part.
    pub fn response(&self, code: u16, comment: &str) -> Self {
        let hops = if self.method() == Some("SEND") {
            1
        } else {
            self.from_path.len()
        };
        Self {
            transaction: self.transaction.clone(),
            kind: Kind::Response(code, comment.to_owned()),
            to_path: self.from_path.iter().take(hops).cloned().collect(),
            from_path: self.to_path.iter().take(1).cloned().collect(),
            headers: Vec::new(),
            body: None,
            flag: Flag::Complete,
        }
    }

    /// Writes the frame as it stands.
    ///
    /// A transaction identifier for which [`Frame::collides`] holds yields a frame that ends too
    /// early; choose another one first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = match &self.kind {
            Kind::Request(method) => format!("MSRP {} {method}\r\n", self.transaction),
            Kind::Response(code, comment) if comment.is_empty() => {
                format!("MSRP {} {code:03}\r\n", self.transaction)
            }
            Kind::Response(code, comment) => {
                format!("MSRP {} {code:03} {comment}\r\n", self.transaction)
            }
        };
        text += &format!("To-Path: {}\r\n", self.to_path.join(" "));
        text += &format!("From-Path: {}\r\n", self.from_path.join(" "));
        let (last, first): (Vec<_>, Vec<_>) = self
            .headers
            .iter()
            .partition(|(name, _)| is_content_type(name));
        for (name, value) in first.into_iter().chain(last) {
            text += &format!("{name}: {value}\r\n");
        }
        let mut bytes = text.into_bytes();
        if let Some(body) = &self.body {
            bytes.extend_from_slice(b"\r\n");
            bytes.extend_from_slice(body);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(&end_mark(&self.transaction));
        bytes.push(self.flag.octet());
        bytes.extend_from_slice(b"\r\n");
        bytes
    }

    /// Whether the body holds the dashes and this transaction identifier (RFC 4975 section 7.1
    /// forbids it): the sender must choose another identifier.
    pub fn collides(&self) -> bool {
        let mark = end_mark(&self.transaction);
        self.body
            .as_deref()
            .is_some_and(|body| memchr::memmem::find(body, &mark).is_some())
    }

    /// The request's method.
    pub fn method(&self) -> Option<&str> {
        match &self.kind {
            Kind::Request(method) => Some(method),
            Kind::Response(..) => None,
        }
    }

    /// The response's code.
    pub fn code(&self) -> Option<u16> {
        match &self.kind {
            Kind::Request(_) => None,
            Kind::Response(code, _) => Some(*code),
        }
    }

    /// The value of the first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self
            .headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// The Byte-Range; `None` when absent or malformed (`header` tells which).
    pub fn byte_range(&self) -> Option<ByteRange> {
        ByteRange::parse(self.header("Byte-Range")?).ok()
    }

    /// The code of a REPORT's `Status: 000 <code> [text]` (RFC 4975 section 7.1.2).
    pub fn status(&self) -> Option<u16> {
        let rest = self.header("Status")?.strip_prefix("000 ")?;
        let code = rest.split(' ').next()?;
        (code.len() == 3).then(|| code.parse().ok())?
    }
}

impl Flag {
    fn octet(self) -> u8 {
        match self {
            Flag::Complete => b'$',
            Flag::More => b'+',
            Flag::Abort => b'#',
        }
    }

    fn of(octet: u8) -> Option<Self> {
        [Flag::Complete, Flag::More, Flag::Abort]
            .into_iter()
            .find(|flag| flag.octet() == octet)
    }
}

fn end_mark(transaction: &str) -> Vec<u8> {
    [b"-------", transaction.as_bytes()].concat()
}

fn is_content_type(name: &str) -> bool {
    name.eq_ignore_ascii_case("Content-Type")
}
