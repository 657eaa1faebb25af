//! What is written on an arrow: the start line without what every message repeats.

use trace::matchers::{Sip, sip};
use trace::{Frame, Protocol, show_octets};

/// Octets of a start line that are looked at.
const LOOKED_AT: usize = 300;

pub(super) fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Sip => "sip",
        Protocol::Msrp => "msrp",
        Protocol::Http => "http",
        Protocol::User => "user",
    }
}

pub(super) fn label(frame: &Frame) -> String {
    let line = start_line(&frame.bytes);
    match frame.protocol {
        Protocol::Sip => match (line.strip_prefix("SIP/2.0 "), line.strip_suffix(" SIP/2.0")) {
            (Some(status), _) => match Sip::of(frame).and_then(|sip| sip.cseq()) {
                Some((_, method)) => format!("{status} ({})", shown(method.as_bytes())),
                None => status.to_owned(),
            },
            (None, Some(request)) => request.to_owned(),
            (None, None) => line,
        },
        // The second word is the transaction, which says nothing to people.
        Protocol::Msrp => match line.splitn(3, ' ').collect::<Vec<_>>()[..] {
            _ if frame.bytes.is_empty() => "connection closed".to_owned(),
            ["MSRP", _, what] => format!("MSRP {what}"),
            _ => line,
        },
        Protocol::Http => match (
            line.strip_prefix("HTTP/1.1 "),
            line.strip_suffix(" HTTP/1.1"),
        ) {
            (Some(status), _) => status.to_owned(),
            (None, Some(request)) => request.to_owned(),
            (None, None) => line,
        },
        Protocol::User => user(&frame.bytes).unwrap_or(line),
    }
}

/// Media type of the body, without parameters.
pub(super) fn body(frame: &Frame) -> String {
    if frame.protocol == Protocol::User {
        return String::new();
    }
    let value = sip(frame).field("Content-Type").map(|field| field.value);
    let value = value.unwrap_or_default();
    let name = value.split(';').next().unwrap_or_default().trim();
    shown(name.as_bytes())
}

/// What the user does or sees, in its one word.
fn user(line: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(line).ok()?;
    let word = value.get("do").or_else(|| value.get("event"))?.as_str()?;
    Some(shown(word.as_bytes()))
}

fn start_line(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
    let line = &bytes[..end.unwrap_or(bytes.len()).min(LOOKED_AT)];
    shown(line)
}

fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    show_octets(&bytes[..bytes.len().min(LOOKED_AT)], &mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use trace::Direction;

    fn frame(protocol: Protocol, text: &str) -> Frame {
        Frame {
            index: 0,
            at_us: 0,
            direction: Direction::Sent,
            chair: "alice".to_owned(),
            protocol,
            transport: "tcp".to_owned(),
            local: ([127, 0, 0, 1], 1).into(),
            remote: ([127, 0, 0, 1], 2).into(),
            bytes: text.replace('\n', "\r\n").into_bytes(),
        }
    }

    #[test]
    fn start_lines_without_what_every_message_repeats() {
        use Protocol::{Http, Msrp, Sip, User};
        for (protocol, text, wanted) in [
            (
                Sip,
                "INVITE sip:a@x SIP/2.0\nCSeq: 1 INVITE\n\n",
                "INVITE sip:a@x",
            ),
            (
                Sip,
                "SIP/2.0 180 Ringing\nCSeq: 1 INVITE\n\n",
                "180 Ringing (INVITE)",
            ),
            (Sip, "SIP/2.0 180 Ringing\n\n", "180 Ringing"),
            (Sip, "\u{1}nonsense", "\\u{1}nonsense"),
            (Msrp, "MSRP a1 SEND\n", "MSRP SEND"),
            (Msrp, "MSRP a1 200 OK\n", "MSRP 200 OK"),
            (Msrp, "", "connection closed"),
            (Http, "GET /a HTTP/1.1\n\n", "GET /a"),
            (Http, "HTTP/1.1 200 OK\n\n", "200 OK"),
            (User, "{\"do\":\"invite\"}", "invite"),
            (User, "hello", "hello"),
        ] {
            assert_eq!(label(&frame(protocol, text)), wanted, "{text:?}");
        }
        let sdp = frame(Sip, "ACK sip:a@x SIP/2.0\nc: application/sdp;x=y\n\nv=0\n");
        assert_eq!(body(&sdp), "application/sdp");
    }
}
