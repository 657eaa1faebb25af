//! Requests inside a call of the B2BUA: each makes its own on the other leg.

use machines::dialog::{self, Id};
use machines::port::Flow;
use machines::transactions::Key;
use wire::sip::Message;

use super::call::{End, Passing, contact, copy_headers, hops_left};
use super::user_plane::{SDP, copy_body};
use super::{Participating, Purpose};
use crate::controlling::general::{Refusal, allowed};
use crate::stack::hop;

impl Participating {
    /// A request inside one of our dialogs.
    pub(super) fn inside(&mut self, key: Key, flow: Flow, request: &Message) {
        let place = Id::of_request(request)
            .and_then(|id| self.dialogs.get(&id))
            .copied();
        let Some((id, from)) = place else {
            return self.refuse(key, request, Refusal::new(481));
        };
        let outcome = self
            .accept(id, from, request)
            .and_then(|()| self.pass(id, from, key, flow, request));
        if let Err(refusal) = outcome {
            self.refuse(key, request, refusal);
        }
    }

    // RFC 3261 12.2.2, and whose turn it is (14.2, RFC 3311 5.2).
    fn accept(&mut self, id: u64, from: End, request: &Message) -> Result<(), Refusal> {
        let call = self.calls.get_mut(&id).ok_or_else(|| Refusal::new(481))?;
        let mut said = Vec::new();
        if let Some(dialog) = call.leg_mut(from).dialog.as_mut() {
            dialog.handle(dialog::Input::Request(request), &mut said);
        }
        for one in said {
            if let dialog::Output::Reject { code, .. } = one {
                return Err(Refusal::new(code));
            }
        }
        if !is_change(request) {
            return Ok(());
        }
        match call.changing {
            Some((other, _)) if other != from => Err(Refusal::new(491)),
            Some(_) => {
                let wait = self.stack.ids.below(RETRY_AFTER) + 1;
                Err(Refusal::new(500).with("Retry-After", wait.to_string()))
            }
            None => Ok(()),
        }
    }

    fn pass(
        &mut self,
        id: u64,
        from: End,
        key: Key,
        flow: Flow,
        request: &Message,
    ) -> Result<(), Refusal> {
        let hops = hops_left(request).ok_or_else(|| Refusal::new(483))?;
        let asked = request.method().unwrap_or_default();
        let method = self.method(id, from, asked);
        // Before anything is sent: the parameters may be refused (6.1.2.2.4/on-reinvite-b2bua/1).
        let sdp = self.show(id, from, key, request)?;
        let trusted = self.is_trusted(flow);
        let (core, ours) = (self.core(), self.stack.local.sip);
        let call = self.calls.get_mut(&id).ok_or_else(|| Refusal::new(481))?;
        if !request.values("Allow").is_empty() {
            call.leg_mut(from).allow = allowed(request);
        }
        let identity = call.identity.clone();
        let leg = call.leg_mut(from.other());
        let to = leg
            .dialog
            .as_ref()
            .map(|dialog| hop(&dialog.next_hop(), leg.flow.transport, core));
        let latest = leg.face.sdp.clone();
        let dialog = leg.dialog.as_mut().ok_or_else(|| Refusal::new(481))?;
        if request.contact().is_some() {
            dialog.contact = contact(request, &identity, ours, leg.flow.transport);
        }
        let mut copy = dialog.request(&method);
        let cseq = dialog.local_cseq;
        copy.set("Max-Forwards", hops.to_string());
        copy_headers(request, &mut copy, trusted);
        copy_body(request, &mut copy, sdp);
        // A refresh by UPDATE that the other end does not allow: the description that stands is offered again.
        if method != asked && copy.body.is_empty() {
            copy.set_body(SDP, latest.into_bytes());
        }
        if is_change(request) || method == "INVITE" {
            call.changing = Some((from, key));
        }
        call.ending |= method == "BYE";
        let other = self.stack.request(copy, to.unwrap_or(core));
        if method == "INVITE" {
            self.stack
                .arm(Purpose::Ringing(other), self.config.patience);
        }
        let received = Message {
            body: Vec::new(),
            ..request.clone()
        };
        let passing = Passing {
            call: id,
            from,
            server: key,
            received,
            method,
            cseq,
            answered: false,
        };
        self.passed.insert(key, other);
        self.passing.insert(other, passing);
        Ok(())
    }

    /// The ACK for a 2xx of ours makes that for the 2xx of the other leg.
    pub(super) fn acknowledged(&mut self, key: Key, ack: &Message) {
        let Some(other) = self.passed.remove(&key) else {
            return;
        };
        let Some(passing) = self.passing.remove(&other) else {
            return;
        };
        let sdp = self
            .show(passing.call, passing.from, key, ack)
            .ok()
            .flatten();
        self.confirm(other, &passing, |copy| copy_body(ack, copy, sdp));
    }

    /// Sends the ACK of the other leg.
    pub(super) fn confirm(
        &mut self,
        other: Key,
        passing: &Passing,
        body: impl FnOnce(&mut Message),
    ) {
        let core = self.core();
        let Some(call) = self.calls.get_mut(&passing.call) else {
            return;
        };
        call.changing.take_if(|(_, key)| *key == passing.server);
        let leg = call.leg(passing.from.other());
        let Some(dialog) = &leg.dialog else {
            return;
        };
        let mut ack = dialog.ack(passing.cseq);
        body(&mut ack);
        let flow = hop(&dialog.next_hop(), leg.flow.transport, core);
        self.stack.acknowledge(other, ack, flow);
    }
}

/// Whether it offers something, or may be offered something.
fn is_change(request: &Message) -> bool {
    match request.method() {
        Some("INVITE") => true,
        Some("UPDATE") => !request.body.is_empty(),
        _ => false,
    }
}

/// Largest Retry-After, in seconds (RFC 3261 14.2).
const RETRY_AFTER: u32 = 10;
