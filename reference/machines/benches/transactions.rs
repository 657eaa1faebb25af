//! What a transaction costs, from the parsed request to the last timer.

use machines::identifiers::Source;
use machines::port::{self, Flow, Transport};
use machines::transactions::{Event, Layer, Output};
use wire::sip::Message;

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

fn layer() -> Layer {
    Layer::new(([192, 0, 2, 1], 5060).into(), Source::new(1, 0))
}

fn flow() -> Flow {
    Flow {
        transport: Transport::Udp,
        remote: ([192, 0, 2, 7], 5070).into(),
    }
}

fn request(method: &str) -> Message {
    Message::request(method, "sip:bob@example.com")
        .with("Via", "SIP/2.0/UDP 192.0.2.7:5070;branch=z9hG4bK776asdhds")
        .with("Max-Forwards", "70")
        .with("From", "\"Alice\" <sip:alice@example.com>;tag=1928301774")
        .with("To", "<sip:bob@example.com>")
        .with("Call-ID", "a84b4c76e66710@192.0.2.7")
        .with("CSeq", format!("314159 {method}"))
        .with("Contact", "<sip:alice@192.0.2.7:5070>")
}

/// Receives, answers 200, and lets every timer of the answer fire once.
fn serve(layer: &mut Layer, request: Message) {
    let mut out = Vec::with_capacity(8);
    let answer = Message::response(&request, 200, "OK");
    layer.receive(flow(), request, &mut out);
    let key = out.iter().find_map(|output| match output {
        Output::Event(Event::Request { key, .. }) => Some(*key),
        _ => None,
    });
    let Some(key) = key else { return };
    out.clear();
    layer.respond(key, answer, &mut out);
    let timers: Vec<_> = out
        .iter()
        .filter_map(|output| match output {
            Output::Port(port::Output::Arm { timer, after }) if after.as_secs() == 32 => {
                Some(*timer)
            }
            _ => None,
        })
        .collect();
    for timer in timers {
        layer.fired(timer, &mut out);
    }
    assert!(layer.is_empty());
}

#[divan::bench(args = ["MESSAGE", "INVITE"])]
fn server(bencher: divan::Bencher<'_, '_>, method: &str) {
    let mut layer = layer();
    let request = request(method);
    bencher
        .with_inputs(|| request.clone())
        .bench_local_values(|request| serve(&mut layer, request));
}
