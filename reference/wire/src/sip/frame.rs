//! Where one message ends in a stream (RFC 3261 section 18.3).

use super::{Violation, full, lexis, read};
use crate::{Framed, Limits};

/// Finds the first message of a stream buffer. After a violation the stream cannot be read on.
pub fn frame(buf: &[u8], limits: &Limits) -> Result<Framed, Violation> {
    let skip = read::keep_alives(buf);
    let rest = &buf[skip..];
    if rest.is_empty() || rest == b"\r" {
        return incomplete(buf, limits);
    }
    let end = match read::head_end(rest) {
        Err(Violation::NoBlankLine) => return incomplete(rest, limits),
        other => other?,
    };
    let length = content_length(&rest[..end], limits)?;
    if length > limits.body {
        return Err(Violation::BodyTooLong);
    }
    let len = end + 4 + length;
    if len > limits.message {
        return Err(Violation::MessageTooLong);
    }
    if rest.len() < len {
        return Ok(Framed::Incomplete);
    }
    Ok(Framed::Complete { skip, len })
}

fn incomplete(seen: &[u8], limits: &Limits) -> Result<Framed, Violation> {
    if seen.len() > limits.message {
        return Err(Violation::MessageTooLong);
    }
    let last = memchr::memrchr(b'\n', seen).map_or(0, |at| at + 1);
    if seen.len() - last > limits.line {
        return Err(Violation::LineTooLong);
    }
    Ok(Framed::Incomplete)
}

fn content_length(head: &[u8], limits: &Limits) -> Result<usize, Violation> {
    let mut found = None;
    let mut lines = 0;
    let mut start = 0;
    while start < head.len() {
        let end = logical_end(head, start);
        let line = &head[start..end];
        if line.len() > limits.line {
            return Err(Violation::LineTooLong);
        }
        if let Some(value) = length_value(line) {
            let text = std::str::from_utf8(value).unwrap_or_default();
            let length = lexis::number::<usize>(text).ok_or(Violation::ContentLength)?;
            if found.is_some_and(|found| found != length) {
                return Err(Violation::ContentLengthConflict);
            }
            found = Some(length);
        }
        lines += 1;
        start = end + 2;
    }
    // The start line is no header.
    if lines > limits.headers + 1 {
        return Err(Violation::TooManyHeaders);
    }
    found.ok_or(Violation::ContentLengthMissing)
}

/// The end of the line at `start`, folds included; every line ends in CRLF here.
fn logical_end(head: &[u8], start: usize) -> usize {
    let mut from = start;
    while let Some(at) = memchr::memchr(b'\n', &head[from..]) {
        let next = from + at + 1;
        if !matches!(head.get(next), Some(b' ' | b'\t')) {
            return next - 2;
        }
        from = next;
    }
    head.len()
}

fn length_value(line: &[u8]) -> Option<&[u8]> {
    let colon = memchr::memchr(b':', line)?;
    let name = std::str::from_utf8(line[..colon].trim_ascii_end()).ok()?;
    let named = full(name).eq_ignore_ascii_case("Content-Length");
    named.then(|| line[colon + 1..].trim_ascii())
}
