//! What the switch does with messages.

use machines::port::{Input, LinkId, Output};

use crate::stage::{Stage, config};
use crate::words::{accepts, invite};

const ALICE: u64 = 1 << 63 | 1;
const BOB: u64 = 1 << 63 | 2;

/// A session of alice, bob (who connects) and carol (to whom we connect), with our MSRP URIs for alice and bob.
fn talking() -> (Stage, String, String) {
    let mut stage = Stage::new(config());
    stage.sip(5061, &invite(&["bob", "carol"], "", ""));
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    stage.answer("INVITE", "carol", 200, &accepts("carol", 5073, "passive"));
    let to_alice = path(&stage.last(200).body);
    let to_bob = path(&stage.sent("INVITE", "bob").body);
    (stage, to_alice, to_bob)
}

fn path(sdp: &[u8]) -> String {
    let text = String::from_utf8_lossy(sdp).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("a=path:"));
    line.expect("a path").to_owned()
}

fn carol(stage: &Stage) -> LinkId {
    let connect = stage.said.iter().find_map(|output| match output {
        Output::Connect { link, .. } => Some(*link),
        _ => None,
    });
    connect.expect("a connection")
}

fn hello(transaction: &str, to: &str, from: &str) -> String {
    format!(
        "MSRP {transaction} SEND\nTo-Path: {to}\nFrom-Path: {from}\nMessage-ID: first\n-------{transaction}$\n"
    )
}

fn send(transaction: &str, to: &str, from: &str, headers: &str, flag: char, text: &str) -> String {
    format!(
        "MSRP {transaction} SEND\nTo-Path: {to}\nFrom-Path: {from}\nMessage-ID: m1\n{headers}Content-Type: message/CPIM\n\n{text}\n-------{transaction}{flag}\n"
    )
}

const FROM_ALICE: &str = "msrp://127.0.0.1:7001/alice;tcp";
const FROM_BOB: &str = "msrp://127.0.0.1:5072/bob;tcp";

#[test]
fn a_message_reaches_the_others_and_is_reported() {
    let (mut stage, to_alice, to_bob) = talking();
    let link = carol(&stage);
    stage.script.clear();
    stage.give(Input::LinkUp { link });
    stage.msrp(ALICE, &hello("aaaa1", &to_alice, FROM_ALICE));
    stage.msrp(BOB, &hello("bbbb1", &to_bob, FROM_BOB));
    let headers = "Byte-Range: 1-5/5\nSuccess-Report: yes\n";
    stage.msrp(
        ALICE,
        &send("aaaa2", &to_alice, FROM_ALICE, headers, '$', "hello"),
    );
    insta::assert_snapshot!(stage.script);
}

#[test]
fn what_comes_before_the_peer_has_connected_waits() {
    let (mut stage, to_alice, to_bob) = talking();
    stage.msrp(
        ALICE,
        &send("aaaa1", &to_alice, FROM_ALICE, "", '$', "early"),
    );
    assert_eq!(stage.octets(BOB), "");
    stage.msrp(BOB, &hello("bbbb1", &to_bob, FROM_BOB));
    assert!(stage.octets(BOB).contains("early"));
}

#[test]
fn chunks_go_to_those_who_got_the_first() {
    let (mut stage, to_alice, to_bob) = talking();
    stage.msrp(BOB, &hello("bbbb1", &to_bob, FROM_BOB));
    stage.msrp(
        ALICE,
        &send(
            "aaaa1",
            &to_alice,
            FROM_ALICE,
            "Byte-Range: 1-*/10\n",
            '+',
            "first",
        ),
    );
    stage.msrp(
        ALICE,
        &send(
            "aaaa2",
            &to_alice,
            FROM_ALICE,
            "Byte-Range: 6-10/10\n",
            '$',
            "other",
        ),
    );
    let got = stage.octets(BOB);
    assert!(
        got.contains("Byte-Range: 1-*/10") && got.contains("Byte-Range: 6-10/10"),
        "{got}"
    );
}

#[test]
fn sessions_and_connections_are_not_mixed_up() {
    let (mut stage, to_alice, to_bob) = talking();
    stage.msrp(BOB, &hello("bbbb1", &to_bob, FROM_BOB));
    stage.msrp(ALICE, &hello("aaaa1", &to_bob, FROM_BOB));
    assert!(stage.octets(ALICE).contains("506"));
    stage.msrp(
        ALICE,
        &hello("aaaa2", "msrp://127.0.0.1:2855/none;tcp", FROM_ALICE),
    );
    assert!(stage.octets(ALICE).contains("481"));
    stage.msrp(
        ALICE,
        &send(
            "aaaa3",
            &to_alice,
            FROM_ALICE,
            "Byte-Range: 1-9/3\n",
            '$',
            "too long",
        ),
    );
    assert!(stage.octets(ALICE).contains("400"));
    stage.msrp(
        ALICE,
        &send(
            "aaaa4",
            &to_alice,
            FROM_ALICE,
            "Byte-Range: 1-*/99999999999\n",
            '+',
            "huge",
        ),
    );
    assert!(stage.octets(ALICE).contains("413"));
}

#[test]
fn a_slow_reader_holds_the_senders_up() {
    let (mut stage, to_alice, to_bob) = talking();
    stage.msrp(ALICE, &hello("aaaa1", &to_alice, FROM_ALICE));
    stage.msrp(BOB, &hello("bbbb1", &to_bob, FROM_BOB));
    stage.give(Input::LinkFull { link: LinkId(BOB) });
    assert!(stage.said.contains(&Output::Pause(LinkId(ALICE))));
    assert!(!stage.said.contains(&Output::Pause(LinkId(BOB))));
    stage.give(Input::LinkDrained { link: LinkId(BOB) });
    assert!(stage.said.contains(&Output::Resume(LinkId(ALICE))));
}

#[test]
fn whoever_stays_behind_is_removed() {
    let (mut stage, to_alice, to_bob) = talking();
    stage.msrp(ALICE, &hello("aaaa1", &to_alice, FROM_ALICE));
    stage.msrp(BOB, &hello("bbbb1", &to_bob, FROM_BOB));
    stage.said.clear();
    stage.give(Input::LinkFull { link: LinkId(BOB) });
    let timer = stage.said.iter().find_map(|output| match output {
        Output::Arm { timer, .. } => Some(*timer),
        _ => None,
    });
    stage.fire(timer.expect("a limit of patience"));
    stage.sent("BYE", "bob@127.0.0.1");
    assert!(stage.said.contains(&Output::Resume(LinkId(ALICE))));
    assert!(stage.said.contains(&Output::Close(LinkId(BOB))));
}

/// A session in which alice has no answer yet, and our MSRP URI for bob, who is asked.
fn asking() -> (Stage, String) {
    let mut stage = Stage::new(config());
    stage.sip(5061, &invite(&["bob"], "", ""));
    let to_bob = path(&stage.sent("INVITE", "bob").body);
    (stage, to_bob)
}

#[test]
fn what_comes_before_the_200_of_its_sender_waits_for_it() {
    let (mut stage, to_bob) = asking();
    stage.msrp(BOB, &hello("bbbb1", &to_bob, FROM_BOB));
    stage.msrp(BOB, &send("bbbb2", &to_bob, FROM_BOB, "", '$', "early"));
    assert!(stage.octets(BOB).contains("MSRP bbbb1 200"));
    // Whoever is told of success may forget the message.
    assert!(!stage.octets(BOB).contains("bbbb2"), "{}", stage.script);
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    assert!(stage.octets(BOB).contains("MSRP bbbb2 200"));
    let to_alice = path(&stage.last(200).body);
    stage.msrp(ALICE, &hello("aaaa1", &to_alice, FROM_ALICE));
    assert!(stage.octets(ALICE).contains("early"), "{}", stage.script);
}

#[test]
fn what_waits_for_a_200_is_bounded_and_ends_with_its_connection() {
    let (mut stage, to_bob) = asking();
    stage.msrp(BOB, &hello("bbbb1", &to_bob, FROM_BOB));
    for number in 0..33 {
        let transaction = format!("early{number}");
        stage.msrp(BOB, &send(&transaction, &to_bob, FROM_BOB, "", '$', "x"));
    }
    assert!(
        stage.octets(BOB).contains("MSRP early32 413"),
        "{}",
        stage.octets(BOB)
    );
    assert!(!stage.octets(BOB).contains("MSRP early31"));
    stage.give(Input::LinkDown { link: LinkId(BOB) });
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    assert!(!stage.octets(BOB).contains("MSRP early0"));
}
