//! The last words to a peer whose octets cannot be framed, where its protocol has words for that.

use wire::Limits;
use wire::scan::Scan;

/// A response to what was read of a SIP request; `None` if it is no request or too little of it came (RFC 3261 18.3, 21.4.11, 21.5.7).
pub(crate) fn sip(bytes: &[u8], limits: &Limits) -> Option<Vec<u8>> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    // Only whole lines: a header cut in the middle must not be echoed.
    let whole = match end {
        Some(end) => end + 4,
        None => bytes.windows(2).rposition(|window| window == b"\r\n")? + 2,
    };
    let scan = Scan::sip(&bytes[..whole.min(limits.message)]);
    if !scan.is_request() || scan.method().as_deref() == Some("ACK") {
        return None;
    }
    let announced = scan
        .field("Content-Length")
        .and_then(|field| field.value.trim().parse::<usize>().ok());
    let status = match (end, announced) {
        (None, _) => "513 Message Too Large",
        (Some(_), Some(length)) if length > limits.body.min(limits.message) => {
            "413 Request Entity Too Large"
        }
        (Some(_), Some(length)) if length + whole > limits.message => "513 Message Too Large",
        (Some(_), _) => "400 Bad Request",
    };
    let mut text = format!("SIP/2.0 {status}\r\n");
    let vias = scan.fields("Via");
    if vias.is_empty() {
        return None;
    }
    for via in vias {
        text.push_str(&format!("Via: {}\r\n", via.value));
    }
    for name in ["From", "To", "Call-ID", "CSeq"] {
        text.push_str(&format!("{name}: {}\r\n", scan.field(name)?.value));
    }
    text.push_str("Content-Length: 0\r\n\r\n");
    Some(text.into_bytes())
}

/// A response to the start of an MSRP request (RFC 4975 7.2, 10.1 to 10.4); `None` if it is no request or lacks its paths.
pub(crate) fn msrp(bytes: &[u8], status: &str) -> Option<Vec<u8>> {
    let head = &bytes[..bytes.len().min(HEAD)];
    let text = String::from_utf8_lossy(head);
    let mut lines = text.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (protocol, transaction, method) = (words.next()?, words.next()?, words.next()?);
    let a_request = method.bytes().all(|letter| letter.is_ascii_uppercase()) && method != "REPORT";
    let an_id = (4..=32).contains(&transaction.len())
        && transaction
            .bytes()
            .all(|letter| letter.is_ascii_alphanumeric() || b".-+%=".contains(&letter));
    if protocol != "MSRP" || !a_request || !an_id {
        return None;
    }
    let to = lines.next()?.strip_prefix("To-Path: ")?.split(' ').next()?;
    let from = lines
        .next()?
        .strip_prefix("From-Path: ")?
        .split(' ')
        .next()?;
    // The line after proves that From-Path was not cut.
    lines.next()?;
    Some(
        format!("MSRP {transaction} {status}\r\nTo-Path: {from}\r\nFrom-Path: {to}\r\n-------{transaction}$\r\n")
            .into_bytes(),
    )
}

const HEAD: usize = 8192;
