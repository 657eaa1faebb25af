//! A participating function and its users: a proxy's path, third-party registration, service settings, who is barred.

use machines::port::Output;
use roles::participating::{Bar, Config, Mode, Side};

use crate::participating::{body, change, config, session};
use crate::stage::Stage;
use crate::words::{OFFER, accepts, request, with_body};

const PROXIED: &str = "Require:\nRoute: <sip:127.0.0.1:5090;lr>\nURI:sip:bob@im.example";

fn of(mode: Mode) -> Stage {
    Stage::participating(Config {
        mode,
        ..config(Side::Terminating)
    })
}

fn call(stage: &mut Stage, branch: &str) {
    let text = with_body("application/sdp", OFFER, PROXIED);
    let text = text.replace("setup@alice", branch);
    stage.sip(
        5070,
        &text.replace("z9hG4bKinvite", &format!("z9hG4bK{branch}")),
    );
}

/// A request of the core about bob, or of bob himself.
fn told(stage: &mut Stage, method: &str, from: &str, cseq: u32, extra: &str, body: &str) -> u16 {
    let text = request(
        method,
        "sip:bob@im.example",
        "<sip:bob@im.example>",
        "u1",
        cseq,
        extra,
    );
    let text = text.replace("\"Alice\" <sip:alice@im.example>", &format!("<{from}>"));
    let length = format!("Content-Length: {}\n\n", body.replace('\n', "\r\n").len());
    let before = stage.codes(method).len();
    stage.sip(
        5070,
        &(text.replace("Content-Length: 0\n\n", &length) + body),
    );
    stage.codes(method)[before]
}

#[test]
fn a_proxy_stays_in_the_path_of_a_dialog_that_a_notify_makes() {
    let mut stage = of(Mode::Proxy);
    let (uri, to) = ("sip:bob@127.0.0.1:5071", "<sip:bob@im.example>;tag=bob");
    let extra = "Route: <sip:127.0.0.1:5090;lr>\nEvent: conference\n";
    stage.sip(5070, &request("NOTIFY", uri, to, "follow", 1, extra));
    let passed = stage.sent("NOTIFY", "bob@127");
    let own = Some("<sip:127.0.0.1:5090;lr>");
    assert_eq!(passed.header("Record-Route"), own);
}

#[test]
fn a_proxy_stays_in_the_path() {
    let mut stage = of(Mode::Proxy);
    call(&mut stage, "one");
    let invite = stage.sent("INVITE", "bob");
    assert_eq!(invite.call_id(), Some("one"));
    assert_eq!(
        invite.header("Record-Route"),
        Some("<sip:127.0.0.1:5090;lr>")
    );
    assert!(invite.header("Route").is_none() && body(&invite) == OFFER.replace('\n', "\r\n"));
    let answer = accepts("bob", 5072, "active");
    stage.answer(
        "INVITE",
        "bob",
        200,
        &format!("Record-Route: <sip:127.0.0.1:5090;lr>\n{answer}"),
    );
    assert_eq!(stage.codes("INVITE"), [200]);
    let ack = request(
        "ACK",
        "sip:bob@127.0.0.1:5072;transport=tcp",
        "<sip:bob@im.example>;tag=of-bob",
        "one",
        1,
        "Route: <sip:127.0.0.1:5090;lr>\n",
    );
    stage.sip(5070, &ack);
    let passed = stage.sent("ACK", "bob@127.0.0.1:5072");
    assert!(passed.header("Route").is_none());
    assert_eq!(passed.header("Max-Forwards"), Some("69"));
}

#[test]
fn a_request_that_may_go_no_further_goes_no_further() {
    for mode in [Mode::B2bua, Mode::Proxy] {
        let mut stage = of(mode);
        let text = with_body("application/sdp", OFFER, PROXIED);
        stage.sip(5070, &text.replace("Max-Forwards: 70", "Max-Forwards: 0"));
        assert_eq!(stage.codes("INVITE"), [483]);
    }
}

#[test]
fn the_core_tells_who_is_there() {
    let mut stage = of(Mode::B2bua);
    let core = "sip:scscf.im.example";
    assert_eq!(
        told(&mut stage, "REGISTER", core, 1, "Expires: 600\n", ""),
        200
    );
    assert_eq!(stage.last(200).header("Expires"), Some("600"));
    let within =
        |output: &Output| matches!(output, Output::Arm { after, .. } if after.as_secs() == 600);
    assert!(stage.said.iter().any(within));
    assert_eq!(
        told(&mut stage, "REGISTER", core, 2, "Expires: 0\n", ""),
        200
    );
    assert_eq!(told(&mut stage, "REGISTER", core, 3, "", ""), 400);
    assert_eq!(
        told(
            &mut stage,
            "REGISTER",
            "sip:bob@im.example",
            4,
            "Expires: 9\n",
            ""
        ),
        403
    );
}

fn settings(name: &str, active: bool) -> String {
    let element = match name {
        "isb" => {
            format!("<isb-settings><incoming-session-barring active=\"{active}\"/></isb-settings>")
        }
        _ => format!(
            "<sss-settings><simultaneous-sessions-support active=\"{active}\"/></sss-settings>"
        ),
    };
    format!(
        "<poc-settings xmlns=\"urn:oma:params:xml:ns:poc:poc-settings\"><entity id=\"e\">{element}</entity></poc-settings>\n"
    )
}

const KIND: &str = "Event: poc-settings\nContent-Type: application/poc-settings+xml\n";

#[test]
fn settings_are_published_refreshed_and_withdrawn() {
    let mut stage = of(Mode::B2bua);
    let bob = "sip:bob@im.example";
    assert_eq!(
        told(&mut stage, "PUBLISH", bob, 1, KIND, &settings("isb", true)),
        200
    );
    let tag = stage
        .last(200)
        .header("SIP-ETag")
        .expect("a tag")
        .to_owned();
    call(&mut stage, "one");
    assert_eq!(stage.codes("INVITE"), [480]);
    let known = format!("Event: poc-settings\nSIP-If-Match: {tag}\nExpires: 60\n");
    assert_eq!(told(&mut stage, "PUBLISH", bob, 2, &known, ""), 200);
    assert_eq!(told(&mut stage, "PUBLISH", bob, 3, &known, ""), 412);
    let tag = stage
        .last(200)
        .header("SIP-ETag")
        .expect("a tag")
        .to_owned();
    let gone = format!("Event: poc-settings\nSIP-If-Match: {tag}\nExpires: 0\n");
    assert_eq!(told(&mut stage, "PUBLISH", bob, 4, &gone, ""), 200);
    call(&mut stage, "two");
    stage.sent("INVITE", "bob");
    assert_eq!(
        told(
            &mut stage,
            "PUBLISH",
            "sip:alice@im.example",
            5,
            KIND,
            &settings("isb", true)
        ),
        403
    );
    assert_eq!(
        told(&mut stage, "PUBLISH", bob, 6, "Event: presence\n", ""),
        489
    );
    let brief = format!("{KIND}Expires: 1\n");
    assert_eq!(
        told(
            &mut stage,
            "PUBLISH",
            bob,
            7,
            &brief,
            &settings("isb", true)
        ),
        423
    );
}

#[test]
fn one_session_at_a_time() {
    let mut stage = of(Mode::Proxy);
    let bob = "sip:bob@im.example";
    assert_eq!(
        told(&mut stage, "PUBLISH", bob, 1, KIND, &settings("sss", false)),
        200
    );
    call(&mut stage, "one");
    call(&mut stage, "two");
    assert_eq!(stage.codes("INVITE"), [486]);
    let bye = request(
        "BYE",
        "sip:bob@127.0.0.1:5072",
        "<sip:bob@im.example>;tag=x",
        "one",
        2,
        "Route: <sip:127.0.0.1:5090;lr>\n",
    );
    stage.sip(5070, &bye);
    call(&mut stage, "three");
    assert_eq!(stage.codes("INVITE"), [486]);
}

#[test]
fn whoever_is_barred_reaches_nobody() {
    let barred = vec![Bar {
        user: None,
        allow_pager_mode_message: true,
        ..Bar::entirely("sip:alice@im.example")
    }];
    let mut stage = Stage::participating(Config {
        barred,
        ..config(Side::Terminating)
    });
    call(&mut stage, "one");
    assert_eq!(stage.codes("INVITE"), [403]);
    told_message(&mut stage);
    stage.sent("MESSAGE", "bob");
}

fn told_message(stage: &mut Stage) {
    let text = request(
        "MESSAGE",
        "sip:bob@im.example",
        "<sip:bob@im.example>",
        "m1",
        1,
        "",
    );
    stage.sip(5070, &text);
}

#[test]
fn a_subscription_to_whom_the_b2bua_shows_goes_through() {
    let mut stage = session(Side::Originating, true);
    change(&mut stage, "OPTIONS", 2, "");
    stage.sent("OPTIONS", "focus@127");
    let uri = stage.last(200).contact().expect("Contact").uri.to_string();
    let text = request(
        "SUBSCRIBE",
        &uri,
        &format!("<{uri}>"),
        "s1",
        1,
        "Event: conference\nContact: <sip:alice@127.0.0.1:5061>\n",
    );
    stage.sip(5061, &text);
    let passed = stage.sent("SUBSCRIBE", "focus@127.0.0.1:5072");
    assert_eq!(
        passed.header("Record-Route"),
        Some("<sip:127.0.0.1:5090;lr>")
    );
}
