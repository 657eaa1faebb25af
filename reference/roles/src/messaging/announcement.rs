//! System messages: what the switch itself tells a room when somebody comes or goes, if the operator wants that.

use machines::port::Output;
use wire::cpim::Cpim;
use wire::msrp::{Flag, Frame, Kind};

use super::leg::{Leg, LegId};
use super::room::Seat;
use super::switch::Switch;
use crate::identifiers::Identifiers;

/// Something that a room is to hear.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Notice {
    room: u64,
    /// Who need not be told.
    about: LegId,
    text: String,
}

impl Switch {
    /// Remembers that somebody has come to a room, or has gone.
    pub(super) fn notice(&mut self, about: LegId, room: u64, seat: &Seat, came: bool) {
        if !self.announces {
            return;
        }
        let shown = seat.nickname.as_ref().or(seat.display.as_ref());
        let who = match shown.unwrap_or(&seat.address) {
            _ if seat.anonymous => "Somebody",
            name => name.as_str(),
        };
        let text = format!("{who} has {}.", if came { "joined" } else { "left" });
        self.notices.push(Notice { room, about, text });
    }

    /// Tells the rooms what happened since the last time, in the name of the session; wants no reports (RFC 4975 11.5).
    pub(crate) fn tell_rooms(&mut self, ids: &mut Identifiers, out: &mut Vec<Output>) {
        for notice in std::mem::take(&mut self.notices) {
            let Some(session) = self.names.get(&notice.room) else {
                continue;
            };
            let message = envelope(session, &notice.text).to_bytes();
            let hears = |leg: &Leg| leg.has_answered() && leg.takes("message/cpim");
            let to: Vec<LegId> = self
                .rooms
                .get(&notice.room)
                .into_iter()
                .flatten()
                .copied()
                .filter(|leg| *leg != notice.about && self.legs.get(leg).is_some_and(hears))
                .collect();
            let frame = Frame {
                transaction: String::new(),
                kind: Kind::Request("SEND".into()),
                to_path: Vec::new(),
                from_path: Vec::new(),
                headers: vec![
                    ("Message-ID".into(), ids.msrp_message()),
                    ("Failure-Report".into(), "no".into()),
                    ("Byte-Range".into(), format!("1-{0}/{0}", message.len())),
                    ("Content-Type".into(), "message/cpim".into()),
                ],
                body: Some(message),
                flag: Flag::Complete,
            };
            self.forward(notice.room, to, frame, None, ids, out);
        }
    }
}

fn envelope(session: &str, text: &str) -> Cpim {
    let address = format!("<sip:{session}>");
    Cpim {
        headers: vec![("From".into(), address.clone()), ("To".into(), address)],
        content_headers: vec![("Content-Type".into(), "text/plain;charset=utf-8".into())],
        content: text.as_bytes().to_vec(),
    }
}
