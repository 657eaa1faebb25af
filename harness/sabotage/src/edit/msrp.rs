//! Edits of start line and headers of an MSRP frame.

/// Another status in a response.
pub(crate) fn status(bytes: Vec<u8>, code: u16, reason: &str) -> Vec<u8> {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\r') else {
        return bytes;
    };
    let line = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut words = line.split(' ');
    match (words.next(), words.next(), words.next()) {
        (Some("MSRP"), Some(transaction), Some(old)) if old.parse::<u16>().is_ok() => {
            let start = format!("MSRP {transaction} {code} {reason}");
            super::sip::splice(bytes, 0..end, start.trim_end().as_bytes())
        }
        _ => bytes,
    }
}

/// Sets a header that is there, or takes it away when `value` is `None`.
pub(crate) fn header(bytes: Vec<u8>, name: &str, value: Option<&str>) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut in_headers = true;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        in_headers &= !line.trim_ascii().is_empty();
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(0);
        if !in_headers || !line[..colon].eq_ignore_ascii_case(name.as_bytes()) {
            out.extend(line);
        } else if let Some(value) = value {
            out.extend(format!("{name}: {value}\r\n").bytes());
        }
    }
    out
}
