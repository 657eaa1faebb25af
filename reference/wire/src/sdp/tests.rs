//! Session descriptions: losslessness, the faults lint names, and any text at all.

use pretty_assertions::assert_eq;
use proptest::prelude::*;

use super::*;

const OFFER: &str = "v=0\r\no=alice 2890844526 2890844527 IN IP4 192.0.2.1\r\ns= -\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=message 7777 TCP/MSRP *\r\na=accept-types:message/CPIM text/plain *\r\na=path:msrp://r.example.com:2855/x;tcp msrp://192.0.2.1:7777/iau39;tcp\r\na=sendrecv\r\n";

#[test]
fn an_offer_is_kept_line_by_line() {
    let offer = Description::parse(OFFER).unwrap();
    let media = &offer.media[0];
    assert_eq!(offer.to_string(), OFFER);
    assert_eq!(
        Description::parse(&OFFER.replace("\r\n", "\n")).unwrap(),
        offer
    );
    assert_eq!(
        (media.port, media.is_msrp(), offer.lines[2].value.as_str()),
        (7777, true, " -")
    );
    assert_eq!(media.accept_types(), ["message/CPIM", "text/plain", "*"]);
    assert_eq!(media.path().len(), 2);
    assert_eq!(
        (media.attribute("sendrecv"), media.attribute("setup")),
        (Some(""), None)
    );
    assert_eq!(offer.connection(media).as_deref(), Some("192.0.2.1"));
}

#[test]
fn the_medias_own_connection_comes_first() {
    let offer = Description::parse(
        "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 5000/2 RTP/AVP 0\r\nc=IN IP4 224.2.1.1/127/3\r\n",
    )
    .unwrap();
    assert_eq!(
        offer.connection(&offer.media[0]).as_deref(),
        Some("224.2.1.1")
    );
}

#[test]
fn faults_are_named() {
    let table = [
        ("", Violation::Version),
        ("v=1\r\n", Violation::Version),
        ("m=message 1 TCP/MSRP *\r\n", Violation::Version),
        ("v=0\r\n\r\n", Violation::LineShape { line: 2 }),
        ("v=0\r\ns =x\r\n", Violation::LineShape { line: 2 }),
        ("v=0\r\ns=a\rb\r\n", Violation::Control { line: 2 }),
        (
            "v=0\r\nm=message 1 TCP/MSRP\r\n",
            Violation::MediaLine { line: 2 },
        ),
        (
            "v=0\r\nm=message 70000 TCP/MSRP *\r\n",
            Violation::MediaLine { line: 2 },
        ),
    ];
    for (text, violation) in table {
        assert_eq!(Description::parse(text), Err(violation), "{text:?}");
    }
    let many = format!("v=0\r\n{}", "a=x\r\n".repeat(1024));
    assert_eq!(
        Description::parse(&many),
        Err(Violation::TooManyLines { limit: 1024 })
    );
}

/// (text replaced, replacement, where the fault begins, words of the fault)
const FAULTS: &[(&str, &str, &str, &str)] = &[
    ("t=0 0\r\n", "", "m=", "`t=` is missing"),
    ("s= -\r\n", "", "m=", "`s=` is missing"),
    ("s= -", "s=", "s=", "`s=` is empty"),
    ("s= -\r\n", "s= -\r\ns=b\r\n", "s=b", "`s=` occurs twice"),
    ("s= -\r\n", "s= -\n", "s=", "does not end with CRLF"),
    ("o=alice ", "o=", "o=", "six fields"),
    ("v=0\r\n", "v=0\r\n\r\n", "\r\no=", "not `letter=value`"),
    (
        "t=0 0\r\n",
        "t=0 0\r\nb=AS:1\r\n",
        "b=",
        "`b=` is out of order",
    ),
    ("a=sendrecv", "t=0 0", "t=0 0\r\n", "does not belong"),
    ("c=IN IP4 192.0.2.1\r\n", "", "m=", "usable `c=`"),
    (
        "c=IN IP4 192.0.2.1",
        "c=IN IP4 192.0.2.2",
        "m=",
        "addresses of `c=` and `a=path` disagree",
    ),
    (
        "message 7777",
        "message 7778",
        "m=",
        "ports of `m=` and `a=path` disagree",
    ),
    (
        "TCP/MSRP",
        "TCP/TLS/MSRP",
        "m=",
        "scheme in `a=path` disagree",
    ),
    ("/iau39;tcp", ";tcp", "m=", "lacks a session"),
    ("a=path", "a=pfad", "m=", "`a=path` is missing"),
    (
        "a=accept-types",
        "a=types",
        "m=",
        "`a=accept-types` is missing",
    ),
    (
        "text/plain",
        "text",
        "m=",
        "something else than `type/subtype`",
    ),
    ("TCP/MSRP *", "TCP/MSRP 1", "m=", "the format of MSRP"),
    (
        "msrp://192",
        "sip://192",
        "m=",
        "something else than MSRP addresses",
    ),
];

#[test]
fn lint_points_at_the_line() {
    assert_eq!(lint(OFFER), vec![]);
    for (old, new, place, sentence) in FAULTS {
        let text = OFFER.replacen(old, new, 1);
        let faults = lint(&text);
        let named = faults.iter().find(|(_, fault)| fault.contains(sentence));
        let (at, _) = named.unwrap_or_else(|| panic!("{sentence}: {faults:?}"));
        assert!(text[*at..].starts_with(place), "{sentence}: octet {at}");
    }
}

#[test]
fn who_connects_or_refuses_needs_no_matching_port() {
    for port in ["0", "9"] {
        assert_eq!(
            lint(&OFFER.replace("message 7777", &format!("message {port}"))),
            vec![]
        );
    }
}

#[test]
fn repeated_times_are_in_order() {
    assert_eq!(
        lint(&OFFER.replace(
            "t=0 0\r\n",
            "t=1 2\r\nr=7d 1h 0\r\nt=3 4\r\nt=5 6\r\nr=7d 1h 0\r\nz=1 2\r\na=x\r\n"
        )),
        vec![]
    );
}

proptest! {
    #[test]
    fn what_is_read_is_written(lines in prop::collection::vec("[a-ln-z]=[ -~é]{0,20}|m=[a-z]{1,5} [1-9][0-9]{0,3} [A-Z/]{1,9} [!-~]{1,3}", 0..20)) {
        let text: String = std::iter::once("v=0".to_owned()).chain(lines).map(|line| line + "\r\n").collect();
        prop_assert_eq!(Description::parse(&text).unwrap().to_string(), text);
    }

    #[test]
    fn no_text_panics(text in "(v=0\r\n)?([a-z]=|m=message 7 TCP/MSRP \\*|a=path:msrp://|é=|\r|\n|\r\n|[ -~]|é){0,40}") {
        let _ = lint(&text);
        if let Ok(description) = Description::parse(&text) {
            for media in &description.media {
                let _ = (description.connection(media), media.path(), media.accept_types());
            }
        }
    }
}
