//! The client side of the layer: requests that we send.

use wire::sip::Message;

use super::{Event, Key, Layer, News, Output, carry, ignore, matching, send, via};
use crate::port::{Flow, Transport};
use crate::transaction::client::{self, Client};
use crate::transaction::invite_client::{self, InviteClient};
use crate::transaction::{self, Timer};

#[derive(Debug)]
enum Machine {
    Invite(InviteClient),
    Other(Client),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cancel {
    Unasked,
    Wanted,
    Sent,
}

/// One request sent, and what its responses need.
#[derive(Debug)]
pub(super) struct Outbound {
    pub(super) flow: Flow,
    pub(super) request: Message,
    id: String,
    machine: Machine,
    heard: bool,
    cancel: Cancel,
    /// Went by TCP for its size; UDP is left to try (RFC 3261 18.1.1).
    raised: bool,
    /// The layer's own CANCEL: nobody waits for news of it.
    silent: bool,
    ack: Option<(String, Flow, Vec<u8>)>,
}

impl Layer {
    /// Sends a request in a new transaction, with a Via of its own, and Max-Forwards when it has none.
    pub fn request(&mut self, mut message: Message, flow: Flow, out: &mut Vec<Output>) -> Key {
        if message.header("Max-Forwards").is_none() {
            message.push_first("Max-Forwards", "70");
        }
        self.forward(message, flow, "", out)
    }

    /// Sends a request in a new transaction, with a Via whose branch ends in `mark`, by which a proxy knows it again
    /// (RFC 3261 16.6 step 8).
    pub fn forward(
        &mut self,
        mut message: Message,
        flow: Flow,
        mark: &str,
        out: &mut Vec<Output>,
    ) -> Key {
        let branch = self.source.branch() + mark;
        message.push_first("Via", via::ours(flow.transport, self.local, &branch));
        self.start(message, flow, &branch, false, out)
    }

    /// Sends a request without a transaction (RFC 3261 16.11): the ACK to a 2xx that passes through a proxy.
    pub fn relay(&self, mut message: Message, flow: Flow, branch: &str, out: &mut Vec<Output>) {
        message.push_first("Via", via::ours(flow.transport, self.local, branch));
        send(flow, message.to_bytes(), out);
    }

    /// Sends the ACK for a 2xx, and again for every copy of that 2xx (RFC 3261 13.2.2.4).
    pub fn acknowledge(
        &mut self,
        key: Key,
        mut message: Message,
        flow: Flow,
        out: &mut Vec<Output>,
    ) {
        let branch = self.source.branch();
        message.push_first("Via", via::ours(flow.transport, self.local, &branch));
        let bytes = message.to_bytes();
        if let Some(outbound) = self.outbound.get_mut(&key) {
            let tag = message
                .to()
                .and_then(|to| to.tag().map(str::to_owned))
                .unwrap_or_default();
            outbound.ack = Some((tag, flow, bytes.clone()));
        }
        send(flow, bytes, out);
    }

    /// Cancels an INVITE that we sent, as soon as a provisional response allows it (RFC 3261 9.1).
    pub fn cancel(&mut self, key: Key, out: &mut Vec<Output>) {
        let Some(outbound) = self.outbound.get_mut(&key) else {
            return ignore("nothing to cancel", out);
        };
        let state = match &outbound.machine {
            Machine::Invite(machine) => machine.state(),
            Machine::Other(_) => return ignore("only an INVITE is cancelled", out),
        };
        match (state, outbound.cancel) {
            (invite_client::State::Calling, Cancel::Unasked) => outbound.cancel = Cancel::Wanted,
            (invite_client::State::Proceeding, Cancel::Unasked | Cancel::Wanted) => {
                self.send_cancel(key, out)
            }
            _ => ignore("too late to cancel, or done before", out),
        }
    }

    pub(super) fn receive_response(&mut self, message: Message, out: &mut Vec<Output>) {
        let Some((via, cseq, code)) = parts(&message) else {
            return ignore("response without Via or CSeq", out);
        };
        let id = matching::client(via.branch().unwrap_or(""), &cseq.method);
        let Some(key) = self.sent.get(&id).copied() else {
            return ignore("response to nothing we sent", out);
        };
        let Some(outbound) = self.outbound.get_mut(&key) else {
            return;
        };
        if outbound.repeats(&message, code, out) {
            return;
        }
        outbound.heard = true;
        outbound.request.body = Vec::new();
        let mut steps = Vec::new();
        match &mut outbound.machine {
            Machine::Invite(machine) => {
                let ack = if code < 300 {
                    Vec::new()
                } else {
                    ack(&outbound.request, &message)
                };
                machine.handle(invite_client::Input::Response { code, ack }, &mut steps);
            }
            Machine::Other(machine) => machine.handle(client::Input::Response(code), &mut steps),
        }
        let wanted = outbound.cancel == Cancel::Wanted;
        let delivery = (!outbound.silent).then_some(Event::Response { key, message });
        self.carry_outbound(key, steps, delivery, out);
        if wanted && code < 200 {
            self.send_cancel(key, out);
        }
    }

    pub(super) fn fire_outbound(&mut self, key: Key, timer: Timer, out: &mut Vec<Output>) {
        let Some(outbound) = self.outbound.get_mut(&key) else {
            return;
        };
        let mut steps = Vec::new();
        match &mut outbound.machine {
            Machine::Invite(machine) => {
                machine.handle(invite_client::Input::Fired(timer), &mut steps)
            }
            Machine::Other(machine) => machine.handle(client::Input::Fired(timer), &mut steps),
        }
        self.carry_outbound(key, steps, None, out);
    }

    pub(super) fn fail_outbound(&mut self, key: Key, out: &mut Vec<Output>) {
        let Some(outbound) = self.outbound.get_mut(&key) else {
            return;
        };
        if outbound.raised && !outbound.heard {
            return self.lower(key, out);
        }
        let mut steps = Vec::new();
        match &mut outbound.machine {
            Machine::Invite(machine) => {
                machine.handle(invite_client::Input::TransportError, &mut steps)
            }
            Machine::Other(machine) => machine.handle(client::Input::TransportError, &mut steps),
        }
        self.carry_outbound(key, steps, None, out);
    }

    fn start(
        &mut self,
        message: Message,
        flow: Flow,
        branch: &str,
        silent: bool,
        out: &mut Vec<Output>,
    ) -> Key {
        let key = self.key();
        let (mut message, mut flow) = (message, flow);
        let mut bytes = message.to_bytes();
        let raised = flow.transport == Transport::Udp && bytes.len() > LARGE && !silent;
        if raised {
            flow.transport = Transport::Tcp;
            rewrite(&mut message, via::ours(flow.transport, self.local, branch));
            bytes = message.to_bytes();
        }
        let id = matching::client(branch, message.method().unwrap_or(""));
        self.sent.insert(id.clone(), key);
        let mut steps = Vec::new();
        let machine = begin(&message, bytes, flow, &mut steps);
        let cancel = Cancel::Unasked;
        let outbound = Outbound {
            flow,
            request: message,
            id,
            machine,
            heard: false,
            cancel,
            raised,
            silent,
            ack: None,
        };
        self.outbound.insert(key, outbound);
        self.carry_outbound(key, steps, None, out);
        key
    }

    // RFC 3261 18.1.1: when the larger transport is refused, the original one is tried.
    fn lower(&mut self, key: Key, out: &mut Vec<Output>) {
        let Some(outbound) = self.outbound.get_mut(&key) else {
            return;
        };
        outbound.raised = false;
        outbound.flow.transport = Transport::Udp;
        let Some(via) = outbound.request.via() else {
            return;
        };
        let branch = via.branch().unwrap_or("").to_owned();
        rewrite(
            &mut outbound.request,
            via::ours(Transport::Udp, self.local, &branch),
        );
        let mut steps = Vec::new();
        let bytes = outbound.request.to_bytes();
        outbound.machine = begin(&outbound.request, bytes, outbound.flow, &mut steps);
        self.carry_outbound(key, steps, None, out);
    }

    fn send_cancel(&mut self, key: Key, out: &mut Vec<Output>) {
        let Some(outbound) = self.outbound.get_mut(&key) else {
            return;
        };
        outbound.cancel = Cancel::Sent;
        let mut steps = Vec::new();
        if let Machine::Invite(machine) = &mut outbound.machine {
            machine.handle(invite_client::Input::Cancelled, &mut steps);
        }
        let mut message = same(&outbound.request, "CANCEL");
        if let Some(to) = outbound.request.header("To") {
            message.push("To", to.to_owned());
        }
        let flow = outbound.flow;
        let branch = outbound
            .request
            .via()
            .and_then(|via| via.branch().map(str::to_owned))
            .unwrap_or_default();
        self.carry_outbound(key, steps, None, out);
        self.start(message, flow, &branch, true, out);
    }

    fn carry_outbound(
        &mut self,
        key: Key,
        steps: Vec<transaction::Output>,
        delivery: Option<Event>,
        out: &mut Vec<Output>,
    ) {
        let Some(outbound) = self.outbound.get(&key) else {
            return;
        };
        let news = News {
            delivery,
            timeout: Some(Event::Timeout(key)),
            silent: outbound.silent,
        };
        let ended = carry(key, outbound.flow, steps, news, out);
        if ended && let Some(outbound) = self.outbound.remove(&key) {
            self.sent.remove(&outbound.id);
        }
    }
}

impl Outbound {
    /// Acknowledges a copy of a 2xx that is acknowledged already.
    fn repeats(&self, message: &Message, code: u16, out: &mut Vec<Output>) -> bool {
        let Some((tag, flow, bytes)) = &self.ack else {
            return false;
        };
        let copy = (200..300).contains(&code)
            && message.to().is_some_and(|to| to.tag().unwrap_or("") == tag);
        if copy {
            send(*flow, bytes.clone(), out);
        }
        copy
    }
}

const LARGE: usize = 1300;

fn begin(
    message: &Message,
    bytes: Vec<u8>,
    flow: Flow,
    steps: &mut Vec<transaction::Output>,
) -> Machine {
    let reliable = flow.transport.reliable();
    if message.method() == Some("INVITE") {
        Machine::Invite(InviteClient::start(bytes, reliable, steps))
    } else {
        Machine::Other(Client::start(bytes, reliable, steps))
    }
}

fn parts(message: &Message) -> Option<(wire::sip::Via, wire::sip::CSeq, u16)> {
    Some((message.via()?, message.cseq()?, message.code()?))
}

// Our own requests have one Via on a line of its own, the first.
fn rewrite(message: &mut Message, via: String) {
    if let Some(header) = message.headers.first_mut() {
        header.value = via;
    }
}

// RFC 3261 17.1.1.3.
fn ack(request: &Message, response: &Message) -> Vec<u8> {
    let mut ack = same(request, "ACK");
    if let Some(to) = response.header("To") {
        ack.push("To", to.to_owned());
    }
    ack.to_bytes()
}

// What ACK and CANCEL share with their INVITE: everything that routes and names it (RFC 3261 9.1, 17.1.1.3).
fn same(request: &Message, method: &str) -> Message {
    let mut message = Message::request(method, request.uri().unwrap_or(""));
    // RFC 3261 9.1, 17.1.1.3: our own Via only, whatever is below it.
    if let Some(via) = request.header("Via") {
        message.push("Via", via.to_owned());
    }
    for name in ["Max-Forwards", "Route", "From", "Call-ID"] {
        for value in request.headers(name) {
            message.push(name, value.to_owned());
        }
    }
    if let Some(cseq) = request.cseq() {
        message.push("CSeq", format!("{} {method}", cseq.number));
    }
    message
}
