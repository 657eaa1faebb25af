//! Equal behaviour gives equal text, whatever the transport, the ports and the clock.

use super::*;
use crate::Protocol;

struct Run {
    transport: &'static str,
    port: u16,
    seed: &'static str,
    frames: Vec<Frame>,
}

impl Run {
    fn new(transport: &'static str, port: u16, seed: &'static str) -> Self {
        Self {
            transport,
            port,
            seed,
            frames: Vec::new(),
        }
    }

    fn add(&mut self, direction: Direction, chair: &str, protocol: Protocol, text: &str) {
        let text = text
            .replace("{T}", &self.transport.to_uppercase())
            .replace("{t}", self.transport)
            .replace("{P}", &self.port.to_string())
            .replace("{s}", self.seed);
        let msrp = u16::from(protocol == Protocol::Msrp) * 1000;
        self.frames.push(Frame {
            index: self.frames.len(),
            at_us: 0,
            direction,
            chair: chair.to_owned(),
            protocol,
            transport: self.transport.to_owned(),
            local: ([127, 0, 0, 1], self.port + 1 + msrp).into(),
            remote: ([127, 0, 0, 1], self.port + msrp).into(),
            bytes: text.replace('\n', "\r\n").into_bytes(),
        });
    }

    fn text(self) -> String {
        let names = Names(vec![(format!("alice.{}", self.seed), "<alice>".to_owned())]);
        normalise(
            &Exchange {
                frames: self.frames,
            },
            &names,
        )
    }
}

const INVITE: &str = "INVITE sip:group@im.example SIP/2.0\n\
    Via: SIP/2.0/{T} 127.0.0.1:{P};branch=z9hG4bK{s}1;rport\n\
    From: <sip:alice.{s}@im.example>;tag=f{s}\nTo: <sip:group@im.example>\nCall-ID: c{s}@127.0.0.1\nCSeq: 1 INVITE\n\
    Contact: <sip:alice.{s}@127.0.0.1:{P};transport={t}>\nContent-Type: application/sdp\nContent-Length: 99\n\n\
    o=- {P} 1 IN IP4 127.0.0.1\nm=message {P} TCP/MSRP *\na=path:msrp://127.0.0.1:{P}/m{s};tcp\n";
const OK: &str = "SIP/2.0 200 OK\nVia: SIP/2.0/{T} 127.0.0.1:{P};branch=z9hG4bK{s}1;rport={P};received=127.0.0.1\n\
    From: <sip:alice.{s}@im.example>;tag=f{s}\nTo: <sip:group@im.example>;tag=t{s}\nCall-ID: c{s}@127.0.0.1\n\
    CSeq: 1 INVITE\nContact: <sip:session-{s}@im.example>;isfocus\nContent-Length: 0\n\n";
const BYE: &str = "BYE sip:session-{s}@im.example SIP/2.0\nVia: SIP/2.0/{T} 127.0.0.1:{P};branch=z9hG4bK{s}2;rport\n\
    From: <sip:alice.{s}@im.example>;tag=f{s}\nTo: <sip:group@im.example>;tag=t{s}\nCall-ID: c{s}@127.0.0.1\n\
    CSeq: 2 BYE\nContent-Length: 0\n\n";

fn session(transport: &'static str, port: u16, seed: &'static str) -> Run {
    let mut run = Run::new(transport, port, seed);
    run.add(
        Direction::Received,
        "bob",
        Protocol::Sip,
        &INVITE.replace("c{s}", "b{s}").replace("{s}1", "{s}9"),
    );
    run.add(Direction::Sent, "alice", Protocol::Sip, INVITE);
    run.add(
        Direction::Received,
        "alice",
        Protocol::Sip,
        &OK.replace("200 OK", "100 Trying"),
    );
    run.add(Direction::Received, "alice", Protocol::Sip, OK);
    run.add(Direction::Sent, "alice", Protocol::Sip, BYE);
    run
}

#[test]
fn ports_identifiers_and_transport_make_no_difference() {
    let one = session("udp", 20_001, "17").text();
    assert_eq!(one, session("tcp", 31_001, "8").text());
    assert!(
        one.starts_with(
            "# alice SIP\n\n## alice -> subject\nINVITE sip:group@im.example SIP/2.0␍␊\n"
        ),
        "{one}"
    );
    for line in [
        "Via: SIP/2.0/<transport> <host 1>:<port 1>;branch=<branch 1>;rport␍␊",
        "Via: SIP/2.0/<transport> <host 1>:<port 1>;branch=<branch 1>;rport=<rport>;received=<received>␍␊",
        "From: <sip:<alice>@im.example>;tag=<tag 1>␍␊",
        "Contact: <sip:<alice>@<host 1>:<port 1>>␍␊",
        "Content-Length: <length>␍␊",
        "Content-Length: 0␍␊",
        "o=- <sdp-id 1> <sdp-version 1> IN IP4 <host 1>␍␊",
        "m=message <msrp-port 1> TCP/MSRP *␍␊",
        "a=path:msrp://<host 1>:<msrp-port 1>/<msrp-session 1>;tcp␍␊",
        "BYE sip:<session 1>@im.example SIP/2.0␍␊",
        "Call-ID: <call-id 2>␍␊",
    ] {
        assert!(one.lines().any(|other| other == line), "{line}\n{one}");
    }
    assert!(!one.contains("Trying"), "{one}");
}

#[test]
fn a_retransmission_is_told_once_and_the_quicker_chair_does_not_matter() {
    let one = session("udp", 20_001, "17").text();
    let mut run = session("udp", 20_001, "17");
    let repeated = run.frames[3].clone();
    run.frames.push(repeated);
    let first = run.frames.remove(0);
    run.frames.insert(2, first);
    assert_eq!(one, run.text());
}

#[test]
fn different_stays_different() {
    let mut run = session("udp", 20_001, "17");
    let one = session("udp", 20_001, "17").text();
    let bye = String::from_utf8(run.frames[4].bytes.clone()).unwrap();
    run.frames[4].bytes = bye.replace("tag=t17", "tag=other").into_bytes();
    let other = run.text();
    assert_ne!(one, other);
    assert!(other.contains("tag=<tag 3>"), "{other}");
}

#[test]
fn msrp_lengths_are_named_when_their_content_is() {
    let text = |seed| {
        let mut run = Run::new("tcp", 20_001, seed);
        let send = format!(
            "MSRP t{{s}}abc SEND\nTo-Path: msrp://127.0.0.1:{{P}}/m{{s}};tcp\nMessage-ID: i{{s}}\nByte-Range: 1-{0}/{0}\n\
             Content-Type: message/cpim\n\nFrom: <sip:alice.{{s}}@im.example>\nDateTime: 2026-{{s}}\n\nhi\n-------t{{s}}abc$\n",
            40 + seed.len()
        );
        run.add(Direction::Sent, "alice", Protocol::Msrp, &send);
        let report = format!(
            "MSRP r{{s}}ab REPORT\nMessage-ID: i{{s}}\nByte-Range: 1-{0}/{0}\n-------r{{s}}ab$\n",
            40 + seed.len()
        );
        run.add(Direction::Received, "alice", Protocol::Msrp, &report);
        run.text()
    };
    let one = text("17");
    assert_eq!(one, text("8"));
    for line in [
        "MSRP <msrp-tid 1> SEND␍␊",
        "-------<msrp-tid 1>$␍␊",
        "DateTime: <date>␍␊",
        "Message-ID: <message-id 1>␍␊",
    ] {
        assert!(one.lines().any(|other| other == line), "{line}\n{one}");
    }
    assert_eq!(
        one.matches("Byte-Range: 1-<length>/<length>␍␊").count(),
        2,
        "{one}"
    );
}

#[test]
fn names_are_whole_words_and_ipv6_is_an_address() {
    let mut run = Run::new("tcp", 20_001, "1");
    run.add(
        Direction::Sent,
        "alice",
        Protocol::Sip,
        "X alice.1 alice.17 [::1]:20001 127.0.0.1. \n",
    );
    run.frames[0].remote = "[::1]:20001".parse().unwrap();
    assert!(
        run.text()
            .contains("X <alice> alice.17 [<host 1>]:<port 1> <host 2>.·␍␊")
    );
}

#[test]
fn no_octets_make_it_panic() {
    let mut state = 7u32;
    for _ in 0..500 {
        let mut run = session("udp", 20_001, "17");
        for _ in 0..8 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let bytes = &mut run.frames[(state >> 8) as usize % 5].bytes;
            let at = (state >> 12) as usize % bytes.len();
            if state & 1 == 0 {
                bytes.truncate(at.max(1))
            } else {
                bytes[at] = (state >> 20) as u8
            }
        }
        run.text();
    }
}

#[test]
fn http_is_told_last_and_shows_no_ports() {
    let text = |port, seed| {
        let mut run = Run::new("tcp", port, seed);
        let get = "GET /services/sip:alice.{s} HTTP/1.1\nHost: 127.0.0.1:{h}\n\n";
        let get = get.replace("{h}", &(port + 1).to_string());
        run.add(Direction::Received, "xdms", Protocol::Http, &get);
        let large = format!("HTTP/1.1 200 OK\n\n{}", "x".repeat(20_000));
        run.add(Direction::Sent, "xdms", Protocol::Http, &large);
        run.add(Direction::Sent, "alice", Protocol::Sip, INVITE);
        run.text()
    };
    let told = text(4000, "s1");
    assert_eq!(told, text(5000, "s2"));
    let place = |what: &str| told.find(what).expect(what);
    assert!(place("# alice SIP") < place("# xdms HTTP"));
    assert!(place("## subject -> xdms") < place("## xdms -> subject"));
    assert!(told.contains("Host: <host 1>:<port") && told.contains("… 3616 octets more"));
}

#[test]
fn a_dialog_that_a_uri_replaces_is_the_one_of_the_headers() {
    let text = |transport, port, seed| {
        let mut run = session(transport, port, seed);
        let list = "INVITE sip:factory@im.example SIP/2.0\nCall-ID: l{s}@127.0.0.1\nCSeq: 1 INVITE\n\
            Content-Type: application/resource-lists+xml\nContent-Length: 99\n\n\
            <entry uri=\"sip:bob@im.example?Replaces=c{s}%40127.0.0.1%3Bto-tag%3Df{s}%3Bfrom-tag%3Dt{s}\"/>\n";
        run.add(Direction::Received, "server", Protocol::Sip, list);
        let replacing = INVITE
            .replace("c{s}", "r{s}")
            .replace("{s}1", "{s}3")
            .replace(
                "CSeq: 1 INVITE\n",
                "CSeq: 1 INVITE\nReplaces: c{s}@127.0.0.1;to-tag=f{s};from-tag=t{s}\n",
            );
        run.add(Direction::Sent, "carol", Protocol::Sip, &replacing);
        run.text()
    };
    let one = text("udp", 20_001, "17");
    assert_eq!(one, text("tcp", 31_001, "8"));
    let call = one.lines().find_map(|line| line.strip_prefix("Call-ID: "));
    let call = call.unwrap().trim_end_matches("␍␊");
    for line in [
        format!("Replaces: {call};to-tag=<tag 1>;from-tag=<tag 2>␍␊"),
        format!(
            "<entry uri=\"sip:bob@im.example?Replaces={call}%3Bto-tag%3D<tag 1>%3Bfrom-tag%3D<tag 2>\"/>␍␊"
        ),
    ] {
        assert!(one.lines().any(|other| other == line), "{line}\n{one}");
    }
}

#[test]
fn an_envelope_is_the_same_over_both_transports() {
    let text = |transport, parameter: &str| {
        let mut run = Run::new(transport, 20_001, "17");
        let send = format!(
            "MSRP t1abc SEND\nTo-Path: msrp://127.0.0.1:{{P}}/m{{s}};tcp\nMessage-ID: i{{s}}\n\
             Content-Type: message/cpim\n\nTo: <sip:session@im.example{parameter}>\n\nhi\n-------t1abc$\n"
        );
        run.add(Direction::Received, "alice", Protocol::Msrp, &send);
        run.text()
    };
    let one = text("udp", "");
    assert_eq!(one, text("tcp", ";transport=tcp"));
    assert!(one.contains("To: <sip:session@im.example>␍␊\n"), "{one}");
}

#[test]
fn what_a_client_tells_does_not_depend_on_which_line_was_quicker() {
    let ready = r#"{"event":"ready","address":"127.0.0.1:20001"}"#;
    let course = [
        r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#,
        r#"{"event":"established","call":"c1"}"#,
        r#"{"do":"send","call":"c1","text":"hello"}"#,
    ];
    let apart = [
        r#"{"event":"modified","call":"c1"}"#,
        r#"{"event":"ended","call":"c1","why":"left"}"#,
        r#"{"event":"participants","call":"c1","list":[]}"#,
        r#"{"event":"text","call":"c1","text":"hi"}"#,
        r#"{"event":"delivered","call":"c1","text":"hello"}"#,
        r#"{"event":"incoming","call":"in1"}"#,
        r#"{"event":"notice","text":"nobody hears"}"#,
    ];
    let text = |lines: &[&str]| {
        let mut run = Run::new("line", 20_001, "17");
        for line in lines {
            run.add(Direction::Received, "user", Protocol::User, line);
        }
        run.text()
    };
    let [made, entered, says] = course;
    let [moved, over, list, said, heard, other, notice] = apart;
    let told = [
        ready, made, entered, says, moved, over, list, said, heard, other, notice,
    ];
    let one = text(&told);
    let mixed = [
        [
            notice, ready, made, list, entered, moved, other, heard, says, said, over,
        ],
        [
            ready, made, heard, entered, over, says, said, notice, other, list, moved,
        ],
    ];
    for lines in &mixed {
        assert_eq!(one, text(lines));
    }
    let places = told.map(|line| one.find(&line[..24]));
    assert!(places.is_sorted(), "{places:?}\n{one}");
}
