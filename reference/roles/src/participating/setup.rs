//! A session is set up through the B2BUA: the INVITE of one leg makes its own on the other.

use machines::dialog::Id;
use machines::port::Flow;
use machines::transactions::Key;
use wire::sip::{Message, NameAddr};

use super::call::{
    Call, End, Leg, Passing, contact, copy_headers, hops_left, is_focus, understood,
};
use super::user_plane::{Face, copy_body};
use super::{Participating, Purpose};
use crate::controlling::general::{Refusal, allowed};
use crate::stack::hop;

impl Participating {
    pub(super) fn invite(&mut self, key: Key, flow: Flow, request: &Message) {
        if let Err(refusal) = self.check(flow, request) {
            return self.refuse(key, request, refusal);
        }
        self.counter += 1;
        let id = self.counter;
        let identity = self.stack.ids.session();
        let (mut invite, to) = match self.outgoing(flow, request, &identity) {
            Ok(outgoing) => outgoing,
            Err(refusal) => return self.refuse(key, request, refusal),
        };
        let served = self.served(flow, request);
        let mut caller = self.leg(id, End::Caller, flow, allowed(request));
        caller.focus = is_focus(request);
        let callee = self.leg(id, End::Callee, to, Vec::new());
        self.calls
            .insert(id, Call::new(served, identity, caller, callee));
        let sdp = match self.show(id, End::Caller, key, request) {
            Ok(sdp) => sdp,
            Err(refusal) => {
                self.drop_call(id);
                return self.refuse(key, request, refusal);
            }
        };
        copy_body(request, &mut invite, sdp);
        if let Some(call) = self.calls.get_mut(&id) {
            call.changing = Some((End::Caller, key));
        }
        let received = Message {
            body: Vec::new(),
            ..request.clone()
        };
        let other = self.stack.request(invite, to);
        self.stack
            .arm(Purpose::Ringing(other), self.config.patience);
        self.passed.insert(key, other);
        let passing = Passing {
            call: id,
            from: End::Caller,
            server: key,
            received,
            method: "INVITE".into(),
            cseq: 1,
            answered: false,
        };
        self.passing.insert(other, passing);
    }

    fn check(&self, flow: Flow, request: &Message) -> Result<(), Refusal> {
        if self.stopping || self.calls.len() >= CALLS {
            return Err(Refusal::new(503).with("Retry-After", "60"));
        }
        self.may_reach(flow, request)?;
        let required = request.values("Require");
        let unknown: Vec<String> = required
            .into_iter()
            .filter(|tag| !understood(tag))
            .collect();
        if !unknown.is_empty() {
            return Err(Refusal::new(420).with("Unsupported", unknown.join(", ")));
        }
        if request.contact().is_none() {
            return Err(Refusal::new(400));
        }
        Ok(())
    }

    // The INVITE of the other leg without its body, and where it goes.
    fn outgoing(
        &mut self,
        flow: Flow,
        request: &Message,
        identity: &str,
    ) -> Result<(Message, Flow), Refusal> {
        let hops = hops_left(request).ok_or_else(|| Refusal::new(483))?;
        let (Some(mut from), Some(mut to)) = (request.from(), request.to()) else {
            return Err(Refusal::new(400));
        };
        let (routes, next) = self.way(request);
        let mut invite = Message::request("INVITE", request.uri().unwrap_or_default());
        invite.push("Max-Forwards", hops.to_string());
        for route in routes {
            invite.push("Route", route);
        }
        from.params.set("tag", Some(self.stack.ids.tag()));
        to.params.remove("tag");
        invite.push("From", from.to_string());
        invite.push("To", to.to_string());
        let host = self.stack.local.sip.ip().to_string();
        invite.push("Call-ID", self.stack.ids.call_id(&host));
        invite.push("CSeq", "1 INVITE");
        let ours = self.stack.local.sip;
        invite.push("Contact", contact(request, identity, ours, next.transport));
        copy_headers(request, &mut invite, self.is_trusted(flow));
        if let Some(value) = request.header("Replaces") {
            invite.push("Replaces", self.replaced(value));
        }
        Ok((invite, next))
    }

    // RFC 3891 3: a dialog that we stand in has another name on its other leg.
    fn replaced(&self, value: &str) -> String {
        let mut parts = value.split(';').map(str::trim);
        let call_id = parts.next().unwrap_or_default().to_owned();
        let (mut tags, mut others) = ([String::new(), String::new()], String::new());
        for part in parts {
            match part.split_once('=') {
                Some((name, tag)) if name.eq_ignore_ascii_case("to-tag") => tags[0] = tag.into(),
                Some((name, tag)) if name.eq_ignore_ascii_case("from-tag") => tags[1] = tag.into(),
                _ => others += &format!(";{part}"),
            }
        }
        let [local_tag, remote_tag] = tags;
        let id = Id {
            call_id,
            local_tag,
            remote_tag,
        };
        let place = self.dialogs.get(&id);
        let call = place.and_then(|(call, end)| Some((self.calls.get(call)?, end)));
        let other = call.and_then(|(call, end)| call.leg(end.other()).dialog.as_ref());
        match other.map(|dialog| &dialog.id) {
            Some(other) => format!(
                "{};to-tag={};from-tag={}{others}",
                other.call_id, other.remote_tag, other.local_tag
            ),
            None => value.to_owned(),
        }
    }

    /// The Route set behind us, and the next hop: its first address, or else the core.
    pub(super) fn way(&self, request: &Message) -> (Vec<String>, Flow) {
        let mut routes = request.values("Route");
        let uri = |route: &String| NameAddr::parse(route).ok().map(|route| route.uri);
        let ours = |route: &String| uri(route).is_some_and(|uri| self.proxy.is_own(&uri));
        if routes.first().is_some_and(ours) {
            routes.remove(0);
        }
        let core = self.core();
        let next = routes.first().and_then(uri);
        let next = next.map_or(core, |next| hop(&next, core.transport, core));
        (routes, next)
    }

    fn leg(&mut self, call: u64, end: End, flow: Flow, allow: Vec<String>) -> Leg {
        let session = self.stack.ids.msrp_session();
        let own = format!("msrp://{}/{session};tcp", self.stack.local.msrp);
        self.relay.reserve((call, end), &own);
        let number = call << 1 | u64::from(end == End::Callee);
        Leg {
            dialog: None,
            flow,
            allow,
            focus: false,
            face: Face::new(own, number),
        }
    }
}

/// Who sends: as the core asserts, or else as From says.
pub(super) fn originator(request: &Message, trusted: bool) -> Option<NameAddr> {
    let mut asserted = request.values("P-Asserted-Identity").into_iter();
    let asserted = asserted.find_map(|value| NameAddr::parse(&value).ok().filter(|_| trusted));
    asserted.or_else(|| request.from())
}

/// The most calls of one shard.
const CALLS: usize = 100_000;
