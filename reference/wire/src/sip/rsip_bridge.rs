//! The only place that names rsip: well-formed messages built with its vocabulary, and a second opinion.

use rsip::message::HasHeaders;

use super::{Message, Violation};

/// Why rsip's vocabulary does not serve; write the message directly then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Our own reader sees other lines than were asked for.
    #[error("what rsip prints is not what was asked for")]
    Differs,
    /// rsip's list of methods is closed.
    #[error("rsip does not know the method")]
    Method,
    /// Our own reader refuses what rsip printed.
    #[error("what rsip prints is no SIP message: {0}")]
    Reread(#[from] Violation),
    /// rsip cannot read the Request-URI.
    #[error("rsip cannot read the Request-URI")]
    Uri,
}

/// What rsip makes of a message: a second opinion for tests, never a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// `METHOD URI` or the status code, as rsip prints them.
    pub start: String,
    /// Name and value of every header as rsip prints them, in order.
    pub headers: Vec<(String, String)>,
    /// What rsip takes for the body.
    pub body: Vec<u8>,
}

/// Builds a request of rsip and reads it again with our own reader.
pub fn request(
    method: &str,
    uri: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Message, Refusal> {
    let known: rsip::Method = method.parse().map_err(|_| Refusal::Method)?;
    if known.to_string() != method {
        return Err(Refusal::Method);
    }
    let target = rsip::Uri::try_from(uri).map_err(|_| Refusal::Uri)?;
    let built = rsip::Request {
        method: known,
        uri: target,
        version: rsip::Version::V2,
        headers: vocabulary(headers).into(),
        body: body.to_vec(),
    };
    let first = format!("{} {} {}", built.method, built.uri, built.version);
    let message = reread(&first, &built, headers)?;
    match message.uri() {
        Some(printed) if printed == uri => Ok(message),
        _ => Err(Refusal::Differs),
    }
}

/// Builds a response of rsip and reads it again with our own reader.
/// The reason is printed as given, not in rsip's spelling (`BusyHere`).
pub fn response(
    code: u16,
    reason: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Message, Refusal> {
    let built = rsip::Response {
        status_code: rsip::StatusCode::Other(code, reason.to_owned()),
        version: rsip::Version::V2,
        headers: vocabulary(headers).into(),
        body: body.to_vec(),
    };
    let first = format!("{} {}", built.version, built.status_code);
    let message = reread(&first, &built, headers)?;
    match message.code() {
        Some(printed) if printed == code => Ok(message),
        _ => Err(Refusal::Differs),
    }
}

/// What rsip makes of the octets; `None` if it refuses them.
pub fn opinion(bytes: &[u8]) -> Option<Opinion> {
    let message = rsip::SipMessage::try_from(bytes).ok()?;
    let start = match &message {
        rsip::SipMessage::Request(request) => format!("{} {}", request.method, request.uri),
        rsip::SipMessage::Response(response) => response.status_code.code().to_string(),
    };
    let lines = message.headers().iter().map(ToString::to_string);
    let pair = |line: String| match line.split_once(": ") {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (line, String::new()),
    };
    Some(Opinion {
        start,
        headers: lines.map(pair).collect(),
        body: message.body().clone(),
    })
}

/// Headers that rsip has a type for keep it; the others are plain lines.
fn vocabulary(headers: &[(&str, &str)]) -> Vec<rsip::Header> {
    use rsip::headers::UntypedHeader;
    let typed = |(name, value): &(&str, &str)| match *name {
        "Via" => rsip::headers::Via::new(*value).into(),
        "From" => rsip::headers::From::new(*value).into(),
        "To" => rsip::headers::To::new(*value).into(),
        "Call-ID" => rsip::headers::CallId::new(*value).into(),
        "CSeq" => rsip::headers::CSeq::new(*value).into(),
        "Contact" => rsip::headers::Contact::new(*value).into(),
        "Max-Forwards" => rsip::headers::MaxForwards::new(*value).into(),
        "Content-Type" => rsip::headers::ContentType::new(*value).into(),
        "Content-Length" => rsip::headers::ContentLength::new(*value).into(),
        other => rsip::Header::Other(other.to_owned(), (*value).to_owned()),
    };
    headers.iter().map(typed).collect()
}

/// rsip prints bodies as text, which damages binary ones: the body goes on as octets.
fn reread(
    first: &str,
    built: &(impl HasHeaders + Bodied),
    asked: &[(&str, &str)],
) -> Result<Message, Refusal> {
    let mut bytes = format!("{first}\r\n{}\r\n", built.headers()).into_bytes();
    bytes.extend_from_slice(built.octets());
    let message = Message::parse(&bytes)?;
    let have = message.headers.iter();
    let have = have.map(|header| (header.name.as_str(), header.value.as_str()));
    match have.eq(asked.iter().copied()) {
        true => Ok(message),
        false => Err(Refusal::Differs),
    }
}

/// Both message kinds of rsip have a body, but no trait says so.
trait Bodied {
    fn octets(&self) -> &[u8];
}

impl Bodied for rsip::Request {
    fn octets(&self) -> &[u8] {
        &self.body
    }
}

impl Bodied for rsip::Response {
    fn octets(&self) -> &[u8] {
        &self.body
    }
}
