//! The location service: where each user can be reached, and until when (RFC 3261 10).

use std::collections::BTreeMap;

use machines::port::Flow;
use wire::sip::{NameAddr, Uri};

/// One contact of a user.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Binding {
    /// The contact with what it can do, less `expires`.
    pub(super) contact: NameAddr,
    pub(super) call_id: String,
    pub(super) cseq: u32,
    /// The second at which it ends.
    pub(super) until: u64,
    /// From where it was registered.
    pub(super) flow: Flow,
}

/// Who is where, by position in the list of users.
#[derive(Debug, Default)]
pub(super) struct Location {
    users: BTreeMap<usize, Vec<Binding>>,
}

impl Location {
    pub(super) fn of(&self, user: usize) -> &[Binding] {
        self.users.get(&user).map_or(&[], Vec::as_slice)
    }

    pub(super) fn set(&mut self, user: usize, bindings: Vec<Binding>) {
        if bindings.is_empty() {
            self.users.remove(&user);
        } else {
            self.users.insert(user, bindings);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// The user who registered from there; nobody when several did.
    pub(super) fn at(&self, flow: Flow) -> Option<usize> {
        let from = |(user, bindings): (&usize, &Vec<Binding>)| {
            let here = bindings.iter().any(|binding| binding.flow == flow);
            here.then_some(*user)
        };
        let mut users = self.users.iter().filter_map(from);
        users.next().filter(|_| users.next().is_none())
    }

    /// The user who has the contact.
    pub(super) fn with(&self, contact: &Uri) -> Option<usize> {
        let has = |(user, bindings): (&usize, &Vec<Binding>)| {
            let known = bindings.iter().any(|one| one.contact.uri.same_as(contact));
            known.then_some(*user)
        };
        self.users.iter().find_map(has)
    }

    /// Ends what is over; the users who lost a contact.
    pub(super) fn expire(&mut self, now: u64) -> Vec<usize> {
        let over = |binding: &Binding| binding.until <= now;
        let losers: Vec<usize> = self
            .users
            .iter()
            .filter(|(_, bindings)| bindings.iter().any(over))
            .map(|(user, _)| *user)
            .collect();
        for user in &losers {
            let rest = self.of(*user).iter().filter(|one| !over(one)).cloned();
            let rest = rest.collect();
            self.set(*user, rest);
        }
        losers
    }
}
