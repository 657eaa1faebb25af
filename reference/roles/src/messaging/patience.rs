//! How long the switch waits: for answers to what it passed on, and for the rest of what was begun.

use std::time::Duration;

use machines::port::Output;
use wire::msrp::{Flag, Frame, Kind};

use super::frames::report_status;
use super::leg::LegId;
use super::switch::Switch;
use crate::identifiers::Identifiers;

/// What is waited for, on which leg.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Patience {
    /// Answers to SENDs that were passed on.
    Answers(LegId),
    /// The rest of messages that were begun.
    Chunks(LegId),
}

impl Patience {
    /// After how long somebody looks; whoever was as late at the look before has had its time.
    pub(crate) fn within(self) -> Duration {
        match self {
            // RFC 4975 7.1.1
            Self::Answers(_) => Duration::from_secs(30),
            // RFC 7701 6.1
            Self::Chunks(_) => Duration::from_secs(540),
        }
    }
}

/// Whose message it is, when a failure has to be told (RFC 4975 7.1.2).
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(super) leg: LegId,
    pub(super) message: String,
    /// Value of Byte-Range.
    pub(super) range: String,
}

/// A SEND that was passed on and is not answered.
#[derive(Clone, Debug)]
pub(crate) struct Awaited {
    transaction: String,
    /// Whether an answer has to come; with `partial` only errors are answered.
    due: bool,
    /// Whether it was there at the look before.
    old: bool,
    pub(super) origin: Option<Origin>,
}

impl Awaited {
    /// What to remember of a frame that is passed on; nothing when nobody will answer it.
    pub(super) fn of(frame: &Frame, origin: Option<Origin>) -> Option<Self> {
        let wish = frame.header("Failure-Report").unwrap_or("yes");
        (!wish.eq_ignore_ascii_case("no")).then(|| Self {
            transaction: frame.transaction.clone(),
            due: !wish.eq_ignore_ascii_case("partial"),
            old: false,
            origin,
        })
    }

    pub(super) fn is(&self, transaction: &str) -> bool {
        self.transaction == transaction
    }

    pub(super) fn is_due(&self) -> bool {
        self.due
    }
}

impl Switch {
    /// What has to be timed since the last time.
    pub(crate) fn take_alarms(&mut self) -> Vec<Patience> {
        std::mem::take(&mut self.alarms)
    }

    /// Who answers nothing: room and member.
    pub(crate) fn take_silent(&mut self) -> Vec<(u64, usize)> {
        std::mem::take(&mut self.silent)
    }

    /// Looks whether somebody has had its time.
    pub(crate) fn expired(
        &mut self,
        patience: Patience,
        ids: &mut Identifiers,
        out: &mut Vec<Output>,
    ) {
        match patience {
            Patience::Answers(leg) => self.answers_expired(leg, ids, out),
            Patience::Chunks(leg) => self.chunks_expired(leg, ids, out),
        }
    }

    fn answers_expired(&mut self, id: LegId, ids: &mut Identifiers, out: &mut Vec<Output>) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let late: Vec<Awaited> = leg
            .awaited
            .iter()
            .filter(|one| one.due && one.old)
            .cloned()
            .collect();
        leg.awaited.retain(|one| !(one.due && one.old));
        for one in &mut leg.awaited {
            one.old = true;
        }
        leg.timed = leg.awaited.iter().any(Awaited::is_due);
        if leg.timed {
            self.alarms.push(Patience::Answers(id));
        }
        if !late.is_empty() {
            self.silent.push((leg.room, leg.member));
        }
        for origin in late.into_iter().filter_map(|one| one.origin) {
            self.tell_failure(&origin, 408, ids, out);
        }
    }

    // RFC 7701 6.1: a message without an end is given up, and its sender has to begin anew.
    fn chunks_expired(&mut self, id: LegId, ids: &mut Identifiers, out: &mut Vec<Output>) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let room = leg.room;
        let mut late = Vec::new();
        for (message, underway) in &mut leg.underway {
            if !std::mem::take(&mut underway.fresh) {
                late.push(message.clone());
            }
        }
        leg.collecting = leg.underway.len() > late.len();
        if leg.collecting {
            self.alarms.push(Patience::Chunks(id));
        }
        for message in late {
            let Some(leg) = self.legs.get_mut(&id) else {
                return;
            };
            leg.refuse(&message, 408);
            if let Some(begun) = leg.underway.remove(&message) {
                let headers = vec![
                    ("Message-ID".to_owned(), message),
                    ("Content-Type".to_owned(), begun.content_type),
                ];
                let end = Frame {
                    transaction: String::new(),
                    kind: Kind::Request("SEND".into()),
                    to_path: Vec::new(),
                    from_path: Vec::new(),
                    headers,
                    body: Some(Vec::new()),
                    flag: Flag::Abort,
                };
                self.forward(room, begun.recipients, end, None, ids, out);
            }
        }
    }

    /// Tells the sender of a message for one recipient that it failed (RFC 4975 7.1.2).
    ///
    /// A message for many has no single fate: for those the switch itself is the recipient.
    pub(super) fn tell_failure(
        &self,
        origin: &Origin,
        code: u16,
        ids: &mut Identifiers,
        out: &mut Vec<Output>,
    ) {
        let Some(leg) = self.legs.get(&origin.leg) else {
            return;
        };
        if let Some(link) = leg.link {
            let report = report_status(leg, &origin.message, &origin.range, code, ids);
            let bytes = report.to_bytes();
            out.push(Output::Msrp { link, bytes });
        }
    }
}
