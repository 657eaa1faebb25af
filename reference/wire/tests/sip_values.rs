//! URI equality of RFC 3261 section 19.1.4, and where a stream is cut or given up.

use wire::sip::{Message, SessionExpires, Uri, Violation, frame};
use wire::{Framed, Limits};

#[test]
fn uris_are_equal_by_meaning() {
    let same = [
        (
            "sip:%61lice@atlanta.example;transport=TCP",
            "sip:alice@AtLanta.example;Transport=tcp",
        ),
        (
            "sip:carol@chicago.example",
            "sip:carol@chicago.example;newparam=5",
        ),
        ("sip:a@b.example;newparam=5", "sip:a@b.example;security=on"),
        (
            "sip:b.example?to=alice%40a.example&subject=x",
            "sip:b.example?subject=x&to=alice%40a.example",
        ),
        ("sip:a@[2001:db8::1]", "sip:a@[2001:DB8:0::1]"),
    ];
    for (one, other) in same {
        assert!(equal(one, other), "{one} is {other}");
    }
}

#[test]
fn uris_differ_by_meaning() {
    let different = [
        ("SIP:ALICE@atlanta.example", "sip:alice@atlanta.example"),
        ("sip:bob@biloxi.example", "sip:bob@biloxi.example:5060"),
        (
            "sip:bob@biloxi.example",
            "sip:bob@biloxi.example;transport=udp",
        ),
        (
            "sip:carol@chicago.example;user=phone",
            "sip:carol@chicago.example",
        ),
        (
            "sip:carol@chicago.example",
            "sip:carol@chicago.example?Subject=next",
        ),
        ("sip:carol@chicago.example", "sips:carol@chicago.example"),
        ("sip:a@b.example;x=1", "sip:a@b.example;x=2"),
        ("sip:a%40c@b.example", "sip:a%3Ac@b.example"),
    ];
    for (one, other) in different {
        assert!(!equal(one, other), "{one} is not {other}");
    }
}

#[test]
fn streams_need_a_length_they_can_hold() {
    let limits = Limits {
        message: 200,
        headers: 2,
        line: 60,
        body: 10,
    };
    let of = |head: &str| frame(format!("{head}\r\n\r\n").as_bytes(), &limits);
    let line = "A a:b SIP/2.0";
    let folded = Framed::Complete { skip: 0, len: 33 };
    assert_eq!(
        of(&format!("{line}\r\nL :\r\n 0\r\nX: 1")).map(|_| ()),
        Ok(())
    );
    assert_eq!(of(&format!("{line}\r\nl: 0\r\nX: 12345")), Ok(folded));
    assert_eq!(of(line), Err(Violation::ContentLengthMissing));
    assert_eq!(
        of(&format!("{line}\r\nl: -1")),
        Err(Violation::ContentLength)
    );
    assert_eq!(
        of(&format!("{line}\r\nl: 1\r\nl: 2")),
        Err(Violation::ContentLengthConflict)
    );
    assert_eq!(of(&format!("{line}\r\nl: 11")), Err(Violation::BodyTooLong));
    assert_eq!(
        of(&format!("{line}\r\na: 1\r\nb: 2\r\nl: 0")),
        Err(Violation::TooManyHeaders)
    );
    assert_eq!(frame(&[b'x'; 61], &limits), Err(Violation::LineTooLong));
    assert_eq!(
        frame(b"A a:b SIP/2.0\nl: 0\n\n", &limits),
        Err(Violation::LineEnd)
    );
    assert_eq!(frame(b"\r\n\r\n", &limits), Ok(Framed::Incomplete));
}

#[test]
fn compact_names_are_found_both_ways() {
    let message = Message::request("INVITE", "sip:a@b").with("x", "1800;refresher=uac;y");
    let value = message.header("session-expires").unwrap_or_default();
    let timer = SessionExpires::parse(value).unwrap();
    assert_eq!(
        (timer.delta, timer.refresher.as_deref()),
        (1800, Some("uac"))
    );
    let long = Message::request("INVITE", "sip:a@b").with("Session-Expires", "90");
    assert_eq!(long.header("X"), Some("90"));
}

fn equal(one: &str, other: &str) -> bool {
    let read = |text: &str| Uri::parse(text).expect("written above");
    read(one).same_as(&read(other)) && read(other).same_as(&read(one))
}
