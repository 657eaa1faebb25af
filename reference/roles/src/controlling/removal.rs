//! Removal of a participant from the session (7.2.1.9): BYE, no more media, and the others are told.

use machines::transactions::Key;
use wire::sip::Message;

use super::session::{Presence, Session, Stage};
use crate::means::Means;

impl Session {
    /// Releases a participant with a BYE to its Contact, 7.2.1.2/on-final-error/2 among others.
    pub(crate) fn remove(&mut self, index: usize, means: &mut Means) {
        let party = self.party(index);
        let participant = &mut self.participants[index];
        let Some(dialog) = participant.dialog.as_mut() else {
            self.forget(index, Presence::Departed, means);
            return;
        };
        let bye = dialog
            .request("BYE")
            .with("Server", means.config.release.clone());
        let flow = means.hop(dialog, participant.transport);
        means.request(bye, flow, party);
        self.forget(index, Presence::Leaving, means);
    }

    /// The answer to our BYE, whatever it is (RFC 3261 15.1.1).
    pub(crate) fn removed(&mut self, index: usize) {
        if self.participants[index].presence == Presence::Leaving {
            self.participants[index].presence = Presence::Departed;
        }
    }

    /// A participant leaves by itself.
    pub(crate) fn leave(&mut self, index: usize, key: Key, bye: &Message, means: &mut Means) {
        means.accept(key, bye);
        if index == 0 && matches!(self.stage, Stage::Inviting { .. }) {
            // RFC 3261 15.1.2: a BYE in the early dialog also ends the INVITE.
            self.cancelled(means);
            return;
        }
        self.forget(index, Presence::Departed, means);
    }
}
