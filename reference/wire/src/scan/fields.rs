//! What a scan says when asked: start line parts and header values by name.

use super::{Field, HeaderLine, Scan};
use crate::Span;
use crate::sip::{full, is_list, split_commas};

impl Scan {
    /// First line without its line end; octets that are not UTF-8 are replaced.
    pub fn start_line(&self) -> String {
        String::from_utf8_lossy(&self.bytes[self.start.clone()]).into_owned()
    }

    /// Whether the first line is not a status line.
    pub fn is_request(&self) -> bool {
        let line = &self.bytes[self.start.clone()];
        !line
            .get(..4)
            .is_some_and(|word| word.eq_ignore_ascii_case(b"SIP/"))
    }

    /// First word of a request line.
    pub fn method(&self) -> Option<String> {
        let line = self.start_line();
        let word = line.split_ascii_whitespace().next()?;
        self.is_request().then(|| word.to_owned())
    }

    /// What stands between the method and the last word of a request line.
    pub fn request_uri(&self) -> Option<String> {
        let line = self.start_line();
        let (_, rest) = line.trim_ascii().split_once(' ')?;
        let uri = rest.rsplit_once(' ').map_or(rest, |(uri, _)| uri);
        self.is_request().then(|| uri.trim_ascii().to_owned())
    }

    /// Second word of a status line.
    pub fn code(&self) -> Option<u16> {
        let line = self.start_line();
        let word = line.split_ascii_whitespace().nth(1)?;
        word.parse().ok().filter(|_| !self.is_request())
    }

    /// What follows the code of a status line.
    pub fn reason(&self) -> Option<String> {
        let line = self.start_line();
        let reason = line.splitn(3, ' ').nth(2)?;
        (!self.is_request()).then(|| reason.to_owned())
    }

    /// One field for each header line of that name; compact names and case do not matter.
    pub fn fields(&self, name: &str) -> Vec<Field> {
        let lines = self.lines(name);
        lines.map(|line| self.text(line.value.clone())).collect()
    }

    /// One field for each comma-separated element; empty elements are left out.
    /// Headers whose commas do not separate elements (`Date`, `Subject`, ...) stay whole.
    pub fn values(&self, name: &str) -> Vec<Field> {
        if !is_list(name) {
            return self.fields(name);
        }
        let mut elements = Vec::new();
        for line in self.lines(name) {
            let spans = split_commas(&self.bytes[line.value.clone()]).into_iter();
            let filled = spans.filter(|span| !span.is_empty());
            let start = line.value.start;
            elements.extend(filled.map(|span| self.text(start + span.start..start + span.end)));
        }
        elements
    }

    /// The first header line of that name.
    pub fn field(&self, name: &str) -> Option<Field> {
        let line = self.lines(name).next()?;
        Some(self.text(line.value.clone()))
    }

    /// Name of a header line as spelled; octets that are not UTF-8 are replaced.
    pub fn name(&self, line: &HeaderLine) -> String {
        String::from_utf8_lossy(&self.bytes[line.name.clone()]).into_owned()
    }

    fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a HeaderLine> {
        let name = full(name).as_bytes();
        let folded = move |line: &&HeaderLine| {
            let have = &self.bytes[line.name.clone()];
            match have.len() {
                1 => std::str::from_utf8(have)
                    .is_ok_and(|have| full(have).as_bytes().eq_ignore_ascii_case(name)),
                _ => have.eq_ignore_ascii_case(name),
            }
        };
        self.headers.iter().filter(folded)
    }

    fn text(&self, span: Span) -> Field {
        let raw = &self.bytes[span.clone()];
        let value = match memchr::memchr(b'\n', raw) {
            None => String::from_utf8_lossy(raw).into_owned(),
            Some(_) => unfolded(raw),
        };
        Field { value, span }
    }
}

/// Every line end with the blanks around it becomes one blank.
fn unfolded(raw: &[u8]) -> String {
    let lines = raw.split(|byte| *byte == b'\n');
    let parts: Vec<_> = lines
        .map(|line| String::from_utf8_lossy(line.trim_ascii()))
        .filter(|line| !line.is_empty())
        .collect();
    parts.join(" ")
}
