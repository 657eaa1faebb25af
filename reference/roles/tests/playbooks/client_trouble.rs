//! Servers and peers that fail: the call ends, the user hears why, and the other sessions go on.

use machines::port::{Input, LinkId, Output, TimerId};
use roles::client::upper::Told;

use crate::client_words::{
    BOB, PEER, answer, config, connected, down, ended, notices, path, session_of_two,
};
use crate::stage::Stage;

pub(crate) const LINK: u64 = 1 << 63 | 1;

/// Fires every timer that runs, so often as is asked for.
pub(crate) fn pass_time(stage: &mut Stage, rounds: usize) {
    for _ in 0..rounds {
        let mut running: Vec<TimerId> = Vec::new();
        for output in &stage.said {
            match output {
                Output::Arm { timer, .. } => {
                    running.retain(|one| one != timer);
                    running.push(*timer);
                }
                Output::Disarm(timer) => running.retain(|one| one != timer),
                _ => {}
            }
        }
        for timer in running {
            stage.fire(timer);
        }
    }
}

pub(crate) fn give(stage: &mut Stage, message: wire::sip::Message) {
    let flow = machines::port::Flow {
        transport: machines::port::Transport::Tcp,
        remote: crate::stage::address(5070),
    };
    stage.give(Input::Sip { flow, message });
}

#[test]
fn three_hundred_provisional_responses_ring_once_and_cost_nothing() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#);
    let invite = stage.sent("INVITE", "bob");
    for number in 0..300 {
        let code = [180, 183, 181, 182, 199][number % 5];
        let mut ringing = wire::sip::Message::response(&invite, code, "Wait");
        ringing.set("To", format!("<sip:bob@im.example>;tag=branch{number}"));
        ringing.push("Contact", "<sip:bob@127.0.0.1:5099>");
        give(&mut stage, ringing);
    }
    let rang = |told: &&Told| matches!(told, Told::Ringing { .. });
    assert_eq!(stage.told().iter().filter(rang).count(), 1);
    assert_eq!(stage.messages().len(), 1, "{}", stage.script);
    let armed = |output: &&Output| matches!(output, Output::Arm { .. });
    assert!(stage.said.iter().filter(armed).count() < 10);
    let granted = answer(PEER, "passive", "message/cpim");
    stage.answer("INVITE", "sip:bob@im", 200, &granted);
    stage.sent("ACK", "bob@127.0.0.1:5072");
}

#[test]
fn an_answer_with_unknown_types_alone_ends_that_session_alone() {
    let mut stage = session_of_two();
    let first = connected(&mut stage);
    stage.user(r#"{"do":"invite","call":"c2","to":["sip:carol@im.example"]}"#);
    let carol = answer("<sip:carol@127.0.0.1:5073>", "passive", "image/png");
    stage.answer("INVITE", "carol", 200, &carol);
    stage.sent("ACK", "carol@127");
    stage.sent("BYE", "carol@127");
    stage.answer("BYE", "carol", 200, "");
    assert!(ended(&stage, "c2").is_some_and(|why| why.contains("nothing that we can send")));
    stage.user(r#"{"do":"send","call":"c1","text":"still here"}"#);
    assert!(stage.octets(first).contains("still here"));
}

#[test]
fn a_server_that_never_answers_ends_the_call() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#);
    pass_time(&mut stage, 3);
    let over = stage
        .told()
        .iter()
        .any(|told| matches!(told, Told::Refused { call, code: 408, .. } if call == "c1"))
        || ended(&stage, "c1").is_some();
    assert!(over, "{}", stage.script);
}

#[test]
fn a_proxy_that_cannot_be_reached_ends_the_call() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#);
    let flow = stage.said.iter().find_map(|output| match output {
        Output::Sip { flow, .. } => Some(*flow),
        _ => None,
    });
    stage.give(Input::SendFailed {
        flow: flow.expect("the INVITE"),
    });
    let refused = |told: &Told| matches!(told, Told::Refused { code: 503, .. });
    assert!(stage.told().iter().any(refused));
}

#[test]
fn a_call_that_rings_for_ever_is_cancelled() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#);
    stage.answer("INVITE", "bob", 180, "");
    pass_time(&mut stage, 1);
    stage.sent("CANCEL", "bob");
    stage.answer("INVITE", "bob", 487, "");
    assert_eq!(
        ended(&stage, "c1").as_deref(),
        Some("the call was given up")
    );
}

#[test]
fn a_200_that_cannot_be_used_is_acknowledged_and_left() {
    let no_contact = answer(PEER, "passive", "message/cpim");
    let no_contact = no_contact.split_once('\n').expect("lines").1.to_owned();
    let no_answer = format!("Contact: {PEER}");
    let refused = answer(PEER, "passive", "message/cpim").replace("message 5072", "message 0");
    for extra in [no_contact, no_answer, refused] {
        let mut stage = Stage::client(config());
        stage.user(r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#);
        stage.answer("INVITE", "bob", 200, &extra);
        stage.sent("ACK", "bob");
        stage.sent("BYE", "bob");
        stage.answer("BYE", "bob", 200, "");
        assert!(ended(&stage, "c1").is_some(), "{}", stage.script);
        assert!(!notices(&stage).is_empty());
    }
}

#[test]
fn a_connection_that_breaks_inside_a_chunk_ends_that_session_alone() {
    let mut stage = session_of_two();
    let first = connected(&mut stage);
    stage.user(r#"{"do":"invite","call":"c2","to":["sip:carol@im.example"]}"#);
    let ours = path(&stage.sent("INVITE", "carol"));
    let carol = answer("<sip:carol@127.0.0.1:5073>", "active", "message/cpim");
    stage.answer("INVITE", "carol", 200, &carol);
    stage.msrp(
        LINK,
        &format!(
            "MSRP aaaa1 SEND\nTo-Path: {ours}\nFrom-Path: {BOB}\nMessage-ID: half\nByte-Range: 1-*/9000\nContent-Type: message/cpim\n\nFrom: <sip:c\n-------aaaa1+\n"
        ),
    );
    down(&mut stage, LINK);
    let grace = stage.said.iter().rev().find_map(|output| match output {
        Output::Arm { timer, after } if after.as_secs() == 5 => Some(*timer),
        _ => None,
    });
    stage.fire(grace.expect("the grace"));
    stage.sent("BYE", "carol@127.0.0.1:5073");
    stage.answer("BYE", "carol", 200, "");
    assert!(ended(&stage, "c2").is_some_and(|why| why.contains("connection")));
    stage.user(r#"{"do":"send","call":"c1","text":"still here"}"#);
    assert!(stage.octets(first).contains("still here"));
}

#[test]
fn a_frame_for_nobody_is_refused_and_changes_nothing() {
    let mut stage = session_of_two();
    stage.msrp(
        LINK,
        &format!(
            "MSRP aaaa1 SEND\nTo-Path: msrp://127.0.0.1:7080/nobody;tcp\nFrom-Path: {BOB}\nMessage-ID: x\n-------aaaa1$\n"
        ),
    );
    assert!(stage.octets(LINK).contains("aaaa1 481"));
}

#[test]
fn a_second_200_is_acknowledged_and_left() {
    let mut stage = session_of_two();
    let invite = stage.sent("INVITE", "bob");
    let mut other = wire::sip::Message::response(&invite, 200, "OK");
    other.set("To", "<sip:bob@im.example>;tag=elsewhere");
    other.push("Contact", "<sip:bob@127.0.0.1:5099>");
    let flow = machines::port::Flow {
        transport: machines::port::Transport::Tcp,
        remote: crate::stage::address(5070),
    };
    stage.give(Input::Sip {
        flow,
        message: other,
    });
    stage.sent("ACK", "5099");
    stage.sent("BYE", "5099");
    assert!(ended(&stage, "c1").is_none());
}

#[test]
fn an_interval_of_nothing_does_not_make_it_refresh_for_ever() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#);
    let brief = answer(PEER, "passive", "message/cpim").replace("1800", "0");
    stage.answer("INVITE", "bob", 200, &brief);
    let shortest = stage.said.iter().filter_map(|output| match output {
        Output::Arm { after, .. } => Some(after.as_secs()),
        _ => None,
    });
    assert!(shortest.filter(|seconds| *seconds > 0).min() >= Some(5));
}

#[test]
fn the_end_of_the_client_ends_everything() {
    let mut stage = session_of_two();
    let link = connected(&mut stage);
    stage.user(r#"{"do":"quit"}"#);
    assert!(!stage.said.contains(&Output::Done));
    stage.answer("BYE", "bob", 200, "");
    assert!(stage.said.contains(&Output::Close(LinkId(link))));
    assert_eq!(stage.said.last(), Some(&Output::Done));
}

#[test]
fn a_message_that_finds_no_connection_ends_the_session() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#);
    let granted = answer(PEER, "active", "message/cpim");
    stage.answer("INVITE", "bob", 200, &granted);
    stage.user(r#"{"do":"send","call":"c1","text":"anybody?"}"#);
    let late = stage.said.iter().rev().find_map(|output| match output {
        Output::Arm { timer, after } if after.as_secs() == 32 => Some(*timer),
        _ => None,
    });
    stage.fire(late.expect("a limit"));
    stage.sent("BYE", "bob");
    assert!(notices(&stage)[0].contains("connection"));
}

#[test]
fn a_message_longer_than_the_peer_takes_is_not_sent() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#);
    let granted = answer(PEER, "passive", "text/plain") + "a=max-size:5\n";
    stage.answer("INVITE", "bob", 200, &granted);
    let link = connected(&mut stage);
    stage.user(r#"{"do":"send","call":"c1","text":"123456"}"#);
    stage.user(r#"{"do":"send","call":"c1","text":"12345"}"#);
    let octets = stage.octets(link);
    assert!(octets.contains("12345\r\n") && !octets.contains("123456"));
    assert_eq!(notices(&stage).len(), 1);
}

#[test]
fn a_change_that_always_meets_another_is_given_up() {
    let mut stage = session_of_two();
    stage.user(r#"{"do":"modify","call":"c1","types":["message/cpim"]}"#);
    let reinvites = |stage: &Stage| {
        let again = |one: &wire::sip::Message| {
            one.method() == Some("INVITE") && one.uri().is_some_and(|uri| uri.contains("127.0.0.1"))
        };
        stage.messages().iter().filter(|one| again(one)).count()
    };
    for _ in 0..20 {
        stage.answer("INVITE", "bob@127", 491, "");
        let wait = stage.said.iter().rev().find_map(|output| match output {
            Output::Arm { timer, .. } if timer.0 >> 63 == 0 => Some(*timer),
            _ => None,
        });
        stage.fire(wait.expect("a timer"));
        if !notices(&stage).is_empty() {
            break;
        }
    }
    assert_eq!(reinvites(&stage), 6);
    assert!(notices(&stage)[0].contains("was not changed: 491"));
    assert!(ended(&stage, "c1").is_none());
}

#[test]
fn many_200s_are_acknowledged_and_left_within_bounds() {
    let mut stage = session_of_two();
    let invite = stage.sent("INVITE", "sip:bob@im.example");
    for number in 0..400 {
        let mut other = wire::sip::Message::response(&invite, 200, "OK");
        other.set("To", format!("<sip:bob@im.example>;tag=branch{number}"));
        other.push("Contact", "<sip:bob@127.0.0.1:5099>");
        give(&mut stage, other);
    }
    let byes = stage.messages().into_iter();
    assert!(byes.filter(|one| one.method() == Some("BYE")).count() <= 256);
    assert!(ended(&stage, "c1").is_none());
}
