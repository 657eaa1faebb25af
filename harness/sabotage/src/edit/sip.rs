//! Edits of start line and headers of a SIP message.

use wire::Span;
use wire::scan::{HeaderLine, Scan};

/// Puts `with` in the place of `span`.
pub(super) fn splice(mut bytes: Vec<u8>, span: Span, with: &[u8]) -> Vec<u8> {
    bytes.splice(span, with.iter().copied());
    bytes
}

pub(crate) fn status(bytes: Vec<u8>, code: u16, reason: &str) -> Vec<u8> {
    let scan = Scan::sip(&bytes);
    match scan.code() {
        Some(_) => splice(
            bytes,
            scan.start,
            format!("SIP/2.0 {code} {reason}").as_bytes(),
        ),
        None => bytes,
    }
}

pub(crate) fn method(bytes: Vec<u8>, method: &str) -> Vec<u8> {
    let scan = Scan::sip(&bytes);
    let Some(old) = scan.method() else {
        return bytes;
    };
    let bytes = replace(bytes, "CSeq", &old, method);
    let start = scan.start.start;
    splice(bytes, start..start + old.len(), method.as_bytes())
}

pub(crate) fn request_uri(bytes: Vec<u8>, uri: &str) -> Vec<u8> {
    let scan = Scan::sip(&bytes);
    match scan.method() {
        Some(method) => splice(
            bytes,
            scan.start,
            format!("{method} {uri} SIP/2.0").as_bytes(),
        ),
        None => bytes,
    }
}

/// A request that the sender of this message might send next in the same dialog.
pub(crate) fn dialog_request(bytes: &[u8], method: &str) -> Vec<u8> {
    let scan = Scan::sip(bytes);
    let value = |name: &str| {
        scan.field(name)
            .map(|field| field.value)
            .unwrap_or_default()
    };
    let (from, to) = if scan.is_request() {
        ("From", "To")
    } else {
        ("To", "From")
    };
    let (from, to, call_id) = (value(from), value(to), value("Call-ID"));
    let bracketed = to
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map(|(uri, _)| uri);
    let uri = bracketed
        .or_else(|| to.split(';').next())
        .unwrap_or("sip:nobody@example.invalid");
    let via = value("Via");
    let via = via
        .split(';')
        .next()
        .unwrap_or("SIP/2.0/UDP sabotage.invalid");
    format!(
        "{method} {uri} SIP/2.0\r\nVia: {via};branch=z9hG4bKinjected;rport\r\nMax-Forwards: 70\r\n\
         From: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: 2000000001 {method}\r\nContent-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

pub(crate) fn remove(mut bytes: Vec<u8>, name: &str) -> Vec<u8> {
    let scan = Scan::sip(&bytes);
    for line in lines(&scan, name).into_iter().rev() {
        let end = end_of_line(&bytes, line.whole.end);
        bytes = splice(bytes, line.whole.start..end, b"");
    }
    bytes
}

pub(crate) fn set(mut bytes: Vec<u8>, name: &str, value: &str) -> Vec<u8> {
    let scan = Scan::sip(&bytes);
    let lines = lines(&scan, name);
    let Some((first, rest)) = lines.split_first() else {
        return add(bytes, name, value);
    };
    for line in rest.iter().rev() {
        let end = end_of_line(&bytes, line.whole.end);
        bytes = splice(bytes, line.whole.start..end, b"");
    }
    splice(bytes, first.value.clone(), value.as_bytes())
}

/// Adds a header line behind the others.
pub(crate) fn add(bytes: Vec<u8>, name: &str, value: &str) -> Vec<u8> {
    let scan = Scan::sip(&bytes);
    let last = scan
        .headers
        .last()
        .map_or(scan.start.end, |line| line.whole.end);
    let at = end_of_line(&bytes, last);
    splice(bytes, at..at, format!("{name}: {value}\r\n").as_bytes())
}

pub(crate) fn append(bytes: Vec<u8>, name: &str, text: &str) -> Vec<u8> {
    match Scan::sip(&bytes).field(name) {
        Some(field) => splice(bytes, field.span.end..field.span.end, text.as_bytes()),
        None => bytes,
    }
}

pub(crate) fn replace(mut bytes: Vec<u8>, name: &str, text: &str, with: &str) -> Vec<u8> {
    for field in Scan::sip(&bytes).fields(name).into_iter().rev() {
        let value = super::body::replace(&bytes[field.span.clone()], text, with);
        bytes = splice(bytes, field.span, &value);
    }
    bytes
}

/// Sets a header parameter, or takes it away when `value` is `None`.
pub(crate) fn param(bytes: Vec<u8>, header: &str, name: &str, value: Option<&str>) -> Vec<u8> {
    let Some(field) = Scan::sip(&bytes).field(header) else {
        return bytes;
    };
    let old = &bytes[field.span.clone()];
    let with = value
        .map(|value| format!(";{name}={value}"))
        .unwrap_or_default();
    let found = params(old).into_iter().find(|span| {
        let text = &old[span.start + 1..span.end];
        let stop = text
            .iter()
            .position(|byte| *byte == b'=')
            .unwrap_or(text.len());
        text[..stop]
            .trim_ascii()
            .eq_ignore_ascii_case(name.as_bytes())
    });
    let span = match found {
        Some(span) => span,
        None if value.is_some() => old.len()..old.len(),
        None => return bytes,
    };
    splice(
        bytes,
        field.span.start + span.start..field.span.start + span.end,
        with.as_bytes(),
    )
}

/// Header parameters of the first value, each from its semicolon on.
fn params(value: &[u8]) -> Vec<Span> {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    let mut starts = Vec::new();
    let mut end = value.len();
    for (at, byte) in value.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'<' => bracketed = true,
            b'>' => bracketed = false,
            b';' if !bracketed => starts.push(at),
            b',' if !bracketed => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    let ends = starts.iter().skip(1).copied().chain([end]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| *start..end)
        .collect()
}

/// The header lines of this name.
fn lines(scan: &Scan, name: &str) -> Vec<HeaderLine> {
    let spans: Vec<Span> = scan
        .fields(name)
        .into_iter()
        .map(|field| field.span)
        .collect();
    scan.headers
        .iter()
        .filter(|line| spans.contains(&line.value))
        .cloned()
        .collect()
}

fn end_of_line(bytes: &[u8], from: usize) -> usize {
    let tail = bytes.get(from..).unwrap_or_default();
    tail.iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |at| from + at + 1)
}
