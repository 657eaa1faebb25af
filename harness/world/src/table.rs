//! What the sockets and the steps of one scenario share: its exchange, its chairs and their calls.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use machines::port::{Flow, Transport};
use tokio::sync::{mpsc, watch};
use trace::{Direction, Exchange, Frame, Protocol};
use wire::scan::Scan;
use wire::sip::Message;

use crate::Tamper;
use crate::actions::SERVER;
use crate::agent::{Agent, Reply};
use crate::core::{Core, lock, user_key};
use crate::lab::Focus;
use crate::profile::Kind;
use crate::pulse::Pulse;
use crate::xdms::Served;

/// Frames a scenario may record; a subject that floods is cut off, and that is evidence too.
const FRAMES: usize = 20_000;

/// What the sockets and the steps share.
pub(crate) struct Table {
    pub(crate) number: usize,
    pub(crate) transport: Transport,
    pub(crate) core: Arc<Core>,
    /// Where the chair of the IM server sits when it does not share the others' place.
    pub(crate) im_server: Option<Arc<Core>>,
    pub(crate) began: Instant,
    pub(crate) exchange: Mutex<Exchange>,
    pub(crate) grown: watch::Sender<usize>,
    pub(crate) focus: watch::Sender<Focus>,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) agent: Mutex<Agent>,
    pub(crate) tamper: Mutex<Option<Box<dyn Tamper>>>,
    pub(crate) users: Mutex<BTreeMap<String, String>>,
    /// Names of the scenario's groups, and what the XDMS answers, both by `user@host`.
    pub(crate) groups: Mutex<BTreeMap<String, String>>,
    pub(crate) documents: Mutex<BTreeMap<String, Served>>,
    /// What the XDMS answers to documents that it is given; else it takes them.
    pub(crate) puts: Mutex<Option<Served>>,
    pub(crate) kind: Kind,
    /// The end of an MSRP connection is recorded.
    pub(crate) closings: AtomicBool,
    /// The client does not offer what was asked of it.
    pub(crate) cannot: Mutex<Option<String>>,
    pub(crate) outgoing: mpsc::UnboundedSender<(Arc<Core>, Flow, Vec<u8>)>,
}

impl Table {
    /// Where a chair sits.
    pub(crate) fn place(&self, chair: &str) -> &Arc<Core> {
        let apart = self.im_server.as_ref().filter(|_| chair == SERVER);
        apart.unwrap_or(&self.core)
    }

    fn places(&self) -> impl Iterator<Item = &Arc<Core>> {
        std::iter::once(&self.core).chain(&self.im_server)
    }

    /// Messages from or to this address belong to this scenario.
    pub(crate) fn seat_user(self: &Arc<Self>, address: &str) {
        self.places()
            .for_each(|place| place.seat_user(address, self));
    }

    /// Messages of this call belong to this scenario.
    pub(crate) fn seat_call(self: &Arc<Self>, call_id: &str) {
        self.places()
            .for_each(|place| place.seat_call(call_id, self));
    }

    /// Nothing belongs to this scenario any more.
    pub(crate) fn leave(self: &Arc<Self>) {
        self.places().for_each(|place| place.leave(self));
    }

    pub(crate) fn via(&self, chair: &str) -> String {
        let token = if self.transport == Transport::Udp {
            "UDP"
        } else {
            "TCP"
        };
        format!("SIP/2.0/{token} {};rport", self.place(chair).address)
    }

    pub(crate) fn record(
        &self,
        direction: Direction,
        chair: &str,
        protocol: Protocol,
        transport: &str,
        ends: (SocketAddr, SocketAddr),
        bytes: Vec<u8>,
    ) {
        let mut exchange = lock(&self.exchange);
        self.add(
            &mut exchange,
            (direction, protocol),
            chair,
            transport,
            ends,
            bytes,
        );
        self.show(exchange);
    }

    fn add(
        &self,
        exchange: &mut Exchange,
        (direction, protocol): (Direction, Protocol),
        chair: &str,
        transport: &str,
        ends: (SocketAddr, SocketAddr),
        bytes: Vec<u8>,
    ) {
        let index = exchange.frames.len();
        if index >= FRAMES {
            return;
        }
        let at_us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let (chair, transport) = (chair.to_owned(), transport.to_owned());
        exchange.frames.push(Frame {
            index,
            at_us,
            direction,
            chair,
            protocol,
            transport,
            local: ends.0,
            remote: ends.1,
            bytes,
        });
    }

    pub(crate) fn tampered(
        &self,
        direction: Direction,
        protocol: Protocol,
        bytes: Vec<u8>,
    ) -> Vec<Vec<u8>> {
        match (lock(&self.tamper).as_mut(), direction) {
            (None, _) => vec![bytes],
            (Some(tamper), Direction::Received) => tamper.outgoing(protocol, &bytes),
            (Some(tamper), Direction::Sent) => tamper.incoming(protocol, &bytes),
        }
    }

    pub(crate) fn receive_sip(&self, bytes: &[u8], flow: Flow, place: &Core) {
        for bytes in self.tampered(Direction::Received, Protocol::Sip, bytes.to_vec()) {
            let scan = Scan::sip(&bytes);
            let chair = self.chair_of(&bytes, &scan, place);
            if self.kind == Kind::Server {
                Focus::learn(&self.focus, &scan);
            }
            self.pulse.beat();
            let message = Message::parse(&bytes).ok();
            let mut exchange = lock(&self.exchange);
            let what = (Direction::Received, Protocol::Sip);
            let ends = (place.address, flow.remote);
            self.add(
                &mut exchange,
                what,
                &chair,
                name(flow.transport),
                ends,
                bytes,
            );
            if let Some(message) = message {
                let via = self.via(&chair);
                let replies = lock(&self.agent).receive(self.number, &chair, &message, flow, &via);
                self.queue(&mut exchange, replies);
            }
            self.show(exchange);
        }
    }

    pub(crate) fn send_sip(&self, reply: Reply) {
        let mut exchange = lock(&self.exchange);
        self.queue(&mut exchange, vec![reply]);
        self.show(exchange);
    }

    /// Records what is sent and hands it to the one task that sends, in one order: who acts on what stands in the
    /// exchange is later on the wire too.
    fn queue(&self, exchange: &mut Exchange, replies: Vec<Reply>) {
        for (chair, flow, bytes) in replies {
            let place = self.place(&chair);
            let ends = (place.address, flow.remote);
            let what = (Direction::Sent, Protocol::Sip);
            let transport = name(flow.transport);
            self.add(exchange, what, &chair, transport, ends, bytes.clone());
            for bytes in self.tampered(Direction::Sent, Protocol::Sip, bytes) {
                // The queue ends with the scene; a message after that has nobody to judge it.
                let _ = self.outgoing.send((Arc::clone(place), flow, bytes));
            }
        }
    }

    /// Lets others see what was added: a message, what its chair made of it, and the answers, all or none of it.
    fn show(&self, exchange: MutexGuard<'_, Exchange>) {
        let count = exchange.frames.len();
        drop(exchange);
        self.grown.send_replace(count);
    }

    fn chair_of(&self, bytes: &[u8], scan: &Scan, place: &Core) -> String {
        let (to, from): (&[&str], &[&str]) = match self.kind {
            Kind::Server | Kind::Client | Kind::History => (&["To", "From"], &["From", "To"]),
            // Both ends of what the subject passes on have names; whom it is for is the one that counts.
            Kind::Core | Kind::Participating => {
                let apart = self.im_server.as_ref();
                if apart.is_some_and(|server| server.address == place.address) {
                    return SERVER.to_owned();
                }
                let dialog = Message::parse(bytes).ok();
                let dialog = dialog.and_then(|m| lock(&self.agent).chair_in_dialog(&m));
                if let Some(chair) = dialog {
                    return chair;
                }
                (&["To"], &["From"])
            }
        };
        let users = lock(&self.users);
        let order = if scan.is_request() { to } else { from };
        let named = order.iter().find_map(|field| {
            scan.field(field)
                .and_then(|f| users.get(&user_key(&f.value)).cloned())
        });
        named.unwrap_or_else(|| match self.kind {
            Kind::Server | Kind::Core => "core".to_owned(),
            Kind::Client | Kind::Participating | Kind::History => SERVER.to_owned(),
        })
    }
}

fn name(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
    }
}
