//! Whether the tester itself keeps the wire rules: nobody is judged by a tester that breaks them.

use std::collections::HashSet;

use wire::mime;
use wire::sdp;
use wire::sip::Message;
use wire::xml::resource_lists;

use crate::{Direction, Exchange, Frame, Protocol};

/// The first breach of RFC 3261, 4566, 4826 or 4975 among the messages the tester sent: frame and reason.
///
/// Messages of a call in which the subject broke them first are left out: an answer copies its request.
pub fn own_fault(exchange: &Exchange) -> Option<(usize, String)> {
    let mut spoilt = HashSet::new();
    for frame in &exchange.frames {
        let fault = match frame.protocol {
            Protocol::Sip => sip_fault(&frame.bytes),
            Protocol::Msrp if frame.direction == Direction::Sent => msrp_fault(&frame.bytes),
            // What the XDMS chair says is what the scenario gave it, faults included.
            Protocol::Msrp | Protocol::Http | Protocol::User => None,
        };
        let Some(fault) = fault else { continue };
        let call = call_of(frame);
        match frame.direction {
            Direction::Received => {
                spoilt.insert(call);
            }
            Direction::Sent if !spoilt.contains(&call) => return Some((frame.index, fault)),
            Direction::Sent => {}
        }
    }
    None
}

fn call_of(frame: &Frame) -> Option<String> {
    crate::matchers::sip_line(&frame.bytes, "Call-ID", "i")
}

fn sip_fault(bytes: &[u8]) -> Option<String> {
    let scan = wire::scan::Scan::sip(bytes);
    if let Some(defect) = scan.defects.first() {
        return Some(format!("{:?}", defect.kind));
    }
    let message = match Message::parse(bytes) {
        Ok(message) => message,
        Err(violation) => return Some(violation.to_string()),
    };
    if let Err(violation) = message.validate() {
        return Some(violation.to_string());
    }
    body_fault(&message)
}

fn body_fault(message: &Message) -> Option<String> {
    if message.body.is_empty() {
        return None;
    }
    let Some(kind) = message.header("Content-Type") else {
        return Some("a body without Content-Type".to_owned());
    };
    if kind.to_ascii_lowercase().starts_with("multipart/")
        && let Err(violation) = mime::parse(kind, &message.body)
    {
        return Some(violation.to_string());
    }
    let part = |wanted| mime::find(kind, &message.body, wanted).map(|part| part.body);
    if let Some(sdp) = part("application/sdp") {
        let fault = match std::str::from_utf8(&sdp) {
            Ok(text) => sdp::lint(text).into_iter().next(),
            Err(_) => Some((0, "the session description is not UTF-8".to_owned())),
        };
        if let Some((at, what)) = fault {
            return Some(format!("octet {at} of the session description: {what}"));
        }
    }
    let list = part("application/resource-lists+xml")?;
    resource_lists::parse(&list).err().map(|e| e.to_string())
}

fn msrp_fault(bytes: &[u8]) -> Option<String> {
    wire::msrp::Frame::parse(bytes).err().map(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "OPTIONS sip:im.example SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa\r\n\
        From: <sip:a@b>;tag=1\r\nTo: <sip:im.example>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

    fn exchange(messages: &[(Direction, &str)]) -> Exchange {
        let any = std::net::SocketAddr::from(([127, 0, 0, 1], 5060));
        let frame = |(index, (direction, text)): (usize, &(Direction, &str))| Frame {
            index,
            at_us: 0,
            direction: *direction,
            chair: "alice".into(),
            protocol: Protocol::Sip,
            transport: "udp".into(),
            local: any,
            remote: any,
            bytes: text.as_bytes().to_vec(),
        };
        let frames = messages.iter().enumerate().map(frame).collect();
        Exchange { frames }
    }

    #[test]
    fn a_sound_message_is_no_fault() {
        assert_eq!(own_fault(&exchange(&[(Direction::Sent, GOOD)])), None);
    }

    #[test]
    fn a_broken_message_of_the_tester_is_named() {
        let bad = GOOD.replace("1 OPTIONS", "1 INVITE");
        let seen = exchange(&[(Direction::Sent, GOOD), (Direction::Sent, &bad)]);
        assert_eq!(own_fault(&seen).map(|(frame, _)| frame), Some(1));
    }

    #[test]
    fn what_the_subject_broke_first_is_not_blamed_on_the_tester() {
        let bad = GOOD.replace("1 OPTIONS", "1 INVITE");
        let seen = exchange(&[(Direction::Received, &bad), (Direction::Sent, &bad)]);
        assert_eq!(own_fault(&seen), None);
    }
}
