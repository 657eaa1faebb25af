//! The MSRP relay of a B2BUA: whatever comes from one end of a call goes to the other, under our own addresses.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use machines::port::{LinkId, Output};
use wire::msrp::{Frame, Kind};

use super::call::End;
use crate::identifiers::Identifiers;
use crate::messaging::frames::session_of;
use crate::messaging::leg::Terms;

/// One end of a call, as the relay knows it.
pub(super) type Seat = (u64, End);

#[derive(Debug, Default)]
struct Leg {
    own: String,
    terms: Terms,
    link: Option<LinkId>,
    /// The connection that the end is moving away from: still read until the next is bound (RFC 4975 8.4).
    former: Option<LinkId>,
    waiting: VecDeque<Vec<u8>>,
    /// Our first SEND on a connection that we opened; its response is for nobody else.
    greeting: Option<String>,
}

#[derive(Debug, Default)]
struct Link {
    seats: BTreeSet<Seat>,
    up: bool,
    full: bool,
    paused: bool,
}

/// The relay of one shard.
#[derive(Debug, Default)]
pub(super) struct Relay {
    legs: BTreeMap<Seat, Leg>,
    sessions: HashMap<String, Seat>,
    links: HashMap<LinkId, Link>,
    /// Calls of which an end's connection is gone since the last look.
    lost: Vec<u64>,
}

impl Relay {
    /// From now on a connection may bind to `own`, our MSRP URI for that end.
    pub(super) fn reserve(&mut self, seat: Seat, own: &str) {
        self.sessions.insert(session_of(own).to_owned(), seat);
        let own = own.to_owned();
        self.legs.insert(
            seat,
            Leg {
                own,
                ..Leg::default()
            },
        );
    }

    /// What offer and answer have agreed on for an end: where it is, and who connects.
    // 6.1.2.2.4/on-200/2, 6.1.3.2.2/on-200-b2bua/4
    pub(super) fn agree(
        &mut self,
        seat: Seat,
        terms: Terms,
        ids: &mut Identifiers,
        out: &mut Vec<Output>,
    ) {
        let Some(leg) = self.legs.get_mut(&seat) else {
            return;
        };
        let moved = !leg.terms.path.is_empty() && leg.terms.path != terms.path;
        let connect = terms.connect;
        leg.terms = terms;
        let older = match leg.link.take_if(|_| moved) {
            Some(link) => leg.former.replace(link),
            None => None,
        };
        if let (Some(to), None) = (connect, leg.link) {
            let link = ids.link();
            leg.link = Some(link);
            let known = self.links.entry(link).or_default();
            known.seats.insert(seat);
            out.push(Output::Connect { link, to });
        }
        self.unbind(seat, older, out);
        self.settle(seat.0, out);
    }

    /// Ends the MSRP sessions of a call.
    pub(super) fn dismiss(&mut self, call: u64, out: &mut Vec<Output>) {
        for end in End::BOTH {
            let Some(leg) = self.legs.remove(&(call, end)) else {
                continue;
            };
            self.sessions.remove(session_of(&leg.own));
            self.unbind((call, end), leg.link, out);
            self.unbind((call, end), leg.former, out);
        }
    }

    fn unbind(&mut self, seat: Seat, link: Option<LinkId>, out: &mut Vec<Output>) {
        let Some((link, known)) = link.and_then(|link| Some((link, self.links.get_mut(&link)?)))
        else {
            return;
        };
        known.seats.remove(&seat);
        if known.seats.is_empty() {
            self.links.remove(&link);
            out.push(Output::Close(link));
        }
    }

    /// Calls of which an end's connection has gone.
    pub(super) fn take_lost(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.lost)
    }

    /// Whether both ends of a call have their connection, or never had one.
    pub(super) fn is_whole(&self, call: u64) -> bool {
        let linked = |end| {
            let leg: Option<&Leg> = self.legs.get(&(call, end));
            leg.is_none_or(|leg| leg.link.is_some())
        };
        End::BOTH.into_iter().all(linked)
    }

    /// A connection that we asked for is there: the active side speaks first (RFC 4975 5.4).
    pub(super) fn link_up(&mut self, link: LinkId, ids: &mut Identifiers, out: &mut Vec<Output>) {
        let Some(known) = self.links.get_mut(&link) else {
            return;
        };
        known.up = true;
        for seat in known.seats.clone() {
            let Some(leg) = self.legs.get_mut(&seat) else {
                continue;
            };
            let transaction = ids.msrp_transaction();
            let own = [leg.own.clone()];
            let mut first = Frame::request("SEND", &transaction, &leg.terms.path, &own);
            first
                .headers
                .push(("Message-ID".into(), ids.msrp_message()));
            leg.greeting = Some(transaction);
            let bytes = first.to_bytes();
            out.push(Output::Msrp { link, bytes });
            let former = leg.former.take();
            self.unbind(seat, former, out);
            self.flush(seat, out);
        }
    }

    /// A connection is gone: its sessions wait for another (RFC 4975 5.4).
    pub(super) fn link_down(&mut self, link: LinkId, out: &mut Vec<Output>) {
        let Some(known) = self.links.remove(&link) else {
            return;
        };
        for seat in known.seats {
            if let Some(leg) = self.legs.get_mut(&seat) {
                leg.former.take_if(|former| *former == link);
                if leg.link.take_if(|bound| *bound == link).is_some() {
                    self.lost.push(seat.0);
                }
            }
            self.settle(seat.0, out);
        }
    }

    /// The driver's queue of the link is over its limit, or nearly empty again.
    pub(super) fn link_full(&mut self, link: LinkId, full: bool, out: &mut Vec<Output>) {
        let Some(known) = self.links.get_mut(&link) else {
            return;
        };
        known.full = full;
        for (call, _) in known.seats.clone() {
            self.settle(call, out);
        }
    }

    /// Takes one frame of a link.
    pub(super) fn frame(&mut self, link: LinkId, frame: Frame, out: &mut Vec<Output>) {
        let Some(seat) = self.bind(link, &frame, out) else {
            return;
        };
        let Some(leg) = self.legs.get_mut(&seat) else {
            return;
        };
        match &frame.kind {
            Kind::Response(..) if leg.greeting.as_ref() == Some(&frame.transaction) => {
                leg.greeting = None;
                return;
            }
            // RFC 4975 7.1: a SEND without a body only keeps or opens the connection.
            Kind::Request(method) if method == "SEND" && frame.body.is_none() => {
                return respond(link, &frame, 200, out);
            }
            Kind::Request(_) | Kind::Response(..) => {}
        }
        self.pass((seat.0, seat.1.other()), link, frame, out);
    }

    // RFC 4975 7.3: the To-Path names a session of this very connection, else 481 or 506.
    fn bind(&mut self, link: LinkId, frame: &Frame, out: &mut Vec<Output>) -> Option<Seat> {
        let seat = match frame.to_path.as_slice() {
            [only] => self.sessions.get(session_of(only)).copied(),
            _ => None,
        };
        let Some((seat, leg)) = seat.and_then(|seat| Some((seat, self.legs.get_mut(&seat)?)))
        else {
            respond(link, frame, 481, out);
            return None;
        };
        let known = leg.terms.path.last() == frame.from_path.last();
        match leg.link {
            Some(bound) if bound == link => return Some(seat),
            // What was sent before the end moved; its first frame by the new path moves the leg.
            _ if leg.former == Some(link) && !known => return Some(seat),
            Some(_) => {
                respond(link, frame, 506, out);
                return None;
            }
            None if leg.terms.path.is_empty() => leg.terms.path.clone_from(&frame.from_path),
            None if !known => {
                respond(link, frame, 481, out);
                return None;
            }
            None => {}
        }
        leg.link = Some(link);
        let former = leg.former.take().filter(|former| *former != link);
        let known = self.links.entry(link).or_default();
        known.up = true;
        known.seats.insert(seat);
        self.unbind(seat, former, out);
        self.flush(seat, out);
        Some(seat)
    }

    // The transaction stays what it is, so that responses find their way back without any memory of ours.
    fn pass(&mut self, to: Seat, from: LinkId, mut frame: Frame, out: &mut Vec<Output>) {
        let Some(leg) = self.legs.get_mut(&to) else {
            return respond(from, &frame, 481, out);
        };
        let hops = match frame.kind {
            // RFC 4975 7.2
            Kind::Response(..) => 1,
            Kind::Request(_) => leg.terms.path.len(),
        };
        let refused = frame.clone();
        frame.to_path = leg.terms.path.iter().take(hops).cloned().collect();
        frame.from_path = vec![leg.own.clone()];
        let up = leg
            .link
            .filter(|link| self.links.get(link).is_some_and(|link| link.up));
        match up {
            Some(link) => {
                let bytes = frame.to_bytes();
                out.push(Output::Msrp { link, bytes });
            }
            None if frame.to_path.is_empty() || leg.waiting.len() >= WAITING => {
                respond(from, &refused, 408, out);
            }
            None => {
                leg.waiting.push_back(frame.to_bytes());
                self.settle(to.0, out);
            }
        }
    }

    fn flush(&mut self, seat: Seat, out: &mut Vec<Output>) {
        let Some(leg) = self.legs.get_mut(&seat) else {
            return;
        };
        if let Some(link) = leg.link {
            for bytes in leg.waiting.drain(..) {
                out.push(Output::Msrp { link, bytes });
            }
        }
        self.settle(seat.0, out);
    }

    // An end is read only while the other is not behind.
    fn settle(&mut self, call: u64, out: &mut Vec<Output>) {
        for end in End::BOTH {
            let Some(link) = self.legs.get(&(call, end)).and_then(|leg| leg.link) else {
                continue;
            };
            let seats = self.links.get(&link).map(|known| known.seats.clone());
            let behind = |(call, end): &Seat| self.is_behind((*call, end.other()));
            let wanted = seats.is_some_and(|seats| seats.iter().any(behind));
            let Some(known) = self.links.get_mut(&link) else {
                continue;
            };
            if known.paused != wanted {
                known.paused = wanted;
                out.push(match wanted {
                    true => Output::Pause(link),
                    false => Output::Resume(link),
                });
            }
        }
    }

    fn is_behind(&self, seat: Seat) -> bool {
        let Some(leg) = self.legs.get(&seat) else {
            return false;
        };
        let link = leg.link.and_then(|link| self.links.get(&link));
        link.is_some_and(|link| link.full) || leg.waiting.len() >= WAITING / 2
    }
}

// As Failure-Report allows (RFC 4975 7.2); nothing answers a response or a REPORT.
fn respond(link: LinkId, frame: &Frame, code: u16, out: &mut Vec<Output>) {
    if matches!(frame.method(), Some(method) if method != "REPORT") {
        crate::messaging::frames::answer(link, frame, code, out);
    }
}

/// Frames that wait for an end without a connection.
const WAITING: usize = 64;
