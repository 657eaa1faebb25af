//! Octets as text in which nothing is invisible: line ends, trailing blanks, control and binary octets.

use std::ops::Range;

/// Octets of one wire line: up to and including its LF, or the end of the message.
pub(crate) fn lines(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b'\n' {
            lines.push(start..at + 1);
            start = at + 1;
        }
    }
    if start < bytes.len() {
        lines.push(start..bytes.len());
    }
    lines
}

/// Shows octets. CR is `␍`, LF is `␊`, tab is `␉`, a blank before the end of the line is `·`;
/// what is not UTF-8 or not printable is `\xNN`, and a backslash is doubled.
pub fn show(bytes: &[u8], out: &mut String) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (valid, bad) = match std::str::from_utf8(rest) {
            Ok(text) => (text, 0),
            Err(error) => {
                let (head, tail) = rest.split_at(error.valid_up_to());
                let text = std::str::from_utf8(head).unwrap_or_default();
                (text, error.error_len().unwrap_or(tail.len()))
            }
        };
        show_text(valid, out);
        let (invalid, after) = rest[valid.len()..].split_at(bad);
        for byte in invalid {
            out.push_str(&format!("\\x{byte:02x}"));
        }
        rest = after;
    }
}

/// The same for one character, as it is shown outside of trailing blanks.
fn show_text(text: &str, out: &mut String) {
    for (at, letter) in text.char_indices() {
        match letter {
            '\r' => out.push('␍'),
            '\n' => out.push('␊'),
            '\t' => out.push('␉'),
            ' ' if blank_to_line_end(&text[at..]) => out.push('·'),
            '\\' => out.push_str("\\\\"),
            '␍' | '␊' | '␉' | '·' => out.extend(letter.escape_unicode()),
            control if control.is_control() => out.extend(control.escape_default()),
            letter => out.push(letter),
        }
    }
}

fn blank_to_line_end(text: &str) -> bool {
    match text.trim_start_matches([' ', '\t', '\r']).chars().next() {
        Some(letter) => letter == '\n',
        None => text.contains('\r'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> String {
        let mut out = String::new();
        show(bytes, &mut out);
        out
    }

    #[test]
    fn every_kind_of_line_end_looks_different() {
        assert_eq!(shown(b"a\r\n"), "a␍␊");
        assert_eq!(shown(b"a\n"), "a␊");
        assert_eq!(shown(b"a\r"), "a␍");
        assert_eq!(shown(b"a \t \r\n"), "a·␉·␍␊");
        assert_eq!(shown(b"a b\r\n"), "a b␍␊");
    }

    #[test]
    fn binary_octets_are_escaped_and_stay_different() {
        assert_eq!(
            shown(b"\x00\xff\xfe\\\xc3\xa9"),
            "\\u{0}\\xff\\xfe\\\\\u{e9}"
        );
        assert_eq!(shown("␍".as_bytes()), "\\u{240d}");
        assert_eq!(shown(b"\xe2\x90"), "\\xe2\\x90");
    }

    #[test]
    fn lines_cover_every_octet_once() {
        assert_eq!(lines(b"a\r\nb\n\nc"), [0..3, 3..5, 5..6, 6..7]);
        assert!(lines(b"").is_empty());
    }
}
