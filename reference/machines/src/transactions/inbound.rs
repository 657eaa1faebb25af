//! The server side of the layer: requests that we receive.

use wire::sip::Message;

use super::{Event, Key, LIMIT, Layer, News, Output, carry, ignore, matching, send, via};
use crate::accepted_invite::{self, AcceptedInvite};
use crate::port::Flow;
use crate::transaction::invite_server::{self, InviteServer};
use crate::transaction::server::{self, Server};
use crate::transaction::{self, Timer};

#[derive(Debug)]
enum Machine {
    Invite(InviteServer),
    Other(Server),
}

impl Machine {
    fn respond(&mut self, code: u16, bytes: Vec<u8>, steps: &mut Vec<transaction::Output>) {
        match self {
            Machine::Invite(machine) => {
                machine.handle(invite_server::Input::Respond { code, bytes }, steps)
            }
            Machine::Other(machine) => {
                machine.handle(server::Input::Respond { code, bytes }, steps)
            }
        }
    }
}

/// One request received, and what its responses need.
#[derive(Debug)]
pub(super) struct Inbound {
    pub(super) flow: Flow,
    /// Without its body.
    pub(super) request: Message,
    id: String,
    single: Option<String>,
    machine: Machine,
    tag: String,
    answered: bool,
    over: bool,
    accepted: Option<(String, AcceptedInvite)>,
}

impl Layer {
    /// Answers a request; a To tag is added when there is none, except on a 100.
    /// A 2xx to an INVITE is sent again until its ACK comes (RFC 3261 13.3.1.4).
    pub fn respond(&mut self, key: Key, mut message: Message, out: &mut Vec<Output>) {
        let Some(code) = message.code() else {
            return ignore("a request is no response", out);
        };
        let Some(inbound) = self.inbound.get_mut(&key) else {
            return ignore("nothing to answer", out);
        };
        if inbound.answered {
            return ignore("already answered", out);
        }
        if code > 100 {
            add_tag(&mut message, &inbound.tag);
        }
        inbound.answered = code >= 200;
        let bytes = message.to_bytes();
        let mut steps = Vec::new();
        let invite = matches!(inbound.machine, Machine::Invite(_));
        let success = invite && (200..300).contains(&code);
        let copy = if success { bytes.clone() } else { Vec::new() };
        inbound.machine.respond(code, bytes, &mut steps);
        if let (true, Some(id)) = (success, matching::accepted(&message)) {
            self.accepted.insert(id.clone(), key);
            inbound.accepted = Some((id, AcceptedInvite::start(copy, &mut steps)));
        }
        self.carry_inbound(key, steps, None, None, out);
    }

    /// Passes on a response that somebody else made, as it is (RFC 3261 16.7); a 2xx to an INVITE may come again, and
    /// whoever made it repeats it.
    pub fn pass(&mut self, key: Key, message: &Message, out: &mut Vec<Output>) {
        let (Some(code), Some(inbound)) = (message.code(), self.inbound.get_mut(&key)) else {
            return ignore("nothing to answer", out);
        };
        inbound.answered |= code >= 200;
        let bytes = message.to_bytes();
        let mut steps = Vec::new();
        inbound.machine.respond(code, bytes, &mut steps);
        self.carry_inbound(key, steps, None, None, out);
    }

    /// The To tag that [`Layer::respond`] adds; empty when there is no such transaction.
    pub fn tag(&self, key: Key) -> String {
        self.inbound
            .get(&key)
            .map(|inbound| inbound.tag.clone())
            .unwrap_or_default()
    }

    /// Whether a received request has its final response.
    pub fn answered(&self, key: Key) -> bool {
        self.inbound
            .get(&key)
            .is_none_or(|inbound| inbound.answered)
    }

    pub(super) fn receive_request(
        &mut self,
        flow: Flow,
        mut message: Message,
        out: &mut Vec<Output>,
    ) {
        let Some(via) = message.via() else {
            return ignore("request without Via", out);
        };
        let method = message.method().unwrap_or("").to_owned();
        via::stamp(&mut message, &via, flow);
        if method == "ACK" {
            let id = matching::server(&message, &via, "INVITE");
            return self.receive_ack(&id, flow, message, out);
        }
        let id = matching::server(&message, &via, &method);
        if let Some(key) = self.received.get(&id).copied() {
            return self.receive_again(key, out);
        }
        let back = via::back(&via, flow);
        if self.inbound.len() >= LIMIT {
            let refusal =
                Message::response(&message, 503, "Service Unavailable").with("Retry-After", "10");
            return send(back, refusal.to_bytes(), out);
        }
        let reliable = flow.transport.reliable();
        let mut steps = Vec::new();
        let (key, merged) = self.admit(back, &message, id, reliable, &mut steps);
        if method == "CANCEL" {
            return self.receive_cancel(key, message, &via, out);
        }
        if merged {
            // RFC 3261 8.2.2.2: a request that came by two ways is taken once.
            self.carry_inbound(key, steps, None, None, out);
            return self.respond(key, Message::response(&message, 482, "Loop Detected"), out);
        }
        self.carry_inbound(
            key,
            steps,
            Some(Event::Request { key, flow, message }),
            None,
            out,
        );
    }

    /// A new transaction, and whether the same request is already open by another way.
    fn admit(
        &mut self,
        back: Flow,
        message: &Message,
        id: String,
        reliable: bool,
        steps: &mut Vec<transaction::Output>,
    ) -> (Key, bool) {
        let key = self.key();
        let machine = if message.method() == Some("INVITE") {
            Machine::Invite(InviteServer::start(reliable, steps))
        } else {
            Machine::Other(Server::start(reliable, steps))
        };
        let known = matching::single(message).filter(|_| self.merging);
        let merged = known
            .as_ref()
            .is_some_and(|id| self.single.contains_key(id));
        let single = known.filter(|_| !merged);
        if let Some(single) = &single {
            self.single.insert(single.clone(), key);
        }
        let inbound = Inbound {
            flow: back,
            request: without_body(message),
            id: id.clone(),
            single,
            machine,
            tag: self.source.tag(),
            answered: false,
            over: false,
            accepted: None,
        };
        self.received.insert(id, key);
        self.inbound.insert(key, inbound);
        (key, merged)
    }

    pub(super) fn fire_inbound(&mut self, key: Key, timer: Timer, out: &mut Vec<Output>) {
        let Some(inbound) = self.inbound.get_mut(&key) else {
            return;
        };
        let mut steps = Vec::new();
        let mut timeout = None;
        match (&mut inbound.machine, &mut inbound.accepted) {
            (_, Some((_, accepted))) if matches!(timer, Timer::Success | Timer::Unacknowledged) => {
                timeout = Some(Event::Unacknowledged(key));
                accepted.handle(accepted_invite::Input::Fired(timer), &mut steps);
            }
            (Machine::Invite(machine), _) => {
                machine.handle(invite_server::Input::Fired(timer), &mut steps);
                if steps.contains(&transaction::Output::Trying) {
                    let bytes = Message::response(&inbound.request, 100, "Trying").to_bytes();
                    machine.handle(
                        invite_server::Input::Respond { code: 100, bytes },
                        &mut steps,
                    );
                }
            }
            (Machine::Other(machine), _) => machine.handle(server::Input::Fired(timer), &mut steps),
        }
        self.carry_inbound(key, steps, None, timeout, out);
    }

    pub(super) fn fail_inbound(&mut self, key: Key, out: &mut Vec<Output>) {
        let Some(inbound) = self.inbound.get_mut(&key) else {
            return;
        };
        let mut steps = Vec::new();
        match &mut inbound.machine {
            Machine::Invite(machine) => {
                machine.handle(invite_server::Input::TransportError, &mut steps)
            }
            Machine::Other(machine) => machine.handle(server::Input::TransportError, &mut steps),
        }
        self.carry_inbound(key, steps, None, None, out);
    }

    fn receive_again(&mut self, key: Key, out: &mut Vec<Output>) {
        let Some(inbound) = self.inbound.get_mut(&key) else {
            return;
        };
        let mut steps = Vec::new();
        match &mut inbound.machine {
            Machine::Invite(machine) => machine.handle(invite_server::Input::Request, &mut steps),
            Machine::Other(machine) => machine.handle(server::Input::Request, &mut steps),
        }
        self.carry_inbound(key, steps, None, None, out);
    }

    fn receive_ack(&mut self, id: &str, flow: Flow, message: Message, out: &mut Vec<Output>) {
        let accepted = || {
            matching::accepted(&message)
                .and_then(|id| self.accepted.get(&id))
                .copied()
        };
        let Some(key) = self.received.get(id).copied().or_else(accepted) else {
            return out.push(Output::Event(Event::Ack {
                key: None,
                flow,
                message,
            }));
        };
        let Some(inbound) = self.inbound.get_mut(&key) else {
            return;
        };
        let mut steps = Vec::new();
        match (&mut inbound.accepted, &mut inbound.machine) {
            (Some((_, accepted)), _) => accepted.handle(accepted_invite::Input::Ack, &mut steps),
            (None, Machine::Invite(machine)) => {
                machine.handle(invite_server::Input::Ack, &mut steps)
            }
            (None, Machine::Other(_)) => {}
        }
        let delivery = Event::Ack {
            key: Some(key),
            flow,
            message,
        };
        self.carry_inbound(key, steps, Some(delivery), None, out);
    }

    // RFC 3261 9.2.
    fn receive_cancel(
        &mut self,
        key: Key,
        message: Message,
        via: &wire::sip::Via,
        out: &mut Vec<Output>,
    ) {
        let invite = self
            .received
            .get(&matching::server(&message, via, "INVITE"))
            .copied();
        let Some(found) = invite.and_then(|key| self.inbound.get(&key)) else {
            let response = Message::response(&message, 481, "Call/Transaction Does Not Exist");
            return self.respond(key, response, out);
        };
        let (tag, answered) = (found.tag.clone(), found.answered);
        if let Some(inbound) = self.inbound.get_mut(&key) {
            inbound.tag = tag;
        }
        self.respond(key, Message::response(&message, 200, "OK"), out);
        if let (Some(key), false) = (invite, answered) {
            out.push(Output::Event(Event::Cancel { key, message }));
        }
    }

    fn carry_inbound(
        &mut self,
        key: Key,
        steps: Vec<transaction::Output>,
        delivery: Option<Event>,
        timeout: Option<Event>,
        out: &mut Vec<Output>,
    ) {
        let Some(inbound) = self.inbound.get_mut(&key) else {
            return;
        };
        let news = News {
            delivery,
            timeout,
            silent: false,
        };
        inbound.over |= carry(key, inbound.flow, steps, news, out);
        let waiting =
            |(_, it): &(String, AcceptedInvite)| it.state() == accepted_invite::State::Waiting;
        let over = inbound.over && !inbound.accepted.as_ref().is_some_and(waiting);
        if over && let Some(inbound) = self.inbound.remove(&key) {
            self.received.remove(&inbound.id);
            if let Some(single) = inbound.single {
                self.single.remove(&single);
            }
            if let Some((id, _)) = inbound.accepted {
                self.accepted.remove(&id);
            }
        }
    }
}

fn add_tag(message: &mut Message, tag: &str) {
    let untagged = message.to().is_some_and(|to| to.tag().is_none());
    if let (true, Some(to)) = (untagged, message.header("To")) {
        let tagged = format!("{to};tag={tag}");
        message.set("To", tagged);
    }
}

fn without_body(message: &Message) -> Message {
    Message {
        start: message.start.clone(),
        headers: message.headers.clone(),
        body: Vec::new(),
    }
}
