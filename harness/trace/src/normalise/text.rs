//! Small readings of one line of octets.

use std::ops::Range;

/// Letters and digits: what stands beside them belongs to another word otherwise.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Lower-case name and trimmed value of a `name: value` line.
pub(super) fn named_value(line: &[u8]) -> Option<(String, Range<usize>)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = std::str::from_utf8(&line[..colon])
        .ok()?
        .trim()
        .to_ascii_lowercase();
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let value = &line[colon + 1..];
    let from = colon + 1 + value.iter().take_while(|byte| blank(byte)).count();
    let end = line.len() - line.iter().rev().take_while(|byte| blank(byte)).count();
    (!name.is_empty() && from <= end).then_some((name, from..end))
}

pub(super) fn token_end(text: &[u8], from: usize) -> usize {
    let tail = text.get(from..).unwrap_or_default();
    from + tail
        .iter()
        .take_while(|byte| !b" ;,<>\"?&\r\n\t".contains(byte))
        .count()
}

/// Words between single blanks, as spans.
pub(super) fn words(text: &[u8]) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut from = 0;
    for word in text.split(|byte| matches!(byte, b' ' | b'\r' | b'\n')) {
        words.push(from..from + word.len());
        from += word.len() + 1;
    }
    words
}

/// Where `wanted` stands, letter case aside.
pub(super) fn find_all(text: &[u8], wanted: &[u8]) -> Vec<usize> {
    let windows = text.windows(wanted.len()).enumerate();
    windows
        .filter(|(_, window)| window.eq_ignore_ascii_case(wanted))
        .map(|(at, _)| at)
        .collect()
}
