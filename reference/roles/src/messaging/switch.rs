//! The MSRP switch: binds the participants' connections and hands each message to the others in the room.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use machines::port::{LinkId, Output};

use super::announcement::Notice;
use super::frames::{greeting, session_of};
use super::leg::{Leg, LegId, Terms};
use super::nickname::Renamed;
use super::patience::Patience;
use super::pressure::{Loss, Stall};
use crate::identifiers::Identifiers;

/// The switch of one shard.
#[derive(Debug, Default)]
pub(crate) struct Switch {
    pub(super) legs: BTreeMap<LegId, Leg>,
    pub(super) sessions: HashMap<String, LegId>,
    pub(super) rooms: HashMap<u64, BTreeSet<LegId>>,
    /// Addresses of the rooms in which somebody has been introduced.
    pub(super) names: HashMap<u64, String>,
    pub(super) links: HashMap<LinkId, Link>,
    pub(super) accept_types: Vec<String>,
    pub(super) barred_nicknames: Vec<String>,
    /// Whether rooms are told who comes and goes.
    pub(super) announces: bool,
    pub(super) notices: Vec<Notice>,
    pub(super) renamed: Vec<Renamed>,
    pub(super) stalls: Vec<Stall>,
    pub(super) alarms: Vec<Patience>,
    pub(super) silent: Vec<(u64, usize)>,
    pub(super) losses: Vec<Loss>,
}

/// One connection, which may serve several sessions.
#[derive(Debug, Default)]
pub(super) struct Link {
    pub(super) legs: BTreeSet<LegId>,
    pub(super) full: bool,
    pub(super) paused: bool,
    pub(super) up: bool,
}

impl Switch {
    /// A switch without legs that lets these content types pass and nobody take these names.
    pub(crate) fn new(
        accept_types: Vec<String>,
        barred_nicknames: Vec<String>,
        announces: bool,
    ) -> Self {
        Self {
            accept_types,
            barred_nicknames,
            announces,
            ..Self::default()
        }
    }

    /// Makes room for a participant: from now on a connection may bind to `own`, our MSRP URI of that participant.
    pub(crate) fn reserve(&mut self, leg: LegId, room: u64, member: usize, own: String) {
        self.sessions.insert(session_of(&own).to_owned(), leg);
        self.rooms.entry(room).or_default().insert(leg);
        self.legs.insert(leg, Leg::new(room, member, own));
    }

    /// Tells what offer and answer agreed on, and connects when that is our part (RFC 4975 5.4).
    pub(crate) fn agree(
        &mut self,
        leg: LegId,
        terms: Terms,
        ids: &mut Identifiers,
        out: &mut Vec<Output>,
    ) {
        let Some(known) = self.legs.get_mut(&leg) else {
            return;
        };
        let moved = !known.terms.path.is_empty() && known.terms.path != terms.path;
        let connect = terms.connect;
        known.terms = terms;
        if moved {
            // What came early came by a path that nobody answered for.
            known.early.clear();
        }
        if let Some(link) = known.link.take_if(|_| moved) {
            // RFC 4975 8.4: a new path is a new connection; what is on its way on the old one still arrives.
            if let Some(older) = known.former.replace(link) {
                self.unbind(leg, older, out);
            }
        }
        let Some(known) = self.legs.get_mut(&leg) else {
            return;
        };
        if let (Some(to), None) = (connect, known.link) {
            let link = ids.link();
            known.link = Some(link);
            self.found(leg);
            self.links.insert(
                link,
                Link {
                    legs: BTreeSet::from([leg]),
                    ..Link::default()
                },
            );
            out.push(Output::Connect { link, to });
        } else if known.link.is_some() {
            self.flush(leg, out);
        }
    }

    /// The content types that the peer of a leg takes.
    pub(crate) fn types(&self, leg: LegId) -> &[String] {
        self.legs
            .get(&leg)
            .map_or(&[], |leg| &leg.terms.accept_types)
    }

    /// Tells which content types our description lists for the peer; it may send no other.
    pub(crate) fn announce(&mut self, leg: LegId, types: Vec<String>) {
        if let Some(leg) = self.legs.get_mut(&leg) {
            leg.announced = types;
        }
    }

    /// The connection that the peer has left, once the next is there.
    pub(super) fn drop_former(&mut self, leg: LegId, out: &mut Vec<Output>) {
        let former = self.legs.get_mut(&leg).and_then(|leg| leg.former.take());
        if let Some(link) = former {
            self.unbind(leg, link, out);
        }
    }

    /// Ends a participant's MSRP session; its link is closed when no other session uses it.
    pub(crate) fn dismiss(&mut self, leg: LegId, out: &mut Vec<Output>) {
        let Some(gone) = self.legs.remove(&leg) else {
            return;
        };
        if let Some(seat) = &gone.seat {
            self.notice(leg, gone.room, seat, false);
        }
        self.sessions.remove(session_of(&gone.own));
        if let Some(room) = self.rooms.get_mut(&gone.room) {
            room.remove(&leg);
            if room.is_empty() {
                self.rooms.remove(&gone.room);
                self.names.remove(&gone.room);
            }
        }
        for link in [gone.former, gone.link].into_iter().flatten() {
            self.unbind(leg, link, out);
        }
        if gone.lost {
            self.losses.push(Loss {
                room: gone.room,
                member: gone.member,
                lost: false,
            });
        }
        if gone.behind {
            self.stalls.push(Stall {
                room: gone.room,
                member: gone.member,
                behind: false,
            });
        }
        self.settle(gone.room, out);
    }

    /// Takes a session off its link; a link without sessions is closed.
    pub(super) fn unbind(&mut self, leg: LegId, link: LinkId, out: &mut Vec<Output>) {
        let Some(known) = self.links.get_mut(&link) else {
            return;
        };
        known.legs.remove(&leg);
        if known.legs.is_empty() {
            self.links.remove(&link);
            out.push(Output::Close(link));
        }
    }

    /// A connection that we asked for is there: the active side speaks first (RFC 4975 5.4).
    pub(crate) fn link_up(&mut self, link: LinkId, ids: &mut Identifiers, out: &mut Vec<Output>) {
        let Some(known) = self.links.get_mut(&link) else {
            return;
        };
        known.up = true;
        for leg in known.legs.clone() {
            if let Some(leg) = self.legs.get(&leg) {
                let greeting = greeting(leg, ids);
                out.push(Output::Msrp {
                    link,
                    bytes: greeting.to_bytes(),
                });
            }
            self.drop_former(leg, out);
            self.flush(leg, out);
        }
    }

    /// A connection is gone: its sessions have none until the peer connects again (RFC 4975 5.4).
    pub(crate) fn link_down(&mut self, link: LinkId, out: &mut Vec<Output>) {
        let Some(known) = self.links.remove(&link) else {
            return;
        };
        for id in known.legs {
            let Some(leg) = self.legs.get_mut(&id) else {
                continue;
            };
            if leg.former == Some(link) {
                leg.former = None;
                continue;
            }
            leg.link = None;
            leg.underway.clear();
            leg.early.clear();
            let room = leg.room;
            self.lose(id);
            self.settle(room, out);
        }
    }

    /// The driver's queue of the link is over its limit, or nearly empty again.
    pub(crate) fn link_full(&mut self, link: LinkId, full: bool, out: &mut Vec<Output>) {
        let Some(known) = self.links.get_mut(&link) else {
            return;
        };
        known.full = full;
        let rooms: BTreeSet<u64> = known
            .legs
            .iter()
            .filter_map(|leg| self.legs.get(leg))
            .map(|leg| leg.room)
            .collect();
        for room in rooms {
            self.settle(room, out);
        }
    }
}
