//! One session of the user: how far it is, and what both ends know of each other.

use machines::dialog::Dialog;
use machines::session_timer::{Input, SessionTimer, Timer};
use machines::transactions::Key;
use wire::sip::{Message, NameAddr};

use super::leg::Leg;
use super::means::{Means, Purpose};
use crate::controlling::general::allowed;

/// How far a session is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// Our INVITE has no final answer.
    Calling,
    /// Nor has it, but the user has given up.
    Withdrawn,
    /// The other end's INVITE waits for the user.
    Offered,
    /// Our 200 waits for its ACK.
    Accepted,
    /// Both ends know.
    Established,
    /// Our BYE waits for its answer.
    Leaving,
}

/// One session.
#[derive(Debug)]
pub(super) struct Session {
    /// The name of the call.
    pub(super) name: String,
    pub(super) stage: Stage,
    /// Whether it is one of a group.
    pub(super) group: bool,
    pub(super) anonymous: bool,
    /// Whether the call, and so its Call-ID, is ours.
    pub(super) ours: bool,
    /// Whether the user has heard that the other end rings.
    pub(super) rang: bool,
    /// The other user, the conference factory or the group.
    pub(super) peer: Option<NameAddr>,
    /// Whom the network has named as the other end.
    pub(super) asserted: Option<NameAddr>,
    /// The transaction of the INVITE, ours or theirs.
    pub(super) key: Option<Key>,
    /// Their INVITE, until it is answered.
    pub(super) invite: Option<Message>,
    /// Methods of the latest Allow.
    pub(super) allow: Vec<String>,
    /// The latest Contact before there is a dialog.
    pub(super) contact: Option<NameAddr>,
    pub(super) dialog: Option<Dialog>,
    pub(super) leg: Leg,
    pub(super) timer: SessionTimer,
    /// The session interval in force, in seconds; 0 before the first.
    pub(super) interval: u32,
    /// The Min-SE of a 422.
    pub(super) min_se: Option<u32>,
    /// How often in a row a change met one of the other end.
    pub(super) met: u8,
    /// Our open re-INVITE or UPDATE.
    pub(super) change: Option<Key>,
    /// Whether the user waits for the outcome of a change, and for which types.
    pub(super) wanted: Option<Vec<String>>,
    /// Why the session ends.
    pub(super) why: String,
    /// Whether to leave as soon as the ACK is there, and with privacy.
    pub(super) leave: Option<bool>,
}

impl Session {
    pub(super) fn new(name: &str, stage: Stage, peer: Option<NameAddr>, means: &mut Means) -> Self {
        Self {
            name: name.to_owned(),
            stage,
            group: false,
            anonymous: false,
            ours: stage == Stage::Calling,
            rang: false,
            peer,
            asserted: None,
            key: None,
            invite: None,
            allow: Vec::new(),
            contact: None,
            dialog: None,
            leg: Leg::new(name, means),
            timer: SessionTimer::new(),
            interval: 0,
            min_se: None,
            met: 0,
            change: None,
            wanted: None,
            why: String::new(),
            leave: None,
        }
    }

    /// The IM Session Identity: the Contact of the other end.
    pub(super) fn identity(&self) -> Option<String> {
        let dialog = self.dialog.as_ref();
        let known = dialog.map(|dialog| dialog.target.to_string());
        known.or_else(|| self.contact.as_ref().map(|contact| contact.uri.to_string()))
    }

    /// Remembers what a message says of the other end.
    // 003:7.1.1.1/on-response/1 and 2, 004:6.2.1.1/on-invite/3 and 4
    pub(super) fn learn(&mut self, message: &Message) {
        if message.header("Allow").is_some() {
            self.allow = allowed(message);
        }
        if let Some(asserted) = super::general::asserted(message) {
            self.asserted = Some(asserted);
        }
        if let Some(contact) = message.contact() {
            self.contact = Some(contact);
        }
    }

    /// Whether the other end answers the method.
    pub(super) fn allows(&self, method: &str) -> bool {
        self.allow.iter().any(|one| one == method)
    }

    /// Whether the session counts when another call comes.
    pub(super) fn busy(&self) -> bool {
        !matches!(self.stage, Stage::Leaving | Stage::Withdrawn)
    }

    /// Frees everything but the memory of its end.
    pub(super) fn close(&mut self, means: &mut Means) {
        self.leg.close(means);
        let mut said = Vec::new();
        self.timer.handle(Input::Stop, &mut said);
        for timer in [Timer::Refresh, Timer::Expire] {
            means.disarm(&Purpose::Session(self.name.clone(), timer));
        }
        means.disarm(&Purpose::Patience(self.name.clone()));
        means.disarm(&Purpose::Again(self.name.clone()));
        for key in [self.key.take(), self.change.take()].into_iter().flatten() {
            means.open.remove(&key);
        }
    }
}
