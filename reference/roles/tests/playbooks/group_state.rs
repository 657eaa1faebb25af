//! Subscribers of a group: before its session, in it, and after it.

use machines::port::Fetched;
use wire::xml::conference_info::ConferenceInfo;

use crate::predefined_group::{call, document, friends, leaves};
use crate::stage::{Stage, config};
use crate::words::{accepts, request};

const FRIENDS: &str = "sip:friends@im.example";
const EXTRA: &str = "Event: conference\nExpires: 600\nContact: <sip:alice@127.0.0.1:5061;transport=tcp>\nP-Asserted-Identity: <sip:alice@im.example>\n";

fn subscribe(stage: &mut Stage, target: &str) {
    let text = request(
        "SUBSCRIBE",
        target,
        &format!("<{target}>"),
        "watch",
        1,
        EXTRA,
    );
    stage.sip(5061, &text);
}

/// The documents of all NOTIFYs, oldest first: state, whether there is a session, and the users with theirs.
fn told(stage: &Stage) -> Vec<(String, Option<bool>, Vec<String>)> {
    let all = stage.messages().into_iter();
    all.filter(|one| one.method() == Some("NOTIFY"))
        .map(|one| {
            let info = ConferenceInfo::parse(&one.body).expect("our own document");
            let users = info.users.iter();
            let users = users.map(|one| {
                let state = one.state.clone().unwrap_or_default();
                format!("{} {state}", one.entity)
            });
            (info.state.clone(), info.active, users.collect())
        })
        .collect()
}

#[test]
fn a_subscription_to_a_group_outlives_its_sessions() {
    let mut stage = Stage::new(roles::Config {
        notify_interval: std::time::Duration::ZERO,
        ..config()
    });
    subscribe(&mut stage, FRIENDS);
    stage.fetched(document(&friends()));
    assert_eq!(told(&stage), [("full".into(), Some(false), vec![])]);
    let answer = stage.last(200);
    assert_eq!(
        answer.header("P-Asserted-Identity"),
        Some("<sip:friends@im.example>")
    );
    stage.sip(5061, &call("alice", ""));
    stage.fetched(document(&friends()));
    let (state, active, users) = told(&stage).pop().expect("a NOTIFY");
    assert_eq!(
        (state.as_str(), active, users.len()),
        ("partial", Some(true), 3)
    );
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    stage.answer("INVITE", "carol", 603, "");
    leaves(&mut stage, "alice");
    let (state, active, users) = told(&stage).pop().expect("a NOTIFY");
    assert_eq!((state.as_str(), active), ("partial", Some(false)));
    assert!(users.iter().all(|user| user.ends_with(" deleted")));
    let last = stage.sent("NOTIFY", "alice");
    assert_eq!(
        last.header("Subscription-State"),
        Some("active;expires=540")
    );
    // The next session is followed as well.
    let before = told(&stage).len();
    stage.sip(5061, &call("carol", ""));
    stage.fetched(document(&friends()));
    let (_, active, users) = told(&stage).pop().expect("a NOTIFY");
    assert!(told(&stage).len() > before);
    assert_eq!(active, Some(true));
    assert!(users.iter().all(|user| user.ends_with(" full")));
}

#[test]
fn who_may_not_follow_is_refused_by_either_name() {
    let mut secret = friends();
    secret.rules[0].actions.allow_conference_state = false;
    let mut stage = Stage::new(config());
    subscribe(&mut stage, FRIENDS);
    stage.fetched(document(&secret));
    assert_eq!(stage.codes("SUBSCRIBE"), [403]);
    let mut stage = Stage::new(config());
    stage.sip(5061, &call("alice", ""));
    stage.fetched(document(&secret));
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    let session = stage.last(200).contact().expect("Contact").uri.to_string();
    subscribe(&mut stage, &session);
    assert_eq!(stage.codes("SUBSCRIBE"), [403]);
}

#[test]
fn a_group_that_is_not_there_cannot_be_followed() {
    for (outcome, code) in [
        (Fetched::Status(404), 404),
        (Fetched::Failed("late".into()), 504),
    ] {
        let mut stage = Stage::new(config());
        subscribe(&mut stage, FRIENDS);
        stage.fetched(outcome);
        assert_eq!(stage.codes("SUBSCRIBE"), [code]);
    }
}

#[test]
fn the_end_of_a_session_of_a_group_ends_what_follows_the_session() {
    let mut stage = Stage::new(config());
    stage.sip(5061, &call("alice", ""));
    stage.fetched(document(&friends()));
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    stage.answer("INVITE", "carol", 603, "");
    let session = stage.last(200).contact().expect("Contact").uri.to_string();
    subscribe(&mut stage, &session);
    leaves(&mut stage, "alice");
    let last = stage.sent("NOTIFY", "alice");
    assert_eq!(
        last.header("Subscription-State"),
        Some("terminated;reason=noresource")
    );
}
