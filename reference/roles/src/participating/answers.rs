//! Responses of one leg make those of the other: the same code, our dialog, our address in the path of the media.

use machines::dialog::{self, Dialog};
use machines::transactions::Key;
use wire::sip::{Message, Start};

use super::call::{End, Passing, contact, copy_headers, is_focus};
use super::user_plane::copy_body;
use super::{Participating, Purpose};
use crate::controlling::general::{allowed, reason};

impl Participating {
    pub(super) fn response(&mut self, key: Key, response: Message) {
        let code = response.code().unwrap_or(500);
        if self.parcel_answered(key, code, Some(&response)) {
            return;
        }
        if self.own.contains(&key) {
            if code >= 200 {
                self.own.remove(&key);
            }
            return;
        }
        let Some(passing) = self.passing.get(&key).cloned() else {
            return self.response_back(key, response);
        };
        if passing.answered {
            return self.again(key, &passing, &response);
        }
        match code {
            0..=100 => {}
            101..=199 => self.provisional(&passing, &response),
            200..=299 => self.success(key, passing, &response),
            _ => self.failure(key, passing, &response),
        }
    }

    // No SDP: without 100rel it could not be an answer, and the 2xx has it.
    fn provisional(&mut self, passing: &Passing, response: &Message) {
        if passing.received.method() == Some("INVITE") {
            let mut copy = self.copy(passing, response);
            copy.body = Vec::new();
            self.stack.respond(passing.server, copy);
        }
    }

    // 6.1.2.2.4/on-200/1 and 3, 6.1.3.2.2/on-200-b2bua/1 and 3
    fn success(&mut self, key: Key, mut passing: Passing, response: &Message) {
        self.stack.disarm(&Purpose::Ringing(key));
        if !self.calls.contains_key(&passing.call) || !self.follow(key, &passing, response) {
            self.forget(key, &passing);
            return;
        }
        let mut copy = self.copy(&passing, response);
        let answerer = passing.from.other();
        let sdp = self
            .show(passing.call, answerer, passing.server, response)
            .ok()
            .flatten();
        // 6.1.3.2.2/on-200-b2bua/2, and F88 for 6.1.2.2.4
        if !(passing.is_converted() && passing.received.header("Content-Type").is_none()) {
            copy_body(response, &mut copy, sdp);
        }
        self.stack.respond(passing.server, copy);
        passing.answered = true;
        self.supervise(passing.call, passing.from, response);
        match (passing.method.as_str(), passing.is_converted()) {
            ("INVITE", false) => {
                self.passing.insert(key, passing);
            }
            ("INVITE", true) => {
                self.confirm(key, &passing, |_| {});
                self.forget(key, &passing);
            }
            ("BYE", _) => {
                self.forget(key, &passing);
                self.drop_call(passing.call);
            }
            _ => self.forget(key, &passing),
        }
    }

    // The dialogs learn of a 2xx, or are made by it; whether the call can go on.
    fn follow(&mut self, key: Key, passing: &Passing, response: &Message) -> bool {
        let sent = self.stack.request_of(key);
        let tag = self.stack.tag(passing.server);
        let (id, from) = (passing.call, passing.from);
        let Some(call) = self.calls.get_mut(&id) else {
            return false;
        };
        if response.header("Allow").is_some() {
            call.leg_mut(from.other()).allow = allowed(response);
        }
        let established = call.is_established();
        for (end, input) in [
            (from, dialog::Input::Granted(&passing.received)),
            (from.other(), dialog::Input::Response(response)),
        ] {
            if let Some(dialog) = call.leg_mut(end).dialog.as_mut() {
                dialog.handle(input, &mut Vec::new());
            }
        }
        if established || passing.method != "INVITE" {
            return true;
        }
        let callee =
            sent.and_then(|sent| Dialog::uac(&sent, response, sent.header("Contact")?).ok());
        let caller = Dialog::uas(&passing.received, &tag, "", true).ok();
        let (Some(callee), Some(caller)) = (callee, caller) else {
            let failed = Message::response(&passing.received, 502, "Bad Gateway");
            self.stack.respond(passing.server, failed);
            self.drop_call(id);
            return false;
        };
        self.dialogs.insert(caller.id.clone(), (id, End::Caller));
        self.dialogs.insert(callee.id.clone(), (id, End::Callee));
        call.leg_mut(End::Caller).dialog = Some(caller);
        let answerer = call.leg_mut(End::Callee);
        answerer.focus = is_focus(response);
        answerer.dialog = Some(callee);
        true
    }

    // 6.1.2.2.4/on-final-error/u1, 6.1.3.2.2/on-final-error/1
    fn failure(&mut self, key: Key, passing: Passing, response: &Message) {
        self.stack.disarm(&Purpose::Ringing(key));
        self.forget(key, &passing);
        let mut copy = self.copy(&passing, response);
        copy_body(response, &mut copy, None);
        self.stack.respond(passing.server, copy);
        let Some(call) = self.calls.get_mut(&passing.call) else {
            return;
        };
        call.changing.take_if(|(_, key)| *key == passing.server);
        call.offer.take_if(|offer| offer.key == passing.server);
        // RFC 3261 12.2.1.2: these two end the dialog, and so does any answer to a BYE.
        let over = matches!(response.code(), Some(408 | 481)) || passing.method == "BYE";
        if over || !call.is_established() {
            self.drop_call(passing.call);
        }
    }

    /// The response of this leg, with our address where the other end wrote its own.
    fn copy(&mut self, passing: &Passing, response: &Message) -> Message {
        let code = response.code().unwrap_or(500);
        let said = match &response.start {
            Start::Response { reason, .. } => reason.as_str(),
            Start::Request { .. } => reason(code),
        };
        let mut copy = Message::response(&passing.received, code, said);
        let makes = passing.received.to().is_some_and(|to| to.tag().is_none());
        if makes && (101..300).contains(&code) {
            // RFC 3261 12.1.1: a response that makes a dialog repeats the Record-Route.
            let routes: Vec<String> = passing
                .received
                .headers("Record-Route")
                .map(str::to_owned)
                .collect();
            for route in routes {
                copy.push("Record-Route", route);
            }
        }
        let call = self.calls.get(&passing.call);
        let redirects = (300..400).contains(&code) || code == 485;
        for value in response.headers("Contact").filter(|_| redirects) {
            copy.push("Contact", value);
        }
        if let Some(call) = call.filter(|_| !redirects && response.contact().is_some()) {
            let (ours, transport) = (self.stack.local.sip, call.leg(passing.from).flow.transport);
            copy.push(
                "Contact",
                contact(response, &call.identity, ours, transport),
            );
        }
        copy_headers(response, &mut copy, true);
        copy
    }

    // A 2xx that is repeated before its ACK, or one of another branch of the way: that call is taken and ended.
    fn again(&mut self, key: Key, passing: &Passing, response: &Message) {
        let call = self.calls.get(&passing.call);
        let dialog = call.and_then(|call| call.leg(passing.from.other()).dialog.as_ref());
        let known = dialog.map(|dialog| dialog.id.remote_tag.clone());
        let tag = response.to().and_then(|to| to.tag().map(str::to_owned));
        if known == tag || !matches!(response.code(), Some(200..=299)) {
            return;
        }
        let sent = self.stack.request_of(key);
        let other = sent.and_then(|sent| Dialog::uac(&sent, response, "").ok());
        if let (Some(mut other), Some(leg)) =
            (other, call.map(|call| call.leg(passing.from.other())))
        {
            let flow = crate::stack::hop(&other.next_hop(), leg.flow.transport, self.core());
            let ack = other.ack(passing.cseq);
            let bye = other.request("BYE");
            self.stack.acknowledge(key, ack, flow);
            let bye = self.stack.request(bye, flow);
            self.own.insert(bye);
        }
    }

    pub(super) fn forget(&mut self, key: Key, passing: &Passing) {
        self.passing.remove(&key);
        self.passed.remove(&passing.server);
        if let Some(call) = self.calls.get_mut(&passing.call) {
            call.changing.take_if(|(_, key)| *key == passing.server);
        }
    }

    /// No answer came: as if the other end had said so.
    pub(super) fn failed(&mut self, key: Key, code: u16) {
        if self.parcel_answered(key, code, None) {
            return;
        }
        if let Some(passing) = self.passing.get(&key) {
            let answer = Message::response(&passing.received, code, reason(code));
            return self.response(key, answer.with("Server", self.config.release.clone()));
        }
        if !self.own.remove(&key) {
            self.failed_branch(key, code);
        }
    }
}
