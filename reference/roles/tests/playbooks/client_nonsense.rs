//! Nonsense from the server, the peer or the user: nothing brings the client down, and it says what it can.

use machines::port::{Input, LinkId};
use roles::client::upper::Told;

use crate::client_trouble::{LINK, give, pass_time};
use crate::client_words::{BOB, PEER, answer, config, notices, path, sdp, session_of_two};
use crate::stage::Stage;

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
fn what_the_client_does_not_offer_it_says_so() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"dance","call":"c1"}"#);
    let cannot = |told: &Told| matches!(told, Told::Cannot { action, .. } if action == "dance");
    assert!(stage.told().iter().any(cannot));
    stage.user(r#"{"do":"leave"}"#);
    assert_eq!(notices(&stage).len(), 1, "{:?}", stage.told());
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
    let (head, description) = granted.split_once("\n\n").expect("a body");
    let mut response = wire::sip::Message::response(&invite, 200, "OK");
    response.set("To", "<sip:friends@im.example>;tag=focus");
    for line in head.lines() {
        let (name, value) = line.split_once(": ").expect("a header");
        response.push(name, value);
    }
    response.set_body(
        "application/sdp",
        description.replace('\n', "\r\n").into_bytes(),
    );
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
        &sdp("actpass", "message/cpim"),
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
