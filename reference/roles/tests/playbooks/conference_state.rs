//! Subscribers of a session: what they are told, and what they are refused.

use std::time::Duration;

use machines::port::Output;
use roles::Config;
use wire::xml::conference_info::{ConferenceInfo, User};

use crate::stage::{Stage, config};
use crate::words::{accepts, invite, request};

const EXTRA: &str = "Event: conference\nExpires: 600\nContact: <sip:alice@127.0.0.1:5061;transport=tcp>\nP-Asserted-Identity: <sip:alice@im.example>\n";

fn rings() -> (Stage, String) {
    rings_in(config(), &["bob", "carol"])
}

fn rings_in(config: Config, guests: &[&str]) -> (Stage, String) {
    let mut stage = Stage::new(config);
    stage.sip(5061, &invite(guests, "", ""));
    stage.answer("INVITE", guests[0], 180, "");
    let identity = stage.last(180).contact().expect("Contact").uri.to_string();
    (stage, identity)
}

fn subscribe(stage: &mut Stage, identity: &str, call: &str, cseq: u32, extra: &str) {
    let to = format!("<{identity}>");
    stage.sip(
        5061,
        &request("SUBSCRIBE", identity, &to, call, cseq, extra),
    );
}

/// A SUBSCRIBE in the subscription that the latest 200 to a SUBSCRIBE began.
fn again(stage: &mut Stage, identity: &str, call: &str, cseq: u32, expires: u32) {
    let answer = stage.sent("NOTIFY", "alice");
    let to = answer.header("From").expect("From").to_owned();
    let extra = EXTRA.replace("600", &expires.to_string());
    stage.sip(
        5061,
        &request("SUBSCRIBE", identity, &to, call, cseq, &extra),
    );
}

/// The documents of all NOTIFYs, oldest first.
fn documents(stage: &Stage) -> Vec<ConferenceInfo> {
    let all = stage.messages().into_iter();
    all.filter(|one| one.method() == Some("NOTIFY"))
        .map(|one| ConferenceInfo::parse(&one.body).expect("our own document"))
        .collect()
}

fn states(stage: &Stage) -> Vec<(String, u32)> {
    let all = documents(stage).into_iter();
    all.map(|one| (one.state, one.version)).collect()
}

/// Lets the interval after a NOTIFY pass.
fn wait_out(stage: &mut Stage) {
    let armed = stage.said.iter().rev().find_map(|one| match one {
        Output::Arm { timer, after } if *after == Duration::from_secs(5) => Some(*timer),
        _ => None,
    });
    stage.fire(armed.expect("an interval"));
}

#[test]
fn a_subscriber_sees_who_comes_and_goes() {
    let (mut stage, identity) = rings();
    subscribe(&mut stage, &identity, "follow", 1, EXTRA);
    stage.answer("NOTIFY", "alice", 200, "");
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    stage.answer("INVITE", "carol", 603, "");
    wait_out(&mut stage);
    let from = stage.script.find("SUBSCRIBE").expect("there");
    insta::assert_snapshot!(&stage.script[from..]);
}

#[test]
fn the_end_of_the_session_ends_the_subscription() {
    let (mut stage, identity) = rings();
    subscribe(&mut stage, &identity, "follow", 1, EXTRA);
    stage.answer("INVITE", "bob", 486, "");
    stage.answer("INVITE", "carol", 486, "");
    let last = stage.sent("NOTIFY", "alice");
    assert_eq!(
        last.header("Subscription-State"),
        Some("terminated;reason=noresource")
    );
    let told = states(&stage);
    assert_eq!(told.last(), Some(&("deleted".to_owned(), 3)));
}

#[test]
fn what_is_unknown_or_not_allowed_is_refused() {
    let (mut stage, identity) = rings();
    let nowhere = "sip:session-0.0@127.0.0.1";
    subscribe(&mut stage, nowhere, "one", 1, EXTRA);
    for (number, (text, other)) in [
        ("conference", "presence"),
        ("Event: conference\n", ""),
        ("alice@im.example", "mallory@im.example"),
        ("Expires", "Accept: application/pidf+xml\nExpires"),
        ("600", "59"),
        ("Contact", "Subject"),
    ]
    .into_iter()
    .enumerate()
    {
        let (number, extra) = (number as u32 + 2, EXTRA.replace(text, other));
        subscribe(&mut stage, &identity, &format!("n{number}"), number, &extra);
    }
    assert_eq!(
        stage.codes("SUBSCRIBE"),
        [404, 489, 489, 403, 406, 423, 400]
    );
    assert_eq!(stage.last(489).header("Allow-Events"), Some("conference"));
    assert_eq!(stage.last(423).header("Min-Expires"), Some("60"));
    assert!(documents(&stage).is_empty());
}

#[test]
fn a_refresh_is_told_everything_and_an_end_as_well() {
    let (mut stage, identity) = rings();
    subscribe(&mut stage, &identity, "follow", 1, EXTRA);
    stage.answer("INVITE", "carol", 180, "");
    again(&mut stage, &identity, "follow", 2, 900);
    again(&mut stage, &identity, "follow", 3, 0);
    let told = states(&stage);
    let wanted = [("full", 1), ("partial", 2), ("full", 3), ("full", 4)];
    assert_eq!(told, wanted.map(|(state, version)| (state.into(), version)));
    let last = stage.sent("NOTIFY", "alice");
    assert_eq!(
        last.header("Subscription-State"),
        Some("terminated;reason=timeout")
    );
    stage.answer("INVITE", "carol", 200, &accepts("carol", 5073, "active"));
    assert_eq!(states(&stage).len(), 4);
    again(&mut stage, &identity, "follow", 4, 900);
    assert_eq!(stage.codes("SUBSCRIBE"), [200, 200, 200, 481]);
}

#[test]
fn a_subscriber_that_knows_nothing_of_it_is_dropped() {
    let (mut stage, identity) = rings();
    subscribe(&mut stage, &identity, "follow", 1, EXTRA);
    stage.answer("NOTIFY", "alice", 481, "");
    stage.answer("INVITE", "carol", 180, "");
    assert_eq!(states(&stage).len(), 1);
}

#[test]
fn who_may_have_missed_a_change_is_told_everything() {
    let (mut stage, identity) = rings();
    subscribe(&mut stage, &identity, "follow", 1, EXTRA);
    stage.answer("NOTIFY", "alice", 500, "");
    stage.answer("INVITE", "carol", 180, "");
    assert_eq!(states(&stage)[1], ("full".into(), 2));
}

#[test]
fn a_storm_of_subscriptions_leaves_the_others_alone() {
    let (mut stage, identity) = rings();
    let bob = EXTRA.replace("alice", "bob");
    subscribe(&mut stage, &identity, "bob", 1, &bob);
    for number in 0..20 {
        subscribe(
            &mut stage,
            &identity,
            &format!("n{number}"),
            number + 2,
            EXTRA,
        );
    }
    let codes = stage.codes("SUBSCRIBE");
    assert_eq!(codes.iter().filter(|code| **code == 200).count(), 9);
    assert_eq!(codes.iter().filter(|code| **code == 403).count(), 12);
    let before = documents(&stage).len();
    stage.answer("INVITE", "carol", 180, "");
    assert_eq!((before, documents(&stage).len()), (9, 18));
}

#[test]
fn the_anonymous_are_told_apart_and_keep_their_names() {
    let (mut stage, identity) = (Stage::new(config()), String::new());
    let hidden = r#" cp:anonymize="true""#;
    stage.sip(5061, &invite(&["bob", "carol"], hidden, ""));
    stage.answer("INVITE", "bob", 180, "");
    let identity = stage
        .last(180)
        .contact()
        .map_or(identity, |contact| contact.uri.to_string());
    subscribe(&mut stage, &identity, "follow", 1, EXTRA);
    stage.answer("INVITE", "carol", 180, "");
    let named = |users: &[User]| -> Vec<String> {
        let hidden = users.iter().filter(|one| one.entity.contains("anonymous"));
        hidden.map(|one| one.entity.clone()).collect()
    };
    let told: Vec<Vec<String>> = documents(&stage)
        .iter()
        .map(|one| named(&one.users))
        .collect();
    let [bob, carol] = [
        "sip:anonymous@anonymous.invalid",
        "sip:anonymous2@anonymous.invalid",
    ];
    assert_eq!(told, [vec![bob, carol], vec![carol]]);
}

#[test]
fn a_partial_state_is_as_long_with_many_participants_as_with_few() {
    let mut lengths = Vec::new();
    for count in [3, 30, 300] {
        let names: Vec<String> = (100..99 + count).map(|n| format!("guest{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let config = Config {
            max_participants: 300,
            ..config()
        };
        let (mut stage, identity) = rings_in(config, &names);
        subscribe(&mut stage, &identity, "follow", 1, EXTRA);
        stage.answer("INVITE", names[1], 180, "");
        let told = documents(&stage);
        assert_eq!((told[0].users.len(), told[1].users.len()), (count, 1));
        let notify = stage.sent("NOTIFY", "alice");
        lengths.push(notify.body.len());
    }
    assert_eq!(lengths, [lengths[0]; 3]);
    assert!(lengths[0] < 600, "{lengths:?}");
}
