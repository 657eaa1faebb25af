//! Byte-Range: where a chunk lies in its message (RFC 4975 section 7.1.1).

use std::fmt;

use super::Violation;

/// `start-end/total`, in octets counted from 1; `1-0/0` is the empty message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    /// First octet, from 1.
    pub start: u64,
    /// Last octet; `None` is `*`: unknown, or the chunk may be interrupted.
    pub end: Option<u64>,
    /// Size of the whole message; `None` is `*`.
    pub total: Option<u64>,
}

impl ByteRange {
    /// Reads `start-end/total`; start 0 and an end more than one before the start are violations.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let (start, rest) = text.split_once('-').ok_or(Violation::ByteRange)?;
        let (end, total) = rest.split_once('/').ok_or(Violation::ByteRange)?;
        let range = Self {
            start: number(start)?,
            end: open_number(end)?,
            total: open_number(total)?,
        };
        let backwards = range
            .end
            .is_some_and(|end| end < range.start.saturating_sub(1));
        if range.start == 0 || backwards {
            return Err(Violation::ByteRange);
        }
        Ok(range)
    }
}

impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open =
            |value: Option<u64>| value.map_or_else(|| "*".to_owned(), |value| value.to_string());
        write!(f, "{}-{}/{}", self.start, open(self.end), open(self.total))
    }
}

fn open_number(text: &str) -> Result<Option<u64>, Violation> {
    if text == "*" {
        Ok(None)
    } else {
        number(text).map(Some)
    }
}

fn number(text: &str) -> Result<u64, Violation> {
    let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    if !digits {
        return Err(Violation::ByteRange);
    }
    text.parse().map_err(|_| Violation::ByteRange)
}
