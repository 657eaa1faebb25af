//! Playbooks of the transaction layer: what goes in, what must come out.

use machines::identifiers::Source;
use machines::port::{self, Flow, TimerId, Transport};
use machines::transactions::{Event, Key, Layer, Output};
use wire::sip::Message;

fn layer() -> Layer {
    Layer::new("192.0.2.1:5060".parse().unwrap(), Source::new(1, 0))
}

fn flow(transport: Transport) -> Flow {
    Flow {
        transport,
        remote: "192.0.2.7:5070".parse().unwrap(),
    }
}

const UDP: Transport = Transport::Udp;
const TCP: Transport = Transport::Tcp;

fn request(method: &str) -> Message {
    Message::request(method, "sip:bob@example.com")
        .with("From", "<sip:alice@example.com>;tag=a")
        .with("To", "<sip:bob@example.com>")
        .with("Call-ID", "c1")
        .with("CSeq", format!("1 {method}"))
}

fn received(method: &str) -> Message {
    request(method).with("Via", "SIP/2.0/UDP 192.0.2.7:5070;branch=z9hG4bKx;rport")
}

fn sent(out: &[Output]) -> Vec<Message> {
    let sip = |output: &Output| match output {
        Output::Port(port::Output::Sip { bytes, .. }) => Some(Message::parse(bytes).unwrap()),
        _ => None,
    };
    out.iter().filter_map(sip).collect()
}

fn codes(out: &[Output]) -> Vec<u16> {
    sent(out).iter().filter_map(Message::code).collect()
}

fn methods(out: &[Output]) -> Vec<String> {
    sent(out)
        .iter()
        .filter_map(|message| message.method().map(str::to_owned))
        .collect()
}

fn events(out: Vec<Output>) -> Vec<Event> {
    out.into_iter()
        .filter_map(|output| {
            if let Output::Event(event) = output {
                Some(event)
            } else {
                None
            }
        })
        .collect()
}

fn armed(out: &[Output], millis: u128) -> TimerId {
    let arm = |output: &Output| match output {
        Output::Port(port::Output::Arm { timer, after }) if after.as_millis() == millis => {
            Some(*timer)
        }
        _ => None,
    };
    out.iter().find_map(arm).unwrap()
}

fn key(out: &[Output]) -> Key {
    let of = |output: &Output| match output {
        Output::Event(Event::Request { key, .. }) => Some(*key),
        _ => None,
    };
    out.iter().find_map(of).unwrap()
}

fn step(layer: &mut Layer, act: impl FnOnce(&mut Layer, &mut Vec<Output>)) -> Vec<Output> {
    let mut out = Vec::new();
    act(layer, &mut out);
    out
}

fn answer(layer: &mut Layer, key: Key, code: u16) -> Vec<Output> {
    let response = Message::response(layer.request_of(key).unwrap(), code, "x");
    step(layer, |layer, out| layer.respond(key, response, out))
}

fn receive(layer: &mut Layer, message: &Message) -> Vec<Output> {
    step(layer, |layer, out| {
        layer.receive(flow(UDP), message.clone(), out)
    })
}

#[test]
fn a_request_again_gets_the_same_answer_and_no_second_event() {
    let mut layer = layer();
    let first = receive(&mut layer, &received("MESSAGE"));
    let key = key(&first);
    let answered = answer(&mut layer, key, 200);
    let again = receive(&mut layer, &received("MESSAGE"));
    assert_eq!(sent(&again), sent(&answered));
    assert_eq!(events(again), []);
    let j = armed(&answered, 32_000);
    step(&mut layer, |layer, out| layer.fired(j, out));
    assert!(layer.is_empty());
}

#[test]
fn an_answer_gets_the_tag_that_was_announced() {
    let mut layer = layer();
    let key = key(&receive(&mut layer, &received("MESSAGE")));
    let tag = layer.tag(key);
    let answered = sent(&answer(&mut layer, key, 200));
    assert_eq!(answered[0].to().unwrap().tag(), Some(tag.as_str()));
}

#[test]
fn a_request_says_where_it_really_came_from() {
    let mut layer = layer();
    let message = request("MESSAGE").with(
        "Via",
        "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx;rport, SIP/2.0/UDP far;branch=z9hG4bKy",
    );
    let events = events(receive(&mut layer, &message));
    let [Event::Request { message, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    let via = message.values("Via");
    assert_eq!(via.len(), 2);
    assert!(
        via[0].starts_with("SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx"),
        "{}",
        via[0]
    );
    assert!(
        via[0].contains(";received=192.0.2.7") && via[0].contains(";rport=5070"),
        "{}",
        via[0]
    );
}

#[test]
fn an_answer_goes_to_the_port_of_the_via_unless_rport_asks_otherwise() {
    for (via, port) in [
        ("SIP/2.0/UDP 192.0.2.7:5099;branch=z9hG4bKx", 5099),
        ("SIP/2.0/UDP 192.0.2.7:5099;branch=z9hG4bKx;rport", 5070),
    ] {
        let mut layer = layer();
        let key = key(&receive(&mut layer, &request("MESSAGE").with("Via", via)));
        let out = answer(&mut layer, key, 200);
        let Some(Output::Port(port::Output::Sip { flow, .. })) = out.first() else {
            panic!("{out:?}")
        };
        assert_eq!(flow.remote.port(), port);
    }
}

#[test]
fn a_slow_answer_is_preceded_by_a_100() {
    let mut layer = layer();
    let opening = receive(&mut layer, &received("INVITE"));
    let trying = armed(&opening, 200);
    let out = step(&mut layer, |layer, out| layer.fired(trying, out));
    let messages = sent(&out);
    assert_eq!(codes(&out), [100]);
    assert_eq!(messages[0].to().unwrap().tag(), None);
}

#[test]
fn a_success_is_sent_again_until_its_ack() {
    let mut layer = layer();
    let key = key(&receive(&mut layer, &received("INVITE")));
    let answered = answer(&mut layer, key, 200);
    let again = armed(&answered, 500);
    let copy = step(&mut layer, |layer, out| layer.fired(again, out));
    assert_eq!(codes(&copy), [200]);
    let mut ack = request("ACK").with("Via", "SIP/2.0/UDP 192.0.2.7:5070;branch=z9hG4bKother");
    ack.set(
        "To",
        format!("<sip:bob@example.com>;tag={}", layer.tag(key)),
    );
    let heard = events(receive(&mut layer, &ack));
    assert!(
        matches!(&heard[..], [Event::Ack { key: Some(of), .. }] if *of == key),
        "{heard:?}"
    );
    assert_eq!(
        codes(&step(&mut layer, |layer, out| layer.fired(again, out))),
        []
    );
    assert_eq!(events(receive(&mut layer, &ack)), []);
}

#[test]
fn a_success_without_ack_is_reported_and_nothing_stays() {
    let mut layer = layer();
    let key = key(&receive(&mut layer, &received("INVITE")));
    let answered = answer(&mut layer, key, 200);
    let timers = answered.iter().filter_map(|output| match output {
        Output::Port(port::Output::Arm { timer, after }) if after.as_secs() == 32 => Some(*timer),
        _ => None,
    });
    let mut heard = Vec::new();
    for timer in timers {
        heard.extend(events(step(&mut layer, |layer, out| {
            layer.fired(timer, out)
        })));
    }
    assert_eq!(heard, [Event::Unacknowledged(key)]);
    assert!(layer.is_empty());
}

#[test]
fn a_cancel_is_answered_and_reported_once() {
    let mut layer = layer();
    let key = key(&receive(&mut layer, &received("INVITE")));
    let out = receive(&mut layer, &received("CANCEL"));
    assert_eq!(codes(&out), [200]);
    assert_eq!(
        sent(&out)[0].to().unwrap().tag(),
        Some(layer.tag(key).as_str())
    );
    assert!(matches!(&events(out)[..], [Event::Cancel { key: of, .. }] if *of == key));
    answer(&mut layer, key, 487);
    let again = receive(&mut layer, &received("CANCEL"));
    assert_eq!(codes(&again), [200]);
    assert_eq!(events(again), []);
    assert_eq!(events(receive(&mut layer, &received("ACK"))), []);
}

#[test]
fn a_cancel_of_nothing_gets_481() {
    assert_eq!(codes(&receive(&mut layer(), &received("CANCEL"))), [481]);
}

#[test]
fn our_cancel_waits_for_a_provisional_answer() {
    let mut layer = layer();
    let mut out = Vec::new();
    let key = layer.request(request("INVITE"), flow(UDP), &mut out);
    let invite = sent(&out).remove(0);
    assert_eq!(
        sent(&step(&mut layer, |layer, out| layer.cancel(key, out))),
        []
    );
    let out = receive(&mut layer, &Message::response(&invite, 180, "Ringing"));
    let cancel = sent(&out).remove(0);
    assert_eq!(
        (cancel.method(), cancel.header("Via")),
        (Some("CANCEL"), invite.header("Via"))
    );
    assert_eq!(
        events(receive(&mut layer, &Message::response(&cancel, 200, "OK"))),
        []
    );
    let out = receive(
        &mut layer,
        &Message::response(&invite, 487, "Request Terminated"),
    );
    assert_eq!(methods(&out), ["ACK"]);
    assert_eq!(sent(&out)[0].header("Via"), invite.header("Via"));
    assert!(matches!(&events(out)[..], [Event::Response { key: of, .. }] if *of == key));
}

#[test]
fn a_success_again_is_acknowledged_in_silence() {
    let mut layer = layer();
    let mut out = Vec::new();
    let key = layer.request(request("INVITE"), flow(TCP), &mut out);
    let mut success = Message::response(&sent(&out)[0], 200, "OK");
    success.set("To", "<sip:bob@example.com>;tag=b");
    assert_eq!(events(receive(&mut layer, &success)).len(), 1);
    let mut ack = request("ACK");
    ack.set("To", "<sip:bob@example.com>;tag=b");
    let first = step(&mut layer, |layer, out| {
        layer.acknowledge(key, ack, flow(TCP), out)
    });
    let again = receive(&mut layer, &success);
    assert_eq!(sent(&again), sent(&first));
    assert_eq!(events(again), []);
    success.set("To", "<sip:bob@example.com>;tag=fork");
    assert_eq!(events(receive(&mut layer, &success)).len(), 1);
}

#[test]
fn nobody_answers() {
    for method in ["INVITE", "MESSAGE"] {
        let mut layer = layer();
        let mut out = Vec::new();
        let key = layer.request(request(method), flow(UDP), &mut out);
        let timer = armed(&out, 32_000);
        assert_eq!(
            events(step(&mut layer, |layer, out| layer.fired(timer, out))),
            [Event::Timeout(key)]
        );
        assert!(layer.is_empty());
    }
}

#[test]
fn a_request_over_1300_octets_goes_by_tcp_and_falls_back() {
    let large = |size: usize| {
        let (mut layer, mut out) = (layer(), Vec::new());
        let mut message = request("MESSAGE");
        message.set_body("text/plain", vec![b'x'; size]);
        let key = layer.request(message, flow(UDP), &mut out);
        (layer, key, out)
    };
    let overhead = sent(&large(1000).2)[0].to_bytes().len() - 1000;
    let carrier = |out: &[Output]| match out.first() {
        Some(Output::Port(port::Output::Sip { flow, .. })) => flow.transport,
        _ => panic!("{out:?}"),
    };
    assert_eq!(carrier(&large(1300 - overhead).2), UDP);
    let (mut layer, key, out) = large(1301 - overhead);
    assert_eq!(carrier(&out), TCP);
    assert!(
        sent(&out)[0]
            .header("Via")
            .unwrap()
            .starts_with("SIP/2.0/TCP ")
    );
    let out = step(&mut layer, |layer, out| layer.send_failed(flow(TCP), out));
    let fallback = out.iter().find(|output| matches!(output, Output::Port(port::Output::Sip { flow, .. }) if flow.transport == UDP));
    assert!(fallback.is_some());
    let out = step(&mut layer, |layer, out| layer.send_failed(flow(UDP), out));
    assert_eq!(events(out), [Event::SendFailed(key)]);
}

#[test]
fn strays_are_ignored_and_said_so() {
    let mut layer = layer();
    let response = Message::response(&received("MESSAGE"), 200, "OK");
    let out = receive(&mut layer, &response);
    assert!(
        matches!(&out[..], [Output::Port(port::Output::Ignored(_))]),
        "{out:?}"
    );
    assert_eq!(
        events(step(&mut layer, |layer, out| layer.fired(TimerId(u64::MAX), out))),
        []
    );
}

#[test]
fn a_request_that_comes_by_two_ways_is_taken_once() {
    let mut layer = layer();
    let mut out = Vec::new();
    layer.receive(flow(TCP), received("INVITE"), &mut out);
    let first = key(&out);
    out.clear();
    let other = request("INVITE").with("Via", "SIP/2.0/TCP 192.0.2.8:5070;branch=z9hG4bKy");
    layer.receive(flow(TCP), other.clone(), &mut out);
    assert_eq!(codes(&out), [482]);
    assert!(events(out).is_empty());
    // Once the first is over the same request is a new one.
    let mut out = Vec::new();
    layer.respond(
        first,
        Message::response(&received("INVITE"), 486, "Busy Here"),
        &mut out,
    );
    let ack = received("ACK").with("CSeq", "1 ACK");
    layer.receive(flow(TCP), ack, &mut out);
    out.clear();
    let third = request("INVITE").with("Via", "SIP/2.0/TCP 192.0.2.9:5070;branch=z9hG4bKz");
    layer.receive(flow(TCP), third, &mut out);
    assert!(codes(&out).is_empty());
    assert_eq!(events(out).len(), 1);
}
