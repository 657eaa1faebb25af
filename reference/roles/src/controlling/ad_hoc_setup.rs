//! Ad-hoc IM Group setup request (7.2.1.2): from the INVITE to the conference factory to the inviter's answer.

use std::collections::BTreeMap;

use machines::dialog::Dialog;
use machines::port::Flow;
use machines::session_timer::{Refresher, SessionTimer, header};
use machines::transactions::Key;
use wire::sdp::Media;
use wire::sip::Message;

use super::admission::{self, Admitted, SDP};
use super::general::{Refusal, allowed, contact, response};
use super::media;
use super::session::{Participant, Presence, Session, Stage};
use crate::means::{Call, Means};

/// Takes an INVITE to a conference factory: a session that invites, or a refusal.
pub(crate) fn receive(
    id: u64,
    key: Key,
    flow: Flow,
    invite: Message,
    means: &mut Means,
) -> Option<Session> {
    let admitted = match admission::examine(&means.config, &invite) {
        Ok(admitted) => admitted,
        Err(refusal) => {
            means.refuse(key, &invite, refusal);
            return None;
        }
    };
    let Some(mut session) = establish(id, key, flow, &invite, admitted, means) else {
        means.refuse(key, &invite, Refusal::new(400));
        return None;
    };
    // 7.2.1.2/on-invite/6
    for entry in session.entries.clone() {
        session.invite(&entry, means);
    }
    Some(session)
}

// 7.2.1.2/on-invite/3: the identity is made here, and is the Contact from now on.
fn establish(
    id: u64,
    key: Key,
    flow: Flow,
    invite: &Message,
    admitted: Admitted,
    means: &mut Means,
) -> Option<Session> {
    let identity = format!("sip:{}@{}", means.ids.session(), means.local.sip);
    let tag = means.tag(key);
    let dialog = Dialog::uas(invite, &tag, &contact(&identity), false).ok()?;
    let (leg, own) = means.reserve_leg(id, 0);
    let kept = Message {
        body: Vec::new(),
        ..invite.clone()
    };
    let mut session = Session {
        id,
        identity,
        factory: admitted.factory,
        invite: kept,
        offered: admitted.offered,
        entries: admitted.entries,
        interval: admitted.timer,
        stage: Stage::Inviting { ringing: false },
        participants: Vec::new(),
        subscribers: BTreeMap::new(),
        subscriptions: 0,
        lowest: None,
        changed: false,
    };
    let party = session.party(0);
    means.dialogs.insert(dialog.id.clone(), party);
    let method = "INVITE".to_owned();
    means.calls.insert(key, Call { party, method });
    session.participants.push(Participant {
        address: admitted.inviter,
        anonymous: wants_anonymity(invite),
        presence: Presence::Invited,
        key: Some(key),
        dialog: Some(dialog),
        transport: flow.transport,
        // 7.2.1.1/on-invite/1
        allow: allowed(invite),
        contact: invite.header("Contact").map(str::to_owned),
        leg,
        own,
        sdp: String::new(),
        version: 1,
        timer: SessionTimer::new(),
    });
    Some(session)
}

/// Whether the sender asks not to be known (RFC 3325 9.3).
pub(crate) fn wants_anonymity(invite: &Message) -> bool {
    let values = invite.values("Privacy");
    values
        .iter()
        .flat_map(|value| value.split(';'))
        .any(|one| one.trim().eq_ignore_ascii_case("id"))
}

impl Session {
    /// An invitee rings: the inviter hears of the first (7.2.1.2, on-180).
    pub(crate) fn invitee_rings(&mut self, means: &mut Means) {
        if self.stage != (Stage::Inviting { ringing: false }) {
            return;
        }
        let Some(key) = self.participants[0].key else {
            return;
        };
        self.stage = Stage::Inviting { ringing: true };
        // 7.2.1.2/on-180/1
        let ringing = response(
            &means.config,
            &self.invite,
            180,
            &self.factory,
            &self.identity,
        );
        // 7.2.1.2/on-180/2
        means.respond(key, ringing);
    }

    /// An invitee has answered: the first answer goes to the inviter (7.2.1.2, on-200); false when no content type is common.
    pub(crate) fn invitee_answered(&mut self, invitee: &Media, means: &mut Means) -> bool {
        // 7.2.1.2/on-200/1.2
        if !matches!(self.stage, Stage::Inviting { .. }) {
            return true;
        }
        let inviter = &self.participants[0];
        let origin = self.origin(0);
        // 7.2.1.2/on-200/2
        let Some(sdp) = media::answer(
            means.local.msrp,
            &inviter.own,
            origin,
            &self.offered,
            invitee,
        ) else {
            return false;
        };
        let Some(key) = inviter.key else { return false };
        // 7.2.1.2/on-200/1
        let mut answer = response(
            &means.config,
            &self.invite,
            200,
            &self.factory,
            &self.identity,
        );
        let (interval, refresher, require) = self.interval;
        answer.push("Supported", "timer");
        if require {
            // RFC 4028 9
            answer.push("Require", "timer");
        }
        // 7.2.1.1/server-sends-200/3
        answer.push("Session-Expires", header(interval, refresher));
        let sdp = sdp.to_string();
        answer.set_body(SDP, sdp.as_bytes().to_vec());
        // 7.2.1.2/on-200/3
        means.respond(key, answer);
        self.inviter_joins(sdp, means);
        // 7.2.1.1/server-sends-200/3.2
        self.start_timer(0, interval, refresher == Refresher::Uas, means);
        true
    }

    fn inviter_joins(&mut self, sdp: String, means: &mut Means) {
        self.stage = Stage::Answered;
        self.changed = true;
        let terms = media::terms_of_offer(self.offered.media());
        let inviter = &mut self.participants[0];
        inviter.presence = Presence::Connected;
        inviter.sdp = sdp;
        if let Some(dialog) = inviter.dialog.as_mut() {
            dialog.state = machines::dialog::State::Confirmed;
        }
        // 7.2.1.2/on-200/4
        means
            .switch
            .agree(inviter.leg, terms, &mut means.ids, &mut means.out);
    }
}
