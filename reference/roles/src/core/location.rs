//! The location service: where each user can be reached, and until when (RFC 3261 10).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use machines::port::Flow;
use wire::sip::{NameAddr, Uri};

use crate::groups::name;

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
    flows: HashMap<Flow, BTreeSet<usize>>,
    contacts: HashMap<String, BTreeSet<usize>>,
}

impl Location {
    pub(super) fn of(&self, user: usize) -> &[Binding] {
        self.users.get(&user).map_or(&[], Vec::as_slice)
    }

    pub(super) fn set(&mut self, user: usize, bindings: Vec<Binding>) {
        for binding in self.users.remove(&user).into_iter().flatten() {
            forget(&mut self.flows, &binding.flow, user);
            forget(&mut self.contacts, &place(&binding.contact.uri), user);
        }
        for binding in &bindings {
            let place = place(&binding.contact.uri);
            self.flows.entry(binding.flow).or_default().insert(user);
            self.contacts.entry(place).or_default().insert(user);
        }
        if !bindings.is_empty() {
            self.users.insert(user, bindings);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// The user who registered from there; of several the one whom the message names, or else nobody.
    pub(super) fn at(&self, flow: Flow, named: Option<usize>) -> Option<usize> {
        let users = self.flows.get(&flow)?;
        match users.len() {
            1 => users.first().copied(),
            _ => named.filter(|named| users.contains(named)),
        }
    }

    /// The only user who has the contact.
    pub(super) fn with(&self, contact: &Uri) -> Option<usize> {
        let users = self.contacts.get(&place(contact))?;
        users.first().copied().filter(|_| users.len() == 1)
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

fn forget<K: Hash + Eq>(index: &mut HashMap<K, BTreeSet<usize>>, key: &K, user: usize) {
    if let Some(users) = index.get_mut(key) {
        users.remove(&user);
        if users.is_empty() {
            index.remove(key);
        }
    }
}

fn place(contact: &Uri) -> String {
    format!("{}:{}", name(contact), contact.port.unwrap_or(5060))
}
