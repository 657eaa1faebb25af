//! Random input: nothing panics, a scan loses no octet, and what we print we read again.

use proptest::prelude::*;
use wire::scan::Scan;
use wire::sip::{
    AcceptContact, CSeq, ContentType, Disposition, Event, Message, NameAddr, SessionExpires,
    SubscriptionState, Uri, Via, Warning, frame, quote, unquote,
};
use wire::{Framed, Limits};

/// Pieces that steer random input into the deeper branches.
fn shred() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "INVITE",
        "SIP/2.0",
        " ",
        "sip:a@b",
        "\r\n",
        "\n",
        "\r",
        "\r\n\r\n",
        ":",
        "v:",
        "l: 3",
        "Via: ",
        "SIP/2.0/UDP",
        ";",
        "=",
        "\"",
        "\\",
        "<",
        ">",
        ",",
        "%",
        "[",
        "]",
        "::1",
        "200",
        "Content-Length: ",
        "99999999999999999999",
        "-1",
        "é",
        "*",
        "\t",
        "@",
        "?",
        "&",
        "1",
        "To",
        "\u{0}",
    ]);
    let word = words.prop_map(|word| word.as_bytes().to_vec());
    let noise = prop::collection::vec(any::<u8>(), 0..4);
    let piece = prop_oneof![8 => word, 1 => noise];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// A well-formed message.
fn sound() -> impl Strategy<Value = Message> {
    let name = prop::sample::select(vec![
        "Via", "v", "X-Other", "Contact", "m", "Subject", "Require",
    ]);
    let value = "[ -~]{0,40}".prop_map(|value| value.trim().to_owned());
    let header = (name, value);
    let headers = prop::collection::vec(header, 0..12);
    let body = prop::collection::vec(any::<u8>(), 0..80);
    let start = prop_oneof![
        ("[A-Z]{1,12}", "[a-z]{1,8}:[a-z0-9@.;=]{1,30}")
            .prop_map(|(method, uri)| Message::request(&method, &uri)),
        (100u16..700, "[ -~]{0,20}").prop_map(|(code, reason)| {
            Message::response(&Message::request("A", "a:b"), code, &reason)
        }),
    ];
    (start, headers, body).prop_map(|(mut message, headers, body)| {
        for (name, value) in headers {
            message.push(name, value);
        }
        message.push("Content-Length", body.len().to_string());
        message.body = body;
        message
    })
}

/// Every reader of a value, once; none may panic, and what one prints it reads as the same value.
fn read_all(text: &str) {
    macro_rules! again {
        ($($kind:ident)*) => {
            $(if let Ok(value) = $kind::parse(text) {
                assert_eq!($kind::parse(&value.to_string()).as_ref(), Ok(&value), "{value}");
            })*
        };
    }
    again!(AcceptContact CSeq ContentType Disposition Event NameAddr SessionExpires SubscriptionState Uri Via Warning);
}

proptest! {
    #[test]
    fn no_octets_panic(bytes in shred()) {
        let scan = Scan::sip(&bytes);
        prop_assert_eq!(scan.print(), &bytes[..]);
        for name in ["Via", "To", "Content-Length", "Date"] {
            let _ = (scan.fields(name), scan.values(name));
        }
        let _ = (scan.method(), scan.request_uri(), scan.code(), scan.reason(), scan.body());
        for defect in &scan.defects {
            prop_assert!(bytes.get(defect.span.clone()).is_some());
        }
        let _ = Message::parse(&bytes).map(|message| message.validate());
        read_all(&String::from_utf8_lossy(&bytes));
        if let Ok(Framed::Complete { skip, len }) = frame(&bytes, &Limits::default()) {
            prop_assert!(bytes.len() >= skip + len);
        }
    }

    #[test]
    fn what_we_read_we_print(bytes in shred()) {
        if let Ok(message) = Message::parse(&bytes) {
            let mut again = Message::parse(&message.to_bytes()).unwrap();
            if message.header("Content-Length").is_none() {
                again.remove("Content-Length");
            }
            prop_assert_eq!(again.body, message.body);
            prop_assert_eq!(again.start, message.start);
        }
    }

    #[test]
    fn what_we_print_we_read(message in sound()) {
        let bytes = message.to_bytes();
        let read = Message::parse(&bytes);
        prop_assert_eq!(read.as_ref(), Ok(&message));
        prop_assert_eq!(&Scan::sip(&bytes).defects, &vec![]);
        let framed = Framed::Complete { skip: 0, len: bytes.len() };
        prop_assert_eq!(frame(&bytes, &Limits::default()), Ok(framed));
    }

    #[test]
    fn a_stream_may_be_cut_anywhere(message in sound(), cut in any::<prop::sample::Index>()) {
        let bytes = message.to_bytes();
        let part = &bytes[..cut.index(bytes.len())];
        prop_assert_eq!(frame(part, &Limits::default()), Ok(Framed::Incomplete));
    }

    #[test]
    fn quoting_is_undone_by_unquoting(text in "\\PC{0,30}") {
        prop_assert_eq!(unquote(&quote(&text)), text);
    }
}
