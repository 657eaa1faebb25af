//! Servers and peers that fail: the call ends, the user hears why, and the other sessions go on.

use machines::port::{Input, LinkId, Output, TimerId};
use roles::client::upper::Told;

use crate::client_words::{
    BOB, PEER, answer, config, connected, down, ended, notices, path, sdp, session_of_two,
};
use crate::stage::Stage;

const LINK: u64 = 1 << 63 | 1;

/// Fires every timer that runs, so often as is asked for.
fn pass_time(stage: &mut Stage, rounds: usize) {
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
fn nonsense_is_answered_or_ignored() {
    let mut stage = session_of_two();
    stage.user("{");
    stage.user(r#"{"do":"leave","call":"nobody"}"#);
    stage.user(r#"{"do":"send","call":"nobody","text":"x"}"#);
    stage.user(r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#);
    stage.user(r#"{"do":"invite","call":"c9","to":["no address"]}"#);
    assert_eq!(notices(&stage).len(), 5, "{:?}", notices(&stage));
    crate::client_words::back(
        &mut stage,
        "INVITE",
        1,
        "Session-Expires: x\n",
        &sdp("actpass", "*"),
    );
    assert_eq!(stage.codes("INVITE"), [400]);
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

/// The message with each header in turn left out, spoilt, or written twice.
fn spoilt(message: &wire::sip::Message) -> Vec<wire::sip::Message> {
    let mut all = Vec::new();
    for at in 0..message.headers.len() {
        // What finds the transaction stays, or nothing else is reached.
        if ["Via", "CSeq"].contains(&message.headers[at].name.as_str()) {
            continue;
        }
        let mut without = message.clone();
        without.headers.remove(at);
        all.push(without);
        for junk in [
            "",
            ";;;",
            "<sip:",
            "-1",
            "99999999999999999999",
            "\u{fffd}%00=\"",
            "*",
        ] {
            let mut wrong = message.clone();
            wrong.headers[at].value = junk.to_owned();
            all.push(wrong);
        }
        let mut twice = message.clone();
        twice.headers.insert(at, message.headers[at].clone());
        all.push(twice);
    }
    for cut in 0..message.body.len() {
        let mut short = message.clone();
        short.body.truncate(cut);
        all.push(short);
    }
    all
}

fn give(stage: &mut Stage, message: wire::sip::Message) {
    let flow = machines::port::Flow {
        transport: machines::port::Transport::Tcp,
        remote: crate::stage::address(5070),
    };
    stage.give(Input::Sip { flow, message });
}

#[test]
fn no_spoilt_answer_or_call_brings_it_down() {
    let calling = || {
        let mut stage = Stage::client(config());
        stage.user(r#"{"do":"invite","call":"c1","group":"sip:friends@im.example"}"#);
        stage
    };
    let mut stage = calling();
    let invite = stage.sent("INVITE", "friends");
    let granted = answer(crate::client_words::FOCUS, "passive", "message/cpim");
    let (head, sdp) = granted.split_once("\n\n").expect("a body");
    let mut response = wire::sip::Message::response(&invite, 200, "OK");
    response.set("To", "<sip:friends@im.example>;tag=focus");
    for line in head.lines() {
        let (name, value) = line.split_once(": ").expect("a header");
        response.push(name, value);
    }
    response.set_body("application/sdp", sdp.replace('\n', "\r\n").into_bytes());
    for one in spoilt(&response) {
        let mut stage = calling();
        stage.strict = false;
        give(&mut stage, one);
        pass_time(&mut stage, 4);
        let asks = stage.messages().len();
        assert!(asks < 60, "{asks} messages\n{}", stage.script);
    }
    let text = crate::client_words::request(
        "INVITE",
        "<sip:alice@im.example>",
        1,
        crate::client_words::INVITING,
        &crate::client_words::sdp("actpass", "message/cpim"),
    );
    let call = wire::sip::Message::parse(text.replace('\n', "\r\n").as_bytes());
    for one in spoilt(&call.expect("an INVITE")) {
        stage = Stage::client(config());
        stage.strict = false;
        give(&mut stage, one);
        stage.user(r#"{"do":"accept","call":"in1"}"#);
        pass_time(&mut stage, 2);
    }
}

#[test]
fn no_spoilt_frame_brings_it_down() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#);
    let ours = path(&stage.sent("INVITE", "bob"));
    let granted = answer(PEER, "active", "message/cpim text/plain");
    stage.answer("INVITE", "bob", 200, &granted);
    let values = [
        "",
        "0-0/0",
        "1-*/*",
        "5-2/1",
        "99999999999999999999-*/1",
        "1-*/99999999",
        "x",
    ];
    for (number, value) in values.into_iter().enumerate() {
        for (flag, method) in [
            ('+', "SEND"),
            ('$', "SEND"),
            ('#', "SEND"),
            ('$', "REPORT"),
            ('$', "AUTH"),
        ] {
            let text = format!(
                "MSRP abcd{number} SEND\nTo-Path: {ours}\nFrom-Path: {BOB}\nMessage-ID: m{number}\nByte-Range: {value}\nSuccess-Report: yes\nStatus: {value}\nContent-Type: message/cpim\n\nnonsense\n-------abcd{number}{flag}\n"
            );
            let text = text.replace("SEND", method).replace('\n', "\r\n");
            if let Ok(frame) = wire::msrp::Frame::parse(text.as_bytes()) {
                let link = LinkId(LINK);
                stage.give(Input::Msrp { link, frame });
            }
        }
    }
    stage.user(r#"{"do":"send","call":"c1","text":"still here"}"#);
    assert!(
        stage.octets(LINK).contains("still here"),
        "{}",
        stage.script
    );
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
fn what_the_client_does_not_offer_it_says_so() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"dance","call":"c1"}"#);
    let cannot = |told: &Told| matches!(told, Told::Cannot { action, .. } if action == "dance");
    assert!(stage.told().iter().any(cannot));
    stage.user(r#"{"do":"leave"}"#);
    assert_eq!(notices(&stage).len(), 1, "{:?}", stage.told());
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
