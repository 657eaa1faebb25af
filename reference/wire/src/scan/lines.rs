//! Octets to lines: start line, header lines with folds, body, defects.

use super::{Defect, DefectKind, HeaderLine, Scan};
use crate::Span;
use crate::sip::{control, is_token, trim};

/// What is known while walking through the octets.
struct Walk<'a> {
    bytes: &'a [u8],
    headers: Vec<HeaderLine>,
    defects: Vec<Defect>,
}

/// One physical line and where the next begins.
struct Line {
    span: Span,
    next: usize,
    ended: bool,
}

pub(super) fn scan(bytes: &[u8]) -> Scan {
    let mut walk = Walk {
        bytes,
        headers: Vec::with_capacity(24),
        defects: Vec::new(),
    };
    let leading = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
    let Some(leading) = leading else {
        walk.defect(DefectKind::Empty, 0..bytes.len());
        return walk.finish(0..0, bytes.len()..bytes.len());
    };
    let first = walk.line(leading);
    walk.check_start(&first.span);
    let after = walk.headers(first.next, first.ended);
    let body = super::body::measure(bytes, &walk.headers, after, &mut walk.defects);
    walk.finish(first.span, body)
}

impl Walk<'_> {
    fn defect(&mut self, kind: DefectKind, span: Span) {
        self.defects.push(Defect { kind, span });
    }

    fn finish(mut self, start: Span, body: Span) -> Scan {
        self.defects.sort_by_key(|defect| defect.span.start);
        Scan {
            bytes: self.bytes.to_vec(),
            start,
            headers: self.headers,
            body,
            defects: self.defects,
        }
    }

    fn line(&mut self, from: usize) -> Line {
        let rest = &self.bytes[from..];
        let Some(at) = memchr::memchr(b'\n', rest) else {
            let span = from..self.bytes.len();
            self.check_octets(&span);
            return Line {
                span,
                next: self.bytes.len(),
                ended: false,
            };
        };
        let crlf = at > 0 && rest[at - 1] == b'\r';
        let span = from..from + at - usize::from(crlf);
        if !crlf {
            self.defect(DefectKind::BareLf, from + at..from + at + 1);
        }
        self.check_octets(&span);
        Line {
            span,
            next: from + at + 1,
            ended: true,
        }
    }

    fn check_octets(&mut self, span: &Span) {
        let line = &self.bytes[span.clone()];
        if let Some(at) = control(line) {
            let kind = match line[at] {
                b'\r' => DefectKind::BareCr,
                _ => DefectKind::Control,
            };
            self.defect(kind, span.start + at..span.start + at + 1);
        }
        if let Err(error) = std::str::from_utf8(line) {
            let at = span.start + error.valid_up_to();
            let len = error.error_len().unwrap_or(span.end - at);
            self.defect(DefectKind::NonUtf8, at..at + len);
        }
    }

    fn check_start(&mut self, span: &Span) {
        let line = &self.bytes[span.clone()];
        let mut rest = line.splitn(3, |byte| *byte == b' ');
        let words = [(); 3].map(|()| rest.next().unwrap_or_default());
        let sip = |word: &[u8]| {
            word.get(..4)
                .is_some_and(|w| w.eq_ignore_ascii_case(b"SIP/"))
        };
        let spaces = line.iter().filter(|byte| **byte == b' ').count();
        let [first, second, third] = words;
        let version = match spaces {
            2.. if sip(first) && is_code(second) => first,
            2 if sip(third) && is_token(first) && !second.is_empty() => third,
            _ => return self.defect(DefectKind::BadStartLine, span.clone()),
        };
        if !version.eq_ignore_ascii_case(b"SIP/2.0") {
            self.defect(DefectKind::BadVersion, span.clone());
        }
    }

    /// Reads header lines up to the empty line; returns where the body begins.
    fn headers(&mut self, from: usize, ended: bool) -> usize {
        let (mut at, mut ended) = (from, ended);
        while ended && at < self.bytes.len() {
            let line = self.line(at);
            at = line.next;
            ended = line.ended;
            if line.span.is_empty() {
                return at;
            }
            let folded = matches!(self.bytes[line.span.start], b' ' | b'\t');
            match self.headers.last_mut() {
                Some(last) if folded => {
                    last.whole.end = line.span.end;
                    let end = trim(self.bytes, line.span).end;
                    last.value = trim(self.bytes, last.value.start..end.max(last.value.end));
                }
                _ => self.header(line.span),
            }
        }
        self.defect(DefectKind::NoBlankLine, self.bytes.len()..self.bytes.len());
        self.bytes.len()
    }

    fn header(&mut self, whole: Span) {
        let line = &self.bytes[whole.clone()];
        let Some(colon) = memchr::memchr(b':', line) else {
            self.defect(DefectKind::NoColon, whole.clone());
            let value = trim(self.bytes, whole.clone());
            let name = whole.start..whole.start;
            return self.headers.push(HeaderLine { whole, name, value });
        };
        let colon = whole.start + colon;
        let name = whole.start..whole.start + self.bytes[whole.start..colon].trim_ascii_end().len();
        if name.end < colon {
            self.defect(DefectKind::SpaceBeforeColon, name.end..colon);
        }
        if !is_token(&self.bytes[name.clone()]) {
            self.defect(DefectKind::BadName, name.clone());
        }
        let value = trim(self.bytes, colon + 1..whole.end);
        self.headers.push(HeaderLine { whole, name, value });
    }
}

fn is_code(word: &[u8]) -> bool {
    word.len() == 3 && word.iter().all(u8::is_ascii_digit) && (b'1'..=b'6').contains(&word[0])
}
