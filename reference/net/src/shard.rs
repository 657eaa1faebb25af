//! One shard: a node, its timers and its links, run by one task that never waits for the network.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use machines::port::{Flow, Input, LinkId, Node, Output, Transport};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::http::client;
use crate::hub::{Event, Hub};
use crate::msrp::{self, Link};
use crate::outbox::{Item, Origin, Pushed};
use crate::timers::Timers;
use crate::trace::{Cause, Caused};
use crate::{sip, via};

struct Shard {
    index: usize,
    hub: Arc<Hub>,
    node: Box<dyn Node>,
    timers: Timers,
    links: HashMap<LinkId, Held>,
    promoted: HashMap<(SocketAddr, String), Promotion>,
    inputs: VecDeque<Caused>,
    /// What the node is at work on.
    cause: Cause,
    outputs: Vec<Output>,
    done: bool,
}

/// A link, and what arrived from it after the node paused it.
struct Held {
    link: Arc<Link>,
    paused: bool,
    waiting: VecDeque<Caused>,
}

/// A request that was too long for UDP, by its branch (RFC 3261 18.1.1).
struct Promotion {
    until: Instant,
    /// No connection was to be had: the branch stays on UDP.
    fell_back: bool,
    methods: Vec<Vec<u8>>,
}

/// Runs the node until it is done after a shutdown, or the driver goes away.
pub(crate) async fn run(
    index: usize,
    hub: Arc<Hub>,
    node: Box<dyn Node>,
    mut inbox: mpsc::Receiver<Event>,
) {
    let mut stopped = hub.stopped.clone();
    let mut shard = Shard {
        index,
        hub,
        node,
        timers: Timers::default(),
        links: HashMap::new(),
        promoted: HashMap::new(),
        inputs: VecDeque::new(),
        cause: Cause::default(),
        outputs: Vec::new(),
        done: false,
    };
    while !shard.done {
        let next = shard.timers.next();
        let alarm = async {
            match next {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            event = inbox.recv() => match event {
                Some(event) => shard.take(event),
                None => return,
            },
            () = alarm => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        let now = Instant::now();
        while let Some(timer) = shard.timers.due(now) {
            shard.inputs.push_back(Input::Fired(timer).into());
            shard.work();
        }
    }
    for held in shard.links.values() {
        held.link.outbox.close();
    }
}

impl Shard {
    fn take(&mut self, event: Event) {
        match event {
            Event::Input(input) => self.admit(input),
            Event::Adopt(id, link) => {
                self.hold(id, link);
                self.inputs.push_back(Input::LinkUp { link: id }.into());
            }
            Event::Unsent(flow, Some(bytes)) => {
                if let Some(branch) = via::branch(&bytes)
                    && let Some(promotion) = self.promoted.get_mut(&(flow.remote, branch))
                {
                    promotion.fell_back = true;
                }
                self.send_udp(flow, &bytes);
            }
            Event::Unsent(flow, None) => self.inputs.push_back(Input::SendFailed { flow }.into()),
        }
        self.work();
    }

    /// What comes from a link waits while the link is paused, and is nobody's once the node has closed it.
    fn admit(&mut self, caused: Caused) {
        let link = match &caused.input {
            Input::Msrp { link, .. }
            | Input::LinkUp { link }
            | Input::LinkDown { link }
            | Input::LinkDrained { link } => *link,
            Input::Sip { .. }
            | Input::Malformed { .. }
            | Input::LinkFull { .. }
            | Input::SendFailed { .. }
            | Input::Fetched { .. }
            | Input::Stored { .. }
            | Input::Fired(_)
            | Input::User(_)
            | Input::Shutdown => return self.inputs.push_back(caused),
        };
        let Some(held) = self.links.get_mut(&link) else {
            return;
        };
        if held.paused && !matches!(caused.input, Input::LinkDrained { .. }) {
            held.waiting.push_back(caused);
            return;
        }
        if matches!(caused.input, Input::LinkDown { .. }) {
            self.links.remove(&link);
        }
        self.inputs.push_back(caused);
    }

    fn hold(&mut self, id: LinkId, link: Arc<Link>) {
        self.links.insert(
            id,
            Held {
                link,
                paused: false,
                waiting: VecDeque::new(),
            },
        );
    }

    fn work(&mut self) {
        while let Some(Caused { input, cause }) = self.inputs.pop_front() {
            self.cause = cause;
            let mut outputs = std::mem::take(&mut self.outputs);
            self.node.handle(input, &mut outputs);
            for output in outputs.drain(..) {
                self.execute(output);
            }
            self.outputs = outputs;
        }
    }

    fn execute(&mut self, output: Output) {
        match output {
            Output::Arm { timer, after } => {
                let scaled = after.as_secs_f64() / self.hub.scale;
                let after = Duration::try_from_secs_f64(scaled).unwrap_or(after);
                self.timers.arm(timer, Instant::now(), after);
            }
            Output::Close(link) => {
                if let Some(held) = self.links.remove(&link) {
                    held.link.outbox.close();
                }
            }
            Output::Connect { link, to } => {
                let opened = msrp::connect(&self.hub, self.index, link, to, self.cause);
                self.hold(link, opened);
            }
            Output::Disarm(timer) => self.timers.disarm(timer),
            Output::Done => self.done = true,
            Output::Fetch { id, what, within } => {
                let asked = client::fetch(&self.hub, self.index, id, what, within, self.cause);
                if let Err(outcome) = asked {
                    self.inputs.push_back(Input::Fetched { id, outcome }.into());
                }
            }
            Output::Ignored(reason) => self.hub.count.ignored(reason),
            Output::Msrp { link, bytes } => self.send_msrp(link, bytes),
            Output::Pause(link) => self.pause(link),
            Output::Resume(link) => self.resume(link),
            Output::Sip { flow, bytes } => self.send_sip(flow, bytes),
            Output::Store { id, ask } => {
                if let Err(reason) = self.hub.store.ask(self.index, id, ask) {
                    let outcome = Err(reason);
                    self.inputs.push_back(Input::Stored { id, outcome }.into());
                }
            }
            Output::User(line) => self.hub.tell_user(line),
        }
    }

    fn send_msrp(&mut self, link: LinkId, bytes: Vec<u8>) {
        let Some(held) = self.links.get(&link) else {
            self.hub
                .count
                .ignored(format!("octets for link {}, which is closed", link.0));
            return;
        };
        match held.link.outbox.push(Item {
            bytes,
            origin: None,
            mark: self.hub.teller.mark(self.cause),
        }) {
            Pushed::Queued => {}
            Pushed::Full => self.inputs.push_back(Input::LinkFull { link }.into()),
            // Closed by the peer: its LinkDown is on the way. Overflowing: the task ends now and says so.
            Pushed::Refused(_) => self
                .hub
                .count
                .ignored(format!("octets for link {}, which is going down", link.0)),
        }
    }

    fn pause(&mut self, link: LinkId) {
        if let Some(held) = self.links.get_mut(&link) {
            held.paused = true;
            held.link.paused.send_replace(true);
        }
    }

    fn resume(&mut self, link: LinkId) {
        let Some(held) = self.links.get_mut(&link) else {
            return;
        };
        held.paused = false;
        held.link.paused.send_replace(false);
        // At most an inbox full: the link's task stopped reading when it was paused.
        let mut waiting = std::mem::take(&mut held.waiting);
        while let Some(caused) = waiting.pop_front() {
            self.admit(caused);
        }
    }

    fn send_sip(&mut self, flow: Flow, bytes: Vec<u8>) {
        let response = bytes.starts_with(b"SIP/2.0 ");
        match flow.transport {
            Transport::Udp if response => {
                let remote = via::destination(&bytes, flow.remote).unwrap_or(flow.remote);
                self.send_udp(Flow { remote, ..flow }, &bytes);
            }
            Transport::Udp if bytes.len() > DATAGRAM || !self.promoted.is_empty() => {
                self.send_long(flow, bytes)
            }
            Transport::Udp => self.send_udp(flow, &bytes),
            Transport::Tcp => {
                let origin = Some(Origin {
                    shard: self.index,
                    flow,
                    fallback: None,
                });
                let mark = self.hub.teller.mark(self.cause);
                let item = Item {
                    bytes,
                    origin,
                    mark,
                };
                sip::send_tcp(&self.hub, flow.remote, item);
            }
        }
    }

    /// A long request goes over TCP, with its ACK and CANCEL; TCP needs no retransmissions (RFC 3261 17.1, 18.1.1).
    fn send_long(&mut self, flow: Flow, bytes: Vec<u8>) {
        let now = Instant::now();
        self.promoted.retain(|_, promotion| promotion.until > now);
        let Some(branch) = via::branch(&bytes) else {
            return self.send_udp(flow, &bytes);
        };
        let method = bytes
            .split(|octet| *octet == b' ')
            .next()
            .unwrap_or_default()
            .to_vec();
        let key = (flow.remote, branch);
        if bytes.len() <= DATAGRAM && !self.promoted.contains_key(&key) {
            return self.send_udp(flow, &bytes);
        }
        let until = now + self.hub.patience();
        let promotion = self.promoted.entry(key).or_insert_with(|| Promotion {
            until,
            fell_back: false,
            methods: Vec::new(),
        });
        if promotion.fell_back {
            return self.send_udp(flow, &bytes);
        }
        if promotion.methods.contains(&method) && method != b"ACK" {
            return;
        }
        promotion.methods.push(method);
        let item = Item {
            bytes: via::over_tcp(&bytes),
            origin: Some(Origin {
                shard: self.index,
                flow,
                fallback: Some(bytes),
            }),
            mark: self.hub.teller.mark(self.cause),
        };
        sip::send_tcp(&self.hub, flow.remote, item);
    }

    fn send_udp(&mut self, flow: Flow, bytes: &[u8]) {
        let mark = self.hub.teller.mark(self.cause);
        let sip = &self.hub.sip;
        if sip.send_udp(&self.hub, bytes, flow.remote, mark).is_err() {
            self.inputs.push_back(Input::SendFailed { flow }.into());
        }
    }
}

/// Longer requests go over TCP when the path's MTU is not known (RFC 3261 18.1.1).
const DATAGRAM: usize = 1300;
