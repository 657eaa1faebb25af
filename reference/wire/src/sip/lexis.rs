//! Small lexical rules of RFC 3261 section 25.1 shared by all readers.

/// Splits at commas outside quotes and angle brackets; elements are trimmed, with their offset.
pub(crate) fn split_commas(text: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut escaped, mut depth) = (0, false, false, 0u32);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'<' if !quoted => depth = 1,
            b'>' if !quoted => depth = 0,
            b',' if !quoted && depth == 0 => {
                parts.push(trimmed(text, start, at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(trimmed(text, start, text.len()));
    parts
}

fn trimmed(text: &str, start: usize, end: usize) -> (usize, &str) {
    let part = &text[start..end];
    let lead = part.len() - part.trim_ascii_start().len();
    (start + lead, part.trim_ascii())
}
