//! `exchange.pcapng` read back: payloads, ends and times as recorded, connections that are consistent, comments.

#[allow(dead_code, reason = "only its judgements are needed")]
mod fixture;

use std::net::SocketAddr;
use std::time::Duration;

use etherparse::{NetHeaders, PacketHeaders, TransportHeader};
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketOption;
use pcap_file::pcapng::{Block, PcapNgReader};
use reports::render_pcapng;
use trace::run_file::{Run, Scenario};
use trace::{Direction, Exchange, Frame, Protocol, Verdict};

/// One packet as it was read back.
struct Packet {
    at: Duration,
    payload: Vec<u8>,
    transport: TransportHeader,
    six: bool,
    comments: Vec<String>,
}

fn frame(at_us: u64, protocol: Protocol, transport: &str, bytes: &[u8]) -> Frame {
    Frame {
        index: 0,
        at_us,
        direction: Direction::Sent,
        chair: "alice".to_owned(),
        protocol,
        transport: transport.to_owned(),
        local: ([127, 0, 0, 1], 5070).into(),
        remote: ([127, 0, 0, 1], 5060).into(),
        bytes: bytes.to_vec(),
    }
}

fn received(frame: Frame) -> Frame {
    Frame {
        direction: Direction::Received,
        ..frame
    }
}

fn capture(frames: Vec<Frame>) -> Vec<Packet> {
    let frames = frames.into_iter().enumerate();
    let frames = frames.map(|(index, frame)| Frame { index, ..frame });
    let run = Run {
        started_ms: 1_000,
        scenarios: vec![Scenario {
            id: 7,
            name: "x is answered".to_owned(),
            feature: "features/controlling/x.feature".to_owned(),
            exchange: Exchange {
                frames: frames.collect(),
            },
            judgements: vec![
                fixture::judgement("7.9/on-x/1", "udp", Verdict::Pass),
                fixture::judgement("7.9/on-x/2", "udp", Verdict::Fail),
            ],
            ..Scenario::default()
        }],
        ..Run::default()
    };
    let mut out = Vec::new();
    render_pcapng(&run, &mut out).expect("a buffer takes all");
    let mut reader = PcapNgReader::new(&out[..]).expect("it is a capture");
    let mut packets = Vec::new();
    while let Some(block) = reader.next_block() {
        if let Block::EnhancedPacket(packet) = block.expect("blocks are whole") {
            let read = PacketHeaders::from_ip_slice(&packet.data).expect("packets are whole");
            let comment = |option: &EnhancedPacketOption<'_>| match option {
                EnhancedPacketOption::Comment(text) => Some(text.to_string()),
                _ => None,
            };
            packets.push(Packet {
                at: packet.timestamp,
                payload: read.payload.slice().to_vec(),
                transport: read.transport.expect("it is UDP or TCP"),
                six: matches!(read.net, Some(NetHeaders::Ipv6(..))),
                comments: packet.options.iter().filter_map(comment).collect(),
            });
        }
    }
    packets
}

#[test]
fn a_datagram_has_its_ends_its_time_and_its_comments() {
    let idle = || frame(1, Protocol::Sip, "udp", b"x");
    let packets = capture(vec![
        received(frame(
            1_500,
            Protocol::Sip,
            "udp",
            b"SIP/2.0 200 OK\r\n\r\n",
        )),
        frame(0, Protocol::User, "line", b"{}"),
        idle(),
        received(frame(1_600, Protocol::Sip, "udp", b"the frame at fault")),
    ]);
    assert_eq!(packets.len(), 3, "what a user does crosses no wire");
    let packet = &packets[1];
    assert_eq!(packet.at, Duration::from_micros(1_001_500));
    assert_eq!(packet.payload, b"SIP/2.0 200 OK\r\n\r\n");
    let TransportHeader::Udp(udp) = &packet.transport else {
        panic!("{:?}", packet.transport);
    };
    assert_eq!((udp.source_port, udp.destination_port), (5060, 5070));
    assert!(packet.comments[0].contains("scenario 7: x is answered"));
    assert!(packet.comments[0].contains("frame 0; received by alice"));
    assert_eq!(packet.comments.len(), 1, "{:?}", packet.comments);
    // The fixture's judgements name frame 3.
    let fault = "fail 7.9/on-x/2: octets 17 to 42 of the message";
    assert_eq!(packets[2].comments[1..], [fault]);
}

#[test]
fn segments_of_a_connection_follow_each_other() {
    let long = vec![b'a'; 150_000];
    let msrp = |at, bytes: &[u8]| frame(at, Protocol::Msrp, "tcp", bytes);
    let packets = capture(vec![
        msrp(1, b"one"),
        received(msrp(2, b"answer")),
        msrp(3, &long),
        msrp(4, b""),
        msrp(5, b"a connection of its own"),
    ]);
    let tcp = |packet: &Packet| match &packet.transport {
        TransportHeader::Tcp(tcp) => tcp.clone(),
        other => panic!("{other:?}"),
    };
    let shape: Vec<(bool, bool, usize)> = packets
        .iter()
        .map(|p| (tcp(p).syn, tcp(p).fin, p.payload.len()))
        .collect();
    let expected = [
        (true, false, 0),
        (true, false, 0),
        (false, false, 3),
        (false, false, 6),
        (false, false, 65_000),
        (false, false, 65_000),
        (false, false, 20_000),
        (false, true, 0),
        (true, false, 0),
        (true, false, 0),
        (false, false, 23),
    ];
    assert_eq!(shape, expected);
    let (begin, answer) = (tcp(&packets[0]), tcp(&packets[3]));
    let offset = |at: usize| tcp(&packets[at]).sequence_number - begin.sequence_number;
    let offsets: Vec<u32> = [2, 4, 5, 6, 7].into_iter().map(offset).collect();
    assert_eq!(offsets, [1, 4, 65_004, 130_004, 150_004]);
    assert_eq!(answer.acknowledgment_number - begin.sequence_number, 4);
    assert_ne!(tcp(&packets[8]).sequence_number, begin.sequence_number);
}

#[test]
fn ipv6_stays_ipv6() {
    let ends: [SocketAddr; 2] = ["[::1]:5070", "[::1]:5060"].map(|end| end.parse().expect("sound"));
    let packets = capture(vec![Frame {
        local: ends[0],
        remote: ends[1],
        ..frame(1, Protocol::Sip, "udp", b"x")
    }]);
    assert!(packets[0].six);
}
