//! What every procedure of the client works with: transactions, timers, identifiers, MSRP links, and the user's ear.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use machines::port::{Flow, LinkId, Local, Output, TimerId};
use machines::session_timer;
use machines::timers::Timers;
use machines::transactions::{self, Event, Key, Layer};
use wire::sip::Message;

use super::agent::Happened;
use super::config::Config;
use super::upper::Told;
use crate::identifiers::Identifiers;

/// What a request of ours, or an INVITE of the other end, is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Task {
    /// Sets up a session.
    Invite,
    /// The other end's INVITE, first or again.
    Incoming,
    /// Changes or refreshes a session.
    Change,
    Bye,
    Subscribe,
    /// Carries this text outside of sessions.
    Message(String),
    Register,
}

/// An open transaction.
#[derive(Clone, Debug)]
pub(super) struct Open {
    /// The call; empty when there is none.
    pub(super) name: String,
    pub(super) task: Task,
    /// Our request, to be sent again with credentials.
    pub(super) request: Message,
    /// How often it has been authenticated.
    pub(super) tries: u8,
}

/// What a timer is for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Purpose {
    Session(String, session_timer::Timer),
    /// No final answer yet, ours or the user's.
    Patience(String),
    /// A change waits for its turn (RFC 3261 14.1).
    Again(String),
    /// The MSRP connection is gone.
    Lost(String),
    /// A response to a chunk is due.
    Chunk(String, String),
    Resubscribe(String),
    /// The last NOTIFY of a subscription is due.
    Unsubscribed(String),
    Reregister,
    /// A timer of the function whose client this is.
    Function(u64),
}

/// The MSRP connections and whose they are.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// The calls that use a connection.
    pub(super) calls: HashMap<LinkId, BTreeSet<String>>,
    /// The call of each session part of an MSRP URI of ours.
    pub(super) paths: HashMap<String, String>,
}

/// The means of one client.
#[derive(Debug)]
pub(super) struct Means {
    pub(super) config: Config,
    pub(super) local: Local,
    pub(super) ids: Identifiers,
    pub(super) out: Vec<Output>,
    pub(super) open: HashMap<Key, Open>,
    pub(super) links: Links,
    timers: Timers<Purpose>,
    layer: Layer,
    spoken: Vec<transactions::Output>,
    events: VecDeque<Event>,
    counter: u64,
    /// What has happened, where the user is a function.
    pub(super) happened: Option<Vec<Happened>>,
}

impl Means {
    pub(super) fn new(config: Config, local: Local) -> Self {
        // Clients of one machine differ in their ports, and so in what they name.
        let seed = config.seed.wrapping_add(u64::from(local.sip.port()) << 32);
        let mut ids = Identifiers::new(seed, 0);
        let layer = Layer::new(local.sip, ids.fork());
        Self {
            config,
            local,
            ids,
            out: Vec::new(),
            open: HashMap::new(),
            links: Links::default(),
            timers: Timers::new(),
            layer,
            spoken: Vec::new(),
            events: VecDeque::new(),
            counter: 0,
            happened: None,
        }
    }

    /// Runs the transaction layer once and sorts what it says.
    pub(super) fn with_layer<T>(
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

    pub(super) fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Sends a request to the proxy.
    // 001:6.2.1.2/client-sends/4, 6.2.1.3/client-sends/5-bis, 6.2.1.4/client-sends/5-bis, 7.1.1.12/client-leaves/4
    pub(super) fn request(&mut self, name: &str, task: Task, request: Message) -> Key {
        self.request_again(Open {
            name: name.to_owned(),
            task,
            request,
            tries: 0,
        })
    }

    pub(super) fn request_again(&mut self, open: Open) -> Key {
        let (message, flow) = (open.request.clone(), self.proxy());
        let key = self.with_layer(|layer, out| layer.request(message, flow, out));
        self.open.insert(key, open);
        key
    }

    pub(super) fn respond(&mut self, key: Key, message: Message) {
        self.with_layer(|layer, out| layer.respond(key, message, out));
    }

    pub(super) fn acknowledge(&mut self, key: Key, ack: Message) {
        let flow = self.proxy();
        self.with_layer(|layer, out| layer.acknowledge(key, ack, flow, out));
    }

    pub(super) fn cancel(&mut self, key: Key) {
        self.with_layer(|layer, out| layer.cancel(key, out));
    }

    /// The tag that our responses in this transaction carry.
    pub(super) fn tag(&mut self, key: Key) -> String {
        self.layer.tag(key)
    }

    pub(super) fn arm(&mut self, purpose: Purpose, after: Duration) {
        let timer = self.timers.arm(purpose);
        self.out.push(Output::Arm { timer, after });
    }

    pub(super) fn disarm(&mut self, purpose: &Purpose) {
        if let Some(timer) = self.timers.disarm(purpose) {
            self.out.push(Output::Disarm(timer));
        }
    }

    pub(super) fn fired(&mut self, timer: TimerId) -> Option<Purpose> {
        self.timers.fired(timer)
    }

    pub(super) fn tell(&mut self, told: &Told) {
        self.happen(|| Happened::Told(told.clone()));
        self.out.push(Output::User(told.line()));
    }

    pub(super) fn notice(&mut self, text: impl Into<String>) {
        self.tell(&Told::Notice { text: text.into() });
    }

    pub(super) fn ignore(&mut self, what: impl Into<String>) {
        self.out.push(Output::Ignored(what.into()));
    }

    pub(super) fn proxy(&self) -> Flow {
        Flow {
            transport: self.config.transport,
            remote: self.config.proxy,
        }
    }

    /// A number that no other session of this client has.
    pub(super) fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }
}
