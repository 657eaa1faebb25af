//! Backpressure: senders wait while somebody in their rooms is behind, and whoever stays behind is reported.

use std::collections::BTreeSet;

use machines::port::{LinkId, Output};

use super::leg::{Leg, LegId};
use super::switch::Switch;

/// A participant who has fallen behind, or has caught up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stall {
    pub(crate) room: u64,
    pub(crate) member: usize,
    pub(crate) behind: bool,
}

/// A participant whose connection broke, or who has one again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Loss {
    pub(crate) room: u64,
    pub(crate) member: usize,
    pub(crate) lost: bool,
}

impl Switch {
    /// Whose connection broke, or came back, since the last time.
    pub(crate) fn take_losses(&mut self) -> Vec<Loss> {
        std::mem::take(&mut self.losses)
    }

    pub(super) fn lose(&mut self, leg: LegId) {
        self.mark(leg, true);
    }

    pub(super) fn found(&mut self, leg: LegId) {
        self.mark(leg, false);
    }

    fn mark(&mut self, leg: LegId, lost: bool) {
        let Some(leg) = self.legs.get_mut(&leg).filter(|leg| leg.lost != lost) else {
            return;
        };
        leg.lost = lost;
        self.losses.push(Loss {
            room: leg.room,
            member: leg.member,
            lost,
        });
    }

    /// Who has fallen behind or caught up since the last time.
    pub(crate) fn take_stalls(&mut self) -> Vec<Stall> {
        std::mem::take(&mut self.stalls)
    }

    /// A sender is read only while nobody else in its rooms is behind.
    pub(super) fn settle(&mut self, room: u64, out: &mut Vec<Output>) {
        let Some(members) = self.rooms.get(&room) else {
            return;
        };
        let mut links = BTreeSet::new();
        for id in members {
            let behind = self.legs.get(id).is_some_and(|leg| self.is_behind(leg));
            let Some(leg) = self.legs.get_mut(id) else {
                continue;
            };
            links.extend(leg.link.map(|link| link.0));
            if leg.behind != behind {
                leg.behind = behind;
                let member = leg.member;
                self.stalls.push(Stall {
                    room,
                    member,
                    behind,
                });
            }
        }
        for link in links.into_iter().map(LinkId) {
            let wanted = self.held_up(link);
            let Some(known) = self.links.get_mut(&link) else {
                continue;
            };
            if known.paused != wanted {
                known.paused = wanted;
                out.push(if wanted {
                    Output::Pause(link)
                } else {
                    Output::Resume(link)
                });
            }
        }
    }

    fn is_behind(&self, leg: &Leg) -> bool {
        let link = leg.link.and_then(|link| self.links.get(&link));
        link.is_some_and(|link| link.full) || leg.congested()
    }

    fn held_up(&self, link: LinkId) -> bool {
        let Some(known) = self.links.get(&link) else {
            return false;
        };
        let own = known.legs.iter().filter_map(|leg| self.legs.get(leg));
        let rooms = own.filter_map(|leg| self.rooms.get(&leg.room));
        rooms
            .flatten()
            .filter_map(|leg| self.legs.get(leg))
            .any(|leg| leg.link != Some(link) && self.is_behind(leg))
    }
}
