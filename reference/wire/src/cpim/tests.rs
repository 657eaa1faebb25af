//! CPIM messages: blocks, escapes, namespaces, and any octets at all.

use pretty_assertions::assert_eq;
use proptest::prelude::*;

use super::*;

const MESSAGE: &str = "From: MR SANDERS <im:piglet@100akerwood.com>\r\nTo: <im:eeyore@100akerwood.com>\r\nSubject:;lang=fr beau temps\\u00e9 \\\"oui\\\"\r\nNS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: 34jk\r\n\r\nContent-type: text/plain\r\n\r\nHello\r\n\r\nyou";

#[test]
fn a_message_round_trips() {
    let message = Cpim::parse(MESSAGE.as_bytes()).unwrap();
    assert_eq!(
        message.header("Subject").unwrap(),
        ";lang=fr beau tempsé \"oui\""
    );
    assert_eq!(message.header("subject"), None);
    assert_eq!(message.content_header("Content-Type"), Some("text/plain"));
    assert_eq!(message.content, b"Hello\r\n\r\nyou");
    assert_eq!(String::from_utf8(message.to_bytes()).unwrap(), MESSAGE);
}

#[test]
fn prefixes_are_matched_by_namespace() {
    let message = Cpim::parse(
        MESSAGE
            .replace("imdn.", "x.")
            .replace("NS: imdn <", "NS: x<")
            .as_bytes(),
    )
    .unwrap();
    assert_eq!(
        message
            .header_in("urn:ietf:params:imdn", "Message-ID")
            .unwrap(),
        "34jk"
    );
    assert_eq!(message.undeclared(), Vec::<&str>::new());
    let late = Cpim::parse(MESSAGE.replace("NS: imdn", "NS: x").as_bytes()).unwrap();
    assert_eq!(late.header_in("urn:ietf:params:imdn", "Message-ID"), None);
    assert_eq!(late.undeclared(), ["imdn.Message-ID"]);
}

#[test]
fn one_missing_blank_line_is_forgiven_on_request() {
    let message = "To: <im:a@b>\r\nContent-Type: text/html\r\n\r\n<p>";
    assert_eq!(Cpim::parse(message.as_bytes()), Err(Violation::NoSeparator));
    let read = Cpim::parse_lenient(message.as_bytes()).unwrap();
    assert_eq!(
        (read.headers.len(), read.content_header("content-type")),
        (1, Some("text/html"))
    );
    assert_eq!(read.content, b"<p>");
    assert_eq!(
        Cpim::parse_lenient(MESSAGE.as_bytes()),
        Cpim::parse(MESSAGE.as_bytes())
    );
}

#[test]
fn a_disposition_among_the_message_headers_is_no_reason_to_split() {
    let message = "To: <im:a@b>\r\nContent-Disposition: notification\r\n\r\nContent-Type: message/imdn+xml\r\n\r\n<imdn/>";
    assert_eq!(
        Cpim::parse_lenient(message.as_bytes())
            .unwrap()
            .headers
            .len(),
        2
    );
}

#[test]
fn faults_are_named() {
    let table = [
        ("To: a", Violation::NoContent),
        ("To: a\r\n\r\nContent-Type: a/b\r\n", Violation::NoContent),
        ("To:a\r\n\r\n\r\n", Violation::HeaderLine),
        ("To: a\r\n b\r\n\r\n\r\n", Violation::Folded),
        ("To: a\nFrom: b\r\n\r\n\r\n", Violation::LineEnd),
        ("nocolon\r\n\r\n\r\n", Violation::HeaderLine),
    ];
    for (text, violation) in table {
        assert_eq!(Cpim::parse(text.as_bytes()), Err(violation), "{text:?}");
    }
    let many = format!("{}\r\n\r\n", "A: b\r\n".repeat(257));
    assert_eq!(
        Cpim::parse(many.as_bytes()),
        Err(Violation::TooManyHeaders { limit: 256 })
    );
    assert_eq!(Cpim::parse(b"A: \xff\r\n\r\n\r\n"), Err(Violation::NotUtf8));
}

#[test]
fn unknown_escapes_stand_for_themselves() {
    for (text, plain) in [
        ("\\q\\'", "q'"),
        ("\\ud800", "ud800"),
        ("\\u00", "u00"),
        ("a\\", "a\\"),
        ("\\\\u0041", "\\u0041"),
    ] {
        assert_eq!(unescape(text), plain);
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(headers in prop::collection::vec(("[A-BD-Z][a-z]{0,8}", "(;lang=en )?([!-:<-~é][ -~é]{0,20})?"), 0..4), content_headers in prop::collection::vec(("Content-[A-Z][a-z]{0,4}", "[!-~]{1,20}"), 0..3), content in prop::collection::vec(any::<u8>(), 0..60)) {
        let message = Cpim { headers, content_headers, content };
        prop_assert_eq!(Cpim::parse(&message.to_bytes()), Ok(message));
    }

    #[test]
    fn escapes_are_undone(text in "\\PC*|[\\\\\"'\u{1}-\u{20}bu0-9]{0,30}") {
        let escaped = escape(&text);
        prop_assert!(!escaped.chars().any(char::is_control));
        prop_assert_eq!(unescape(&escaped), text);
    }

    #[test]
    fn no_octets_panic(text in "(To: |Content-Type: |NS: |\r\n|[ -~]|é|\\\\u){0,40}", bytes in prop::collection::vec(any::<u8>(), 0..99)) {
        for input in [text.as_bytes(), &bytes] {
            if let Ok(message) = Cpim::parse_lenient(input) {
                let _ = (message.undeclared(), message.header_in("x", "y"), message.header("To"));
            }
        }
        let _ = unescape(&text);
    }
}
