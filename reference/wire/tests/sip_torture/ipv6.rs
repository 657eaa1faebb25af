//! RFC 5118: IPv6 addresses, with and without their brackets.

use super::Treatment::{Accepted, Faulty};
use super::{Case, case, message, request};
use wire::sip::{Message, Uri, Violation};

pub(super) fn cases() -> Vec<Case> {
    let mapped =
        "Contact: <sip:user@[::ffff:192.0.2.10]>\nRecord-Route: <sip:[::ffff:192.0.2.2];lr>\n";
    let both = "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKkdjuw\n\
        Via: SIP/2.0/TCP [2001:db8:0:0:1::9];received=[2001:db8::9:255];branch=z9hG4bKas3\n";
    let colons = "sip:user@[2001:db8:::192.0.2.1]";
    vec![
        case(
            "ipv6-good",
            register("sip:[2001:db8::10]", ""),
            Accepted,
            &[],
        ),
        case(
            "ipv6-bad",
            register("sip:2001:db8::10", ""),
            Faulty(Violation::RequestUri),
            &[],
        ),
        case(
            "port-ambiguous",
            register("sip:[2001:db8::10:5070]", ""),
            Accepted,
            &[],
        ),
        case(
            "port-unambiguous",
            register("sip:[2001:db8::10]:5070", ""),
            Accepted,
            &[],
        ),
        case(
            "received-with-brackets",
            hop(";received=[2001:db8::9:255]"),
            Accepted,
            &[],
        ),
        case(
            "received-without-brackets",
            hop(";received=2001:db8::9:255"),
            Accepted,
            &[],
        ),
        case(
            "ipv6-in-sdp",
            offer("c=IN IP6 2001:db8::9:1\r\n"),
            Accepted,
            &[],
        ),
        case(
            "mult-ip-in-header",
            request("BYE", "sip:user@host.example.net", both),
            Accepted,
            &[],
        ),
        case(
            "mult-ip-in-sdp",
            offer("c=IN IP6 2001:db8::1\r\nc=IN IP4 192.0.2.1\r\n"),
            Accepted,
            &[],
        ),
        case(
            "ipv4-mapped",
            request("INVITE", "sip:user@example.com", mapped),
            Accepted,
            &[],
        ),
        // The grammar of RFC 3261 allows three colons by mistake; RFC 5954 removes it.
        case(
            "three-colons",
            request("OPTIONS", colons, ""),
            Faulty(Violation::RequestUri),
            &[],
        ),
    ]
}

#[test]
fn a_port_is_outside_the_brackets() {
    let port = |text: &str| Uri::parse(text).map(|uri| (uri.host, uri.port));
    let inside = port("sip:[2001:db8::10:5070]");
    assert_eq!(inside, Ok(("[2001:db8::10:5070]".to_owned(), None)));
    let outside = port("sip:[2001:db8::10]:5070");
    assert_eq!(outside, Ok(("[2001:db8::10]".to_owned(), Some(5070))));
}

#[test]
fn received_is_kept_as_printed() {
    let message = Message::parse(&hop(";received=2001:db8::9:255")).unwrap();
    let via = message.via().unwrap();
    assert_eq!(via.params.value("received"), Some("2001:db8::9:255"));
    assert_eq!(via.host, "[2001:db8::9:1]");
}

fn register(uri: &str, more: &str) -> Vec<u8> {
    request("REGISTER", uri, more)
}

fn hop(received: &str) -> Vec<u8> {
    let sound = String::from_utf8(request("BYE", "sip:[2001:db8::10]", "")).expect("built as text");
    let place = format!("[2001:db8::9:1]{received}");
    sound.replace("caller.example:5060", &place).into_bytes()
}

fn offer(lines: &str) -> Vec<u8> {
    let body = format!("v=0\r\no=- 1 1 IN IP6 2001:db8::20\r\ns=-\r\n{lines}t=0 0\r\n");
    let head = format!(
        "INVITE sip:user@[2001:db8::10] SIP/2.0\n{}Content-Type: application/sdp\nContent-Length: @\n",
        super::usual("INVITE")
    );
    message(&head, body.as_bytes())
}
