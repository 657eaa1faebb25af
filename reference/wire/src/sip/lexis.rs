//! Small lexical rules of RFC 3261 section 25.1 shared by all readers.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Params, Violation};
use crate::Span;

/// Splits at commas outside quotes and angle brackets; elements are trimmed, with their place.
pub(crate) fn split_commas(value: &[u8]) -> Vec<Span> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut escaped, mut angled) = (0, false, false, false);
    for (at, byte) in value.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'<' if !quoted => angled = true,
            b'>' if !quoted => angled = false,
            b',' if !quoted && !angled => {
                parts.push(trim(value, start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(trim(value, start..value.len()));
    parts
}

/// Narrows a span by the blanks and line ends at both sides.
pub(crate) fn trim(bytes: &[u8], span: Span) -> Span {
    let part = &bytes[span.clone()];
    let lead = part.len() - part.trim_ascii_start().len();
    let len = part.trim_ascii().len();
    span.start + lead..span.start + lead + len
}

/// Whether the octets are a token.
pub(crate) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| token_octet(*byte))
}

/// One octet of a token.
pub(crate) fn token_octet(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

/// Letters, digits and the octets in `more`, as a table: one look-up for each octet read.
pub(super) const fn class(more: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut octet = 0;
    while octet < 128 {
        table[octet] = (octet as u8).is_ascii_alphanumeric();
        octet += 1;
    }
    let mut at = 0;
    while at < more.len() {
        table[more[at] as usize] = true;
        at += 1;
    }
    table
}

const TOKEN: [bool; 256] = class(b"-.!%*_+`'~");

/// The first control character that no quoted pair protects.
pub(crate) fn control(line: &[u8]) -> Option<usize> {
    let suspect = |seen: bool, byte: &u8| seen | (*byte < b' ') | (*byte == 0x7f);
    if !line.iter().fold(false, suspect) {
        return None;
    }
    let mut escaped = false;
    line.iter().position(|byte| {
        let bare = !escaped && byte.is_ascii_control() && *byte != b'\t';
        escaped = !escaped && *byte == b'\\';
        bare
    })
}

/// Decimal digits only, in range.
pub(super) fn number<N: std::str::FromStr>(text: &str) -> Option<N> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Takes a leading token, which may be empty; returns it and the rest.
pub(super) fn take_token(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|byte| !token_octet(byte));
    text.split_at(end.unwrap_or(text.len()))
}

/// Takes a leading quoted string with its quotes; returns it and the rest.
pub(super) fn take_quoted(text: &str) -> Result<(&str, &str), Violation> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Ok(text.split_at(at + 1)),
            _ => {}
        }
    }
    Err(Violation::Quote)
}

/// Removes the quotes and escapes of a quoted string; other text stays as it is.
pub fn unquote(text: &str) -> String {
    let inner = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let Some(inner) = inner else {
        return text.to_owned();
    };
    let mut out = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.extend(characters.next()),
            plain => out.push(plain),
        }
    }
    out
}

/// Puts text between quotes, escaping quotes and backslashes.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out.push('"');
    out
}

/// Reads `;name=value` to the end of the text; blanks around `;` and `=` are legal.
pub(super) fn params(text: &str) -> Result<Params, Violation> {
    let mut rest = text.trim_ascii();
    let mut params = Vec::new();
    while !rest.is_empty() {
        let after = rest.strip_prefix(';').ok_or(Violation::Params)?;
        let (name, after) = take_token(after.trim_ascii_start());
        if name.is_empty() {
            return Err(Violation::Params);
        }
        rest = after.trim_ascii_start();
        let mut value = None;
        if let Some(after) = rest.strip_prefix('=') {
            let (taken, after) = take_value(after.trim_ascii_start())?;
            value = Some(taken.to_owned());
            rest = after.trim_ascii_start();
        }
        params.push((name.to_owned(), value));
    }
    Ok(Params(params))
}

/// Reads a token and its parameters; `violation` if there is no token.
pub(super) fn word_and_params(
    text: &str,
    violation: Violation,
) -> Result<(String, Params), Violation> {
    let (word, rest) = take_token(text.trim_ascii());
    match word {
        "" => Err(violation),
        word => Ok((word.to_owned(), params(rest)?)),
    }
}

/// gen-value: quoted string, token or host (with the octets of IPv6).
fn take_value(text: &str) -> Result<(&str, &str), Violation> {
    if text.starts_with('"') {
        return take_quoted(text);
    }
    let end = text
        .bytes()
        .position(|byte| !token_octet(byte) && !b":[]".contains(&byte))
        .unwrap_or(text.len());
    match end {
        0 => Err(Violation::Params),
        end => Ok(text.split_at(end)),
    }
}

/// Reads `host` or `host:port` to the end of the text.
pub(super) fn host_port(text: &str) -> Result<(&str, Option<u16>), Violation> {
    let end = match text.strip_prefix('[') {
        Some(rest) => rest.find(']').ok_or(Violation::UriHost)? + 2,
        None => text.find(':').unwrap_or(text.len()),
    };
    let (host, rest) = text.split_at(end);
    let host = host.trim_ascii_end();
    if !is_host(host) {
        return Err(Violation::UriHost);
    }
    let rest = rest.trim_ascii();
    if rest.is_empty() {
        return Ok((host, None));
    }
    let digits = rest.strip_prefix(':').ok_or(Violation::UriHost)?;
    let port = number(digits.trim_ascii_start()).ok_or(Violation::UriPort)?;
    Ok((host, Some(port)))
}

fn is_host(text: &str) -> bool {
    if let Some(inner) = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return inner.parse::<Ipv6Addr>().is_ok();
    }
    let labels = text.strip_suffix('.').unwrap_or(text);
    let mut top = &b""[..];
    for label in labels.as_bytes().split(|byte| *byte == b'.') {
        let edge = |end: Option<&u8>| end.is_some_and(u8::is_ascii_alphanumeric);
        if !edge(label.first()) || !edge(label.last()) {
            return false;
        }
        if !label.iter().all(|byte| LABEL[usize::from(*byte)]) {
            return false;
        }
        top = label;
    }
    !top.first().is_some_and(u8::is_ascii_digit) || text.parse::<Ipv4Addr>().is_ok()
}

const LABEL: [bool; 256] = class(b"-");
