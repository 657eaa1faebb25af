//! Multipart bodies (RFC 2046 section 5.1) with the octet span of every part.

use memchr::memmem;

use crate::Span;

#[cfg(test)]
mod tests;

/// Why a body is not the multipart it claims to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// The boundary is missing, empty, over 70 characters or holds others than permitted.
    #[error("no usable boundary parameter (RFC 2046 section 5.1.1)")]
    Boundary,
    /// The closing delimiter is missing.
    #[error("the closing delimiter is missing (RFC 2046 section 5.1.1)")]
    NotClosed,
    /// The type is not `multipart/...`.
    #[error("the type is not multipart (RFC 2046 section 5.1)")]
    NotMultipart,
    /// No part begins.
    #[error("no delimiter line in the body (RFC 2046 section 5.1.1)")]
    NoDelimiter,
    /// A part's header line is not `name: value` in UTF-8.
    #[error("a part's header line is not `name: value` (RFC 2045 section 3)")]
    PartHeader,
    /// More header lines in one part than we read.
    #[error("more than {limit} header lines in a part (RFC 2046 section 5.1)")]
    TooManyHeaders {
        /// Lines allowed.
        limit: usize,
    },
    /// More parts than we read.
    #[error("more than {limit} parts (RFC 2046 section 5.1)")]
    TooManyParts {
        /// Parts allowed.
        limit: usize,
    },
}

/// One body part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Header lines in order, folds joined by one blank.
    pub headers: Vec<(String, String)>,
    /// The content.
    pub body: Vec<u8>,
    /// Where the content lies in the input; empty for parts that were not read.
    pub span: Span,
}

impl Part {
    /// The value of the first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self
            .headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// The Content-Type with its parameters, if the part names one.
    pub fn content_type(&self) -> Option<&str> {
        self.header("Content-Type")
    }
}

/// Splits a multipart body; preamble and epilogue are skipped.
pub fn parse(content_type: &str, body: &[u8]) -> Result<Vec<Part>, Violation> {
    if !is_multipart(content_type) {
        return Err(Violation::NotMultipart);
    }
    let boundary = boundary(content_type).ok_or(Violation::Boundary)?;
    let mark = format!("--{boundary}").into_bytes();
    let mut delimiter = next_delimiter(body, 0, &mark).ok_or(Violation::NoDelimiter)?;
    let mut parts = Vec::new();
    while !delimiter.closing {
        if parts.len() == PARTS {
            return Err(Violation::TooManyParts { limit: PARTS });
        }
        let next = next_delimiter(body, delimiter.after, &mark).ok_or(Violation::NotClosed)?;
        parts.push(part(
            body,
            delimiter.after..next.before.max(delimiter.after),
        )?);
        delimiter = next;
    }
    Ok(parts)
}

/// Writes a multipart body that ends with a line end.
///
/// The boundary must not occur in a part (see [`occurs`]); header values must be single lines.
pub fn write(boundary: &str, parts: &[Part]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        for (name, value) in &part.headers {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&part.body);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    bytes
}

/// Whether a part holds the delimiter, so that the writer must choose another boundary.
pub fn occurs(boundary: &str, parts: &[Part]) -> bool {
    let mark = format!("--{boundary}").into_bytes();
    parts
        .iter()
        .any(|part| memmem::find(&part.body, &mark).is_some())
}

/// The first part of the wanted type (parameters and case ignored), also inside nested multiparts
/// and also when the body itself is of that type; its span counts from the start of `body`.
pub fn find(content_type: &str, body: &[u8], wanted: &str) -> Option<Part> {
    let whole = Part {
        headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
        body: body.to_vec(),
        span: 0..body.len(),
    };
    find_in(whole, &media_type(wanted), DEPTH)
}

fn find_in(whole: Part, wanted: &str, depth: usize) -> Option<Part> {
    let content_type = whole.content_type().unwrap_or("text/plain");
    if media_type(content_type) == wanted {
        return Some(whole);
    }
    let depth = depth.checked_sub(1)?;
    let offset = whole.span.start;
    parse(content_type, &whole.body)
        .ok()?
        .into_iter()
        .find_map(|mut part| {
            part.span = part.span.start + offset..part.span.end + offset;
            find_in(part, wanted, depth)
        })
}

/// A delimiter line: where the line end before it starts, and where the octets after it start.
struct Delimiter {
    before: usize,
    after: usize,
    closing: bool,
}

fn next_delimiter(body: &[u8], from: usize, mark: &[u8]) -> Option<Delimiter> {
    for found in memmem::find_iter(&body[from..], mark) {
        let at = from + found;
        let line_start = at == from || body[..at].ends_with(b"\r\n");
        if !line_start {
            continue;
        }
        let mut end = at + mark.len();
        let closing = body[end..].starts_with(b"--");
        if closing {
            end += 2;
        }
        end += body[end..]
            .iter()
            .take_while(|octet| matches!(octet, b' ' | b'\t'))
            .count();
        let before = at.saturating_sub(2);
        if body[end..].starts_with(b"\r\n") {
            return Some(Delimiter {
                before,
                after: end + 2,
                closing,
            });
        }
        if closing && end == body.len() {
            return Some(Delimiter {
                before,
                after: end,
                closing,
            });
        }
    }
    None
}

fn part(body: &[u8], region: Span) -> Result<Part, Violation> {
    let octets = &body[region.clone()];
    let (head, content) = if octets.starts_with(b"\r\n") {
        (0, 2)
    } else {
        memmem::find(octets, b"\r\n\r\n").map_or((octets.len(), octets.len()), |end| (end, end + 4))
    };
    let headers = headers(&octets[..head])?;
    Ok(Part {
        headers,
        body: octets[content..].to_vec(),
        span: region.start + content..region.end,
    })
}

fn headers(block: &[u8]) -> Result<Vec<(String, String)>, Violation> {
    let text = std::str::from_utf8(block).map_err(|_| Violation::PartHeader)?;
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in text.split("\r\n").filter(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) {
            let (_, value) = headers.last_mut().ok_or(Violation::PartHeader)?;
            *value = format!("{value} {}", line.trim_matches([' ', '\t']));
            continue;
        }
        if headers.len() == HEADERS {
            return Err(Violation::TooManyHeaders { limit: HEADERS });
        }
        let (name, value) = line.split_once(':').ok_or(Violation::PartHeader)?;
        if name.is_empty() || !name.bytes().all(|octet| octet.is_ascii_graphic()) {
            return Err(Violation::PartHeader);
        }
        headers.push((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()));
    }
    Ok(headers)
}

fn media_type(content_type: &str) -> String {
    content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

fn is_multipart(content_type: &str) -> bool {
    media_type(content_type).starts_with("multipart/")
}

fn boundary(content_type: &str) -> Option<String> {
    let (_, mut rest) = content_type.split_once(';')?;
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, next) = if let Some(quoted) = after.strip_prefix('"') {
            unquote(quoted)?
        } else {
            token(after)
        };
        if name.trim().eq_ignore_ascii_case("boundary") {
            return is_boundary(&value).then_some(value);
        }
        (_, rest) = next.split_once(';')?;
    }
}

fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

fn token(text: &str) -> (String, &str) {
    let (value, rest) = text.split_at(text.find(';').unwrap_or(text.len()));
    (value.trim().to_owned(), rest)
}

fn is_boundary(text: &str) -> bool {
    (1..=70).contains(&text.len())
        && !text.ends_with(' ')
        && text
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&octet))
}

const PARTS: usize = 64;
const HEADERS: usize = 64;
const DEPTH: usize = 4;
