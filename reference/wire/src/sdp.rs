//! Session descriptions (RFC 4566) kept line by line, with the MSRP attributes of RFC 4975.

use std::fmt;

pub use lint::lint;

mod lint;
#[cfg(test)]
mod tests;

/// Why a text is not a session description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A control character inside a line.
    #[error("line {line} holds a control character (RFC 4566 section 9)")]
    Control {
        /// From 1.
        line: usize,
    },
    /// Not `letter=value`.
    #[error("line {line} is not `letter=value` (RFC 4566 section 5)")]
    LineShape {
        /// From 1.
        line: usize,
    },
    /// Not `m=media port protocol format...`.
    #[error("line {line} is not `m=media port protocol format` (RFC 4566 section 5.14)")]
    MediaLine {
        /// From 1.
        line: usize,
    },
    /// More lines than we read.
    #[error("more than {limit} lines (RFC 4566 section 5)")]
    TooManyLines {
        /// Lines allowed.
        limit: usize,
    },
    /// The first line is not `v=0`.
    #[error("the first line is not `v=0` (RFC 4566 section 5.1)")]
    Version,
}

/// A session description: the session level, then its media.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// Session-level lines in order.
    pub lines: Vec<Line>,
    /// Media sections in order.
    pub media: Vec<Media>,
}

/// One `<kind>=<value>` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The letter before the equals sign.
    pub kind: char,
    /// Everything after the equals sign, verbatim (RFC 4975 prints `s= -`, blank included).
    pub value: String,
}

/// One `m=` line and the lines that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// `message`, `audio`, ...
    pub kind: String,
    /// 0 refuses the stream, 9 stands for "I connect" (RFC 6135 section 4.2.2).
    pub port: u16,
    /// `TCP/MSRP`, `TCP/TLS/MSRP`, ...
    pub protocol: String,
    /// `*` for MSRP.
    pub formats: Vec<String>,
    /// The lines after this `m=` line, in order.
    pub lines: Vec<Line>,
}

impl Description {
    /// Reads a description; lines may end with a lone LF (RFC 4566 section 5 asks for that).
    ///
    /// Order and presence of lines are not judged here but by [`lint`]. The number of ports in
    /// `m=audio 5000/2 ...` is read and not kept.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let mut description = Self::default();
        for (index, raw) in text.split_terminator('\n').enumerate() {
            let number = index + 1;
            if index == LINES {
                return Err(Violation::TooManyLines { limit: LINES });
            }
            let line = line(raw.strip_suffix('\r').unwrap_or(raw), number)?;
            if index == 0 && (line.kind != 'v' || line.value != "0") {
                return Err(Violation::Version);
            }
            if line.kind == 'm' {
                let media =
                    Media::parse(&line.value).ok_or(Violation::MediaLine { line: number })?;
                description.media.push(media);
                continue;
            }
            let lines = description
                .media
                .last_mut()
                .map_or(&mut description.lines, |media| &mut media.lines);
            lines.push(line);
        }
        if description.lines.is_empty() {
            Err(Violation::Version)
        } else {
            Ok(description)
        }
    }

    /// The connection address that holds for `media`: its own `c=` or else the session's
    /// (RFC 4566 section 5.7), without network type, time to live and count.
    pub fn connection(&self, media: &Media) -> Option<String> {
        let own = media.lines.iter().find(|line| line.kind == 'c');
        let value = &own
            .or_else(|| self.lines.iter().find(|line| line.kind == 'c'))?
            .value;
        let address = value.split(' ').nth(2)?;
        address
            .split('/')
            .next()
            .filter(|address| !address.is_empty())
            .map(str::to_owned)
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            write!(f, "{line}")?;
        }
        for media in &self.media {
            write!(f, "m={} {} {}", media.kind, media.port, media.protocol)?;
            for format in &media.formats {
                write!(f, " {format}")?;
            }
            f.write_str("\r\n")?;
            for line in &media.lines {
                write!(f, "{line}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}\r\n", self.kind, self.value)
    }
}

impl Media {
    /// The value of the first `a=name:value` or `a=name` line; the latter's is empty.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self
            .attributes()
            .into_iter()
            .find(|(other, _)| *other == name)?;
        Some(value.unwrap_or_default())
    }

    /// All attributes in order with their values; `None` for `a=name`.
    pub fn attributes(&self) -> Vec<(&str, Option<&str>)> {
        let attributes = self.lines.iter().filter(|line| line.kind == 'a');
        attributes
            .map(|line| {
                line.value
                    .split_once(':')
                    .map_or((line.value.as_str(), None), |(name, value)| {
                        (name, Some(value))
                    })
            })
            .collect()
    }

    /// The types of `a=accept-types`, as spelled (RFC 4975 section 8.6).
    pub fn accept_types(&self) -> Vec<String> {
        words(self.attribute("accept-types"))
    }

    /// The URIs of `a=path`: connect to the first, the last is the endpoint (RFC 4975 section 8.2).
    pub fn path(&self) -> Vec<String> {
        words(self.attribute("path"))
    }

    /// Whether the protocol is `TCP/MSRP` or `TCP/TLS/MSRP` (RFC 4975 section 8.1).
    pub fn is_msrp(&self) -> bool {
        ["TCP/MSRP", "TCP/TLS/MSRP"]
            .iter()
            .any(|protocol| self.protocol.eq_ignore_ascii_case(protocol))
    }

    fn parse(value: &str) -> Option<Self> {
        let mut fields = value.split(' ');
        let kind = fields.next().filter(|kind| !kind.is_empty())?;
        let port = fields.next()?;
        let (port, count) = port
            .split_once('/')
            .map_or((port, "1"), |(port, count)| (port, count));
        let protocol = fields.next().filter(|protocol| !protocol.is_empty())?;
        let formats: Vec<String> = fields.map(str::to_owned).collect();
        if formats.is_empty()
            || formats.iter().any(String::is_empty)
            || !digits(port)
            || !digits(count)
        {
            return None;
        }
        Some(Self {
            kind: kind.to_owned(),
            port: port.parse().ok()?,
            protocol: protocol.to_owned(),
            formats,
            lines: Vec::new(),
        })
    }
}

fn line(text: &str, number: usize) -> Result<Line, Violation> {
    let mut characters = text.chars();
    let kind = characters.next().filter(char::is_ascii_lowercase);
    let (Some(kind), Some('=')) = (kind, characters.next()) else {
        return Err(Violation::LineShape { line: number });
    };
    let value = characters.as_str();
    if value.contains(['\0', '\r']) {
        return Err(Violation::Control { line: number });
    }
    Ok(Line {
        kind,
        value: value.to_owned(),
    })
}

fn words(value: Option<&str>) -> Vec<String> {
    value
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit())
}

const LINES: usize = 1024;
