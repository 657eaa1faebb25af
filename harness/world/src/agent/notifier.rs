//! What the tester's server does for a client besides sessions: registrations, and the state of a conference.

use std::collections::BTreeSet;

use machines::port::Flow;
use wire::sip::Message;
use wire::xml::conference_info::{ConferenceInfo, Endpoint, User};

use super::{Agent, Call, Reply, Side};
use crate::core::user_key;

/// Seconds that a registration or subscription holds unless the client asks for less.
const HOLDS: u32 = 3600;

fn granted(request: &Message) -> u32 {
    let asked = request
        .header("Expires")
        .and_then(|e| e.trim().parse().ok());
    asked.unwrap_or(HOLDS).min(HOLDS)
}

impl Agent {
    /// 200 with the contact that was registered (RFC 3261 10.3).
    pub(super) fn register(&mut self, request: &Message) -> Vec<u8> {
        let mut answer = Message::response(request, 200, "OK");
        if let Some(to) = request.header("To") {
            answer.set("To", format!("{to};tag=registrar"));
        }
        for contact in request.values("Contact") {
            let bare = contact.trim() == "*" || contact.contains(";expires=");
            let held = match bare {
                true => contact,
                false => format!("{contact};expires={}", granted(request)),
            };
            if held != "*" {
                answer.push("Contact", held);
            }
        }
        self.remember(request, answer)
    }

    /// 200 and a first NOTIFY; a SUBSCRIBE of zero seconds, or `over`, ends the subscription (RFC 6665 4.2).
    pub(super) fn subscribe(
        &mut self,
        scene: usize,
        chair: &str,
        request: &Message,
        flow: Flow,
        via: &str,
    ) -> Vec<Reply> {
        let id = self.id_of(chair, request);
        if self.call_mut(&id).is_none() {
            self.ring_in(scene, chair, request, flow);
        }
        let most = self.grants.unwrap_or(HOLDS);
        let seconds = granted(request).min(most);
        let in_dialog = request.to().is_some_and(|to| to.tag().is_some());
        let mut answer = Message::response(request, 200, "OK");
        if let Some(call) = self.call_mut(&id) {
            call.code = Some(200);
            if let (Some(to), false) = (request.header("To"), in_dialog) {
                answer.set("To", format!("{to};tag={}", call.local_tag));
            }
        }
        let target = request.uri().unwrap_or_default().to_owned();
        answer.push("Contact", format!("<{target}>;isfocus"));
        answer.push("Expires", seconds.to_string());
        let answer = self.remember(request, answer);
        let mut replies = vec![(chair.to_owned(), flow, answer)];
        let state = match seconds {
            0 => "terminated;reason=timeout".to_owned(),
            _ => format!("active;expires={seconds}"),
        };
        replies.extend(self.notify(scene, &id, &state, via));
        replies
    }

    /// A NOTIFY that says who is in the conference; a terminated one is the last.
    pub(crate) fn notify(
        &mut self,
        scene: usize,
        call_id: &str,
        state: &str,
        via: &str,
    ) -> Option<Reply> {
        let roster = self.roster.clone();
        let (mut notify, flow) = self.inside(scene, "NOTIFY", call_id, via)?;
        let call = self.call_mut(call_id)?;
        call.ended |= state.starts_with("terminated");
        // The transport is how the conference is reached, not who it is.
        let target = call.request.uri().unwrap_or_default().to_owned();
        let entity = target.split(';').next().unwrap_or_default().to_owned();
        let event = call.request.header("Event").unwrap_or("conference");
        let document = ConferenceInfo {
            entity: entity.clone(),
            state: "full".to_owned(),
            version: call.cseq,
            user_count: u32::try_from(roster.len()).ok(),
            users: roster.into_iter().map(connected).collect(),
            ..ConferenceInfo::default()
        };
        notify.push("Contact", format!("<{target}>;isfocus"));
        notify.push("Event", event.to_owned());
        notify.push("Subscription-State", state.to_owned());
        notify.set_body("application/conference-info+xml", document.write());
        Some((call.chair.clone(), flow, notify.to_bytes()))
    }

    /// The conferences that the client has subscriptions to.
    pub(crate) fn followed(&self) -> BTreeSet<String> {
        let open = self.notified();
        let of = |call: &&Call| open.contains(&call.id);
        let calls = self.calls.iter().filter(of);
        calls
            .map(|call| user_key(call.request.uri().unwrap_or_default()))
            .collect()
    }

    /// Subscriptions of the client that go on.
    pub(crate) fn notified(&self) -> Vec<String> {
        let open = self.calls.iter().filter(|call| {
            !call.ended && call.side == Side::Called && call.request.method() == Some("SUBSCRIBE")
        });
        open.map(|call| call.id.clone()).collect()
    }
}

fn connected(address: String) -> User {
    User {
        endpoints: vec![Endpoint {
            entity: address.clone(),
            status: Some("connected".to_owned()),
            state: None,
        }],
        entity: address,
        ..User::default()
    }
}
