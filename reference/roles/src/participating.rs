//! The participating IM function: one side of a user's sessions, as a B2BUA or as a SIP proxy.

mod access;
mod answers;
mod call;
mod config;
mod deferring;
mod ending;
mod inside;
mod originating_modification;
mod policy;
mod proxying;
mod registration;
mod relay;
mod routing;
mod settings;
mod setup;
mod terminating_modification;
mod user_plane;

use std::collections::{BTreeMap, HashMap, HashSet};

use machines::dialog::Id;
use machines::port::{Flow, Input, Local, Node, Output};
use machines::proxy::Proxy;
use machines::session_timer;
use machines::transactions::{Event, Key};
use wire::sip::Message;

use crate::controlling::general::{Refusal, reason};
pub use crate::messaging::deferred::Config as Deferral;
use crate::stack::Stack;
use call::{Call, End, Passing};
pub use config::{Bar, Config, Mode, Side};
use deferring::Deferring;
use policy::Waiting;
use registration::Registrations;
use relay::Relay;
pub use routing::router;
use settings::Published;

/// One shard of a participating function.
#[derive(Debug)]
pub struct Participating {
    config: Config,
    stack: Stack<Purpose>,
    relay: Relay,
    proxy: Proxy,
    registrations: Registrations,
    published: Published,
    /// What waits for the rules of its user.
    waiting: Waiting,
    /// Messages for users who are not there, if they are kept.
    deferring: Option<Deferring>,
    /// Users of the sessions that pass a proxy, by Call-ID.
    sessions: BTreeMap<String, String>,
    calls: HashMap<u64, Call>,
    dialogs: HashMap<Id, (u64, End)>,
    /// By the client transaction of the other leg.
    passing: HashMap<Key, Passing>,
    /// The client transaction of each server transaction.
    passed: HashMap<Key, Key>,
    /// The BYEs that no request of an end caused.
    own: HashSet<Key>,
    /// Number of the latest call.
    counter: u64,
    stopping: bool,
    done: bool,
}

/// What a timer is for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Purpose {
    /// Nobody refreshes the session (RFC 4028 10).
    Session(u64, session_timer::Timer),
    /// An INVITE without final response.
    Ringing(Key),
    /// A connection of a call is gone.
    Lost(u64),
    /// The core has not refreshed the registration of a user.
    Registered(String),
    /// A publication has run out: user and entity tag.
    Settings(String, String),
    /// Deferred messages of a user wait for a failure to pass.
    Deferred(String),
}

impl Participating {
    /// A shard without calls; `local` are the addresses it prints, `shard` its number from 0.
    pub fn new(config: Config, local: Local, shard: usize) -> Self {
        Self {
            stack: match config.mode {
                Mode::B2bua => Stack::new(config.seed, shard, local),
                Mode::Proxy => Stack::for_proxy(config.seed, shard, local),
            },
            proxy: Proxy::new(local.sip, Vec::new()),
            deferring: Deferring::new(&config, shard),
            config,
            relay: Relay::default(),
            registrations: Registrations::default(),
            published: Published::default(),
            waiting: Waiting::default(),
            sessions: BTreeMap::new(),
            calls: HashMap::new(),
            dialogs: HashMap::new(),
            passing: HashMap::new(),
            passed: HashMap::new(),
            own: HashSet::new(),
            counter: 0,
            stopping: false,
            done: false,
        }
    }

    fn take(&mut self, input: Input) {
        let Some(input) = self.stack.transport(input) else {
            return;
        };
        let Stack { ids, out, .. } = &mut self.stack;
        match input {
            Input::Msrp { link, frame } => self.relay.frame(link, frame, out),
            Input::LinkUp { link } => self.relay.link_up(link, ids, out),
            Input::LinkDown { link } => self.relay.link_down(link, out),
            Input::LinkFull { link } => self.relay.link_full(link, true, out),
            Input::LinkDrained { link } => self.relay.link_full(link, false, out),
            Input::Fired(timer) if Proxy::owns(timer) => {
                let proxy = &mut self.proxy;
                self.stack
                    .with_layer(|layer, out| proxy.fired(timer, layer, out));
            }
            Input::Fired(timer) => match self.stack.fired(timer) {
                Some(purpose) => self.fired(purpose),
                None => self.stack.ignore("a timer that was disarmed"),
            },
            Input::Stored { id, outcome } => self.stored(id, outcome),
            Input::Fetched { id, outcome } => self.policy_fetched(id, outcome),
            Input::Shutdown => self.stop(),
            _ => self
                .stack
                .ignore("nothing that a participating function asked for"),
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Request { key, flow, message } => {
                if !self.awaits_policy(key, flow, &message) {
                    self.dispatch(key, flow, &message);
                }
            }
            Event::Response { key, message } => self.response(key, message),
            Event::Ack { key, message, flow } => match key {
                Some(key) if self.passed.contains_key(&key) => self.acknowledged(key, &message),
                _ => self.relay_ack(flow, &message),
            },
            Event::Cancel { key, .. } => match self.passed.get(&key).copied() {
                Some(other) => self.stack.cancel(other),
                None => match self.waiting.withdraw(key) {
                    Some(invite) => self.refuse(key, &invite, Refusal::new(487)),
                    None => self.cancel_branches(key),
                },
            },
            // RFC 3261 8.1.3.1: as if the other end had said so.
            Event::Timeout(key) => self.failed(key, 408),
            Event::SendFailed(key) => self.failed(key, 503),
            // RFC 3261 13.3.1.4
            Event::Unacknowledged(key) => self.unacknowledged(key),
        }
    }

    fn dispatch(&mut self, key: Key, flow: Flow, message: &Message) {
        let inside = message.to().is_some_and(|to| to.tag().is_some());
        let b2bua = self.config.mode == Mode::B2bua;
        match message.method().unwrap_or_default() {
            "REGISTER" => self.registered(key, flow, message),
            "PUBLISH" if self.config.side == Side::Terminating => {
                self.publish(key, flow, message);
            }
            "MESSAGE" if !inside => self.message(key, flow, message),
            _ if !b2bua => self.forward(key, flow, message),
            _ if inside && self.is_known(message) => self.inside(key, flow, message),
            "INVITE" if !inside => self.invite(key, flow, message),
            // Another dialog than that of a session, such as a subscription's: passed on as a proxy does.
            _ => self.forward(key, flow, message),
        }
    }

    fn is_known(&self, request: &Message) -> bool {
        Id::of_request(request).is_some_and(|id| self.dialogs.contains_key(&id))
    }

    fn refuse(&mut self, key: Key, request: &Message, refusal: Refusal) {
        let mut response = Message::response(request, refusal.code, reason(refusal.code));
        for (name, value) in refusal.headers {
            response.push(name, value);
        }
        response.push("Server", self.config.release.clone());
        self.stack.respond(key, response);
    }

    fn core(&self) -> Flow {
        Flow {
            transport: self.config.core_transport,
            remote: self.config.core,
        }
    }

    /// Whether it came from the core; what others assert counts for nothing.
    fn is_trusted(&self, flow: Flow) -> bool {
        flow.remote.ip() == self.config.core.ip()
    }
}

impl Node for Participating {
    fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        self.begin();
        self.take(input);
        while let Some(event) = self.stack.next_event() {
            self.event(event);
        }
        self.look_after_links();
        self.tell_availability();
        out.append(&mut self.stack.out);
        let idle = self.calls.is_empty() && self.own.is_empty();
        if self.stopping && !self.done && idle {
            self.done = true;
            out.push(Output::Done);
        }
    }
}
