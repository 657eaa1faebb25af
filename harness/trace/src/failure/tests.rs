//! The text shows the message and points at the place.

use super::*;
use crate::{Evidence, Finding, Held, Protocol, Verdict};

fn frame(bytes: &[u8]) -> Frame {
    Frame {
        index: 3,
        at_us: 0,
        direction: Direction::Received,
        chair: "alice".to_owned(),
        protocol: Protocol::Sip,
        transport: "udp".to_owned(),
        local: "127.0.0.1:1".parse().unwrap(),
        remote: "127.0.0.1:2".parse().unwrap(),
        bytes: bytes.to_vec(),
    }
}

fn judgement(octets: (usize, usize)) -> Judgement {
    Judgement {
        clause: "7.2.1.1/server-sends-200/3".to_owned(),
        scenario: "A group is set up".to_owned(),
        feature: "controlling/ad_hoc_setup.feature".to_owned(),
        line: 9,
        transport: "udp".to_owned(),
        verdict: Verdict::Fail,
        finding: Finding {
            held: Held::No,
            expected: "refresher \"uac\"".to_owned(),
            found: "refresher \"uas\"".to_owned(),
            evidence: vec![Evidence { frame: 3, octets }],
        },
        reason: String::new(),
    }
}

#[test]
fn carets_stand_under_the_octets_of_the_evidence() {
    let exchange = Exchange {
        frames: vec![frame(
            b"SIP/2.0 200 OK\r\nSubject: \xc3\xa9\\ refresher=uas\r\n\r\n",
        )],
    };
    let text = failure_text(&judgement((29, 42)), "carries refresher uac", &exchange);
    let wanted = "\
fail 7.2.1.1/server-sends-200/3: carries refresher uac
  scenario  A group is set up (udp)
  at        controlling/ad_hoc_setup.feature:9
  expected  refresher \"uac\"
  found     refresher \"uas\"

  frame 3, received by alice from the subject over udp, octets 29..42
    SIP/2.0 200 OK␍␊
    Subject: \u{e9}\\\\ refresher=uas␍␊
                 ^^^^^^^^^^^^^
    ␍␊
";
    assert_eq!(text, wanted);
}

#[test]
fn a_long_message_is_shown_around_the_place() {
    let bytes = b"a: 1\r\n".repeat(500);
    let exchange = Exchange {
        frames: vec![frame(&bytes)],
    };
    let text = failure_text(&judgement((1500, 1503)), "x", &exchange);
    assert!(
        text.contains("… 220 lines above\n") && text.contains("… 220 lines below\n"),
        "{text}"
    );
    assert_eq!(text.lines().filter(|line| line.trim() == "^^^").count(), 1);
    let whole = failure_text(&judgement((0, 3000)), "x", &exchange);
    assert!(
        !whole.contains('^') && whole.contains("… 440 lines below"),
        "{whole}"
    );
}

#[test]
fn evidence_beyond_the_exchange_does_no_harm() {
    let exchange = Exchange {
        frames: vec![frame(b"\xff\x00 ")],
    };
    assert!(failure_text(&judgement((1, 900)), "x", &exchange).contains("\\xff\\u{0}·"));
    assert!(!failure_text(&judgement((0, 1)), "x", &Exchange::default()).contains("frame"));
}
