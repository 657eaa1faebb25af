//! Leaving a session (7.1.1.12), and being left.

use machines::transactions::Key;
use wire::sip::Message;

use super::Client;
use super::agent::Happened;
use super::means::{Means, Purpose, Task};
use super::session::{Session, Stage};
use super::upper::Told;

impl Client {
    /// The user leaves, or gives a call up.
    pub(super) fn leave(&mut self, name: &str, anonymous: bool) {
        let means = &mut self.means;
        let Some(session) = self.sessions.get_mut(name) else {
            return means.notice(format!("there is no call {name}"));
        };
        match session.stage {
            Stage::Calling => {
                session.stage = Stage::Withdrawn;
                if let Some(key) = session.key {
                    means.cancel(key);
                }
                // For a server that answers neither.
                means.arm(Purpose::Patience(name.to_owned()), LIFETIME);
            }
            Stage::Offered => self.reject(name, Some(480)),
            // RFC 3261 15: no BYE before the ACK.
            Stage::Accepted => session.leave = Some(anonymous),
            Stage::Established => {
                session.anonymous |= anonymous;
                session.say_bye(means);
            }
            Stage::Withdrawn | Stage::Leaving => {}
        }
    }

    /// The client leaves, for a reason that the user will hear.
    pub(super) fn leave_for(&mut self, name: &str, why: &str) {
        if let Some(session) = self.sessions.get_mut(name) {
            why.clone_into(&mut session.why);
        }
        self.leave(name, false);
    }

    /// The answer to our BYE: nothing of the session is left.
    // 7.1.1.12/on-200/u1
    pub(super) fn left(&mut self, name: &str) {
        let session = self.sessions.get(name);
        let leaving = session.filter(|session| session.stage == Stage::Leaving);
        let why = leaving.map(|session| session.why.clone());
        match why {
            Some(why) if !why.is_empty() => self.end(name, &why),
            Some(_) => self.end(name, "left"),
            None => {}
        }
    }

    /// The other end has left.
    pub(super) fn was_left(&mut self, name: &str, key: Key, request: &Message) {
        if self.means.happened.is_some() {
            let (call, bye) = (name.to_owned(), Box::new(request.clone()));
            self.means.happen(|| Happened::Left { call, key, bye });
        } else {
            self.means.answer(key, request, 200);
        }
        self.end(name, "the other side has left");
    }

    /// Drops a session and tells the user.
    pub(super) fn end(&mut self, name: &str, why: &str) {
        if self.drop_session(name) {
            let (call, why) = (name.to_owned(), why.to_owned());
            self.means.tell(&Told::Ended { call, why });
        }
    }

    /// Drops a session and frees what it had.
    pub(super) fn drop_session(&mut self, name: &str) -> bool {
        let Some(mut session) = self.sessions.remove(name) else {
            return false;
        };
        session.close(&mut self.means);
        self.unsubscribe(name);
        true
    }
}

impl Session {
    // 7.1.1.12/client-leaves/1 to 4
    fn say_bye(&mut self, means: &mut Means) {
        let Some(dialog) = self.dialog.as_mut() else {
            return;
        };
        self.stage = Stage::Leaving;
        let mut bye = dialog.request("BYE");
        if self.anonymous {
            bye.push("Privacy", "id");
        }
        bye.push("User-Agent", means.config.release.clone());
        means.request(&self.name, Task::Bye, bye);
    }
}

/// The longest life of a transaction: 64*T1.
pub(super) const LIFETIME: std::time::Duration = std::time::Duration::from_secs(32);
