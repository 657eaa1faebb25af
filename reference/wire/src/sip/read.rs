//! Strict reading of one message: start line, header lines, body cut at `Content-Length`.

use super::{Header, Message, Start, Violation, control, full, is_token, lexis};
use crate::Limits;

pub(super) fn message(bytes: &[u8]) -> Result<Message, Violation> {
    let limits = Limits::default();
    let skip = keep_alives(bytes);
    let bytes = &bytes[skip..];
    if bytes.is_empty() {
        return Err(Violation::Empty);
    }
    let end = head_end(bytes)?;
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| Violation::Utf8)?;
    let mut lines = head.split("\r\n");
    let start = start_line(lines.next().unwrap_or_default())?;
    let mut headers: Vec<Header> = Vec::with_capacity(24);
    for line in lines {
        check_line(line, &limits)?;
        if line.starts_with([' ', '\t']) {
            let last = headers.last_mut().ok_or(Violation::NoColon)?;
            fold(&mut last.value, line.trim_ascii(), &limits)?;
            continue;
        }
        if headers.len() == limits.headers {
            return Err(Violation::TooManyHeaders);
        }
        headers.push(header(line)?);
    }
    let body = &bytes[end + 4..];
    let body = match content_length(&headers)? {
        Some(length) => body.get(..length).ok_or(Violation::BodyShort)?,
        None => body,
    };
    if body.len() > limits.body {
        return Err(Violation::BodyTooLong);
    }
    Ok(Message {
        start,
        headers,
        body: body.to_vec(),
    })
}

/// Octets of the CRLF pairs in front of a message (RFC 3261 section 7.5).
pub(super) fn keep_alives(bytes: &[u8]) -> usize {
    let mut pairs = bytes.chunks_exact(2);
    let count = pairs.by_ref().take_while(|pair| *pair == b"\r\n").count();
    count * 2
}

/// Where the empty line's CRLF CRLF begins; every line before it must end in CRLF.
pub(super) fn head_end(bytes: &[u8]) -> Result<usize, Violation> {
    let end = memchr::memmem::find(bytes, b"\r\n\r\n");
    let head = &bytes[..end.unwrap_or(bytes.len())];
    let bare = |at: usize| at == 0 || head[at - 1] != b'\r';
    if memchr::memchr_iter(b'\n', head).any(bare) {
        return Err(Violation::LineEnd);
    }
    end.ok_or(Violation::NoBlankLine)
}

fn start_line(line: &str) -> Result<Start, Violation> {
    if line.len() > Limits::default().line {
        return Err(Violation::LineTooLong);
    }
    if line.contains('\r') {
        return Err(Violation::LineEnd);
    }
    let (first, rest) = line.split_once(' ').ok_or(Violation::StartLine)?;
    if first
        .get(..4)
        .is_some_and(|word| word.eq_ignore_ascii_case("SIP/"))
    {
        return status_line(first, rest);
    }
    if !is_token(first.as_bytes()) {
        return Err(Violation::Method);
    }
    let (uri, version) = rest.rsplit_once(' ').ok_or(Violation::StartLine)?;
    let is_version = version
        .get(..4)
        .is_some_and(|word| word.eq_ignore_ascii_case("SIP/"));
    if !is_version || uri.is_empty() || uri.trim_ascii() != uri {
        return Err(Violation::StartLine);
    }
    if uri.contains([' ', '\t']) {
        return Err(Violation::RequestUri);
    }
    if !version.eq_ignore_ascii_case("SIP/2.0") {
        return Err(Violation::Version);
    }
    Ok(Start::Request {
        method: first.to_owned(),
        uri: uri.to_owned(),
    })
}

fn status_line(version: &str, rest: &str) -> Result<Start, Violation> {
    if !version.eq_ignore_ascii_case("SIP/2.0") {
        return Err(Violation::Version);
    }
    let (code, reason) = rest.split_once(' ').ok_or(Violation::StartLine)?;
    let number = lexis::number(code).filter(|_| code.len() == 3);
    let legal = number.filter(|code| (100..700).contains(code));
    Ok(Start::Response {
        code: legal.ok_or(Violation::StatusCode)?,
        reason: reason.to_owned(),
    })
}

fn check_line(line: &str, limits: &Limits) -> Result<(), Violation> {
    if line.len() > limits.line {
        return Err(Violation::LineTooLong);
    }
    match control(line.as_bytes()) {
        Some(at) if line.as_bytes()[at] == b'\r' => Err(Violation::LineEnd),
        Some(_) => Err(Violation::Control),
        None => Ok(()),
    }
}

fn header(line: &str) -> Result<Header, Violation> {
    let (name, value) = line.split_once(':').ok_or(Violation::NoColon)?;
    let name = name.trim_end_matches([' ', '\t']);
    if !is_token(name.as_bytes()) {
        return Err(Violation::HeaderName);
    }
    Ok(Header {
        name: name.to_owned(),
        value: value.trim_ascii().to_owned(),
    })
}

/// A fold is one blank (RFC 3261 section 7.3.1).
fn fold(value: &mut String, more: &str, limits: &Limits) -> Result<(), Violation> {
    if value.len() + more.len() > limits.line {
        return Err(Violation::LineTooLong);
    }
    if !value.is_empty() && !more.is_empty() {
        value.push(' ');
    }
    value.push_str(more);
    Ok(())
}

fn content_length(headers: &[Header]) -> Result<Option<usize>, Violation> {
    let mut found = None;
    for header in headers {
        if !full(&header.name).eq_ignore_ascii_case("Content-Length") {
            continue;
        }
        let length = lexis::number(&header.value).ok_or(Violation::ContentLength)?;
        if found.is_some_and(|found| found != length) {
            return Err(Violation::ContentLengthConflict);
        }
        found = Some(length);
    }
    Ok(found)
}
