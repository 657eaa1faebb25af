//! Edits of the start line of an HTTP message.

/// Another status in a response.
pub(crate) fn status(bytes: Vec<u8>, code: u16, reason: &str) -> Vec<u8> {
    match words(&bytes) {
        Some((version, _, _, end)) if version.starts_with("HTTP/") => {
            let start = format!("{version} {code} {reason}");
            super::sip::splice(bytes, 0..end, start.as_bytes())
        }
        _ => bytes,
    }
}

/// Another method in a request.
pub(crate) fn method(bytes: Vec<u8>, method: &str) -> Vec<u8> {
    match words(&bytes) {
        Some((old, _, _, _)) if !old.starts_with("HTTP/") => {
            super::sip::splice(bytes, 0..old.len(), method.as_bytes())
        }
        _ => bytes,
    }
}

/// Another target in a request.
pub(crate) fn target(bytes: Vec<u8>, target: &str) -> Vec<u8> {
    match words(&bytes) {
        Some((method, old, _, _)) if !method.starts_with("HTTP/") => {
            let from = method.len() + 1;
            super::sip::splice(bytes, from..from + old.len(), target.as_bytes())
        }
        _ => bytes,
    }
}

/// The three parts of the start line, and where it ends.
fn words(bytes: &[u8]) -> Option<(String, String, String, usize)> {
    let end = bytes.iter().position(|byte| *byte == b'\r')?;
    let line = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut words = line.splitn(3, ' ').map(str::to_owned);
    Some((words.next()?, words.next()?, words.next()?, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_start_line_changes() {
        let request = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n".to_vec();
        let response = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        assert!(text(method(request.clone(), "PUT")).starts_with("PUT /a HTTP/1.1\r\nHost"));
        assert!(text(target(request.clone(), "/b/c")).starts_with("GET /b/c HTTP/1.1\r\nHost"));
        assert!(
            text(status(response.clone(), 404, "Not Found"))
                .starts_with("HTTP/1.1 404 Not Found\r\nC")
        );
        assert_eq!(status(request.clone(), 404, "x"), request);
        assert_eq!(target(response.clone(), "/"), response);
    }
}
