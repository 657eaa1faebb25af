//! The function as a SIP proxy (RFC 3261 16): what it passes on, and what stays in its path by Record-Route.

use machines::port::Flow;
use machines::proxy::{Final, Target, next_hop};
use machines::transactions::Key;
use wire::sip::{Message, Uri};

use super::{Mode, Participating};
use crate::controlling::general::Refusal;

impl Participating {
    /// Passes a request on: as its Route says, or else to the core.
    // 6.1.2.2.4/on-reinvite-proxy/u1, 6.1.3.2.2/on-reinvite-proxy/u1
    pub(super) fn forward(&mut self, key: Key, flow: Flow, request: &Message) {
        if let Err(response) = self.proxy.validate(request) {
            return self.stack.respond(key, response);
        }
        let inside = request.to().is_some_and(|to| to.tag().is_some());
        if !inside && let Err(refusal) = self.may_reach(flow, request) {
            return self.refuse(key, request, refusal);
        }
        let (copy, target) = self.prepare(flow, request);
        if copy.header("Route").is_none() && self.is_ours(&copy) {
            let code = if inside { 481 } else { 404 };
            return self.refuse(key, request, Refusal::new(code));
        }
        // RFC 6665 4.3: a NOTIFY may come before the answer to its SUBSCRIBE, and make the dialog.
        let stays = matches!(
            request.method(),
            Some("INVITE" | "NOTIFY" | "SUBSCRIBE" | "REFER" | "UPDATE")
        );
        let own = format!("<sip:{};lr>", self.stack.local.sip);
        let own = Some(own).filter(|_| stays);
        let proxy = &mut self.proxy;
        let outcome = self
            .stack
            .with_layer(|layer, out| proxy.forward(key, copy, target, own, layer, out));
        match outcome {
            Ok(_) => self.note_session(flow, request),
            Err(response) => self.stack.respond(key, response),
        }
    }

    /// An ACK for a 2xx that passes through.
    pub(super) fn relay_ack(&mut self, flow: Flow, ack: &Message) {
        if self.config.mode == Mode::Proxy {
            let (copy, target) = self.prepare(flow, ack);
            let proxy = &self.proxy;
            self.stack
                .with_layer(|layer, out| proxy.relay(copy, target, layer, out));
        }
    }

    fn prepare(&self, flow: Flow, request: &Message) -> (Message, Target) {
        let mut copy = request.clone();
        self.proxy.take_routes(&mut copy);
        if !self.is_trusted(flow) {
            copy.remove("P-Asserted-Identity");
        }
        let inside = copy.to().is_some_and(|to| to.tag().is_some());
        let routed = inside || copy.header("Route").is_some();
        let core = self.core();
        let next = next_hop(&copy, core.transport).filter(|_| routed);
        let target = Target {
            uri: self.behind(&copy),
            routes: Vec::new(),
            flow: next.unwrap_or(core),
        };
        (copy, target)
    }

    // Whoever a B2BUA presents under its own address is reached there by requests of other dialogs too.
    fn behind(&self, request: &Message) -> Option<String> {
        let asked = Uri::parse(request.uri()?).ok()?;
        let user = asked.user.clone().filter(|_| self.proxy.is_own(&asked))?;
        let shown = |one: &&super::call::Call| one.shows(&user).is_some();
        let call = self.calls.values().find(shown)?;
        call.shows(&user).map(Uri::to_string)
    }

    fn is_ours(&self, request: &Message) -> bool {
        let asked = request.uri().and_then(|uri| Uri::parse(uri).ok());
        asked.is_some_and(|uri| self.proxy.is_own(&uri)) && self.behind(request).is_none()
    }

    /// A response to a request that was passed on.
    // 6.1.3.2.2/on-200-proxy/u1
    pub(super) fn response_back(&mut self, key: Key, response: Message) {
        let proxy = &mut self.proxy;
        let last = self
            .stack
            .with_layer(|layer, out| proxy.response(key, response, layer, out));
        self.pass_back(last);
    }

    pub(super) fn failed_branch(&mut self, key: Key, code: u16) {
        let proxy = &mut self.proxy;
        let last = self
            .stack
            .with_layer(|layer, out| proxy.failed(key, code, layer, out));
        self.pass_back(last);
    }

    // 6.1.2.2.4/on-final-error/u1, 6.1.3.2.2/on-final-error/1
    fn pass_back(&mut self, last: Option<Final>) {
        if let Some(last) =
            last.filter(|last| !self.keeps(last.key, last.response.code().unwrap_or(500)))
        {
            self.sessions
                .remove(last.response.call_id().unwrap_or_default());
            let proxy = &mut self.proxy;
            self.stack
                .with_layer(|layer, out| proxy.pass(&last, layer, out));
        }
    }

    pub(super) fn cancel_branches(&mut self, key: Key) {
        let proxy = &mut self.proxy;
        let known = self
            .stack
            .with_layer(|layer, out| proxy.cancelled(key, layer, out));
        if let Some(invite) = self.stack.request_of(key).filter(|_| !known) {
            self.refuse(key, &invite, Refusal::new(487));
        }
    }
}
