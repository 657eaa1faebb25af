//! What setting up a session has in common for ad-hoc and pre-defined groups: seats, and the answers to those who call.

use machines::dialog::{Dialog, State};
use machines::port::Flow;
use machines::session_timer::{Refresher, SessionTimer, header};
use machines::transactions::Key;
use wire::sdp::Media;
use wire::sip::{NameAddr, Uri};

use super::admission::{Admitted, Caller, SDP};
use super::general::{allowed, contact, response};
use super::policy::wants_anonymity;
use super::session::{Participant, Presence, Session, Stage};
use super::session_modification::Changes;
use crate::means::{Call, Means};
use crate::media;

impl Session {
    /// A new session with its inviter, who waits for an answer.
    // 7.2.1.2/on-invite/3: the identity is made here, and is the Contact from now on.
    pub(crate) fn establish(
        id: u64,
        key: Key,
        flow: Flow,
        admitted: Admitted,
        means: &mut Means,
    ) -> Option<Self> {
        let Admitted {
            asserted,
            inviter,
            caller,
            entries,
        } = admitted;
        let mut session = Self {
            id,
            identity: format!("sip:{}@{}", means.ids.session(), means.local.sip),
            asserted,
            group: None,
            agreed: caller.offered.media().clone(),
            caller: caller.clone(),
            entries,
            stage: Stage::Inviting { ringing: false },
            participants: Vec::new(),
            peak: 0,
            lowest: None,
            changed: false,
        };
        session.seat(key, flow, &caller, inviter, means)?;
        Some(session)
    }

    /// Gives the sender of an INVITE a place in the session: its old one, if it had one.
    pub(crate) fn seat(
        &mut self,
        key: Key,
        flow: Flow,
        caller: &Caller,
        address: NameAddr,
        means: &mut Means,
    ) -> Option<usize> {
        let tag = means.tag(key);
        let dialog = Dialog::uas(&caller.invite, &tag, &contact(&self.identity), false).ok()?;
        let index = self.free_seat(&address.uri);
        if let Some(old) = self.participants.get(index).and_then(|old| old.key) {
            means.calls.remove(&old);
        }
        let (leg, own) = means.reserve_leg(self.id, index);
        let party = self.party(index);
        means.dialogs.insert(dialog.id.clone(), party);
        let method = "INVITE".to_owned();
        means.calls.insert(key, Call { party, method });
        let participant = Participant {
            address,
            anonymous: wants_anonymity(&caller.invite),
            presence: Presence::Invited,
            key: Some(key),
            ours: false,
            dialog: Some(dialog),
            transport: flow.transport,
            // 7.2.1.1/on-invite/1
            allow: allowed(&caller.invite),
            contact: caller.invite.header("Contact").map(str::to_owned),
            leg,
            own,
            sdp: String::new(),
            version: 1,
            timer: SessionTimer::new(),
            changes: Changes::default(),
        };
        match self.participants.get_mut(index) {
            Some(seat) => *seat = participant,
            None => self.participants.push(participant),
        }
        Some(index)
    }

    // The seat that this user has left, so that the conference state shows it once; else a new one.
    fn free_seat(&self, user: &Uri) -> usize {
        let gone =
            |one: &Participant| matches!(one.presence, Presence::Departed | Presence::Refused);
        let left =
            |one: &Participant| one.presence == Presence::Departed && one.address.uri.same_as(user);
        let seats = &self.participants;
        let full = seats.len() >= SEATS;
        seats
            .iter()
            .position(left)
            .or_else(|| seats.iter().position(gone).filter(|_| full))
            .unwrap_or(seats.len())
    }

    /// An invitee rings: the inviter hears of the first (7.2.1.2 and 7.2.1.3, on-180).
    pub(crate) fn invitee_rings(&mut self, means: &mut Means) {
        if self.stage != (Stage::Inviting { ringing: false }) {
            return;
        }
        let Some(key) = self.participants[0].key else {
            return;
        };
        self.stage = Stage::Inviting { ringing: true };
        // 7.2.1.2/on-180/1, 7.2.1.3/on-180/1
        let ringing = response(
            &means.config,
            &self.caller.invite,
            180,
            &self.asserted,
            &self.identity,
        );
        // 7.2.1.2/on-180/2, 7.2.1.3/on-180/2
        means.respond(key, ringing);
    }

    /// An invitee has answered: the first answer goes to the inviter (7.2.1.2 and 7.2.1.3, on-200); false when no content type is common.
    pub(crate) fn invitee_answered(&mut self, invitee: &Media, means: &mut Means) -> bool {
        // 7.2.1.2/on-200/1.2, 7.2.1.3/on-200/1.2
        if !matches!(self.stage, Stage::Inviting { .. }) {
            return true;
        }
        let offered = std::mem::replace(&mut self.agreed, invitee.clone());
        let entered = self.inviter_enters(means);
        if !entered {
            self.agreed = offered;
        }
        entered
    }

    /// The inviter gets its 200, unless it had one; false when no content type is common.
    pub(crate) fn inviter_enters(&mut self, means: &mut Means) -> bool {
        if !matches!(self.stage, Stage::Inviting { .. }) {
            return true;
        }
        let caller = self.caller.clone();
        let entered = self.answer(0, &caller, means);
        if entered {
            self.stage = Stage::Answered;
            // What is left is what an idle session costs.
            self.caller.answered();
            self.participants.shrink_to_fit();
        }
        entered
    }

    /// The 200 to somebody who called, with an answer in the terms of the session; false when no content type is common.
    pub(crate) fn answer(&mut self, index: usize, caller: &Caller, means: &mut Means) -> bool {
        let participant = &self.participants[index];
        let origin = self.origin(index);
        // 7.2.1.2/on-200/2, 7.2.1.3/on-200/2, 7.2.1.3/on-invite/8b
        let sdp = media::answer(
            means.local.msrp,
            &participant.own,
            origin,
            &caller.offered,
            &self.agreed,
        );
        let (Some(sdp), Some(key)) = (sdp, participant.key) else {
            return false;
        };
        // 7.2.1.2/on-200/1, 7.2.1.3/on-200/1, 7.2.1.3/on-invite/8a
        let mut answer = response(
            &means.config,
            &caller.invite,
            200,
            &self.asserted,
            &self.identity,
        );
        let (interval, refresher, require) = caller.interval;
        answer.push("Supported", "timer");
        if require {
            // RFC 4028 9
            answer.push("Require", "timer");
        }
        // 7.2.1.1/server-sends-200/3
        answer.push("Session-Expires", header(interval, refresher));
        let sdp = sdp.to_string();
        answer.set_body(SDP, sdp.as_bytes().to_vec());
        // 7.2.1.2/on-200/3, 7.2.1.3/on-200/3, 7.2.1.3/on-invite/8c
        means.respond(key, answer);
        self.enters(index, caller, sdp, means);
        // 7.2.1.1/server-sends-200/3.2
        self.start_timer(index, interval, refresher == Refresher::Uas, means);
        true
    }

    fn enters(&mut self, index: usize, caller: &Caller, sdp: String, means: &mut Means) {
        // 7.2.1.1/server-sends-200/7, 7.2.1.3/on-200/5, 7.2.1.3/on-invite/8e
        self.changed = true;
        let terms = media::terms_of_offer(caller.offered.media());
        let participant = &mut self.participants[index];
        participant.presence = Presence::Connected;
        participant.sdp = sdp;
        if let Some(dialog) = participant.dialog.as_mut() {
            dialog.state = State::Confirmed;
        }
        means
            .switch
            .announce(participant.leg, media::types_of(&participant.sdp));
        // 7.2.1.2/on-200/4, 7.2.1.3/on-200/4, 7.2.1.3/on-invite/8d
        means
            .switch
            .agree(participant.leg, terms, &mut means.ids, &mut means.out);
    }

    /// How many seats somebody finds taken who wants to enter: by those who are in and those who may still come, itself not counted.
    pub(crate) fn occupied(&self, user: &Uri) -> usize {
        let taken = |one: &&Participant| {
            matches!(
                one.presence,
                Presence::Invited | Presence::Alerted | Presence::Connected
            ) && !one.address.uri.same_as(user)
        };
        self.participants.iter().filter(taken).count()
    }

    /// Whether this user is the inviter and has no final response yet.
    pub(crate) fn inviter_waits(&self, user: &Uri) -> bool {
        matches!(self.stage, Stage::Inviting { .. })
            && self.participants[0].address.uri.same_as(user)
    }

    /// Whoever has just joined was lost in its old dialog, or need not be invited any more.
    pub(crate) fn displace(&mut self, joiner: usize, means: &mut Means) {
        let user = self.participants[joiner].address.uri.clone();
        for index in 0..self.participants.len() {
            let old = &self.participants[index];
            if index == joiner || !old.address.uri.same_as(&user) {
                continue;
            }
            match (old.presence, old.key) {
                (Presence::Connected, _) => self.remove(index, means),
                (Presence::Invited | Presence::Alerted, Some(key)) if index > 0 => {
                    means.cancel(key);
                    self.forget(index, Presence::Refused, means);
                }
                (_, _) => continue,
            }
            // Its entry in the conference state is the joiner's now.
            self.participants[index].presence = Presence::Refused;
        }
    }
}

/// How many have been in a session, or were invited, until the seats of those who left are given to others.
const SEATS: usize = 2000;
