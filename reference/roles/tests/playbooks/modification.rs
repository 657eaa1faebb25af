//! Changes inside a session: who offers, who waits, what the switch does, and who is let go.

use std::time::Duration;

use machines::port::{Input, LinkId, Output, TimerId};
use roles::Config;

use crate::stage::{Stage, config};
use crate::words::{OFFER, accepts, invite, request};

const OLD: u64 = 1 << 63 | 1;
const NEW: u64 = 1 << 63 | 2;
const BOB: u64 = 1 << 63 | 3;
const ALICE: &str = "msrp://127.0.0.1:7001/alice;tcp";
const ELSEWHERE: &str = "msrp://127.0.0.1:7009/elsewhere;tcp";
const BOBS: &str = "msrp://127.0.0.1:5072/bob;tcp";

/// Alice and bob in a session; bob takes message/CPIM alone and forbids UPDATE.
fn session(config: Config, timer: &str) -> Stage {
    let mut stage = Stage::new(config);
    stage.sip(5061, &invite(&["bob"], "", timer));
    let bob = accepts("bob", 5072, "active").replace(", UPDATE", "");
    stage.answer("INVITE", "bob", 200, &bob);
    change(&mut stage, "ACK", 1, "", "");
    stage
}

/// A request of alice in her dialog.
fn change(stage: &mut Stage, method: &str, cseq: u32, extra: &str, sdp: &str) {
    let ok = stage
        .messages()
        .into_iter()
        .find(|one| one.code() == Some(200))
        .expect("200");
    let to = ok.header("To").expect("To").to_owned();
    let uri = ok.contact().expect("Contact").uri.to_string();
    let text = request(method, &uri, &to, "setup@alice", cseq, extra);
    let body = sdp.replace('\n', "\r\n");
    let length = format!(
        "Contact: <sip:alice@127.0.0.1:5061;transport=tcp>\nContent-Type: application/sdp\nContent-Length: {}\n\n",
        body.len()
    );
    let text = if sdp.is_empty() {
        text
    } else {
        text.replace("Content-Length: 0\n\n", &length) + sdp
    };
    stage.sip(5061, &text);
}

fn offer(types: &str) -> String {
    OFFER.replace("message/CPIM text/plain", types)
}

fn path(sdp: &[u8]) -> String {
    let text = String::from_utf8_lossy(sdp).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("a=path:"));
    line.expect("a path").to_owned()
}

fn hello(transaction: &str, to: &str, from: &str) -> String {
    format!(
        "MSRP {transaction} SEND\nTo-Path: {to}\nFrom-Path: {from}\nMessage-ID: {transaction}\n-------{transaction}$\n"
    )
}

fn send(transaction: &str, to: &str, from: &str, kind: &str) -> String {
    format!(
        "MSRP {transaction} SEND\nTo-Path: {to}\nFrom-Path: {from}\nMessage-ID: {transaction}\nContent-Type: {kind}\n\ntext of {transaction}\n-------{transaction}$\n"
    )
}

/// The latest timer that runs this long.
fn armed(stage: &Stage, at_least: Duration, at_most: Duration) -> TimerId {
    let of = |output: &Output| match output {
        Output::Arm { timer, after } if (at_least..=at_most).contains(after) => Some(*timer),
        _ => None,
    };
    let found = stage.said.iter().rev().find_map(of);
    found.unwrap_or_else(|| panic!("no such timer:\n{}", stage.script))
}

fn reinvites(stage: &Stage) -> usize {
    let mine = |one: &wire::sip::Message| {
        one.method() == Some("INVITE") && one.uri().is_some_and(|uri| uri.contains("bob@127"))
    };
    stage.messages().iter().filter(|one| mine(one)).count()
}

#[test]
fn a_leg_moves_without_losing_what_was_accepted() {
    let mut stage = session(config(), "");
    let to_alice = path(&stage.last(200).body);
    let to_bob = path(&stage.sent("INVITE", "bob").body);
    stage.msrp(OLD, &hello("aaaa1", &to_alice, ALICE));
    stage.msrp(BOB, &hello("bbbb1", &to_bob, BOBS));
    change(
        &mut stage,
        "INVITE",
        2,
        "",
        &OFFER.replace(ALICE, ELSEWHERE),
    );
    change(&mut stage, "ACK", 2, "", "");
    assert_eq!(path(&stage.last(200).body), to_alice);
    // On its way by the old connection, and for the new one before it is there.
    stage.msrp(OLD, &send("aaaa2", &to_alice, ALICE, "message/CPIM"));
    stage.msrp(BOB, &send("bbbb2", &to_bob, BOBS, "message/CPIM"));
    assert!(stage.octets(BOB).contains("text of aaaa2"));
    assert!(!stage.said.contains(&Output::Close(LinkId(OLD))));
    stage.msrp(NEW, &hello("aaaa3", &to_alice, ELSEWHERE));
    assert!(
        stage.octets(NEW).contains("text of bbbb2"),
        "{}",
        stage.script
    );
    assert!(stage.said.contains(&Output::Close(LinkId(OLD))));
}

#[test]
fn narrower_types_are_offered_to_the_others_and_hold_from_the_200() {
    let mut stage = session(config(), "");
    let to_bob = path(&stage.sent("INVITE", "bob").body);
    stage.msrp(BOB, &hello("bbbb1", &to_bob, BOBS));
    change(&mut stage, "INVITE", 2, "", &offer("message/CPIM"));
    let asked = stage.sent("INVITE", "bob@127");
    let text = String::from_utf8_lossy(&asked.body).into_owned();
    assert!(text.contains("a=accept-types:message/CPIM\r\n"), "{text}");
    assert!(text.contains(" 2 IN IP4"), "{text}");
    // 7.2.2.6/general/u1
    stage.msrp(BOB, &send("bbbb2", &to_bob, BOBS, "text/plain"));
    assert!(stage.octets(BOB).contains("bbbb2 200"));
    stage.answer("INVITE", "bob@127", 200, &accepts("bob", 5072, "active"));
    stage.sent("ACK", "bob@127");
    stage.msrp(BOB, &send("bbbb3", &to_bob, BOBS, "text/plain"));
    assert!(stage.octets(BOB).contains("bbbb3 415"), "{}", stage.script);
}

#[test]
fn after_a_refusal_the_old_types_stay() {
    let mut stage = session(config(), "");
    let to_bob = path(&stage.sent("INVITE", "bob").body);
    stage.msrp(BOB, &hello("bbbb1", &to_bob, BOBS));
    change(&mut stage, "INVITE", 2, "", &offer("message/CPIM"));
    stage.answer("INVITE", "bob@127", 488, "");
    stage.msrp(BOB, &send("bbbb2", &to_bob, BOBS, "text/plain"));
    assert!(stage.octets(BOB).contains("bbbb2 200"));
    assert_eq!(reinvites(&stage), 1);
}

#[test]
fn nothing_is_offered_where_the_operator_does_not_want_it() {
    let propagate_modification = false;
    let mut stage = session(
        Config {
            propagate_modification,
            ..config()
        },
        "",
    );
    change(&mut stage, "INVITE", 2, "", &offer("message/CPIM"));
    assert_eq!(reinvites(&stage), 0);
}

#[test]
fn a_refused_change_leaves_target_types_and_version() {
    let mut stage = session(config(), "");
    let unknown = offer("application/x-unheard-of");
    let elsewhere = "Supported: timer\n";
    change(&mut stage, "INVITE", 2, elsewhere, &unknown);
    assert_eq!(stage.codes("INVITE").last(), Some(&488));
    change(&mut stage, "INVITE", 3, "", OFFER);
    let body = String::from_utf8_lossy(&stage.last(200).body).into_owned();
    assert!(
        body.contains(" 2 IN IP4"),
        "text/plain is new in the answer: {body}"
    );
}

#[test]
fn whose_offer_is_open_decides_who_waits() {
    let mut stage = session(config(), "");
    change(&mut stage, "INVITE", 2, "", "");
    assert!(!stage.last(200).body.is_empty());
    // RFC 3261 14.2: our offer in the 200 has no answer yet.
    change(&mut stage, "INVITE", 3, "", OFFER);
    assert_eq!(stage.codes("INVITE").last(), Some(&491));
    change(&mut stage, "ACK", 2, "", &offer("message/CPIM"));
    change(&mut stage, "INVITE", 4, "", OFFER);
    assert_eq!(stage.codes("INVITE").last(), Some(&200));
}

#[test]
fn a_491_is_followed_by_another_try() {
    let mut stage = session(config(), "");
    change(&mut stage, "INVITE", 2, "", &offer("message/CPIM"));
    stage.answer("INVITE", "bob@127", 491, "");
    let timer = armed(&stage, Duration::from_millis(2100), Duration::from_secs(4));
    stage.fire(timer);
    assert_eq!(reinvites(&stage), 2);
}

#[test]
fn a_call_id_that_looks_like_ours_is_still_the_callers() {
    let call_id = "0-0123456789abcdef012345@alice";
    let mut stage = Stage::new(config());
    let uas = "Session-Expires: 90;refresher=uas\nAllow: INVITE, ACK, BYE";
    let call = invite(&["bob"], "", uas).replace("setup@alice", call_id);
    stage.sip(5061, &call);
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    let ok = stage.last(200);
    let uri = ok.contact().expect("Contact").uri.to_string();
    let to = ok.header("To").expect("To");
    stage.sip(5061, &request("ACK", &uri, to, call_id, 1, ""));
    let timer = armed(&stage, Duration::from_secs(45), Duration::from_secs(45));
    stage.fire(timer);
    stage.answer("INVITE", "alice@", 491, "");
    // RFC 3261 14.1: who did not make the Call-ID waits 2 s at most.
    let wait = stage.said.iter().rev().find_map(|output| match output {
        // The session's own timers, not those of transactions.
        Output::Arm { timer, after } if timer.0 >> 63 == 0 => Some(*after),
        _ => None,
    });
    assert!(wait <= Some(Duration::from_secs(2)), "{wait:?}");
}

#[test]
fn our_refresh_takes_a_longer_interval_once() {
    let uas = "Session-Expires: 90;refresher=uas\nAllow: INVITE, ACK, BYE";
    let mut stage = session(config(), uas);
    let timer = armed(&stage, Duration::from_secs(45), Duration::from_secs(45));
    stage.fire(timer);
    let first = stage.sent("INVITE", "alice@");
    assert_eq!(first.header("Session-Expires"), Some("90;refresher=uac"));
    stage.answer("INVITE", "alice@", 422, "Min-SE: 300");
    let second = stage.sent("INVITE", "alice@");
    assert_eq!(second.header("Session-Expires"), Some("300;refresher=uac"));
    assert_eq!(second.header("Min-SE"), Some("300"));
    let count = stage.messages().len();
    stage.answer("INVITE", "alice@", 422, "Min-SE: 600");
    let further = &stage.messages()[count..];
    assert!(further.iter().all(|one| one.method() == Some("ACK")));
}

#[test]
fn an_interval_that_is_too_small_is_refused() {
    let mut stage = session(config(), "");
    let small = "Supported: timer\nSession-Expires: 60\n";
    change(&mut stage, "UPDATE", 2, small, "");
    assert_eq!(stage.last(422).header("Min-SE"), Some("90"));
    let enough = "Supported: timer\nSession-Expires: 600;refresher=uac\n";
    change(&mut stage, "UPDATE", 3, enough, "");
    let granted = stage.last(200);
    assert_eq!(granted.header("Session-Expires"), Some("600;refresher=uac"));
    assert_eq!(granted.header("Require"), Some("timer"));
}

#[test]
fn who_loses_the_connection_has_ten_seconds() {
    for mended in [false, true] {
        let mut stage = session(config(), "");
        let to_alice = path(&stage.last(200).body);
        stage.msrp(OLD, &hello("aaaa1", &to_alice, ALICE));
        stage.give(Input::LinkDown { link: LinkId(OLD) });
        let timer = armed(&stage, Duration::from_secs(10), Duration::from_secs(10));
        if mended {
            stage.msrp(NEW, &hello("aaaa2", &to_alice, ALICE));
            assert!(stage.said.contains(&Output::Disarm(timer)));
        } else {
            stage.fire(timer);
            stage.sent("BYE", "alice@");
        }
    }
}
