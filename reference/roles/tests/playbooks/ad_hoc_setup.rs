//! From the INVITE to the factory to the last BYE.

use machines::port::{Input, Output};
use roles::{Anonymity, Config};

use crate::stage::{Stage, config};
use crate::words::{accepts, invite, request};

fn answered(copy: &str) -> Stage {
    let mut stage = Stage::new(config());
    stage.sip(5061, &invite(&["bob", "carol"], copy, ""));
    stage.answer(
        "INVITE",
        "bob",
        180,
        "Contact: <sip:bob@127.0.0.1:5072;transport=tcp>\nAllow: INVITE",
    );
    stage.answer("INVITE", "carol", 180, "");
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    stage.answer("INVITE", "carol", 200, &accepts("carol", 5073, "passive"));
    stage
}

fn ack(stage: &mut Stage) {
    let ok = stage.last(200);
    let to = ok.header("To").expect("To").to_owned();
    let uri = ok.contact().expect("Contact").uri.to_string();
    stage.sip(5061, &request("ACK", &uri, &to, "setup@alice", 1, ""));
}

fn bye(stage: &mut Stage) {
    let ok = stage
        .messages()
        .into_iter()
        .find(|one| one.code() == Some(200))
        .expect("200");
    let to = ok.header("To").expect("To").to_owned();
    let uri = ok.contact().expect("Contact").uri.to_string();
    stage.sip(5061, &request("BYE", &uri, &to, "setup@alice", 2, ""));
}

#[test]
fn the_first_answer_sets_up_and_a_bye_ends() {
    let mut stage = answered("");
    ack(&mut stage);
    bye(&mut stage);
    insta::assert_snapshot!(stage.script);
    assert_eq!(stage.codes("INVITE"), [180, 200]);
}

#[test]
fn open_copies_are_told_in_a_history_list() {
    let stage = answered(r#" cp:copyControl="to""#);
    let sent = stage.sent("INVITE", "bob");
    let kind = sent
        .header("Content-Type")
        .expect("Content-Type")
        .to_owned();
    let list =
        wire::mime::find(&kind, &sent.body, "application/resource-lists+xml").expect("a list");
    assert_eq!(
        list.header("Content-Disposition"),
        Some("recipient-list-history; handling=optional")
    );
    assert_eq!(
        wire::xml::resource_lists::parse(&list.body)
            .expect("well-formed")
            .len(),
        2
    );
}

#[test]
fn everybody_fails_before_the_answer() {
    let mut stage = Stage::new(config());
    stage.sip(5061, &invite(&["bob", "carol"], "", ""));
    stage.answer("INVITE", "bob", 603, "");
    assert!(stage.codes("INVITE").is_empty());
    stage.answer("INVITE", "carol", 486, "");
    assert_eq!(stage.codes("INVITE"), [486]);
}

#[test]
fn everybody_fails_after_the_answer() {
    let mut stage = Stage::new(config());
    stage.sip(5061, &invite(&["bob", "carol"], "", ""));
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    ack(&mut stage);
    let invited = stage.sent("INVITE", "bob");
    let from = invited.header("From").expect("From").to_owned();
    let bye = request(
        "BYE",
        "sip:x@127.0.0.1",
        &from,
        invited.call_id().expect("Call-ID"),
        1,
        "",
    )
    .replace(
        "\"Alice\" <sip:alice@im.example>;tag=alice",
        "<sip:bob@im.example>;tag=of-bob",
    );
    stage.sip(5072, &bye);
    stage.answer("INVITE", "carol", 480, "");
    let removal = stage.sent("BYE", "alice@127.0.0.1:5061");
    assert_eq!(removal.cseq().expect("CSeq").method, "BYE");
}

#[test]
fn the_inviter_cancels() {
    let mut stage = Stage::new(config());
    stage.sip(5061, &invite(&["bob"], "", ""));
    stage.answer("INVITE", "bob", 180, "");
    let cancel = request(
        "CANCEL",
        "sip:conference-factory@im.example",
        "<sip:conference-factory@im.example>",
        "setup@alice",
        1,
        "",
    )
    .replace("z9hG4bKCANCEL1", "z9hG4bKinvite");
    stage.sip(5061, &cancel);
    assert_eq!(stage.codes("CANCEL"), [200]);
    assert_eq!(stage.codes("INVITE"), [180, 487]);
    stage.answer("CANCEL", "bob", 200, "");
    stage.answer("INVITE", "bob", 487, "");
}

#[test]
fn an_answer_that_crosses_the_cancel_is_acknowledged_and_ended() {
    let mut stage = Stage::new(config());
    stage.sip(5061, &invite(&["bob"], "", ""));
    stage.answer("INVITE", "bob", 180, "");
    let cancel = request(
        "CANCEL",
        "sip:conference-factory@im.example",
        "<sip:conference-factory@im.example>",
        "setup@alice",
        1,
        "",
    )
    .replace("z9hG4bKCANCEL1", "z9hG4bKinvite");
    stage.sip(5061, &cancel);
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    stage.sent("ACK", "bob@127.0.0.1:5072");
    stage.sent("BYE", "bob@127.0.0.1:5072");
}

#[test]
fn unwanted_anonymity_is_released() {
    let mut stage = Stage::new(Config {
        anonymity: Anonymity::Release,
        ..config()
    });
    stage.sip(5061, &invite(&["bob", "carol"], "", ""));
    stage.answer("INVITE", "carol", 200, &accepts("carol", 5073, "active"));
    stage.answer(
        "INVITE",
        "bob",
        200,
        &format!("Privacy: id\n{}", accepts("bob", 5072, "active")),
    );
    stage.sent("ACK", "bob@127.0.0.1:5072");
    stage.sent("BYE", "bob@127.0.0.1:5072");
}

#[test]
fn anonymity_may_be_ignored() {
    let mut stage = Stage::new(config());
    stage.sip(5061, &invite(&["bob"], "", ""));
    stage.answer(
        "INVITE",
        "bob",
        200,
        &format!("Privacy: id\n{}", accepts("bob", 5072, "active")),
    );
    assert_eq!(stage.codes("INVITE"), [200]);
    assert!(
        !stage
            .messages()
            .iter()
            .any(|one| one.method() == Some("BYE"))
    );
}

#[test]
fn without_timer_support_the_server_refreshes() {
    let mut stage = Stage::new(config());
    stage.sip(5061, &invite(&["bob"], "", "Supported:\nSession-Expires:"));
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    let ok = stage.last(200);
    assert!(
        !ok.header("Session-Expires")
            .is_some_and(|value| value.contains("uac"))
    );
    assert_eq!(ok.header("Require"), None);
}

#[test]
fn shutdown_ends_every_session() {
    let mut stage = answered("");
    ack(&mut stage);
    stage.give(Input::Shutdown);
    for user in ["alice@127", "bob@127", "carol@127"] {
        assert!(!stage.said.contains(&Output::Done));
        stage.answer("BYE", user, 200, "");
    }
    assert!(stage.said.contains(&Output::Done));
}

#[test]
fn a_session_that_nobody_refreshes_ends() {
    let mut stage = answered("");
    ack(&mut stage);
    let timer = stage.said.iter().find_map(|output| match output {
        Output::Arm { timer, after } if after.as_secs() > 600 => Some(*timer),
        _ => None,
    });
    stage.fire(timer.expect("a session timer"));
    stage.sent("BYE", "@127.0.0.1:50");
}

#[test]
fn a_refresh_is_answered_and_repeats_the_description() {
    let mut stage = answered("");
    ack(&mut stage);
    let ok = stage.last(200);
    let to = ok.header("To").expect("To").to_owned();
    let uri = ok.contact().expect("Contact").uri.to_string();
    let extra = "Contact: <sip:alice@127.0.0.1:5061;transport=tcp>\nSupported: timer\nSession-Expires: 1800;refresher=uac\n";
    stage.sip(5061, &request("UPDATE", &uri, &to, "setup@alice", 2, extra));
    let answer = stage.last(200);
    assert_eq!(answer.cseq().expect("CSeq").method, "UPDATE");
    assert_eq!(answer.header("Session-Expires"), Some("1800;refresher=uac"));
    assert_eq!(answer.header("Require"), Some("timer"));
    assert!(answer.body.is_empty());
}

#[test]
fn silence_counts_as_408() {
    let mut stage = Stage::new(config());
    stage.sip(5061, &invite(&["bob"], "", ""));
    let timer = stage.said.iter().rev().find_map(|output| match output {
        Output::Arm { timer, after } if after.as_secs() == 32 => Some(*timer),
        _ => None,
    });
    stage.fire(timer.expect("timer B"));
    assert_eq!(stage.codes("INVITE"), [408]);
    stage.give(Input::Shutdown);
    assert!(stage.said.contains(&Output::Done));
}

#[test]
fn a_second_branch_of_a_fork_is_ended() {
    let mut stage = answered("");
    let other = accepts("bob", 5079, "active");
    let invited = stage.sent("INVITE", "bob");
    let mut response = wire::sip::Message::response(&invited, 200, "OK");
    response.set("To", "<sip:bob@im.example>;tag=elsewhere");
    let (head, body) = other.split_once("\n\n").expect("a body");
    for line in head.lines() {
        let (name, value) = line.split_once(": ").expect("a header");
        response.push(name, value);
    }
    response.set_body("application/sdp", body.replace('\n', "\r\n").into_bytes());
    let flow = machines::port::Flow {
        transport: machines::port::Transport::Tcp,
        remote: crate::stage::address(5070),
    };
    stage.give(Input::Sip {
        flow,
        message: response,
    });
    stage.sent("ACK", "bob@127.0.0.1:5079");
    stage.sent("BYE", "bob@127.0.0.1:5079");
    assert!(!stage.messages().iter().any(
        |one| one.method() == Some("BYE") && one.uri().is_some_and(|uri| uri.contains("5072"))
    ));
}

#[test]
fn a_changed_description_raises_its_version() {
    let mut stage = answered("");
    ack(&mut stage);
    let ok = stage.last(200);
    let to = ok.header("To").expect("To").to_owned();
    let uri = ok.contact().expect("Contact").uri.to_string();
    for (cseq, version) in [(2, 2), (3, 2)] {
        let body = crate::words::OFFER.replace('\n', "\r\n");
        let extra = format!(
            "Contact: <sip:alice@127.0.0.1:5061;transport=tcp>\nSupported: timer\nContent-Type: application/sdp\nContent-Length: {}\n\n",
            body.len()
        );
        let text = request("INVITE", &uri, &to, "setup@alice", cseq, &extra)
            .replace("\n\nContent-Length: 0\n\n", "\n\n");
        stage.sip(5061, &format!("{text}{}", crate::words::OFFER));
        let answer = String::from_utf8(stage.last(200).body).expect("text");
        assert!(answer.contains(&format!(" {version} IN IP4")), "{answer}");
        stage.sip(5061, &request("ACK", &uri, &to, "setup@alice", cseq, ""));
    }
}
