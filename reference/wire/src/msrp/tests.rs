//! MSRP frames: the grammar's traps, any split of a stream, and any octets at all.

use pretty_assertions::assert_eq;
use proptest::prelude::*;

use super::*;
use crate::{Framed, Limits};

const TO: &str = "To-Path: msrp://b.example.com:8888/9di4ea;tcp\r\n";
const FROM: &str = "From-Path: msrp://a.example.com:7777/iau39;tcp\r\n";

fn send(rest: &str) -> String {
    format!("MSRP d93kswow SEND\r\n{TO}{FROM}{rest}")
}

fn whole(bytes: &[u8]) -> Result<Framed, Violation> {
    frame(bytes, &Limits::default())
}

#[test]
fn a_request_with_a_body_round_trips() {
    let text = send(
        "Message-ID: 123\r\nByte-Range: 1-*/*\r\nContent-Type: text/plain\r\n\r\nHi\r\n-------other$\r\n\r\n-------d93kswow+\r\n",
    );
    let parsed = Frame::parse(text.as_bytes()).unwrap();
    assert_eq!(
        parsed.body.as_deref(),
        Some(&b"Hi\r\n-------other$\r\n"[..])
    );
    assert_eq!(parsed.flag, Flag::More);
    assert_eq!(
        parsed.byte_range(),
        Some(ByteRange {
            start: 1,
            end: None,
            total: None
        })
    );
    assert_eq!(String::from_utf8(parsed.to_bytes()).unwrap(), text);
}

#[test]
fn a_bodiless_request_has_no_blank_line() {
    let text = send("-------d93kswow$\r\n");
    let parsed = Frame::parse(text.as_bytes()).unwrap();
    assert_eq!((parsed.body.clone(), parsed.headers.len()), (None, 0));
    assert_eq!(parsed.to_bytes(), text.as_bytes());
    let empty = send("Content-Type: text/plain\r\n\r\n\r\n-------d93kswow$\r\n");
    assert_eq!(
        Frame::parse(empty.as_bytes()).unwrap().body,
        Some(Vec::new())
    );
}

#[test]
fn faults_are_named() {
    let table = [
        (
            send("\r\n-------d93kswow$\r\n"),
            Violation::NoCrlfBeforeEndLine,
        ),
        (
            send("\r\n\r\n-------d93kswow$\r\n"),
            Violation::BodyWithoutType,
        ),
        (
            send("Content-Type: text/plain\r\n-------d93kswow$\r\n"),
            Violation::TypeWithoutBody,
        ),
        (
            send("Content-Type: a/b\r\nX: y\r\n\r\nhi\r\n-------d93kswow$\r\n"),
            Violation::TypeNotLast,
        ),
        (send("-------d93kswow$\r\nMSRP"), Violation::TrailingOctets),
        (send("-------d93kswoz$\r\n"), Violation::NoEndLine),
        (
            send("novalue\r\n-------d93kswow$\r\n"),
            Violation::HeaderLine,
        ),
        (
            format!("MSRP d93kswow SEND\r\n{FROM}{TO}-------d93kswow$\r\n"),
            Violation::ToPathNotFirst,
        ),
        (
            format!("MSRP d93kswow SEND\r\n{TO}{TO}-------d93kswow$\r\n"),
            Violation::FromPathNotSecond,
        ),
        (
            format!("MSRP d93 SEND\r\n{TO}{FROM}-------d93$\r\n"),
            Violation::Transaction,
        ),
        (
            format!("msrp d93kswow SEND\r\n{TO}{FROM}-------d93kswow$\r\n"),
            Violation::StartLine,
        ),
        (
            format!("MSRP d93kswow send\r\n{TO}{FROM}-------d93kswow$\r\n"),
            Violation::StartLine,
        ),
        (
            format!("MSRP d93kswow 200 OK\r\n{TO}{FROM}-------d93kswow+\r\n"),
            Violation::ResponseFlag,
        ),
    ];
    for (text, violation) in table {
        assert_eq!(Frame::parse(text.as_bytes()), Err(violation), "{text}");
    }
}

#[test]
fn a_premature_end_line_does_not_stall_the_stream() {
    let text = send("\r\n-------d93kswow$\r\n");
    assert_eq!(
        whole(text.as_bytes()),
        Ok(Framed::Complete {
            skip: 0,
            len: text.len()
        })
    );
}

#[test]
fn responses_need_no_further_headers_and_no_comment() {
    let text = format!("MSRP d93kswow 481\r\n{TO}{FROM}-------d93kswow$\r\n");
    let parsed = Frame::parse(text.as_bytes()).unwrap();
    assert_eq!(parsed.kind, Kind::Response(481, String::new()));
    assert_eq!(parsed.to_bytes(), text.as_bytes());
}

#[test]
fn a_response_goes_to_the_nearest_hop_of_a_send_only() {
    let to = ["msrp://r:1/b;tcp".to_owned(), "msrp://b:1/b;tcp".to_owned()];
    let from = ["msrp://s:1/a;tcp".to_owned(), "msrp://a:1/a;tcp".to_owned()];
    let response = Frame::request("SEND", "abcd", &to, &from).response(200, "OK");
    assert_eq!(
        (response.to_path, response.from_path),
        (from[..1].to_vec(), to[..1].to_vec())
    );
    assert_eq!(
        Frame::request("AUTH", "abcd", &to, &from)
            .response(200, "OK")
            .to_path,
        from
    );
}

#[test]
fn a_report_tells_its_status() {
    let text =
        send("Message-ID: 1\r\nByte-Range: 1-2/2\r\nStatus: 000 413 stop\r\n-------d93kswow$\r\n")
            .replace("SEND", "REPORT");
    assert_eq!(Frame::parse(text.as_bytes()).unwrap().status(), Some(413));
}

#[test]
fn limits_hold_before_the_frame_is_complete() {
    let limits = Limits {
        message: 200,
        headers: 4,
        line: 80,
        body: 10,
    };
    let refuse = |text: String| frame(text.as_bytes(), &limits).unwrap_err();
    assert_eq!(
        refuse(format!("MSRP {}", "a".repeat(90))),
        Violation::LineTooLong { limit: 80 }
    );
    assert_eq!(
        refuse(send(&"A: b\r\n".repeat(4))),
        Violation::HeadersTooMany { limit: 4 }
    );
    assert_eq!(
        refuse("\r\n".repeat(200)),
        Violation::HeadersTooLong { limit: 200 }
    );
    let body = "x".repeat(60);
    assert_eq!(
        refuse(send(&format!("Content-Type: a/b\r\n\r\n{body}"))),
        Violation::BodyTooLong { limit: 10 }
    );
    assert_eq!(
        refuse(send(
            "Content-Type: a/b\r\n\r\n01234567890\r\n-------d93kswow$\r\n"
        )),
        Violation::BodyTooLong { limit: 10 }
    );
    assert_eq!(frame(b"HTTP", &limits), Err(Violation::StartLine));
}

#[test]
fn byte_ranges() {
    for good in ["1-0/0", "1-*/*", "2049-4096/8000", "5-*/9"] {
        assert_eq!(ByteRange::parse(good).unwrap().to_string(), good);
    }
    for bad in [
        "",
        "0-1/1",
        "*-1/1",
        "1-/1",
        "5-3/9",
        "1-2",
        "+1-2/2",
        "99999999999999999999-*/*",
    ] {
        assert_eq!(ByteRange::parse(bad), Err(Violation::ByteRange), "{bad}");
    }
}

#[test]
fn addresses_compare_by_the_rules() {
    let same = |one: &str, other: &str| {
        Uri::parse(one)
            .unwrap()
            .same_as(&Uri::parse(other).unwrap())
    };
    assert!(same(
        "msrp://A.example:1/s;tcp",
        "MSRP://joe@a.EXAMPLE:1/s;TCP;x=y"
    ));
    assert!(same(
        "msrp://[::1]:1/s;tcp",
        "msrp://[0:0:0:0:0:0:0:1]:1/s;tcp"
    ));
    assert!(!same("msrp://a:1/s;tcp", "msrp://a:1/S;tcp"));
    assert!(!same("msrp://a:2855/s;tcp", "msrp://a/s;tcp"));
    assert!(!same("msrp://a:1/s;tcp", "msrps://a:1/s;tcp"));
    assert!(!same("msrp://a:1/s;tcp", "msrp://a:1;tcp"));
    for bad in [
        "sip:a",
        "msrp://a:1/s",
        "msrp://a:x/s;tcp",
        "msrp://:1/s;tcp",
        "msrp://a:1/;tcp",
        "msrp://a:70000/s;tcp",
        "msrp://[::1/s;tcp",
        "msrp://a:1/s p;tcp",
    ] {
        assert_eq!(Uri::parse(bad), Err(Violation::Uri), "{bad}");
    }
}

fn any_frame() -> impl Strategy<Value = Frame> {
    let uri = "msrps?://[a-z]{1,8}:[1-9][0-9]{0,3}/[A-Za-z0-9+=/]{1,12};tcp";
    let path = || prop::collection::vec(uri, 1..3);
    let header = ("X-[a-z]{1,8}", "[!-~]([ -~]{0,20}[!-~])?");
    let flag = prop_oneof![Just(Flag::Complete), Just(Flag::More), Just(Flag::Abort)];
    let body = prop::option::of(prop::collection::vec(
        prop_oneof![Just(b'-'), Just(b'\r'), Just(b'\n'), any::<u8>()],
        0..200,
    ));
    (
        "[A-Za-z0-9][A-Za-z0-9.%=+-]{3,31}",
        path(),
        path(),
        prop::collection::vec(header, 0..4),
        flag,
        body,
    )
        .prop_map(
            |(transaction, to_path, from_path, mut headers, flag, body)| {
                if body.is_some() {
                    headers.push(("Content-Type".to_owned(), "text/plain".to_owned()));
                }
                Frame {
                    transaction,
                    kind: Kind::Request("SEND".to_owned()),
                    to_path,
                    from_path,
                    headers,
                    body,
                    flag,
                }
            },
        )
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(sent in any_frame()) {
        prop_assume!(!sent.collides());
        prop_assert_eq!(Frame::parse(&sent.to_bytes()), Ok(sent));
    }

    #[test]
    fn a_stream_may_break_anywhere(one in any_frame(), other in any_frame()) {
        prop_assume!(!one.collides() && !other.collides());
        let first = one.to_bytes();
        let stream = [b"\r\n".to_vec(), first.clone(), other.to_bytes()].concat();
        for end in 0..first.len() + 2 {
            prop_assert_eq!(whole(&stream[..end]), Ok(Framed::Incomplete));
        }
        for end in first.len() + 2..=stream.len() {
            prop_assert_eq!(whole(&stream[..end]), Ok(Framed::Complete { skip: 2, len: first.len() }));
        }
    }

    #[test]
    fn no_octets_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "(\r\n)?MSRP [a-z]{3,5} (SEND|200)(\r\n|[ -~]|-------[a-z]{4}[$+#]){0,40}") {
        for input in [bytes.as_slice(), text.as_bytes()] {
            let _ = Frame::parse(input);
            let _ = frame(input, &Limits { message: 60, headers: 2, line: 20, body: 10 });
        }
        let _ = Uri::parse(&text);
        let _ = ByteRange::parse(&text);
    }
}
