//! rsip beside our own reader: where they agree, and each known place where they do not.

use wire::sip::Message;
use wire::sip::rsip_bridge::{Refusal, opinion, request, response};

const HEADERS: [(&str, &str); 8] = [
    ("Via", "SIP/2.0/TCP a.example.net:5060;branch=z9hG4bK1"),
    ("Max-Forwards", "70"),
    ("From", "\"Alice\" <sip:alice@example.net>;tag=1"),
    ("To", "<sip:bob@example.net>"),
    ("Call-ID", "1@a.example.net"),
    ("CSeq", "1 MESSAGE"),
    ("Session-Expires", "1800;refresher=uac"),
    ("Content-Length", "3"),
];

/// How rsip departs from the wire.
#[derive(Debug, PartialEq, Eq)]
enum Divergence {
    /// It refuses the message.
    Refuses,
    /// Its start line differs.
    Start,
    /// Its headers differ in number, name or value.
    Headers,
    /// It takes all that follows for the body.
    Body,
}

#[test]
fn requests_are_read_again_as_asked() {
    let message = request(
        "MESSAGE",
        "sip:bob@example.net",
        &HEADERS,
        &[0xff, 0x00, 0x0a],
    )
    .unwrap();
    assert_eq!(message.method(), Some("MESSAGE"));
    assert_eq!(message.body, [0xff, 0x00, 0x0a]);
    assert_eq!(message.validate(), Ok(()));
    assert_eq!(divergences(&message.to_bytes()), []);
}

#[test]
fn responses_keep_their_reason() {
    let message = response(486, "Busy Here", &HEADERS, b"abc").unwrap();
    assert_eq!(message.code(), Some(486));
    assert!(message.to_bytes().starts_with(b"SIP/2.0 486 Busy Here\r\n"));
}

#[test]
fn a_line_end_in_a_value_is_noticed() {
    let smuggled = [("To", "<sip:a@b>\r\nRequire: evil")];
    let built = request("MESSAGE", "sip:bob@example.net", &smuggled, b"");
    assert_eq!(built, Err(Refusal::Differs));
}

#[test]
fn the_vocabulary_is_closed() {
    assert_eq!(
        request("DANCE", "sip:bob@example.net", &[], b""),
        Err(Refusal::Method)
    );
    assert_eq!(
        request("invite", "sip:bob@example.net", &[], b""),
        Err(Refusal::Method)
    );
    let shortened = request("INVITE", "sip:bob@example.net;gr=urn:uuid:f81d", &[], b"");
    assert_eq!(shortened, Err(Refusal::Differs));
}

#[test]
fn known_divergences_are_the_only_ones() {
    use Divergence::{Body, Headers, Refuses, Start};
    let sound = "MESSAGE sip:bob@example.net SIP/2.0\r\nTo: <sip:bob@example.net>\r\n";
    let with = |more: &str| format!("{sound}{more}\r\n\r\n");
    let line = |line: &str| format!("{line}\r\nTo: <sip:bob@example.net>\r\n\r\n");
    let table: [(&str, String, &[Divergence]); 12] = [
        ("agreement", with("Subject: hello"), &[]),
        ("compact names stay unknown", with("s: hello"), &[]),
        (
            "name case is normalised",
            with("SUBJECT: hello"),
            &[Headers],
        ),
        ("folding", with("Subject: hello\r\n world"), &[Refuses]),
        ("blank before colon", with("Subject : hello"), &[Refuses]),
        (
            "open methods",
            line("DANCE sip:bob@example.net SIP/2.0"),
            &[Refuses],
        ),
        (
            "lower-case methods",
            line("message sip:bob@example.net SIP/2.0"),
            &[Start],
        ),
        ("IPv6", line("MESSAGE sip:bob@[::1] SIP/2.0"), &[Refuses]),
        ("tel", line("MESSAGE tel:+15551234 SIP/2.0"), &[Refuses]),
        (
            "colon in a parameter",
            line("MESSAGE sip:b@c;gr=urn:uuid:f SIP/2.0"),
            &[Refuses],
        ),
        (
            "keep-alive in front",
            format!("\r\n{}", with("Subject: hello")),
            &[Refuses],
        ),
        (
            "longer body",
            format!("{}tail", with("Content-Length: 0")),
            &[Body],
        ),
    ];
    let mut wrong = Vec::new();
    for (name, text, expected) in &table {
        let found = divergences(text.as_bytes());
        if found != *expected {
            wrong.push(format!("{name}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Compares both views of octets that our own reader takes.
fn divergences(bytes: &[u8]) -> Vec<Divergence> {
    let ours = Message::parse(bytes).expect("our reader takes every row");
    let Some(theirs) = opinion(bytes) else {
        return vec![Divergence::Refuses];
    };
    let start = match (ours.method(), ours.uri(), ours.code()) {
        (Some(method), Some(uri), _) => format!("{method} {uri}"),
        (_, _, code) => code.unwrap_or_default().to_string(),
    };
    let pairs = ours.headers.iter();
    let headers: Vec<_> = pairs
        .map(|header| (header.name.clone(), header.value.clone()))
        .collect();
    let mut found = Vec::new();
    if start != theirs.start {
        found.push(Divergence::Start);
    }
    if headers != theirs.headers {
        found.push(Divergence::Headers);
    }
    if ours.body != theirs.body {
        found.push(Divergence::Body);
    }
    found
}
