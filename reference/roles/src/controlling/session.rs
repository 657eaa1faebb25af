//! An IM session: its participants, and when it ends.

use machines::dialog::Dialog;
use machines::port::Transport;
use machines::session_timer::SessionTimer;
use machines::transactions::Key;
use wire::sdp::Media;
use wire::sip::{Message, NameAddr};
use wire::xml::group::Group;
use wire::xml::resource_lists::Entry;

use super::admission::Caller;
use super::general::reason;
use super::session_modification::Changes;
use crate::means::{Means, Party, Purpose, Role};
use crate::messaging::leg::LegId;

/// How far a session has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// The inviter waits for a final response.
    Inviting {
        /// Whether it got a 180.
        ringing: bool,
    },
    /// The inviter got its 200.
    Answered,
    /// Nothing new happens; what is under way comes to its end.
    Ended,
}

/// How far a participant has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Presence {
    /// Invited, or inviting: no final response yet.
    Invited,
    /// Rings.
    Alerted,
    /// In the session.
    Connected,
    /// Our BYE awaits its answer.
    Leaving,
    /// Was in the session.
    Departed,
    /// Never was, and will not be.
    Refused,
}

/// Somebody in the session; number 0 is the inviter.
#[derive(Debug)]
pub(crate) struct Participant {
    pub(crate) address: NameAddr,
    pub(crate) anonymous: bool,
    pub(crate) presence: Presence,
    /// The INVITE transaction, ours or theirs.
    pub(crate) key: Option<Key>,
    /// Whether that INVITE, and so the Call-ID, is ours.
    pub(crate) ours: bool,
    pub(crate) dialog: Option<Dialog>,
    pub(crate) transport: Transport,
    /// Methods of the latest Allow.
    pub(crate) allow: Vec<String>,
    /// The latest Contact, before there is a dialog.
    pub(crate) contact: Option<String>,
    pub(crate) leg: LegId,
    /// Our MSRP URI towards this participant.
    pub(crate) own: String,
    /// Our latest SDP towards this participant.
    pub(crate) sdp: String,
    /// Of that SDP.
    pub(crate) version: u32,
    pub(crate) timer: SessionTimer,
    /// What is under way about its media.
    pub(crate) changes: Changes,
}

/// One IM session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: u64,
    /// The IM Session Identity.
    pub(crate) identity: String,
    /// Who speaks in our responses: the conference-factory URI, or the IM Group Identity (7.2.1.1).
    pub(crate) asserted: String,
    /// The latest document of its pre-defined group; an ad-hoc group has none.
    pub(crate) group: Option<Group>,
    /// What the inviter asked for.
    pub(crate) caller: Caller,
    /// The media line that answers to callers are made from: the first invitee's, the inviter's until then.
    pub(crate) agreed: Media,
    pub(crate) entries: Vec<Entry>,
    pub(crate) stage: Stage,
    pub(crate) participants: Vec<Participant>,
    /// How many have been connected at once.
    pub(crate) peak: usize,
    /// The lowest final code from an invitee.
    pub(crate) lowest: Option<u16>,
    /// Whether subscribers have something to learn.
    pub(crate) changed: bool,
}

impl Session {
    pub(crate) fn party(&self, index: usize) -> Party {
        Party {
            session: self.id,
            role: Role::Participant(index),
        }
    }

    pub(crate) fn count(&self, presence: &[Presence]) -> usize {
        self.participants
            .iter()
            .filter(|one| presence.contains(&one.presence))
            .count()
    }

    /// Whether nothing of the session is left to wait for.
    pub(crate) fn finished(&self) -> bool {
        self.stage == Stage::Ended
            && self.count(&[
                Presence::Invited,
                Presence::Alerted,
                Presence::Connected,
                Presence::Leaving,
            ]) == 0
    }

    /// Draws the consequences of whatever just happened; called once after each event.
    // 7.2.1.2/on-final-error/2, 7.2.1.3/on-final-error/2: an inviter whose invitees all failed is deserted.
    pub(crate) fn settle(&mut self, means: &mut Means) {
        let pending = self.invitees_pending();
        self.peak = self.peak.max(self.count(&[Presence::Connected]));
        if self.changed {
            self.introduce(means);
        }
        match self.stage {
            Stage::Inviting { .. } if pending == 0 => self.all_failed(means),
            Stage::Answered if pending == 0 && self.is_deserted() => self.end(means),
            Stage::Inviting { .. } | Stage::Answered | Stage::Ended => {}
        }
    }

    // One alone has nobody to talk to, unless it is the first and others may still join.
    fn is_deserted(&self) -> bool {
        self.count(&[Presence::Connected]) < self.peak.min(2)
    }

    // The switch knows who speaks (RFC 7701 6.1).
    fn introduce(&self, means: &mut Means) {
        for one in &self.participants {
            if one.presence == Presence::Connected {
                let (leg, room) = (one.leg, &self.identity);
                let (ids, out) = (&mut means.ids, &mut means.out);
                means
                    .switch
                    .introduce(leg, room, &one.address, one.anonymous, ids, out);
            }
        }
    }

    fn invitees_pending(&self) -> usize {
        let pending =
            |one: &&Participant| matches!(one.presence, Presence::Invited | Presence::Alerted);
        self.participants.iter().skip(1).filter(pending).count()
    }

    // 7.2.1.2/on-final-error/1, 7.2.1.3/on-final-error/1: every invitee has failed, and the inviter has no 200.
    fn all_failed(&mut self, means: &mut Means) {
        // 7.2.1.2/on-final-error/1.2, 7.2.1.3/on-final-error/1.2: the lowest code, our local policy.
        let code = self.lowest.unwrap_or(480);
        self.refuse_inviter(code, means);
        self.end(means);
    }

    pub(crate) fn refuse_inviter(&mut self, code: u16, means: &mut Means) {
        if let Some(key) = self.participants[0].key.take() {
            let response = Message::response(&self.caller.invite, code, reason(code))
                .with("Server", means.config.release.clone());
            means.respond(key, response);
            means.calls.remove(&key);
        }
        self.forget(0, Presence::Refused, means);
    }

    /// Ends the session for everybody that is in it or on the way.
    pub(crate) fn end(&mut self, means: &mut Means) {
        if self.stage == Stage::Ended {
            return;
        }
        let unanswered = matches!(self.stage, Stage::Inviting { .. });
        self.stage = Stage::Ended;
        if unanswered && self.participants[0].key.is_some() {
            self.refuse_inviter(503, means);
        }
        for index in 0..self.participants.len() {
            match self.participants[index].presence {
                Presence::Connected => self.remove(index, means),
                Presence::Invited | Presence::Alerted => {
                    if let Some(key) = self.participants[index].key.filter(|_| index > 0) {
                        means.cancel(key);
                    }
                }
                Presence::Leaving | Presence::Departed | Presence::Refused => {}
            }
        }
    }

    /// The inviter has changed its mind before anybody answered (RFC 3261 9.2).
    pub(crate) fn cancelled(&mut self, means: &mut Means) {
        if matches!(self.stage, Stage::Inviting { .. }) {
            self.refuse_inviter(487, means);
            self.end(means);
        }
    }

    /// Lets go of everything that belongs to a participant.
    pub(crate) fn forget(&mut self, index: usize, presence: Presence, means: &mut Means) {
        self.stop_timer(index, means);
        let party = self.party(index);
        let participant = &mut self.participants[index];
        participant.presence = presence;
        if let Some(dialog) = participant.dialog.take() {
            means.dialogs.remove(&dialog.id);
        }
        participant.changes.proposal = None;
        means.switch.dismiss(participant.leg, &mut means.out);
        means.disarm(&Purpose::Again(party));
        self.changed = true;
    }

    /// Gives up what outlives participants; the session is dropped after it.
    pub(crate) fn drop_calls(&mut self, means: &mut Means) {
        means.referrals.drop_session(self.id);
        for participant in &self.participants {
            if let Some(key) = participant.key {
                means.calls.remove(&key);
            }
        }
    }
}
