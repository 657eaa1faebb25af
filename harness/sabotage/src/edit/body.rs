//! Edits of bodies: text, SDP lines (also inside a multipart body) and XML attributes.

use wire::scan::Scan;

/// Changes the body of a SIP message and tells its new length.
pub(crate) fn change(mut bytes: Vec<u8>, edit: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let scan = Scan::sip(&bytes);
    let body = edit(scan.body());
    if body == scan.body() {
        return bytes;
    }
    bytes.splice(scan.body.clone(), body.iter().copied());
    match scan.field("Content-Length") {
        Some(_) => super::sip::set(bytes, "Content-Length", &body.len().to_string()),
        None => bytes,
    }
}

/// Replaces text wherever it stands.
pub(crate) fn replace(bytes: &[u8], text: &str, with: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        match rest.strip_prefix(text.as_bytes()) {
            Some(after) if !text.is_empty() => {
                out.extend(with.bytes());
                rest = after;
            }
            _ => {
                out.push(rest[0]);
                rest = &rest[1..];
            }
        }
    }
    out
}

/// Sets every SDP attribute of this name, or takes it away when `value` is `None`.
pub(crate) fn attribute(bytes: &[u8], name: &str, value: Option<&str>) -> Vec<u8> {
    by_line(bytes, |line| {
        let text = line.trim_ascii_end();
        let rest = text
            .strip_prefix(b"a=")
            .and_then(|rest| rest.strip_prefix(name.as_bytes()));
        match (rest, value) {
            (Some([] | [b':', ..]), None) => Vec::new(),
            (Some([] | [b':', ..]), Some(value)) => format!("a={name}:{value}\r\n").into_bytes(),
            _ => line.to_vec(),
        }
    })
}

/// Sets the port of every m= line of this kind.
pub(crate) fn media_port(bytes: &[u8], media: &str, port: u16) -> Vec<u8> {
    by_line(bytes, |line| {
        let text = String::from_utf8_lossy(line);
        let mut words = text.splitn(3, ' ');
        match (words.next(), words.next(), words.next()) {
            (Some(kind), Some(_), Some(rest)) if kind == format!("m={media}") => {
                format!("{kind} {port} {rest}").into_bytes()
            }
            _ => line.to_vec(),
        }
    })
}

/// Takes away every m= line of this kind and the lines that belong to it.
pub(crate) fn remove_media(bytes: &[u8], media: &str) -> Vec<u8> {
    let mut inside = false;
    by_line(bytes, |line| {
        if line.starts_with(b"m=") {
            inside = line.starts_with(format!("m={media} ").as_bytes());
        } else if line.get(1) != Some(&b'=') {
            inside = false;
        }
        if inside { Vec::new() } else { line.to_vec() }
    })
}

/// Sets every XML attribute of this name outside the XML declaration.
pub(crate) fn xml_attribute(bytes: &[u8], name: &str, value: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let wanted = format!("{name}=");
    let mut at = 0;
    let mut declaration = false;
    while at < bytes.len() {
        let rest = &bytes[at..];
        declaration = (declaration || rest.starts_with(b"<?")) && !rest.starts_with(b"?>");
        let blank_before = at > 0 && bytes[at - 1].is_ascii_whitespace();
        let quote = rest
            .get(wanted.len())
            .copied()
            .filter(|quote| matches!(quote, b'"' | b'\''));
        if let Some(quote) =
            quote.filter(|_| !declaration && blank_before && rest.starts_with(wanted.as_bytes()))
        {
            let from = wanted.len() + 1;
            if let Some(length) = rest[from..].iter().position(|byte| *byte == quote) {
                out.extend(format!("{wanted}\"{value}\"").bytes());
                at += from + length + 1;
                continue;
            }
        }
        out.push(bytes[at]);
        at += 1;
    }
    out
}

fn by_line(bytes: &[u8], edit: impl FnMut(&[u8]) -> Vec<u8>) -> Vec<u8> {
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .flat_map(edit)
        .collect()
}
