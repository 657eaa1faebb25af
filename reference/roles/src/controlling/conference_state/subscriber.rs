//! One subscriber of a conference state: its dialog, and the documents it was sent (7.2.2.10).

use machines::dialog::Dialog;
use machines::subscription::Subscription;
use wire::sip::Message;
use wire::xml::conference_info::ConferenceInfo;

use super::Topic;
use super::roster::Roster;

/// Somebody who follows a conference.
#[derive(Debug)]
pub(crate) struct Subscriber {
    pub(crate) topic: Topic,
    /// Whether the subscription outlives the session, being one to a group.
    pub(crate) lasting: bool,
    /// Who it is.
    pub(crate) address: String,
    /// What it subscribed to.
    pub(crate) entity: String,
    /// Our address, as its Contact sees it.
    pub(crate) contact: String,
    /// Our P-Asserted-Identity.
    pub(crate) asserted: String,
    pub(crate) dialog: Dialog,
    /// Its Event, with its id.
    pub(crate) event: String,
    pub(crate) subscription: Subscription,
    /// Of the latest document.
    pub(crate) version: u32,
    /// Up to which tick of the roster it was told; `None` when it needs the whole state.
    pub(crate) told: Option<u64>,
}

impl Subscriber {
    /// The next NOTIFY (7.2.2.10).
    pub(crate) fn notify(
        &mut self,
        state: &str,
        full: bool,
        roster: Option<&Roster>,
        release: &str,
    ) -> Message {
        // RFC 4575 4.6: each document is one above the one before, whatever it holds.
        self.version += 1;
        let document = match roster {
            Some(roster) => self.document(full, roster),
            // RFC 4575 4.6: there is no such conference any more.
            None => ConferenceInfo {
                state: "deleted".into(),
                ..self.blank()
            },
        };
        self.told = roster.map(Roster::clock);
        let mut notify = self.dialog.request("NOTIFY");
        notify.push("Event", self.event.clone());
        notify.push("Subscription-State", state);
        notify.push("Server", release);
        notify.set_body("application/conference-info+xml", document.write());
        notify
    }

    fn document(&self, full: bool, roster: &Roster) -> ConferenceInfo {
        let changed = self
            .told
            .filter(|_| !full)
            .and_then(|tick| roster.since(tick));
        let state = if changed.is_some() { "partial" } else { "full" };
        ConferenceInfo {
            state: state.into(),
            users: changed.unwrap_or_else(|| roster.full()),
            user_count: Some(roster.connected()),
            active: Some(roster.active()),
            ..self.blank()
        }
    }

    fn blank(&self) -> ConferenceInfo {
        ConferenceInfo {
            entity: self.entity.clone(),
            version: self.version,
            ..ConferenceInfo::default()
        }
    }
}
