//! Playbooks of the proxy: what it sends on, what it gives back, and what it refuses.

use machines::identifiers::Source;
use machines::port::{self, Flow, TimerId, Transport};
use machines::proxy::{Final, Proxy, Target, next_hop};
use machines::transactions::{Event, Key, Layer, Output};
use wire::sip::{Message, Uri};

/// A proxy at work, and what its layer said since it was last asked.
struct Stage {
    proxy: Proxy,
    layer: Layer,
    out: Vec<Output>,
}

const OWN: &str = "<sip:192.0.2.1:5060;lr>";

fn flow(port: u16) -> Flow {
    Flow {
        transport: Transport::Tcp,
        remote: format!("192.0.2.7:{port}").parse().unwrap(),
    }
}

fn request(method: &str) -> Message {
    Message::request(method, "sip:bob@example.com")
        .with("Via", "SIP/2.0/TCP 192.0.2.7:5070;branch=z9hG4bKx")
        .with("Max-Forwards", "70")
        .with("From", "<sip:alice@example.com>;tag=a")
        .with("To", "<sip:bob@example.com>")
        .with("Call-ID", "c1")
        .with("CSeq", format!("1 {method}"))
}

impl Stage {
    fn new() -> Stage {
        let local = "192.0.2.1:5060".parse().unwrap();
        Stage {
            proxy: Proxy::new(local, vec!["example.com".into()]),
            layer: Layer::for_proxy(local, Source::new(1, 0)),
            out: Vec::new(),
        }
    }

    fn hear(&mut self, message: &Message) -> Vec<Event> {
        self.layer
            .receive(flow(5070), message.clone(), &mut self.out);
        self.events()
    }

    fn events(&mut self) -> Vec<Event> {
        let (events, rest) = std::mem::take(&mut self.out)
            .into_iter()
            .partition(|output| matches!(output, Output::Event(_)));
        self.out = rest;
        let events: Vec<Output> = events;
        let event = |output| match output {
            Output::Event(event) => Some(event),
            Output::Port(_) => None,
        };
        events.into_iter().filter_map(event).collect()
    }

    fn sent(&mut self) -> Vec<Message> {
        let sip = |output| match output {
            Output::Port(port::Output::Sip { bytes, .. }) => Some(Message::parse(&bytes).unwrap()),
            _ => None,
        };
        std::mem::take(&mut self.out)
            .into_iter()
            .filter_map(sip)
            .collect()
    }

    fn received(&mut self, message: &Message) -> (Key, Message) {
        match self.hear(message).remove(0) {
            Event::Request { key, message, .. } => (key, message),
            other => panic!("{other:?}"),
        }
    }

    fn forward(&mut self, key: Key, message: Message, port: u16) -> Result<Key, Message> {
        let target = Target {
            uri: Some(format!("sip:bob@192.0.2.7:{port}")),
            routes: Vec::new(),
            flow: flow(port),
        };
        let Stage { proxy, layer, out } = self;
        proxy.forward(key, message, target, Some(OWN.into()), layer, out)
    }

    fn answer(&mut self, copy: &Message, code: u16) -> Option<Final> {
        let mut response = Message::response(copy, code, "x");
        response.set(
            "To",
            format!("<sip:bob@example.com>;tag={}", copy.uri().unwrap()),
        );
        let Some(Event::Response { key, message }) = self.hear(&response).pop() else {
            return None;
        };
        let Stage { proxy, layer, out } = self;
        proxy.response(key, message, layer, out)
    }

    fn fired(&mut self, timer: TimerId) {
        let Stage { proxy, layer, out } = self;
        proxy.fired(timer, layer, out);
    }

    /// An INVITE sent on to one port each, and its copies.
    fn invited(&mut self, ports: &[u16]) -> (Key, Vec<Message>) {
        let (key, message) = self.received(&request("INVITE"));
        for port in ports {
            self.forward(key, message.clone(), *port).unwrap();
        }
        (key, self.sent())
    }
}

#[test]
fn a_copy_differs_by_via_hops_record_route_and_target() {
    let mut stage = Stage::new();
    let (_, copies) = stage.invited(&[5080]);
    let copy = &copies[0];
    assert_eq!(copy.uri(), Some("sip:bob@192.0.2.7:5080"));
    assert_eq!(copy.header("Max-Forwards"), Some("69"));
    assert_eq!(copy.values("Record-Route"), [OWN]);
    let vias = copy.values("Via");
    assert_eq!(vias.len(), 2);
    assert!(vias[0].starts_with("SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK0-"));
    assert_eq!(copy.header("Call-ID"), Some("c1"));
}

#[test]
fn responses_come_back_without_our_via_and_a_100_stays() {
    let mut stage = Stage::new();
    let (_, copies) = stage.invited(&[5080]);
    assert_eq!(stage.answer(&copies[0], 100), None);
    assert_eq!(stage.sent(), []);
    for code in [180, 200, 200] {
        assert_eq!(stage.answer(&copies[0], code), None);
        let back = stage.sent();
        assert_eq!(back[0].code(), Some(code));
        assert_eq!(back[0].values("Via").len(), 1);
    }
}

#[test]
fn a_request_that_may_go_no_further_gets_483() {
    let mut request = request("INVITE");
    request.set("Max-Forwards", "0");
    let mut stage = Stage::new();
    let (key, message) = stage.received(&request);
    let refusal = stage.proxy.validate(&message).unwrap_err();
    assert_eq!(refusal.code(), Some(483));
    assert_eq!(
        stage.forward(key, message, 5080).unwrap_err().code(),
        Some(483)
    );
}

#[test]
fn a_request_that_comes_back_the_same_has_looped_and_one_that_changed_has_not() {
    let mut stage = Stage::new();
    let (key, message) = stage.received(&request("INVITE"));
    let target = Target {
        uri: None,
        routes: Vec::new(),
        flow: flow(5080),
    };
    let Stage { proxy, layer, out } = &mut stage;
    proxy
        .forward(key, message, target, None, layer, out)
        .unwrap();
    let mut back = stage.sent().remove(0);
    assert_eq!(stage.proxy.validate(&back).unwrap_err().code(), Some(482));
    back.push("Route", "<sip:1@192.0.2.1;lr>");
    assert_eq!(stage.proxy.validate(&back), Ok(()));
}

#[test]
fn what_is_required_of_us_is_refused_by_name() {
    let asked = request("INVITE").with("Proxy-Require", "foo, bar");
    let refusal = Stage::new().proxy.validate(&asked).unwrap_err();
    assert_eq!(refusal.code(), Some(420));
    assert_eq!(refusal.values("Unsupported"), ["foo", "bar"]);
}

#[test]
fn our_own_route_is_taken_off_and_a_strict_router_is_undone() {
    let proxy = Stage::new().proxy;
    let mut loose = request("BYE")
        .with("Route", "<sip:5@192.0.2.1:5060;lr>, <sip:example.com;lr>")
        .with("Route", "<sip:192.0.2.9;lr>");
    let own = proxy.take_routes(&mut loose);
    assert_eq!(own.len(), 2);
    assert_eq!(own[0].user.as_deref(), Some("5"));
    assert_eq!(loose.values("Route"), ["<sip:192.0.2.9;lr>"]);
    let mut strict = Message::request("BYE", "sip:192.0.2.1:5060;lr")
        .with("Route", "<sip:192.0.2.9;lr>, <sip:bob@192.0.2.7:5080>");
    assert_eq!(proxy.take_routes(&mut strict).len(), 1);
    assert_eq!(strict.uri(), Some("sip:bob@192.0.2.7:5080"));
    assert_eq!(strict.values("Route"), ["<sip:192.0.2.9;lr>"]);
}

#[test]
fn the_next_hop_is_the_route_and_else_the_target() {
    let mut bye = Message::request("BYE", "sip:bob@192.0.2.7:5080;transport=tcp");
    assert_eq!(next_hop(&bye, Transport::Udp), Some(flow(5080)));
    bye.push("Route", "<sip:192.0.2.9:5090;lr>");
    let hop = next_hop(&bye, Transport::Udp).unwrap();
    assert_eq!((hop.transport, hop.remote.port()), (Transport::Udp, 5090));
    assert_eq!(
        next_hop(
            &Message::request("BYE", "sip:bob@example.com"),
            Transport::Udp
        ),
        None
    );
    assert!(
        !Stage::new()
            .proxy
            .is_own(&Uri::parse("sip:192.0.2.1:5061").unwrap())
    );
}

#[test]
fn the_first_success_of_a_fork_cancels_the_rest() {
    let mut stage = Stage::new();
    let (_, copies) = stage.invited(&[5080, 5081]);
    stage.answer(&copies[1], 180);
    stage.sent();
    stage.answer(&copies[0], 200);
    let sent = stage.sent();
    let methods: Vec<_> = sent.iter().filter_map(Message::method).collect();
    assert_eq!(methods, ["CANCEL"]);
    assert_eq!(sent.iter().find_map(Message::code), Some(200));
    let cancel = sent.iter().find(|message| message.is_request()).unwrap();
    assert_eq!(cancel.values("Via").len(), 1);
    assert_eq!(stage.answer(&copies[1], 487), None);
}

#[test]
fn of_failures_the_best_is_given_when_all_are_in() {
    for (codes, best) in [
        ([486, 302], 302),
        ([404, 407], 407),
        ([480, 600], 600),
        ([503, 503], 500),
    ] {
        let mut stage = Stage::new();
        let (key, copies) = stage.invited(&[5080, 5081]);
        assert_eq!(stage.answer(&copies[0], codes[0]), None);
        let last = stage.answer(&copies[1], codes[1]).unwrap();
        assert_eq!(
            (last.key, last.response.code(), last.cancelled),
            (key, Some(best), false)
        );
        let Stage { proxy, layer, out } = &mut stage;
        proxy.pass(&last, layer, out);
        assert!(
            stage
                .sent()
                .iter()
                .any(|message| message.code() == Some(best))
        );
        assert!(stage.proxy.is_empty());
    }
}

#[test]
fn a_cancel_goes_on_and_its_487_comes_back() {
    let mut stage = Stage::new();
    let (key, copies) = stage.invited(&[5080]);
    stage.answer(&copies[0], 180);
    stage.sent();
    let events = stage.hear(&request("CANCEL"));
    assert!(matches!(&events[..], [Event::Cancel { key: of, .. }] if *of == key));
    let Stage { proxy, layer, out } = &mut stage;
    assert!(proxy.cancelled(key, layer, out));
    assert!(
        stage
            .sent()
            .iter()
            .any(|message| message.method() == Some("CANCEL"))
    );
    let last = stage.answer(&copies[0], 487).unwrap();
    assert!(last.cancelled);
}

#[test]
fn an_invite_that_rings_too_long_is_cancelled() {
    let mut stage = Stage::new();
    let (key, message) = stage.received(&request("INVITE"));
    stage.forward(key, message, 5080).unwrap();
    let timer = |output: &Output| match output {
        Output::Port(port::Output::Arm { timer, after }) if after.as_secs() == 181 => Some(*timer),
        _ => None,
    };
    let timer = stage.out.iter().find_map(timer).unwrap();
    assert!(Proxy::owns(timer));
    let copy = stage.sent().remove(0);
    stage.answer(&copy, 180);
    stage.sent();
    stage.fired(timer);
    assert_eq!(stage.sent()[0].method(), Some("CANCEL"));
}

#[test]
fn nobody_behind_the_proxy_is_a_408() {
    let mut stage = Stage::new();
    let (key, message) = stage.received(&request("MESSAGE"));
    let branch = stage.forward(key, message, 5080).unwrap();
    let Stage { proxy, layer, out } = &mut stage;
    let last = proxy.failed(branch, 408, layer, out).unwrap();
    assert_eq!(last.response.code(), Some(408));
    assert!(last.response.to().unwrap().tag().is_some());
}

#[test]
fn an_ack_goes_on_without_a_transaction() {
    let mut stage = Stage::new();
    let ack = request("ACK");
    let events = stage.hear(&ack);
    let [
        Event::Ack {
            key: None, message, ..
        },
    ] = &events[..]
    else {
        panic!("{events:?}")
    };
    let target = Target {
        uri: None,
        routes: Vec::new(),
        flow: flow(5080),
    };
    let Stage { proxy, layer, out } = &mut stage;
    proxy.relay(message.clone(), target, layer, out);
    let sent = stage.sent();
    assert_eq!(sent[0].values("Via").len(), 2);
    assert_eq!(sent[0].header("Max-Forwards"), Some("69"));
    assert!(stage.layer.is_empty());
}
