//! Subscribers of a session.

use crate::stage::{Stage, config};
use crate::words::{accepts, invite, request};

const EXTRA: &str = "Event: conference\nExpires: 600\nContact: <sip:alice@127.0.0.1:5061;transport=tcp>\nP-Asserted-Identity: <sip:alice@im.example>\n";

fn rings() -> (Stage, String) {
    let mut stage = Stage::new(config());
    stage.sip(5061, &invite(&["bob", "carol"], "", ""));
    stage.answer("INVITE", "bob", 180, "");
    let identity = stage.last(180).contact().expect("Contact").uri.to_string();
    (stage, identity)
}

#[test]
fn a_subscriber_sees_who_comes_and_goes() {
    let (mut stage, identity) = rings();
    stage.sip(
        5061,
        &request(
            "SUBSCRIBE",
            &identity,
            &format!("<{identity}>"),
            "follow",
            1,
            EXTRA,
        ),
    );
    stage.answer("NOTIFY", "alice", 200, "");
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    stage.answer("INVITE", "carol", 603, "");
    let from = stage.script.find("SUBSCRIBE").expect("there");
    insta::assert_snapshot!(&stage.script[from..]);
}

#[test]
fn the_end_of_the_session_ends_the_subscription() {
    let (mut stage, identity) = rings();
    stage.sip(
        5061,
        &request(
            "SUBSCRIBE",
            &identity,
            &format!("<{identity}>"),
            "follow",
            1,
            EXTRA,
        ),
    );
    stage.answer("INVITE", "bob", 486, "");
    stage.answer("INVITE", "carol", 486, "");
    let last = stage.sent("NOTIFY", "alice");
    assert_eq!(
        last.header("Subscription-State"),
        Some("terminated;reason=noresource")
    );
}

#[test]
fn what_is_unknown_is_refused() {
    let (mut stage, identity) = rings();
    let to = format!("<{identity}>");
    stage.sip(
        5061,
        &request(
            "SUBSCRIBE",
            "sip:session-0.0@127.0.0.1",
            &to,
            "one",
            1,
            EXTRA,
        ),
    );
    stage.sip(
        5061,
        &request(
            "SUBSCRIBE",
            &identity,
            &to,
            "two",
            2,
            &EXTRA.replace("conference", "presence"),
        ),
    );
    assert_eq!(stage.codes("SUBSCRIBE"), [404, 489]);
    assert_eq!(stage.last(489).header("Allow-Events"), Some("conference"));
}
