//! Message/CPIM (RFC 3862): the envelope around an instant message.

use std::borrow::Cow;

use memchr::memmem;

pub use escape::{escape, unescape};

mod escape;
#[cfg(test)]
mod tests;

/// Why octets are not a CPIM message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A message header is continued on the next line.
    #[error("a message header is folded (RFC 3862 section 3)")]
    Folded,
    /// Neither `name: value` nor `name:;parameters value`.
    #[error("a header line is not `name: value` with one blank (RFC 3862 section 3)")]
    HeaderLine,
    /// A line ends otherwise than with CRLF, or holds a control character.
    #[error("a header holds a control character or a bare line end (RFC 3862 section 3)")]
    LineEnd,
    /// The second blank line is missing.
    #[error("no blank line before the content (RFC 3862 section 2)")]
    NoContent,
    /// The blank line between message headers and MIME headers is missing.
    #[error("no blank line between message headers and MIME headers (RFC 3862 section 2)")]
    NoSeparator,
    /// A header is not UTF-8.
    #[error("a header is not UTF-8 (RFC 3862 section 3)")]
    NotUtf8,
    /// More headers than we read.
    #[error("more than {limit} headers (RFC 3862 section 3)")]
    TooManyHeaders {
        /// Headers allowed.
        limit: usize,
    },
}

/// A CPIM message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cpim {
    /// The message headers in order: names case-sensitive, values as on the wire (escapes kept).
    /// A value that starts with `;` is written right after the colon (RFC 3862 section 3.3).
    pub headers: Vec<(String, String)>,
    /// The MIME headers of the content, folds joined by one blank.
    pub content_headers: Vec<(String, String)>,
    /// The content.
    pub content: Vec<u8>,
}

impl Cpim {
    /// Reads a message strictly.
    pub fn parse(bytes: &[u8]) -> Result<Self, Violation> {
        let (head, rest) = block(bytes).ok_or(Violation::NoContent)?;
        let lines = lines(head)?;
        if lines.iter().any(|line| is_content_type(line)) {
            return Err(Violation::NoSeparator);
        }
        let (mime, content) = block(rest).ok_or(Violation::NoContent)?;
        Self::assemble(&lines, &self::lines(mime)?, content)
    }

    /// Reads a message, forgiving one fault only: a missing blank line between the two header
    /// blocks (RFC 4975 figure 14 prints one like this).
    ///
    /// A Content-Type among the message headers gives it away; the MIME headers then begin with
    /// the first `Content-...` line, and the content after the first blank line.
    pub fn parse_lenient(bytes: &[u8]) -> Result<Self, Violation> {
        let strict = Self::parse(bytes);
        if strict != Err(Violation::NoSeparator) {
            return strict;
        }
        let (head, content) = block(bytes).ok_or(Violation::NoContent)?;
        let lines = lines(head)?;
        let split = lines
            .iter()
            .position(|line| is_mime(line))
            .unwrap_or(lines.len());
        Self::assemble(&lines[..split], &lines[split..], content)
    }

    /// Writes the message as it stands; values must be single lines.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = String::new();
        for (name, value) in &self.headers {
            let blank = if value.starts_with(';') { "" } else { " " };
            text += &format!("{name}:{blank}{value}\r\n");
        }
        text += "\r\n";
        for (name, value) in &self.content_headers {
            text += &format!("{name}: {value}\r\n");
        }
        text += "\r\n";
        [text.as_bytes(), &self.content].concat()
    }

    /// The first message header of that name, case-sensitive, escapes undone.
    pub fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        let (_, value) = self.headers.iter().find(|(other, _)| other == name)?;
        Some(unescape(value))
    }

    /// The first MIME header of that name, in any case.
    pub fn content_header(&self, name: &str) -> Option<&str> {
        let (_, value) = self
            .content_headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// The first header `name` of the namespace `uri`, whatever its prefix (RFC 3862 section 3.4);
    /// a prefix counts only after its `NS` header.
    pub fn header_in(&self, uri: &str, name: &str) -> Option<Cow<'_, str>> {
        let mut prefixes: Vec<(&str, &str)> = Vec::new();
        for (header, value) in &self.headers {
            if header == "NS" {
                prefixes.extend(namespace(value));
                continue;
            }
            let (prefix, local) = header.split_once('.').unwrap_or(("", header));
            let bound = prefixes.iter().rev().find(|(known, _)| *known == prefix);
            if local == name && bound.is_some_and(|(_, bound)| *bound == uri) {
                return Some(unescape(value));
            }
        }
        None
    }

    /// Headers whose prefix no earlier `NS` header declares (RFC 3862 section 3.4).
    pub fn undeclared(&self) -> Vec<&str> {
        let mut known = Vec::new();
        let mut strangers = Vec::new();
        for (header, value) in &self.headers {
            match header.split_once('.') {
                Some((prefix, _)) if !known.contains(&prefix) => strangers.push(header.as_str()),
                _ if header == "NS" => known.extend(namespace(value).map(|(prefix, _)| prefix)),
                _ => {}
            }
        }
        strangers
    }

    fn assemble(headers: &[&str], mime: &[&str], content: &[u8]) -> Result<Self, Violation> {
        if headers.len().max(mime.len()) > HEADERS {
            return Err(Violation::TooManyHeaders { limit: HEADERS });
        }
        let headers = headers
            .iter()
            .map(|line| message_header(line))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            headers,
            content_headers: mime_headers(mime)?,
            content: content.to_vec(),
        })
    }
}

/// The message headers alone, of octets that may break off inside the content: the first chunk of a message.
pub fn headers(bytes: &[u8]) -> Result<Vec<(String, String)>, Violation> {
    let (head, _) = block(bytes).ok_or(Violation::NoContent)?;
    let lines = lines(head)?;
    if lines.len() > HEADERS {
        return Err(Violation::TooManyHeaders { limit: HEADERS });
    }
    lines.iter().map(|line| message_header(line)).collect()
}

/// The Content-Type inside the envelope, if the octets reach that far.
pub fn content_type(bytes: &[u8]) -> Option<String> {
    let (_, rest) = block(bytes)?;
    let (mime, _) = block(rest)?;
    let headers = mime_headers(&lines(mime).ok()?).ok()?;
    let (_, value) = headers
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"))?;
    Some(value)
}

/// Splits off the lines before the first blank line; the line end of the last one stays.
fn block(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if let Some(rest) = bytes.strip_prefix(b"\r\n") {
        return Some((&[], rest));
    }
    let end = memmem::find(bytes, b"\r\n\r\n")?;
    Some((&bytes[..end + 2], &bytes[end + 4..]))
}

fn lines(block: &[u8]) -> Result<Vec<&str>, Violation> {
    let text = std::str::from_utf8(block).map_err(|_| Violation::NotUtf8)?;
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    let sound = |line: &&str| {
        !line
            .chars()
            .any(|character| character.is_control() && character != '\t')
    };
    if lines.iter().all(sound) {
        Ok(lines)
    } else {
        Err(Violation::LineEnd)
    }
}

fn message_header(line: &str) -> Result<(String, String), Violation> {
    if line.starts_with([' ', '\t']) {
        return Err(Violation::Folded);
    }
    let (name, rest) = line.split_once(':').ok_or(Violation::HeaderLine)?;
    let value = if rest.starts_with(';') {
        rest
    } else {
        rest.strip_prefix(' ').ok_or(Violation::HeaderLine)?
    };
    if !is_name(name) || (value.starts_with(';') && !rest.starts_with(';')) {
        return Err(Violation::HeaderLine);
    }
    Ok((name.to_owned(), value.to_owned()))
}

fn mime_headers(lines: &[&str]) -> Result<Vec<(String, String)>, Violation> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in lines {
        if line.starts_with([' ', '\t']) {
            let (_, value) = headers.last_mut().ok_or(Violation::HeaderLine)?;
            *value = format!("{value} {}", line.trim_matches([' ', '\t']));
            continue;
        }
        let (name, value) = line.split_once(':').ok_or(Violation::HeaderLine)?;
        if !is_name(name) {
            return Err(Violation::HeaderLine);
        }
        headers.push((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()));
    }
    Ok(headers)
}

fn namespace(value: &str) -> Option<(&str, &str)> {
    let (prefix, rest) = value.split_once('<')?;
    let (uri, _) = rest.split_once('>')?;
    Some((prefix.trim(), uri))
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet))
}

fn is_mime(line: &str) -> bool {
    line.get(..8)
        .is_some_and(|start| start.eq_ignore_ascii_case("Content-"))
}

fn is_content_type(line: &str) -> bool {
    line.split_once(':')
        .is_some_and(|(name, _)| name.eq_ignore_ascii_case("Content-Type"))
}

const HEADERS: usize = 256;
