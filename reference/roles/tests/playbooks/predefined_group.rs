//! From the INVITE to a group, over its document, to the last BYE.

use machines::port::{Fetched, Input, Output};
use wire::sip::Message;
use wire::xml::group::{Actions, Group, Member, Rule, write};

use crate::stage::{Stage, config};
use crate::words::{OFFER, accepts, request, with_body};

const FRIENDS: &str = "sip:friends@im.example";

fn member(user: &str, name: Option<&str>) -> Member {
    Member {
        uri: format!("sip:{user}@im.example"),
        display_name: name.map(str::to_owned),
    }
}

pub(crate) fn friends() -> Group {
    let actions = Actions {
        join_handling: true,
        allow_initiate_conference: true,
        allow_conference_state: true,
        ..Actions::default()
    };
    Group {
        uri: FRIENDS.into(),
        members: vec![
            member("alice", Some("Al")),
            member("bob", None),
            member("bob", Some("Again")),
            member("carol", None),
        ],
        invite_members: true,
        rules: vec![Rule {
            list_members: true,
            actions,
            ..Rule::default()
        }],
        ..Group::default()
    }
}

pub(crate) fn document(group: &Group) -> Fetched {
    Fetched::Document {
        content_type: "application/vnd.oma.poc.groups+xml".into(),
        body: write(group),
    }
}

/// The INVITE of a user to the group.
pub(crate) fn call(user: &str, extra: &str) -> String {
    let headers = format!(
        "URI:{FRIENDS}\nTo: <{FRIENDS}>\nRequire:\nVia: SIP/2.0/TCP 127.0.0.1:5061;branch=z9hG4bK{user}\nFrom: <sip:{user}@im.example>;tag={user}\nCall-ID: call@{user}\nP-Asserted-Identity: \"Mine\" <sip:{user}@im.example>\n{extra}"
    );
    with_body("application/sdp", OFFER, headers.trim_end())
}

fn started(group: &Group) -> Stage {
    let mut stage = Stage::new(config());
    stage.sip(5061, &call("alice", ""));
    stage.fetched(document(group));
    stage
}

fn refused(group: &Group, extra: &str) -> Message {
    let mut stage = Stage::new(config());
    stage.sip(5061, &call("alice", extra));
    stage.fetched(document(group));
    stage.messages().pop().expect("a response")
}

fn invited(stage: &Stage) -> Vec<String> {
    let requests = stage.messages().into_iter();
    requests
        .filter(|one| one.method() == Some("INVITE"))
        .filter_map(|one| one.uri().map(str::to_owned))
        .collect()
}

pub(crate) fn leaves(stage: &mut Stage, user: &str) {
    let of_user = |one: &Message| {
        one.code() == Some(200) && one.call_id() == Some(format!("call@{user}").as_str())
    };
    let ok = stage.messages().into_iter().rfind(of_user).expect("a 200");
    let to = ok.header("To").expect("To").to_owned();
    let uri = ok.contact().expect("Contact").uri.to_string();
    let bye = request("BYE", &uri, &to, &format!("call@{user}"), 2, "").replace(
        "\"Alice\" <sip:alice@im.example>;tag=alice",
        &format!("<sip:{user}@im.example>;tag={user}"),
    );
    stage.sip(5061, &bye);
}

#[test]
fn the_members_are_invited_and_the_first_answer_sets_up() {
    let mut stage = started(&friends());
    assert_eq!(
        invited(&stage),
        ["sip:bob@im.example", "sip:carol@im.example"]
    );
    stage.answer("INVITE", "bob", 180, "");
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    stage.answer("INVITE", "carol", 603, "");
    insta::assert_snapshot!(stage.script);
    assert_eq!(stage.codes("INVITE"), [180, 200]);
}

#[test]
fn what_becomes_of_the_document_becomes_of_the_call() {
    let garbage = Fetched::Document {
        content_type: "text/html".into(),
        body: b"<html>".to_vec(),
    };
    let other = document(&Group {
        uri: "sip:enemies@im.example".into(),
        ..friends()
    });
    let outcomes = [
        (Fetched::Status(404), 404),
        (Fetched::Status(503), 504),
        (Fetched::Failed("late".into()), 504),
        (garbage, 500),
        (other, 500),
    ];
    for (outcome, code) in outcomes {
        let mut stage = Stage::new(config());
        stage.sip(5061, &call("alice", ""));
        stage.fetched(outcome);
        assert_eq!(stage.codes("INVITE"), [code]);
    }
}

#[test]
fn the_checks_come_in_the_order_of_the_clauses() {
    let mut group = friends();
    group.max_participant_count = Some(0);
    let bad = "Content-Type: text/plain\nPrivacy: id\n";
    let focus = "Contact: <sip:alice@127.0.0.1:5061;transport=tcp>;isfocus\n";
    let first = refused(&group, &format!("{focus}{bad}"));
    assert_eq!(first.code(), Some(403));
    assert_eq!(
        first.header("Warning"),
        Some("399 im.example \"isfocus already assigned\"")
    );
    let inside = refused(&group, "Contact: <sip:alice@127.0.0.1:5061;isfocus>\n");
    assert_eq!(inside.code(), Some(403));
    assert!(inside.header("Warning").is_some());
    let private = refused(&group, "Privacy: id\n");
    assert_eq!(private.code(), Some(403));
    assert_eq!(private.header("Warning"), None);
    let full = refused(&group, "");
    assert_eq!(full.code(), Some(486));
    for forbid in [
        (|actions: &mut Actions| actions.allow_initiate_conference = false) as fn(&mut Actions),
        |actions| actions.join_handling = false,
    ] {
        let mut group = friends();
        forbid(&mut group.rules[0].actions);
        assert_eq!(refused(&group, "").code(), Some(403));
    }
    assert_eq!(
        refused(&friends(), "P-Asserted-Identity: <sip:eve@im.example>\n").code(),
        Some(403)
    );
}

#[test]
fn no_more_are_invited_than_may_enter() {
    let mut group = friends();
    group.max_participant_count = Some(2);
    let mut stage = started(&group);
    assert_eq!(invited(&stage), ["sip:bob@im.example"]);
    stage.sip(5061, &call("carol", ""));
    stage.fetched(document(&group));
    assert_eq!(stage.last(486).call_id(), Some("call@carol"));
}

#[test]
fn who_joins_is_answered_at_once_and_frees_the_inviter() {
    let mut stage = started(&friends());
    stage.answer("INVITE", "carol", 180, "");
    stage.sip(5061, &call("carol", ""));
    stage.fetched(document(&friends()));
    assert_eq!(stage.codes("INVITE"), [180, 200, 200]);
    // Carol need not be invited any more.
    assert!(stage.sent("CANCEL", "carol").is_request());
    stage.answer("INVITE", "bob", 603, "");
    leaves(&mut stage, "carol");
    assert!(stage.sent("BYE", "alice@127.0.0.1:5061").is_request());
}

#[test]
fn who_joins_again_takes_the_old_place() {
    let mut stage = started(&friends());
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    stage.sip(5061, &call("bob", ""));
    stage.fetched(document(&friends()));
    assert!(stage.sent("BYE", "bob@127.0.0.1:5072").is_request());
    leaves(&mut stage, "bob");
    stage.sip(
        5061,
        &call(
            "bob",
            "Call-ID: again@bob\nVia: SIP/2.0/TCP 127.0.0.1:5061;branch=z9hG4bKagain\n",
        ),
    );
    stage.fetched(document(&friends()));
    let joined = stage.last(200);
    assert_eq!(joined.call_id(), Some("again@bob"));
}

#[test]
fn who_comes_back_meets_the_same_session() {
    let mut stage = started(&friends());
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    stage.answer("INVITE", "carol", 603, "");
    let mut identities = Vec::new();
    for call_id in ["call@carol", "again@carol"] {
        let branch = call_id.replace('@', "-");
        let via = format!("Via: SIP/2.0/TCP 127.0.0.1:5061;branch=z9hG4bK{branch}");
        stage.sip(
            5061,
            &call("carol", &format!("Call-ID: {call_id}\n{via}\n")),
        );
        stage.fetched(document(&friends()));
        let joined = stage.last(200);
        assert_eq!(joined.call_id(), Some(call_id));
        identities.push(joined.contact().expect("Contact").uri.to_string());
        if call_id == "call@carol" {
            leaves(&mut stage, "carol");
        }
    }
    assert_eq!(identities[0], identities[1]);
    assert_eq!(invited(&stage).len(), 2);
}

#[test]
fn a_joiner_who_may_hide_is_let_in_under_no_name() {
    let mut group = friends();
    let mut stage = started(&group);
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    stage.sip(5061, &call("carol", "Privacy: id\n"));
    stage.fetched(document(&group));
    assert_eq!(stage.last(403).call_id(), Some("call@carol"));
    group.rules[0].actions.allow_anonymity = true;
    let again =
        "Privacy: id\nCall-ID: again@carol\nVia: SIP/2.0/TCP 127.0.0.1:5061;branch=z9hG4bKagain\n";
    stage.sip(5061, &call("carol", again));
    stage.fetched(document(&group));
    assert_eq!(stage.last(200).call_id(), Some("again@carol"));
}

#[test]
fn nobody_to_invite_nobody_to_wait_for() {
    let mut group = friends();
    group.invite_members = false;
    let mut stage = started(&group);
    assert!(invited(&stage).is_empty());
    assert_eq!(stage.codes("INVITE"), [200]);
    assert!(
        !stage
            .messages()
            .iter()
            .any(|one| one.method() == Some("BYE"))
    );
    leaves(&mut stage, "alice");
    // The session has ended: the next call starts another.
    stage.sip(5061, &call("bob", ""));
    stage.fetched(document(&group));
    let identities: Vec<String> = stage
        .messages()
        .iter()
        .filter(|one| one.cseq().is_some_and(|cseq| cseq.method == "INVITE"))
        .filter_map(|one| one.contact().map(|contact| contact.uri.to_string()))
        .collect();
    assert_eq!(identities.len(), 2);
    assert_ne!(identities[0], identities[1]);
}

#[test]
fn a_call_is_cancelled_while_its_document_is_on_the_way() {
    let mut stage = Stage::new(config());
    stage.sip(5061, &call("alice", ""));
    let cancel = request(
        "CANCEL",
        FRIENDS,
        &format!("<{FRIENDS}>"),
        "call@alice",
        1,
        "",
    )
    .replace("z9hG4bKCANCEL1", "z9hG4bKalice")
    .replace("\"Alice\" ", "");
    stage.sip(5061, &cancel);
    assert_eq!(stage.codes("INVITE"), [487]);
    stage.fetched(document(&friends()));
    assert!(matches!(stage.said.last(), Some(Output::Ignored(_))));
}

#[test]
fn a_stop_waits_for_no_document() {
    let mut stage = Stage::new(config());
    stage.sip(5061, &call("alice", ""));
    stage.give(Input::Shutdown);
    assert_eq!(stage.codes("INVITE"), [503]);
    assert!(stage.said.contains(&Output::Done));
}
