//! A session goes on: changes, refreshes, what is heard, who is in it, and the end.

use std::time::Duration;

use machines::port::{LinkId, Output, TimerId};
use roles::client::upper::Told;

use crate::client_words::{
    BOB, FOCUS, PEER, answer, back, body, config, connected, ended, first, header, path, sdp,
    session_of_two,
};
use crate::stage::Stage;

const LINK: u64 = 1 << 63 | 1;

fn armed(stage: &Stage, after: Duration) -> TimerId {
    let of = |output: &Output| match output {
        Output::Arm { timer, after: wait } if *wait == after => Some(*timer),
        _ => None,
    };
    let found = stage.said.iter().rev().find_map(of);
    found.unwrap_or_else(|| panic!("no such timer:\n{}", stage.script))
}

#[test]
fn a_reinvite_is_answered_with_the_common_types() {
    let mut stage = session_of_two();
    let timer = "Supported: timer\nSession-Expires: 900\n";
    back(
        &mut stage,
        "INVITE",
        1,
        timer,
        &sdp("actpass", "message/CPIM application/x-other"),
    );
    let response = stage.last(200);
    assert_eq!(
        response.header("Session-Expires"),
        Some("900;refresher=uas")
    );
    assert!(header(&response, "Supported").contains("timer"));
    assert!(body(&response).contains("a=accept-types:message/CPIM\r\n"));
    let call = "c1".to_owned();
    assert!(stage.told().contains(&Told::Modified { call }));
}

#[test]
fn a_reinvite_without_cpim_or_msrp_gets_488_and_nothing_changes() {
    let mut stage = session_of_two();
    let link = connected(&mut stage);
    back(&mut stage, "INVITE", 1, "", &sdp("actpass", "text/plain"));
    back(
        &mut stage,
        "INVITE",
        2,
        "",
        &sdp("actpass", "application/x-other"),
    );
    assert_eq!(stage.codes("INVITE"), [488, 488]);
    stage.user(r#"{"do":"send","call":"c1","text":"still here"}"#);
    assert!(stage.octets(link).contains("still here"));
}

#[test]
fn the_refresh_is_an_update_only_where_the_peer_allows_it() {
    let mut stage = session_of_two();
    let timer = armed(&stage, Duration::from_secs(900));
    stage.fire(timer);
    let update = stage.sent("UPDATE", "bob");
    assert_eq!(update.header("Session-Expires"), Some("1800;refresher=uac"));
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#);
    let without = answer(PEER, "passive", "message/cpim").replace(", UPDATE", "");
    stage.answer("INVITE", "bob", 200, &without);
    stage.user(r#"{"do":"refresh","call":"c1"}"#);
    let again = stage.sent("INVITE", "bob@127.0.0.1:5072");
    assert_eq!(body(&again), body(&first(&stage, "INVITE")));
}

#[test]
fn the_user_changes_the_types() {
    let mut stage = session_of_two();
    stage.user(r#"{"do":"modify","call":"c1","types":["message/cpim"]}"#);
    let again = stage.sent("INVITE", "bob@127.0.0.1:5072");
    assert!(body(&again).contains("a=accept-types:message/cpim\r\n"));
    let granted = answer(PEER, "passive", "message/cpim");
    stage.answer("INVITE", "bob@127", 200, &granted);
    let call = "c1".to_owned();
    assert!(stage.told().contains(&Told::Modified { call }));
}

#[test]
fn a_session_that_is_not_refreshed_is_left() {
    let mut stage = session_of_two();
    let timer = armed(&stage, Duration::from_secs(1768));
    stage.fire(timer);
    stage.sent("BYE", "bob");
}

#[test]
fn leaving_is_a_bye_to_the_identity_and_frees_the_connection() {
    let mut stage = session_of_two();
    let link = connected(&mut stage);
    stage.user(r#"{"do":"leave","call":"c1","anonymous":true}"#);
    let bye = stage.sent("BYE", "");
    assert_eq!(bye.uri(), Some("sip:bob@127.0.0.1:5072;transport=tcp"));
    assert_eq!(bye.header("Privacy"), Some("id"));
    assert!(!stage.said.contains(&Output::Close(LinkId(link))));
    stage.answer("BYE", "bob", 200, "");
    assert!(stage.said.contains(&Output::Close(LinkId(link))));
    assert_eq!(ended(&stage, "c1").as_deref(), Some("left"));
}

#[test]
fn chunks_become_a_text_and_a_report() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#);
    let ours = path(&stage.sent("INVITE", "bob"));
    stage.answer(
        "INVITE",
        "bob",
        200,
        &answer(PEER, "active", "message/cpim"),
    );
    let cpim = "From: Bob <sip:bob@im.example>\r\nTo: <sip:alice@im.example>\r\n\r\nContent-Type: text/plain\r\n\r\nhello";
    let (start, rest) = cpim.split_at(40);
    let total = cpim.len();
    for (id, at, text, flag) in [("aaaa1", 1, start, '+'), ("aaaa2", 41, rest, '$')] {
        let frame = format!(
            "MSRP {id} SEND\r\nTo-Path: {ours}\r\nFrom-Path: {BOB}\r\nMessage-ID: one\r\nSuccess-Report: yes\r\nByte-Range: {at}-*/{total}\r\nContent-Type: message/cpim\r\n\r\n{text}\r\n-------{id}{flag}\r\n"
        );
        let frame = wire::msrp::Frame::parse(frame.as_bytes()).expect("a frame");
        stage.give(machines::port::Input::Msrp {
            link: LinkId(LINK),
            frame,
        });
    }
    let told = Told::Text {
        call: Some("c1".into()),
        from: "sip:bob@im.example".into(),
        text: "hello".into(),
    };
    assert!(stage.told().contains(&told), "{}", stage.script);
    assert!(stage.octets(LINK).contains("Status: 000 200 OK"));
}

#[test]
fn the_client_speaks_first_on_its_connection_once() {
    let mut stage = session_of_two();
    let ours = path(&first(&stage, "INVITE"));
    let link = connected(&mut stage);
    for id in ["bbbb1", "bbbb2", "bbbb3"] {
        let text = format!(
            "MSRP {id} SEND\r\nTo-Path: {ours}\r\nFrom-Path: {BOB}\r\nMessage-ID: {id}\r\nByte-Range: 1-2/2\r\nContent-Type: text/plain\r\n\r\nhi\r\n-------{id}$\r\n"
        );
        let frame = wire::msrp::Frame::parse(text.as_bytes()).expect("a frame");
        let link = LinkId(link);
        stage.give(machines::port::Input::Msrp { link, frame });
    }
    let octets = stage.octets(link);
    assert_eq!(octets.matches(" SEND\r\n").count(), 1, "{octets}");
    assert_eq!(octets.matches(" 200 OK\r\n").count(), 3, "{octets}");
}

/// A followed session, and a NOTIFY in its subscription.
fn followed() -> Stage {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"invite","call":"c1","group":"sip:friends@im.example"}"#);
    let granted = answer(FOCUS, "passive", "message/cpim");
    stage.answer("INVITE", "friends", 200, &granted);
    stage
}

fn notify(stage: &mut Stage, cseq: u32, state: &str, document: &str) {
    let subscribe = first(stage, "SUBSCRIBE");
    let (to, call_id) = (header(&subscribe, "From"), header(&subscribe, "Call-ID"));
    let length = document.len();
    let text = format!(
        "NOTIFY sip:alice@127.0.0.1:5080 SIP/2.0
Via: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bKnotify{cseq}
Max-Forwards: 70
From: <sip:session-7@im.example>;tag=of-session-7
To: {to}
Call-ID: {call_id}
CSeq: {cseq} NOTIFY
Contact: <sip:session-7@im.example>;isfocus
Event: conference
Subscription-State: {state}
Content-Type: application/conference-info+xml
Content-Length: {length}

{document}"
    );
    stage.sip(5070, &text);
}

fn document(state: &str, version: u32, users: &[(&str, &str)]) -> String {
    let user = |(name, status): &(&str, &str)| {
        format!(
            "<user entity=\"sip:{name}@im.example\"><endpoint entity=\"sip:{name}@x\"><status>{status}</status></endpoint></user>"
        )
    };
    let users: String = users.iter().map(user).collect();
    format!(
        "<conference-info xmlns=\"urn:ietf:params:xml:ns:conference-info\" entity=\"sip:session-7@im.example\" state=\"{state}\" version=\"{version}\"><users state=\"{state}\">{users}</users></conference-info>"
    )
}

fn roster(stage: &Stage) -> Vec<(String, Option<String>)> {
    let list = stage.told().into_iter().rev().find_map(|told| match told {
        Told::Participants { list, .. } => Some(list),
        _ => None,
    });
    let list = list.unwrap_or_default();
    list.into_iter()
        .map(|one| (one.address, one.status))
        .collect()
}

#[test]
fn who_is_in_the_session_is_told_even_when_the_notify_comes_first() {
    let mut stage = followed();
    notify(
        &mut stage,
        1,
        "active;expires=3600",
        &document("full", 1, &[("alice", "connected")]),
    );
    stage.answer(
        "SUBSCRIBE",
        "session-7",
        200,
        "Contact: <sip:session-7@im.example>\nExpires: 3600",
    );
    notify(
        &mut stage,
        2,
        "active;expires=3599",
        &document("partial", 2, &[("bob", "connected")]),
    );
    let connected = || Some("connected".to_owned());
    let both = [
        ("sip:alice@im.example".to_owned(), connected()),
        ("sip:bob@im.example".to_owned(), connected()),
    ];
    assert_eq!(roster(&stage), both);
    // A document is missing: the whole is asked for.
    let before = stage.messages().len();
    notify(
        &mut stage,
        3,
        "active;expires=3599",
        &document("partial", 9, &[("carol", "connected")]),
    );
    assert_eq!(roster(&stage), both);
    let asked = |one: &wire::sip::Message| one.method() == Some("SUBSCRIBE");
    for version in 10..20 {
        let document = document("partial", version * 2, &[("carol", "connected")]);
        notify(&mut stage, version, "active;expires=3599", &document);
    }
    assert_eq!(
        stage.messages()[before..]
            .iter()
            .filter(|one| asked(one))
            .count(),
        1,
        "{}",
        stage.script
    );
}

#[test]
fn whoever_leaves_follows_no_more() {
    let mut stage = followed();
    stage.answer(
        "SUBSCRIBE",
        "session-7",
        200,
        "Contact: <sip:session-7@im.example>\nExpires: 3600",
    );
    stage.user(r#"{"do":"leave","call":"c1"}"#);
    stage.answer("BYE", "session-7", 200, "");
    let last = stage.sent("SUBSCRIBE", "session-7");
    assert_eq!(last.header("Expires"), Some("0"));
    // The session is over at its server too, which tells so all the same.
    stage.answer("SUBSCRIBE", "session-7", 481, "");
    notify(&mut stage, 1, "terminated;reason=timeout", "");
    assert_eq!(stage.codes("NOTIFY"), [200]);
    notify(&mut stage, 2, "terminated;reason=timeout", "");
    assert_eq!(stage.codes("NOTIFY"), [200, 481]);
}

#[test]
fn an_option_query_is_answered() {
    let mut stage = session_of_two();
    back(&mut stage, "OPTIONS", 1, "", "");
    assert!(header(&stage.last(200), "Accept").contains("application/sdp"));
}
