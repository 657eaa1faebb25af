//! The two halves of an MSRP leg: chunking, reassembly, responses and reports.

use machines::identifiers::Source;
use machines::msrp_receiver::{self, Incoming, Receiver};
use machines::msrp_sender::{FailureReport, Input, Limits, Outgoing, Output, Sender};
use wire::msrp::{Flag, Frame, Kind};

mod tables;

const HERE: &str = "msrp://here:1/a;tcp";
const THERE: &str = "msrp://there:2/b;tcp";

fn sender() -> Sender {
    let paths = (vec![HERE.to_owned()], vec![THERE.to_owned()]);
    Sender::new(
        paths.0,
        paths.1,
        Source::new(1, 0),
        Limits {
            queued: 40_000,
            ..Limits::default()
        },
    )
}

fn receiver() -> Receiver {
    Receiver::new(
        msrp_receiver::Limits {
            message: 10_000,
            open: 2,
            remembered: 4,
        },
        Source::new(2, 0),
    )
}

fn message(id: &str, size: usize) -> Outgoing {
    let body = (0..size).map(|at| (at % 251) as u8).collect();
    Outgoing {
        id: id.into(),
        content_type: "text/plain".into(),
        body,
        success_report: false,
        failure_report: FailureReport::Yes,
    }
}

fn send(sender: &mut Sender, input: Input) -> Vec<Output> {
    let mut out = Vec::new();
    sender.handle(input, &mut out);
    out
}

fn frames(out: &[Output]) -> Vec<Frame> {
    out.iter()
        .filter_map(|output| {
            if let Output::Frame(frame) = output {
                Some(frame.clone())
            } else {
                None
            }
        })
        .collect()
}

fn receive(receiver: &mut Receiver, frame: &Frame) -> Vec<msrp_receiver::Output> {
    let mut out = Vec::new();
    receiver.handle(msrp_receiver::Input::Frame(frame.clone()), &mut out);
    out
}

fn whole(out: &[msrp_receiver::Output]) -> Option<Incoming> {
    out.iter().find_map(|output| {
        if let msrp_receiver::Output::Message(message) = output {
            Some(message.clone())
        } else {
            None
        }
    })
}

fn code(out: &[msrp_receiver::Output]) -> Option<u16> {
    out.iter().find_map(|output| match output {
        msrp_receiver::Output::Respond(Frame {
            kind: Kind::Response(code, _),
            ..
        }) => Some(*code),
        _ => None,
    })
}

fn ok(frame: &Frame) -> Input {
    Input::Response {
        transaction: frame.transaction.clone(),
        code: 200,
    }
}

#[test]
fn a_message_of_2048_octets_is_one_frame_and_one_more_octet_makes_two() {
    let ranges = |size| {
        let out = send(&mut sender(), Input::Send(message("m", size)));
        frames(&out)
            .iter()
            .map(|frame| (frame.header("Byte-Range").unwrap().to_owned(), frame.flag))
            .collect::<Vec<_>>()
    };
    assert_eq!(ranges(0), [("1-0/0".to_owned(), Flag::Complete)]);
    assert_eq!(ranges(2048), [("1-2048/2048".to_owned(), Flag::Complete)]);
    assert_eq!(
        ranges(2049),
        [
            ("1-*/2049".to_owned(), Flag::More),
            ("2049-*/2049".to_owned(), Flag::Complete)
        ]
    );
}

#[test]
fn what_is_sent_is_received_in_any_order() {
    let original = message("m", 9000);
    let chunks = frames(&send(&mut sender(), Input::Send(original.clone())));
    for reversed in [false, true] {
        let mut receiver = receiver();
        let mut order = chunks.clone();
        if reversed {
            order.reverse();
        }
        let got: Vec<_> = order
            .iter()
            .filter_map(|frame| whole(&receive(&mut receiver, frame)))
            .collect();
        assert_eq!(got.len(), 1);
        assert_eq!(got[0].body, original.body);
        assert_eq!(receiver.held(), 0);
    }
}

#[test]
fn a_message_is_sent_when_every_chunk_is_answered() {
    let mut sender = sender();
    let chunks = frames(&send(&mut sender, Input::Send(message("m", 5000))));
    assert_eq!(chunks.len(), 3);
    for chunk in &chunks[..2] {
        assert!(!send(&mut sender, ok(chunk)).contains(&Output::Sent { id: "m".into() }));
    }
    assert!(send(&mut sender, ok(&chunks[2])).contains(&Output::Sent { id: "m".into() }));
}

#[test]
fn no_more_than_eight_chunks_are_out_and_short_messages_do_not_wait() {
    let mut sender = sender();
    let chunks = frames(&send(&mut sender, Input::Send(message("long", 30_000))));
    assert_eq!(chunks.len(), 8);
    assert_eq!(
        frames(&send(&mut sender, Input::Send(message("short", 10)))),
        []
    );
    let next: Vec<_> = chunks[..2]
        .iter()
        .flat_map(|chunk| frames(&send(&mut sender, ok(chunk))))
        .collect();
    assert!(
        next.iter()
            .any(|frame| frame.header("Message-ID") == Some("short"))
    );
}

#[test]
fn silence_fails_the_message_and_ends_it_with_an_abort() {
    let mut sender = sender();
    let chunks = frames(&send(&mut sender, Input::Send(message("m", 30_000))));
    let out = send(
        &mut sender,
        Input::Fired {
            transaction: chunks[0].transaction.clone(),
        },
    );
    assert!(out.contains(&Output::Failed {
        id: "m".into(),
        code: 408
    }));
    let aborts = frames(&out);
    assert_eq!((aborts.len(), aborts[0].flag), (1, Flag::Abort));
    assert_eq!(
        send(&mut sender, ok(&chunks[1])),
        [Output::Ignored("response to no open transaction")]
    );
}

#[test]
fn an_unknown_session_ends_the_leg() {
    let mut sender = sender();
    let chunk = frames(&send(&mut sender, Input::Send(message("m", 10)))).remove(0);
    let out = send(
        &mut sender,
        Input::Response {
            transaction: chunk.transaction,
            code: 481,
        },
    );
    assert!(out.ends_with(&[
        Output::Failed {
            id: "m".into(),
            code: 481
        },
        Output::Gone
    ]));
    assert_eq!(
        send(&mut sender, Input::Send(message("n", 1))),
        [Output::Ignored("the leg is gone")]
    );
}

#[test]
fn a_full_link_gets_nothing_and_a_full_queue_refuses() {
    let mut sender = sender();
    send(&mut sender, Input::Full);
    assert_eq!(send(&mut sender, Input::Send(message("m", 39_000))), []);
    assert_eq!(
        send(&mut sender, Input::Send(message("n", 2000))),
        [Output::Refused { id: "n".into() }]
    );
    assert_eq!(frames(&send(&mut sender, Input::Drained)).len(), 8);
}

#[test]
fn failure_report_decides_who_is_answered() {
    for (report, good, bad) in [
        ("yes", true, true),
        ("partial", false, true),
        ("no", false, false),
    ] {
        let mut frame = frames(&send(&mut sender(), Input::Send(message("m", 10)))).remove(0);
        frame.headers.push(("Failure-Report".into(), report.into()));
        assert_eq!(
            code(&receive(&mut receiver(), &frame)).is_some(),
            good,
            "{report}"
        );
        let unreadable = Frame {
            headers: vec![("Failure-Report".into(), report.into())],
            ..frame
        };
        assert_eq!(
            code(&receive(&mut receiver(), &unreadable)).is_some(),
            bad,
            "{report}"
        );
    }
}

#[test]
fn a_message_again_is_answered_but_not_delivered() {
    let mut receiver = receiver();
    let frame = frames(&send(&mut sender(), Input::Send(message("m", 10)))).remove(0);
    assert!(whole(&receive(&mut receiver, &frame)).is_some());
    let again = receive(&mut receiver, &frame);
    assert_eq!((code(&again), whole(&again)), (Some(200), None));
}

#[test]
fn a_message_is_taken_at_the_limit_and_refused_above_it() {
    for (size, expected) in [(10_000, 200), (10_001, 413)] {
        let mut receiver = receiver();
        let mut frame = frames(&send(&mut sender(), Input::Send(message("m", 10)))).remove(0);
        frame.headers.retain(|(name, _)| name != "Byte-Range");
        frame.body = Some(vec![b'x'; size]);
        assert_eq!(code(&receive(&mut receiver, &frame)), Some(expected));
        assert_eq!(receiver.held(), 0);
    }
}

#[test]
fn a_success_report_covers_the_whole_message() {
    let mut receiver = receiver();
    let original = Outgoing {
        success_report: true,
        ..message("m", 3000)
    };
    let chunks = frames(&send(&mut sender(), Input::Send(original)));
    let got = chunks
        .iter()
        .find_map(|frame| whole(&receive(&mut receiver, frame)))
        .unwrap();
    let report = receiver.report(&got, 200).unwrap();
    assert_eq!(report.header("Byte-Range"), Some("1-3000/3000"));
    assert_eq!(report.header("Status"), Some("000 200 OK"));
    assert_eq!(
        (report.to_path.clone(), report.from_path.clone()),
        (vec![HERE.to_owned()], vec![THERE.to_owned()])
    );
    assert_eq!(
        send(&mut sender(), Input::Report(report)),
        [Output::Delivered {
            id: "m".into(),
            code: 200
        }]
    );
    assert_eq!(
        receiver.report(
            &Incoming {
                success_report: false,
                ..got
            },
            200
        ),
        None
    );
}
