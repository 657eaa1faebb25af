//! The client calls: one user, several, a group; more users are added to a session of two.

use roles::client::upper::Told;
use wire::mime;
use wire::xml::resource_lists;

use crate::client_words::{
    FOCUS, PEER, answer, body, config, connected, ended, first, notices, session_of_two,
};
use crate::stage::Stage;

#[test]
fn one_user_is_called_as_the_general_rules_say() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#);
    let invite = stage.sent("INVITE", "sip:bob@im.example");
    let header = |name: &str| invite.header(name).unwrap_or_default();
    assert_eq!(header("Accept-Contact"), "*;+g.oma.sip-im;require;explicit");
    assert_eq!(header("User-Agent"), "IM-client/OMA1.0 Shall/0.1");
    assert_eq!(header("Session-Expires"), "1800;refresher=uac");
    assert_eq!(header("Supported"), "timer, replaces");
    assert_eq!(header("Content-Type"), "application/sdp");
    assert!(header("Contact").ends_with(";+g.oma.sip-im"));
    assert!(header("Allow").contains("UPDATE"));
    assert!(invite.header("Privacy").is_none() && invite.header("Require").is_none());
    let sdp = body(&invite);
    assert!(sdp.contains("m=message 7080 TCP/MSRP *"), "{sdp}");
    assert!(sdp.contains("a=accept-types:message/cpim text/plain"));
    assert!(sdp.contains("a=path:msrp://127.0.0.1:7080/") && sdp.contains("a=setup:actpass"));
}

#[test]
fn the_first_ringing_and_the_200_are_told() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#);
    for _ in 0..300 {
        stage.answer("INVITE", "bob", 180, "");
    }
    stage.answer(
        "INVITE",
        "bob",
        200,
        &answer(PEER, "passive", "message/cpim"),
    );
    stage.sent("ACK", "bob@127.0.0.1:5072");
    let call = || "c1".to_owned();
    let session = "sip:bob@127.0.0.1:5072;transport=tcp".to_owned();
    let group = false;
    let told = [
        Told::Ringing { call: call() },
        Told::Established {
            call: call(),
            session,
            group,
        },
    ];
    assert_eq!(stage.told(), told);
    assert!(
        stage
            .messages()
            .iter()
            .all(|one| one.method() != Some("SUBSCRIBE"))
    );
}

#[test]
fn several_users_are_called_by_the_factory_and_followed() {
    let mut stage = Stage::client(config());
    stage.user(
        r#"{"do":"invite","call":"c1","to":["sip:bob@im.example","sip:carol@im.example"],"anonymous":true}"#,
    );
    let invite = stage.sent("INVITE", "sip:conference-factory@im.example");
    assert_eq!(invite.header("Require"), Some("recipient-list-invite"));
    assert_eq!(invite.header("Privacy"), Some("id"));
    let from = invite.header("From").expect("From");
    assert!(from.contains("sip:anonymous@anonymous.invalid"), "{from}");
    let kind = invite.header("Content-Type").expect("a type");
    assert!(kind.starts_with("multipart/mixed"));
    let list = mime::find(kind, &invite.body, "application/resource-lists+xml").expect("a list");
    assert_eq!(list.header("Content-Disposition"), Some("recipient-list"));
    let entries = resource_lists::parse(&list.body).expect("a list");
    let uris: Vec<&str> = entries.iter().map(|entry| entry.uri.as_str()).collect();
    assert_eq!(uris, ["sip:bob@im.example", "sip:carol@im.example"]);
    stage.answer(
        "INVITE",
        "conference-factory",
        200,
        &answer(FOCUS, "passive", "message/cpim"),
    );
    let subscribe = stage.sent("SUBSCRIBE", "sip:session-7@im.example");
    assert_eq!(subscribe.header("Event"), Some("conference"));
    assert_eq!(subscribe.header("Privacy"), Some("id"));
    assert_ne!(subscribe.call_id(), invite.call_id());
}

#[test]
fn a_group_is_called_by_its_identity() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"invite","call":"c1","group":"sip:friends@im.example"}"#);
    let invite = stage.sent("INVITE", "sip:friends@im.example");
    assert_eq!(invite.header("Content-Type"), Some("application/sdp"));
    stage.answer(
        "INVITE",
        "friends",
        200,
        &answer(FOCUS, "passive", "message/cpim"),
    );
    stage.sent("SUBSCRIBE", "session-7");
}

#[test]
fn a_contact_without_isfocus_is_told_and_the_session_ends() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"invite","call":"c1","group":"sip:friends@im.example"}"#);
    let contact = FOCUS.replace(";isfocus", "");
    stage.answer(
        "INVITE",
        "friends",
        200,
        &answer(&contact, "passive", "message/cpim"),
    );
    assert!(notices(&stage)[0].contains("focus"), "{:?}", stage.told());
    stage.sent("ACK", "session-7");
    stage.sent("BYE", "session-7");
    stage.answer("BYE", "session-7", 200, "");
    assert!(ended(&stage, "c1").is_some_and(|why| why.contains("focus")));
}

#[test]
fn too_many_users_are_not_invited_and_the_user_hears_of_the_limit() {
    let mut stage = Stage::client(config());
    let to: Vec<String> = (0..4).map(|n| format!("\"sip:u{n}@im.example\"")).collect();
    stage.user(&format!(
        r#"{{"do":"invite","call":"c1","to":[{}]}}"#,
        to.join(",")
    ));
    assert!(stage.messages().is_empty());
    assert!(notices(&stage)[0].contains("limit is 3"));
}

#[test]
fn a_session_of_two_is_extended_with_replaces_in_the_entry() {
    let mut stage = session_of_two();
    let first = first(&stage, "INVITE");
    stage.user(r#"{"do":"extend","call":"c1","as":"c2","with":["sip:carol@im.example"]}"#);
    let invite = stage.sent("INVITE", "conference-factory");
    assert!(invite.header("Replaces").is_none());
    let kind = invite.header("Content-Type").expect("a type");
    let list = mime::find(kind, &invite.body, "application/resource-lists+xml").expect("a list");
    let entries = resource_lists::parse(&list.body).expect("a list");
    let own = first.from().expect("From").tag().expect("a tag").to_owned();
    let call_id = first.call_id().expect("Call-ID").replace('@', "%40");
    let peer =
        format!("sip:bob@im.example?Replaces={call_id}%3Bto-tag%3Dof-bob%3Bfrom-tag%3D{own}");
    assert_eq!(entries[0].uri, peer);
    assert_eq!(entries[1].uri, "sip:carol@im.example");
}

#[test]
fn what_is_said_goes_out_and_its_report_is_told() {
    let mut stage = session_of_two();
    stage.user(r#"{"do":"send","call":"c1","text":"hello"}"#);
    let link = connected(&mut stage);
    let octets = stage.octets(link);
    assert!(octets.contains("Content-Type: message/cpim"), "{octets}");
    assert!(octets.contains("From: <sip:alice@im.example>\r\nTo: <sip:bob@im.example>\r\n"));
    assert!(octets.contains("Success-Report: yes") && octets.contains("\r\n\r\nhello\r\n"));
    let frames: Vec<&str> = octets.split("MSRP ").collect();
    let message = frames.iter().find(|one| one.contains("hello")).expect("it");
    let line = |name: &str| {
        let found = message.lines().find_map(|line| line.strip_prefix(name));
        found.expect("the header").to_owned()
    };
    let report = format!(
        "MSRP rep1 REPORT\nTo-Path: {}\nFrom-Path: {}\nMessage-ID: {}\nByte-Range: 1-1/1\nStatus: 000 200 OK\n-------rep1$\n",
        line("From-Path: "),
        line("To-Path: "),
        line("Message-ID: ")
    );
    stage.msrp(link, &report.replace("1-1/1", "1-1/9"));
    let delivered = |told: &Told| matches!(told, Told::Delivered { .. });
    assert!(!stage.told().iter().any(delivered), "only a part is there");
    stage.msrp(link, &report);
    let told = Told::Delivered {
        call: Some("c1".into()),
        text: "hello".into(),
    };
    assert!(stage.told().contains(&told), "{}", stage.script);
}

#[test]
fn a_message_goes_to_one_or_by_a_list_to_several() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"message","to":["sip:bob@im.example"],"text":"hi"}"#);
    let message = stage.sent("MESSAGE", "bob");
    assert_eq!(body(&message), "hi");
    assert!(message.header("Contact").is_none());
    stage.answer("MESSAGE", "bob", 202, "");
    let (call, text) = (None, "hi".to_owned());
    assert_eq!(stage.told(), [Told::Delivered { call, text }]);
    stage
        .user(r#"{"do":"message","to":["sip:bob@im.example","sip:carol@im.example"],"text":"hi"}"#);
    let message = stage.sent("MESSAGE", "conference-factory");
    assert_eq!(message.header("Require"), Some("recipient-list-message"));
}
