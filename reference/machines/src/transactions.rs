//! The transaction layer: finds the transaction of each message and timer, and speaks with the transaction user in events.

use std::collections::HashMap;
use std::net::SocketAddr;

use wire::sip::Message;

use crate::identifiers::Source;
use crate::port::{self, Flow, TimerId};
use crate::transaction::{self, Timer};

mod inbound;
mod matching;
mod outbound;
mod via;

/// A transaction, client or server.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Key(pub(crate) u64);

/// What the layer asks for, or tells.
#[derive(Clone, PartialEq, Debug)]
pub enum Output {
    /// To be passed to the driver as it is.
    Port(port::Output),
    /// For the transaction user.
    Event(Event),
}

/// What the transaction user hears.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// A new request; never ACK or CANCEL. Its topmost Via bears `received` and `rport` where due.
    Request {
        /// The transaction to answer.
        key: Key,
        /// From where.
        flow: Flow,
        /// The request.
        message: Message,
    },
    /// A response to a request that we sent.
    Response {
        /// The transaction of the request.
        key: Key,
        /// The response.
        message: Message,
    },
    /// An ACK to a 2xx, or to nothing known.
    Ack {
        /// The INVITE that we accepted.
        key: Option<Key>,
        /// From where.
        flow: Flow,
        /// The ACK.
        message: Message,
    },
    /// The INVITE was cancelled before its final response; the CANCEL is answered, the INVITE is not.
    Cancel {
        /// The transaction of the INVITE.
        key: Key,
        /// The CANCEL.
        message: Message,
    },
    /// No final response came: to be treated as a 408 (RFC 3261 8.1.3.1).
    Timeout(Key),
    /// The transport failed: to be treated as a 503 (RFC 3261 8.1.3.1).
    SendFailed(Key),
    /// Our 2xx got no ACK: the session should end (RFC 3261 13.3.1.4).
    Unacknowledged(Key),
}

/// What the layer can be given.
#[derive(Clone, PartialEq, Debug)]
pub enum Input {
    /// [`Layer::acknowledge`].
    Acknowledge {
        /// The INVITE that we sent.
        key: Key,
        /// The ACK.
        message: Message,
        /// To where.
        flow: Flow,
    },
    /// [`Layer::cancel`].
    Cancel(Key),
    /// [`Layer::fired`].
    Fired(TimerId),
    /// [`Layer::receive`].
    Receive {
        /// From where.
        flow: Flow,
        /// What came.
        message: Message,
    },
    /// [`Layer::request`].
    Request {
        /// To where.
        flow: Flow,
        /// The request.
        message: Message,
    },
    /// [`Layer::respond`].
    Respond {
        /// The transaction.
        key: Key,
        /// The response.
        message: Message,
    },
    /// [`Layer::send_failed`].
    SendFailed(Flow),
}

/// Every transaction of one node.
#[derive(Debug)]
pub struct Layer {
    local: SocketAddr,
    source: Source,
    next: u64,
    outbound: HashMap<Key, outbound::Outbound>,
    inbound: HashMap<Key, inbound::Inbound>,
    sent: HashMap<String, Key>,
    received: HashMap<String, Key>,
    accepted: HashMap<String, Key>,
    /// Open requests outside of dialogs, by what a second way cannot change.
    single: HashMap<String, Key>,
    /// Whether a request that comes by two ways is refused, as a user agent does (RFC 3261 8.2.2.2).
    merging: bool,
}

impl Layer {
    /// A layer that prints `local` in its Via headers.
    pub fn new(local: SocketAddr, source: Source) -> Layer {
        Layer {
            local,
            source,
            next: 1,
            outbound: HashMap::new(),
            inbound: HashMap::new(),
            sent: HashMap::new(),
            received: HashMap::new(),
            accepted: HashMap::new(),
            single: HashMap::new(),
            merging: true,
        }
    }

    /// A layer for a proxy, to which a request may come back by another way and be none the worse (RFC 3261 16.3).
    pub fn for_proxy(local: SocketAddr, source: Source) -> Layer {
        Layer {
            merging: false,
            ..Layer::new(local, source)
        }
    }

    /// Takes one input and appends what it causes.
    pub fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::Acknowledge { key, message, flow } => self.acknowledge(key, message, flow, out),
            Input::Cancel(key) => self.cancel(key, out),
            Input::Fired(timer) => self.fired(timer, out),
            Input::Receive { flow, message } => self.receive(flow, message, out),
            Input::Request { flow, message } => {
                self.request(message, flow, out);
            }
            Input::Respond { key, message } => self.respond(key, message, out),
            Input::SendFailed(flow) => self.send_failed(flow, out),
        }
    }

    /// Takes a message from the transport.
    pub fn receive(&mut self, flow: Flow, message: Message, out: &mut Vec<Output>) {
        if message.is_request() {
            self.receive_request(flow, message, out);
        } else {
            self.receive_response(message, out);
        }
    }

    /// Takes a timer that fired; one that no transaction waits for is ignored.
    pub fn fired(&mut self, timer: TimerId, out: &mut Vec<Output>) {
        let (key, timer) = meaning(timer);
        if self.outbound.contains_key(&key) {
            self.fire_outbound(key, timer, out);
        } else if self.inbound.contains_key(&key) {
            self.fire_inbound(key, timer, out);
        } else {
            ignore("timer of an ended transaction", out);
        }
    }

    /// Whether the timer is the layer's.
    pub fn owns(timer: TimerId) -> bool {
        timer.0 & TOP != 0
    }

    /// Fails every transaction that was sending there (RFC 3261 17.1.4, 17.2.4).
    pub fn send_failed(&mut self, flow: Flow, out: &mut Vec<Output>) {
        let mut keys: Vec<Key> = self
            .outbound
            .iter()
            .filter(|(_, it)| it.flow == flow)
            .map(|(key, _)| *key)
            .collect();
        keys.sort();
        for key in keys {
            self.fail_outbound(key, out);
        }
        let mut keys: Vec<Key> = self
            .inbound
            .iter()
            .filter(|(_, it)| it.flow == flow)
            .map(|(key, _)| *key)
            .collect();
        keys.sort();
        for key in keys {
            self.fail_inbound(key, out);
        }
    }

    /// How many transactions there are.
    pub fn len(&self) -> usize {
        self.outbound.len() + self.inbound.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The request of a transaction, perhaps without its body.
    pub fn request_of(&self, key: Key) -> Option<&Message> {
        let received = self.inbound.get(&key).map(|it| &it.request);
        received.or_else(|| self.outbound.get(&key).map(|it| &it.request))
    }

    fn key(&mut self) -> Key {
        self.next += 1;
        Key(self.next - 1)
    }
}

/// The most transactions that a layer keeps; above it requests get a 503.
pub const LIMIT: usize = 100_000;

const TOP: u64 = 1 << 63;
const TIMER_BITS: u32 = 4;

fn timer_id(key: Key, timer: Timer) -> TimerId {
    TimerId(TOP | key.0 << TIMER_BITS | timer as u64)
}

fn meaning(id: TimerId) -> (Key, Timer) {
    let timer = (id.0 & ((1 << TIMER_BITS) - 1)) as usize;
    (Key((id.0 & !TOP) >> TIMER_BITS), Timer::ALL[timer])
}

fn ignore(why: &str, out: &mut Vec<Output>) {
    out.push(Output::Port(port::Output::Ignored(why.to_owned())));
}

fn send(flow: Flow, bytes: Vec<u8>, out: &mut Vec<Output>) {
    out.push(Output::Port(port::Output::Sip { flow, bytes }));
}

/// The news of a transaction that need more than a number: the message to deliver, and what a time-out means.
struct News {
    delivery: Option<Event>,
    timeout: Option<Event>,
    silent: bool,
}

/// Passes on what a transaction asks for; says whether it ended.
fn carry(
    key: Key,
    flow: Flow,
    steps: Vec<transaction::Output>,
    mut news: News,
    out: &mut Vec<Output>,
) -> bool {
    let mut ended = false;
    for step in steps {
        match step {
            transaction::Output::Arm { timer, after } => {
                let timer = timer_id(key, timer);
                out.push(Output::Port(port::Output::Arm { timer, after }));
            }
            transaction::Output::Deliver => out.extend(news.delivery.take().map(Output::Event)),
            transaction::Output::Disarm(timer) => {
                out.push(Output::Port(port::Output::Disarm(timer_id(key, timer))))
            }
            transaction::Output::Failed if !news.silent => {
                out.push(Output::Event(Event::SendFailed(key)))
            }
            transaction::Output::Failed => ignore("a CANCEL could not be sent", out),
            transaction::Output::Ignored(why) => ignore(why, out),
            transaction::Output::Send(bytes) => send(flow, bytes, out),
            transaction::Output::Terminated => ended = true,
            transaction::Output::TimedOut => match news.timeout.take() {
                Some(event) => out.push(Output::Event(event)),
                None => ignore("a final response was never acknowledged", out),
            },
            // The layer sends it itself, where it holds the request.
            transaction::Output::Trying => {}
        }
    }
    ended
}
