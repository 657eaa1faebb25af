//! What every node has beneath its procedures: transactions, timers, identifiers, and what it is about to say.

use std::collections::VecDeque;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use machines::identifiers::Source;
use machines::port::{Flow, Input, Local, Output, TimerId, Transport};
use machines::timers::Timers;
use machines::transactions::{self, Event, Key, Layer};
use wire::sip::{Message, Uri};

use crate::identifiers::Identifiers;

/// The lower half of a node; `P` says what its own timers are for.
#[derive(Debug)]
pub(crate) struct Stack<P> {
    pub(crate) local: Local,
    pub(crate) ids: Identifiers,
    pub(crate) out: Vec<Output>,
    timers: Timers<P>,
    layer: Layer,
    spoken: Vec<transactions::Output>,
    events: VecDeque<Event>,
}

impl<P: Clone + Eq + Hash> Stack<P> {
    /// Of a user agent.
    pub(crate) fn new(seed: u64, shard: usize, local: Local) -> Self {
        Self::with(Layer::new, seed, shard, local)
    }

    /// Of a proxy, to which a request may come back by another way.
    pub(crate) fn for_proxy(seed: u64, shard: usize, local: Local) -> Self {
        Self::with(Layer::for_proxy, seed, shard, local)
    }

    // Nodes of one machine differ in their ports, and so in what they name.
    fn with(layer: fn(SocketAddr, Source) -> Layer, seed: u64, shard: usize, local: Local) -> Self {
        let seed = seed.wrapping_add(u64::from(local.sip.port()) << 32);
        let mut ids = Identifiers::new(seed, shard);
        let layer = layer(local.sip, ids.fork());
        Self {
            local,
            ids,
            out: Vec::new(),
            timers: Timers::new(),
            layer,
            spoken: Vec::new(),
            events: VecDeque::new(),
        }
    }

    /// Takes what is for transactions; anything else comes back.
    pub(crate) fn transport(&mut self, input: Input) -> Option<Input> {
        match input {
            Input::Sip { flow, message } => {
                self.with_layer(|layer, out| layer.receive(flow, message, out));
            }
            Input::Malformed { flow, .. } => {
                self.ignore(format!("no SIP message from {}", flow.remote));
            }
            Input::SendFailed { flow } => {
                self.with_layer(|layer, out| layer.send_failed(flow, out));
            }
            Input::Fired(timer) if Layer::owns(timer) => {
                self.with_layer(|layer, out| layer.fired(timer, out));
            }
            other => return Some(other),
        }
        None
    }

    /// Runs the transaction layer once and sorts what it says.
    pub(crate) fn with_layer<T>(
        &mut self,
        act: impl FnOnce(&mut Layer, &mut Vec<transactions::Output>) -> T,
    ) -> T {
        let result = act(&mut self.layer, &mut self.spoken);
        for spoken in self.spoken.drain(..) {
            match spoken {
                transactions::Output::Port(output) => self.out.push(output),
                transactions::Output::Event(event) => self.events.push_back(event),
            }
        }
        result
    }

    pub(crate) fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub(crate) fn request(&mut self, message: Message, flow: Flow) -> Key {
        self.with_layer(|layer, out| layer.request(message, flow, out))
    }

    pub(crate) fn respond(&mut self, key: Key, message: Message) {
        self.with_layer(|layer, out| layer.respond(key, message, out));
    }

    pub(crate) fn cancel(&mut self, key: Key) {
        self.with_layer(|layer, out| layer.cancel(key, out));
    }

    pub(crate) fn acknowledge(&mut self, key: Key, ack: Message, flow: Flow) {
        self.with_layer(|layer, out| layer.acknowledge(key, ack, flow, out));
    }

    /// The tag that our responses in this transaction carry.
    pub(crate) fn tag(&self, key: Key) -> String {
        self.layer.tag(key)
    }

    /// The request of a transaction, perhaps without its body.
    pub(crate) fn request_of(&self, key: Key) -> Option<Message> {
        self.layer.request_of(key).cloned()
    }

    pub(crate) fn arm(&mut self, purpose: P, after: Duration) {
        let timer = self.timers.arm(purpose);
        self.out.push(Output::Arm { timer, after });
    }

    pub(crate) fn disarm(&mut self, purpose: &P) {
        if let Some(timer) = self.timers.disarm(purpose) {
            self.out.push(Output::Disarm(timer));
        }
    }

    pub(crate) fn fired(&mut self, timer: TimerId) -> Option<P> {
        self.timers.fired(timer)
    }

    pub(crate) fn ignore(&mut self, what: impl Into<String>) {
        self.out.push(Output::Ignored(what.into()));
    }
}

/// Where a request for this URI goes: to it when it is an address, else to the core.
pub(crate) fn hop(uri: &Uri, otherwise: Transport, core: Flow) -> Flow {
    let Ok(ip) = uri.host.trim_matches(['[', ']']).parse::<IpAddr>() else {
        return core;
    };
    let transport = match uri.params.value("transport") {
        Some(name) if name.eq_ignore_ascii_case("tcp") => Transport::Tcp,
        Some(name) if name.eq_ignore_ascii_case("udp") => Transport::Udp,
        _ => otherwise,
    };
    Flow {
        transport,
        remote: SocketAddr::new(ip, uri.port.unwrap_or(5060)),
    }
}
