//! The dialog and the offer: who may say what when, and where it goes.

use machines::dialog::{Dialog, Id, Input, Output, State};
use machines::offer_answer::{self, Fault, OfferAnswer};
use wire::sdp::{Description, Media};
use wire::sip::Message;

use crate::table;

fn invite() -> Message {
    Message::request("INVITE", "sip:bob@example.com")
        .with("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa")
        .with("From", "Alice <sip:alice@example.com>;tag=a")
        .with("To", "<sip:bob@example.com>")
        .with("Call-ID", "c@example.com")
        .with("CSeq", "7 INVITE")
        .with("Contact", "<sip:alice@192.0.2.1>")
        .with("Record-Route", "<sip:p1;lr>, <sip:p2;lr>")
}

fn answered(code: u16) -> Message {
    let mut response =
        Message::response(&invite(), code, "x").with("Contact", "<sip:bob@192.0.2.2>");
    response.set("To", "<sip:bob@example.com>;tag=b");
    response.set("Record-Route", "<sip:p1;lr>, <sip:p2;lr>");
    response
}

fn inside(method: &str, number: u32) -> Message {
    Message::request(method, "sip:bob@192.0.2.2")
        .with("From", "<sip:alice@example.com>;tag=a")
        .with("To", "<sip:bob@example.com>;tag=b")
        .with("Call-ID", "c@example.com")
        .with("CSeq", format!("{number} {method}"))
        .with("Contact", "<sip:alice@192.0.2.9>")
}

fn reply(code: u16, method: &str) -> Message {
    Message::response(&inside(method, 8), code, "x")
}

fn uas() -> Dialog {
    Dialog::uas(&invite(), "b", "<sip:bob@192.0.2.2>", true).unwrap()
}

#[test]
fn dialog() {
    let mut early = uas();
    early.state = State::Early;
    let mut over = uas();
    over.state = State::Terminated;
    let machines = [("Early", early), ("Confirmed", uas()), ("Terminated", over)];
    let requests = [
        inside("INVITE", 8),
        inside("INVITE", 7),
        inside("MESSAGE", 8),
        inside("ACK", 7),
        inside("BYE", 8),
    ];
    let responses = [
        reply(180, "INVITE"),
        reply(200, "INVITE"),
        reply(486, "INVITE"),
        reply(481, "UPDATE"),
        reply(200, "BYE"),
    ];
    let mut inputs: Vec<(String, Option<Message>)> = Vec::new();
    inputs.extend(
        requests
            .into_iter()
            .map(|it| (format!("request {}", it.header("CSeq").unwrap()), Some(it))),
    );
    inputs.extend(responses.into_iter().map(|it| {
        (
            format!("{} to {}", it.code().unwrap(), it.header("CSeq").unwrap()),
            Some(it),
        )
    }));
    inputs.push(("granted 8 INVITE".into(), None));
    inputs.push(("we end".into(), None));
    let mut text = String::new();
    for (name, machine) in machines {
        for (what, message) in &inputs {
            let (mut machine, mut out) = (machine.clone(), Vec::new());
            let moved = inside("INVITE", 8);
            let input = match message {
                None if what.starts_with("granted") => Input::Granted(&moved),
                Some(message) if message.is_request() => Input::Request(message),
                Some(message) => Input::Response(message),
                None => Input::Ended,
            };
            machine.handle(input, &mut out);
            text += &format!(
                "{name:<11} {what:<20} -> {:<11} {out:?}\n",
                format!("{:?}", machine.state)
            );
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn both_ends_of_an_invite_make_the_same_dialog() {
    let (mut caller, mut callee) = (
        Dialog::uac(&invite(), &answered(200), "<sip:alice@192.0.2.1>").unwrap(),
        uas(),
    );
    assert_eq!(caller.route, ["<sip:p2;lr>", "<sip:p1;lr>"]);
    assert_eq!(callee.route, ["<sip:p1;lr>", "<sip:p2;lr>"]);
    let bye = caller.request("BYE");
    assert_eq!(bye.uri(), Some("sip:bob@192.0.2.2"));
    assert_eq!(bye.header("CSeq"), Some("8 BYE"));
    assert_eq!(Id::of_request(&bye), Some(callee.id.clone()));
    let mut out = Vec::new();
    callee.handle(Input::Request(&bye), &mut out);
    assert_eq!(out, [Output::Accept, Output::Terminated]);
    assert_eq!(Id::of_request(&callee.request("BYE")), Some(caller.id));
}

#[test]
fn the_ack_has_the_number_of_its_invite() {
    let mut caller = Dialog::uac(&invite(), &answered(200), "<sip:alice@192.0.2.1>").unwrap();
    caller.request("UPDATE");
    assert_eq!(caller.ack(7).header("CSeq"), Some("7 ACK"));
}

#[test]
fn a_strict_router_becomes_the_request_uri() {
    let mut dialog = uas();
    dialog.route = vec!["<sip:old.example.com>".into(), "<sip:p2;lr>".into()];
    let bye = dialog.request("BYE");
    assert_eq!(bye.uri(), Some("sip:old.example.com"));
    assert_eq!(
        bye.headers("Route").collect::<Vec<_>>(),
        ["<sip:p2;lr>", "<sip:alice@192.0.2.1>"]
    );
}

fn description(ports: &[u16]) -> Description {
    let media = |port: &u16| Media {
        kind: "message".into(),
        port: *port,
        protocol: "TCP/MSRP".into(),
        formats: vec!["*".into()],
        lines: Vec::new(),
    };
    Description {
        lines: Vec::new(),
        media: ports.iter().map(media).collect(),
    }
}

#[test]
fn offer_answer() {
    use offer_answer::Input::{ReceiveAnswer, ReceiveOffer, Rejected, SendAnswer, SendOffer};
    let after = |inputs: &[offer_answer::Input]| {
        let mut machine = OfferAnswer::new();
        inputs
            .iter()
            .for_each(|input| machine.handle(input.clone(), &mut Vec::new()));
        machine
    };
    let one = || description(&[9]);
    let machines = [
        ("Idle", after(&[])),
        ("OfferSent", after(&[SendOffer(one())])),
        ("OfferReceived", after(&[ReceiveOffer(one())])),
        ("Agreed", after(&[ReceiveOffer(one()), SendAnswer(one())])),
    ];
    let inputs = [
        SendOffer(one()),
        SendAnswer(one()),
        ReceiveOffer(one()),
        ReceiveAnswer(one()),
        Rejected,
    ];
    let handle = |machine: &mut OfferAnswer, index: usize, out: &mut Vec<_>| {
        machine.handle(inputs[index].clone(), out)
    };
    let names = "0 SendOffer, 1 SendAnswer, 2 ReceiveOffer, 3 ReceiveAnswer, 4 Rejected\n\n";
    let printed = table::print(&machines, &[0, 1, 2, 3, 4], OfferAnswer::state, handle);
    insta::assert_snapshot!(names.to_owned() + &printed);
}

#[test]
fn an_answer_fits_its_offer_line_by_line() {
    let check = |offer: &[u16], answer: &[u16]| {
        offer_answer::check_answer(&description(offer), &description(answer))
    };
    assert_eq!(check(&[9], &[0]), Ok(()));
    assert_eq!(check(&[9], &[9, 9]), Err(Fault::MediaCount));
    assert_eq!(check(&[0], &[9]), Err(Fault::Revived));
}
