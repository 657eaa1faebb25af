//! A B2BUA between alice and a controlling server: two dialogs, two descriptions, one user plane.

use machines::port::{Input, LinkId, Output};
use roles::participating::{Config, Side};
use wire::sip::Message;

use crate::stage::{Stage, address};
use crate::words::{OFFER, accepts, request, with_body};

const ALICE: u64 = 1 << 63 | 1;
const FOCUS: u64 = 1 << 63 | 2;
const ALICES: &str = "msrp://127.0.0.1:7001/alice;tcp";
const FOCUSES: &str = "msrp://127.0.0.1:5072/focus;tcp";

pub(crate) fn config(side: Side) -> Config {
    Config {
        side,
        core: address(5070),
        core_transport: machines::port::Transport::Tcp,
        ..Config::default()
    }
}

fn rung(side: Side) -> Stage {
    let mut stage = Stage::participating(config(side));
    let extra = "Require:\nRoute: <sip:127.0.0.1:5090;lr>\nURI: sip:focus@im.example";
    let extra = extra.replace("URI: ", "URI:");
    stage.sip(5061, &with_body("application/sdp", OFFER, &extra));
    stage
}

/// A session of alice with a focus that allows UPDATE or not.
pub(crate) fn session(side: Side, update: bool) -> Stage {
    let mut stage = rung(side);
    let mut answer =
        accepts("focus", 5072, "active").replace(";transport=tcp>", ";transport=tcp>;isfocus");
    if !update {
        answer = answer.replace(", UPDATE", "");
    }
    stage.answer("INVITE", "focus", 200, &answer);
    change(&mut stage, "ACK", 1, "");
    stage
}

/// A request of alice in her dialog.
pub(crate) fn change(stage: &mut Stage, method: &str, cseq: u32, sdp: &str) {
    let messages = stage.messages();
    let ok = messages
        .iter()
        .find(|one| one.code() == Some(200) && one.call_id() == Some("setup@alice"));
    let ok = ok.expect("a 200 for alice");
    let to = ok.header("To").expect("To").to_owned();
    let uri = ok.contact().expect("Contact").uri.to_string();
    let text = request(method, &uri, &to, "setup@alice", cseq, "");
    stage.sip(5061, &with_sdp(&text, sdp, "alice@127.0.0.1:5061"));
}

/// A request of the focus in its dialog.
fn back(stage: &mut Stage, method: &str, cseq: u32, sdp: &str) {
    let invite = stage.sent("INVITE", "focus@im");
    let to = invite.header("From").expect("From").to_owned();
    let uri = invite.contact().expect("Contact").uri.to_string();
    let text = request(
        method,
        &uri,
        &to,
        invite.call_id().expect("Call-ID"),
        cseq,
        "",
    );
    let text = text
        .replace(
            "\"Alice\" <sip:alice@im.example>;tag=alice",
            "<sip:focus@im.example>;tag=of-conference-factory",
        )
        .replace("branch=z9hG4bK", "branch=z9hG4bKback");
    stage.sip(5070, &with_sdp(&text, sdp, "focus@127.0.0.1:5072"));
}

fn with_sdp(text: &str, sdp: &str, contact: &str) -> String {
    let length = sdp.replace('\n', "\r\n").len();
    let head = format!(
        "Contact: <sip:{contact};transport=tcp>\nContent-Type: application/sdp\nContent-Length: {length}\n\n"
    );
    if sdp.is_empty() {
        return text.to_owned();
    }
    text.replace("Content-Length: 0\n\n", &head) + sdp
}

pub(crate) fn body(message: &Message) -> String {
    String::from_utf8_lossy(&message.body).into_owned()
}

fn path(message: &Message) -> String {
    let text = body(message);
    let line = text.lines().find_map(|line| line.strip_prefix("a=path:"));
    line.expect("a path").to_owned()
}

fn send(transaction: &str, to: &str, from: &str, text: &str) -> String {
    format!(
        "MSRP {transaction} SEND\nTo-Path: {to}\nFrom-Path: {from}\nMessage-ID: {transaction}\nSuccess-Report: yes\nContent-Type: message/CPIM\n\n{text}\n-------{transaction}$\n"
    )
}

fn hello(transaction: &str, to: &str, from: &str) -> String {
    format!(
        "MSRP {transaction} SEND\nTo-Path: {to}\nFrom-Path: {from}\nMessage-ID: {transaction}\n-------{transaction}$\n"
    )
}

#[test]
fn one_invite_makes_another_of_its_own() {
    let mut stage = session(Side::Originating, true);
    let invite = stage.sent("INVITE", "focus@im");
    assert_ne!(invite.call_id(), Some("setup@alice"));
    assert!(invite.header("Route").is_none());
    assert!(body(&invite).contains("a=accept-types:message/CPIM text/plain\r\n"));
    assert!(path(&invite).contains("127.0.0.1:2890"));
    assert_eq!(invite.header("Session-Expires"), Some("1800;refresher=uac"));
    assert_eq!(invite.header("Max-Forwards"), Some("69"));
    let ok = stage.last(200);
    let shown = ok.contact().expect("Contact").to_string();
    assert!(
        shown.starts_with("<sip:session-0.")
            && shown.ends_with("@127.0.0.1:5090;transport=tcp>;isfocus"),
        "{shown}"
    );
    assert!(body(&ok).contains("a=accept-types:message/CPIM\r\n"));
    assert_ne!(path(&ok), path(&invite));
    stage.sent("ACK", "focus@127");
    change(&mut stage, "BYE", 2, "");
    stage.sent("BYE", "focus@127");
    stage.answer("BYE", "focus@127", 200, "");
    assert_eq!(stage.codes("BYE"), [200]);
    stage.give(Input::Shutdown);
    assert!(stage.said.contains(&Output::Done));
}

#[test]
fn messages_cross_with_their_responses_and_reports() {
    let mut stage = session(Side::Originating, true);
    let (to_alice, to_focus) = (
        path(&stage.last(200)),
        path(&stage.sent("INVITE", "focus@im")),
    );
    stage.msrp(ALICE, &hello("aaaa1", &to_alice, ALICES));
    stage.msrp(ALICE, &send("aaaa2", &to_alice, ALICES, "early"));
    assert_eq!(stage.octets(FOCUS), "");
    stage.msrp(FOCUS, &hello("ffff1", &to_focus, FOCUSES));
    let heard = stage.octets(FOCUS);
    assert!(
        heard.contains("early")
            && heard.contains(&format!("To-Path: {FOCUSES}\r\nFrom-Path: {to_focus}")),
        "{heard}"
    );
    stage.msrp(
        FOCUS,
        &format!("MSRP aaaa2 200 OK\nTo-Path: {to_focus}\nFrom-Path: {FOCUSES}\n-------aaaa2$\n"),
    );
    stage.msrp(FOCUS, &format!(
        "MSRP ffff2 REPORT\nTo-Path: {to_focus}\nFrom-Path: {FOCUSES}\nMessage-ID: aaaa2\nStatus: 000 200 OK\n-------ffff2$\n"
    ));
    let heard = stage.octets(ALICE);
    assert!(
        heard.contains("MSRP aaaa2 200") && heard.contains("ffff2 REPORT"),
        "{heard}"
    );
    assert!(heard.contains(&format!("To-Path: {ALICES}\r\nFrom-Path: {to_alice}")));
    stage.give(Input::LinkFull {
        link: LinkId(FOCUS),
    });
    assert!(stage.said.contains(&Output::Pause(LinkId(ALICE))));
}

#[test]
fn an_update_that_is_not_allowed_goes_as_an_invite() {
    let mut stage = session(Side::Originating, false);
    change(
        &mut stage,
        "UPDATE",
        2,
        &OFFER.replace("message/CPIM text/plain", "text/plain"),
    );
    let asked = stage.sent("INVITE", "focus@127");
    assert!(
        body(&asked).contains("a=accept-types:text/plain\r\n")
            && body(&asked).contains(" 2 IN IP4")
    );
    stage.answer(
        "INVITE",
        "focus@127",
        200,
        &accepts("focus", 5072, "active"),
    );
    assert_eq!(stage.codes("UPDATE"), [200]);
    assert_eq!(stage.sent("ACK", "focus@127").header("CSeq"), Some("2 ACK"));
    let mut stage = session(Side::Originating, true);
    change(&mut stage, "UPDATE", 2, OFFER);
    stage.sent("UPDATE", "focus@127");
}

#[test]
fn what_nobody_takes_is_refused_at_the_originating_side_only() {
    let offer = OFFER.replace("message/CPIM text/plain", "application/x-unheard-of");
    let mut stage = session(Side::Originating, true);
    change(&mut stage, "INVITE", 2, &offer);
    assert_eq!(stage.codes("INVITE"), [200, 488]);
    let mut stage = session(Side::Terminating, true);
    change(&mut stage, "INVITE", 2, &offer);
    stage.answer("INVITE", "focus@127", 488, "Warning: 305 focus \"no\"");
    assert_eq!(stage.codes("INVITE"), [200, 488]);
    assert!(stage.last(488).header("Warning").is_some());
    back(&mut stage, "INVITE", 1, OFFER);
    assert!(
        stage
            .messages()
            .iter()
            .any(|one| one.method() == Some("INVITE") && one.call_id() == Some("setup@alice"))
    );
}

#[test]
fn a_new_path_is_used_from_the_200_on() {
    let mut stage = session(Side::Terminating, true);
    let (to_alice, to_focus) = (
        path(&stage.last(200)),
        path(&stage.sent("INVITE", "focus@im")),
    );
    stage.msrp(ALICE, &hello("aaaa1", &to_alice, ALICES));
    stage.msrp(FOCUS, &hello("ffff1", &to_focus, FOCUSES));
    let elsewhere = "msrp://127.0.0.1:7009/elsewhere;tcp";
    change(&mut stage, "INVITE", 2, &OFFER.replace(ALICES, elsewhere));
    stage.msrp(FOCUS, &send("ffff2", &to_focus, FOCUSES, "before"));
    stage.answer(
        "INVITE",
        "focus@127",
        200,
        &accepts("focus", 5072, "active"),
    );
    change(&mut stage, "ACK", 2, "");
    stage.msrp(FOCUS, &send("ffff3", &to_focus, FOCUSES, "after"));
    assert!(stage.octets(ALICE).contains("before") && !stage.octets(ALICE).contains("after"));
    stage.msrp(ALICE + 8, &hello("aaaa2", &to_alice, elsewhere));
    let heard = stage.octets(ALICE + 8);
    assert!(
        heard.contains("after") && heard.contains(elsewhere),
        "{heard}"
    );
    assert!(stage.said.contains(&Output::Close(LinkId(ALICE))));
}

#[test]
fn both_may_not_change_at_once() {
    let mut stage = session(Side::Originating, true);
    change(&mut stage, "INVITE", 2, OFFER);
    back(&mut stage, "INVITE", 1, OFFER);
    assert_eq!(stage.codes("INVITE"), [200, 491]);
    change(&mut stage, "INVITE", 3, OFFER);
    assert_eq!(stage.codes("INVITE"), [200, 491, 500]);
}

#[test]
fn whoever_gives_up_before_the_answer_cancels_the_other_leg() {
    let mut stage = rung(Side::Terminating);
    stage.answer("INVITE", "focus", 180, "");
    assert_eq!(stage.codes("INVITE"), [180]);
    let text = request(
        "CANCEL",
        "sip:focus@im.example",
        "<sip:focus@im.example>",
        "setup@alice",
        1,
        "",
    );
    stage.sip(5061, &text.replace("z9hG4bKCANCEL1", "z9hG4bKinvite"));
    stage.sent("CANCEL", "focus");
    stage.answer("INVITE", "focus", 487, "");
    assert_eq!(stage.codes("INVITE"), [180, 487]);
    stage.give(Input::Shutdown);
    assert!(stage.said.contains(&Output::Done));
}

#[test]
fn a_dialog_that_is_replaced_has_its_name_of_the_other_leg() {
    let mut stage = session(Side::Terminating, true);
    let first = stage.sent("INVITE", "focus@im");
    let ours = stage.last(200).to().expect("To");
    let ours = ours.tag().expect("a tag").to_owned();
    let replaces = format!("setup@alice;to-tag={ours};from-tag=alice;early-only");
    let extra = format!("Require:replaces\nReplaces:{replaces}\nURI:sip:focus@im.example");
    let text =
        with_body("application/sdp", OFFER, &extra).replace("setup@alice\nCSeq", "next\nCSeq");
    let text = text
        .replace("Call-ID: setup@alice", "Call-ID: next")
        .replace("z9hG4bKinvite", "z9hG4bKnext");
    stage.sip(5061, &text);
    let own = first.from().expect("From");
    let wanted = format!(
        "{};to-tag=of-conference-factory;from-tag={};early-only",
        first.call_id().expect("Call-ID"),
        own.tag().expect("a tag")
    );
    let next = stage.sent("INVITE", "focus@im");
    assert_eq!(next.header("Replaces"), Some(&*wanted));
}

#[test]
fn a_session_is_reached_under_the_name_it_was_given() {
    let mut stage = session(Side::Originating, true);
    let shown = stage.last(200).contact().expect("Contact").uri.to_string();
    let to = format!("<{shown}>");
    let text = request(
        "SUBSCRIBE",
        &shown,
        &to,
        "follow",
        1,
        "Route: <sip:127.0.0.1:5090;lr>, <sip:mark@127.0.0.1:5070;lr>\nEvent: conference\n",
    );
    stage.sip(5070, &text);
    let passed = stage.sent("SUBSCRIBE", "focus@127");
    assert_eq!(passed.uri(), Some("sip:focus@127.0.0.1:5072;transport=tcp"));
    assert_eq!(passed.header("Route"), Some("<sip:mark@127.0.0.1:5070;lr>"));
    // Whichever shard has the call, the name tells.
    let elsewhere = text.replace("session-0.", "session-5.");
    let input = Input::Sip {
        flow: machines::port::Flow {
            transport: machines::port::Transport::Tcp,
            remote: address(5070),
        },
        message: Message::parse(elsewhere.replace('\n', "\r\n").as_bytes()).expect("SIP"),
    };
    let shard = roles::participating::router(&config(Side::Originating))(&input, 8);
    assert_eq!(shard, 5);
}
