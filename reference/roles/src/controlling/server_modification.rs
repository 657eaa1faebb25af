//! IM Session modification by the server (7.2.2.6): what a participant changed is offered to the others.

use std::collections::BTreeMap;
use std::time::Duration;

use machines::dialog;
use machines::session_timer::{Refresher, State, header};
use machines::transactions::Key;
use wire::sip::Message;

use super::admission::{SDP, description};
use super::general::{ALLOW, allowed};
use super::session::{Presence, Session};
use super::session_modification::Proposal;
use crate::identifiers::Identifiers;
use crate::means::{Means, Purpose};
use crate::media;

impl Session {
    // NOTE of 7.2.1.6: local policy is that nobody is told of types that nobody else takes.
    // Only a participant's own modification starts this, so that no two participants chase each other.
    pub(crate) fn propagate(&mut self, index: usize, before: &[String], means: &mut Means) {
        let now = means.switch.types(self.participants[index].leg);
        if !means.config.propagate_modification || same(before, now) {
            return;
        }
        for other in 0..self.participants.len() {
            if other != index {
                self.offer_anew(other, means);
            }
        }
    }

    /// Offers a participant the content types that the others take now, when it knows of others (7.2.2.6).
    pub(crate) fn offer_anew(&mut self, index: usize, means: &mut Means) {
        let participant = &self.participants[index];
        if participant.presence != Presence::Connected {
            return;
        }
        let types = self.carried(index, means);
        if types.is_empty() || same(&types, &media::types_of(&participant.sdp)) {
            return;
        }
        if participant.changes.proposal.is_some() {
            // It goes out once the open offer is answered.
            let wait = Duration::from_millis(RETRY_SLOT * u64::from(RETRY_SLOTS));
            means.arm(Purpose::Again(self.party(index)), wait);
            return;
        }
        // 7.2.2.6/server-modifies/2
        if let Some((sdp, version)) = media::reoffer(&participant.sdp, participant.version, &types)
        {
            self.reinvite(index, sdp, version, means);
        }
    }

    // What at least one other participant takes, as far as policy goes.
    fn carried(&self, index: usize, means: &Means) -> Vec<String> {
        let mut seen = BTreeMap::new();
        let mut types = Vec::new();
        for (other, participant) in self.participants.iter().enumerate() {
            if other == index || participant.presence != Presence::Connected {
                continue;
            }
            for one in means.switch.types(participant.leg) {
                if seen.insert(one.to_ascii_lowercase(), ()).is_none() {
                    types.push(one.clone());
                }
            }
        }
        media::common(&types, &means.config.accept_types)
    }

    /// Sends a re-INVITE with our description, 7.2.2.6/server-modifies/1; it also refreshes the session (RFC 4028 7.4).
    pub(crate) fn reinvite(&mut self, index: usize, sdp: String, version: u32, means: &mut Means) {
        let Some(request) = self.refreshing("INVITE", index, means) else {
            return;
        };
        let mut request = request;
        request.set_body(SDP, sdp.as_bytes().to_vec());
        // 7.2.2.6/server-modifies/3
        if let Some(key) = self.send_inside(index, request, means) {
            self.participants[index].changes.proposal = Some(Proposal { key, sdp, version });
        }
    }

    /// A request in the dialog that keeps the session alive: whoever refreshes goes on to (RFC 4028 7.4).
    pub(crate) fn refreshing(
        &mut self,
        method: &str,
        index: usize,
        means: &Means,
    ) -> Option<Message> {
        let participant = &mut self.participants[index];
        let changes = &participant.changes;
        let usual = if changes.interval == 0 {
            means.config.session_expires
        } else {
            changes.interval
        };
        let interval = usual.max(changes.min_se.unwrap_or(0));
        let refresher = match participant.timer.state() {
            State::Refreshing | State::Refreshed => Refresher::Uac,
            State::Off | State::Watching => Refresher::Uas,
        };
        let min_se = changes.min_se;
        let mut request = participant.dialog.as_mut()?.request(method);
        request.push("Allow", ALLOW);
        request.push("Supported", "timer");
        request.push("Session-Expires", header(interval, refresher));
        if let Some(min_se) = min_se {
            request.push("Min-SE", min_se.to_string());
        }
        request.push("Server", means.config.release.clone());
        Some(request)
    }

    pub(crate) fn send_inside(
        &mut self,
        index: usize,
        request: Message,
        means: &mut Means,
    ) -> Option<Key> {
        let party = self.party(index);
        let participant = &self.participants[index];
        let flow = means.hop(participant.dialog.as_ref()?, participant.transport);
        Some(means.request(request, flow, party))
    }

    /// The final answer to a re-INVITE or UPDATE of ours.
    pub(crate) fn answered_anew(
        &mut self,
        index: usize,
        key: Key,
        response: &Message,
        means: &mut Means,
    ) {
        let code = response.code().unwrap_or(500);
        if code < 200 {
            return;
        }
        means.calls.remove(&key);
        let participant = &mut self.participants[index];
        let proposal = participant.changes.proposal.take_if(|one| one.key == key);
        if participant.dialog.is_none() {
            return;
        }
        match code {
            200..=299 => self.granted(index, key, proposal, response, means),
            // RFC 3261 12.2.1.2: the dialog is gone at the other end.
            408 | 481 => self.remove(index, means),
            422 => self.lengthen(index, response, means),
            491 => self.wait_for_turn(index, means),
            // 7.2.2.6: what was agreed before stays in use (F163).
            _ => self.refresh_failed(index, code, means),
        }
    }

    fn granted(
        &mut self,
        index: usize,
        key: Key,
        proposal: Option<Proposal>,
        response: &Message,
        means: &mut Means,
    ) {
        let participant = &mut self.participants[index];
        let Some(dialog) = participant.dialog.as_mut() else {
            return;
        };
        dialog.handle(dialog::Input::Response(response), &mut Vec::new());
        if let Some(cseq) = response.cseq().filter(|cseq| cseq.method == "INVITE") {
            let ack = dialog.ack(cseq.number);
            let flow = means.hop(dialog, participant.transport);
            means.acknowledge(key, ack, flow);
        }
        if response.header("Allow").is_some() {
            participant.allow = allowed(response);
        }
        self.refreshed(index, response, means);
        if let Some(proposal) = proposal {
            self.activate(index, proposal, response, means);
        }
    }

    // 7.2.2.6/on-200/1: from here on both descriptions of the exchange are in force.
    pub(crate) fn activate(
        &mut self,
        index: usize,
        proposal: Proposal,
        answer: &Message,
        means: &mut Means,
    ) {
        let Some(mut answer) = description(answer) else {
            // RFC 3261 13.2.1 asks for an answer; without one nothing was agreed.
            return;
        };
        media::settle_direction(&mut answer);
        let Some(media) = answer.media.iter().find(|media| media::is_msrp(media)) else {
            // The participant has given up its only stream.
            self.remove(index, means);
            return;
        };
        let participant = &mut self.participants[index];
        participant.sdp = proposal.sdp;
        participant.version = proposal.version;
        means
            .switch
            .announce(participant.leg, media::types_of(&participant.sdp));
        means.switch.agree(
            participant.leg,
            media::terms_of_answer(media),
            &mut means.ids,
            &mut means.out,
        );
    }

    // RFC 3261 14.1: who made the Call-ID waits longer, so that the two do not meet again.
    fn wait_for_turn(&mut self, index: usize, means: &mut Means) {
        let wait = turn(&mut means.ids, self.participants[index].ours);
        means.arm(Purpose::Again(self.party(index)), wait);
    }

    /// The wait of RFC 3261 14.1 is over.
    pub(crate) fn try_again(&mut self, index: usize, means: &mut Means) {
        self.offer_anew(index, means);
        let participant = &self.participants[index];
        if participant.presence == Presence::Connected
            && participant.changes.proposal.is_none()
            && participant.timer.state() == State::Refreshed
        {
            self.refresh(index, means);
        }
    }
}

// Whether two lists name the same content types.
fn same(one: &[String], other: &[String]) -> bool {
    let within = |these: &[String], those: &[String]| {
        these
            .iter()
            .all(|this| those.iter().any(|that| that.eq_ignore_ascii_case(this)))
    };
    within(one, other) && within(other, one)
}

/// How long to wait after a 491; `owner`: we made the Call-ID (RFC 3261 14.1).
pub(crate) fn turn(ids: &mut Identifiers, owner: bool) -> Duration {
    let first = if owner { RETRY_OWNER } else { 0 };
    let slots = first + ids.below(RETRY_SLOTS);
    Duration::from_millis(RETRY_SLOT * u64::from(slots))
}

/// The grain of the wait after a 491, in milliseconds (RFC 3261 14.1).
const RETRY_SLOT: u64 = 10;
/// Slots to choose from: 0 to 2 s, or 1.9 s on top of the owner's 2.1 s.
const RETRY_SLOTS: u32 = 190;
/// The first slot of the one that made the Call-ID: 2.1 s.
const RETRY_OWNER: u32 = 210;
