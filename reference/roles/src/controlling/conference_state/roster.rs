//! Who is in a conference, and when that last changed for each of them (RFC 4575 4.4 to 4.6).

use std::collections::{BTreeMap, HashMap};

use wire::xml::conference_info::{Endpoint, User};

/// A user as subscribers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) entity: String,
    pub(crate) display_text: Option<String>,
    /// RFC 4575 5.7.3
    pub(crate) status: &'static str,
}

/// The users and a clock that ticks with each change of one of them.
///
/// A subscriber that was told everything up to some tick is next told what changed after it, so a
/// change costs the same however many users there are.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    users: HashMap<String, Known>,
    /// Whose latest change was when.
    changes: BTreeMap<u64, String>,
    clock: u64,
    /// Users that left before this tick are forgotten.
    forgotten: u64,
    connected: u32,
    active: bool,
}

#[derive(Debug)]
struct Known {
    /// `None` when it is gone.
    shown: Option<Shown>,
    appeared: u64,
    changed: u64,
}

impl Roster {
    /// Takes over who is in the conference now; whether anything is new.
    pub(crate) fn update(&mut self, shown: Vec<Shown>, active: bool) -> bool {
        let before = self.clock;
        if self.active != active {
            self.clock += 1;
            self.active = active;
        }
        let now: HashMap<&str, ()> = shown.iter().map(|one| (one.entity.as_str(), ())).collect();
        let mut gone: Vec<(u64, String)> = self
            .users
            .iter()
            .filter(|(entity, known)| known.shown.is_some() && !now.contains_key(entity.as_str()))
            .map(|(entity, known)| (known.appeared, entity.clone()))
            .collect();
        gone.sort();
        let connected = shown.iter().filter(|one| one.status == CONNECTED).count();
        for (_, entity) in gone {
            self.set(entity, None);
        }
        for one in shown {
            if self
                .users
                .get(&one.entity)
                .is_none_or(|known| known.shown.as_ref() != Some(&one))
            {
                self.set(one.entity.clone(), Some(one));
            }
        }
        self.connected = u32::try_from(connected).unwrap_or(u32::MAX);
        self.forget();
        self.clock != before
    }

    fn set(&mut self, entity: String, shown: Option<Shown>) {
        self.clock += 1;
        let now = self.clock;
        let known = self.users.entry(entity.clone()).or_insert(Known {
            shown: None,
            appeared: now,
            changed: now,
        });
        self.changes.remove(&known.changed);
        self.changes.insert(now, entity);
        let renamed = |old: &Shown, new: &Shown| old.display_text != new.display_text;
        match (&known.shown, &shown) {
            // Who comes back, or is called otherwise, is told as a whole again.
            (None, Some(_)) => known.appeared = now,
            (Some(old), Some(new)) if renamed(old, new) => known.appeared = now,
            _ => {}
        }
        known.changed = now;
        known.shown = shown;
    }

    // Those who left long ago; whoever was not told yet gets the whole state instead.
    fn forget(&mut self) {
        let gone = |entity: &String| {
            self.users
                .get(entity)
                .is_some_and(|one| one.shown.is_none())
        };
        let old: Vec<(u64, String)> = self
            .changes
            .iter()
            .filter(|(_, entity)| gone(entity))
            .map(|(tick, entity)| (*tick, entity.clone()))
            .collect();
        if old.len() <= GONE {
            return;
        }
        for (tick, entity) in old.into_iter().take(GONE / 2) {
            self.changes.remove(&tick);
            self.users.remove(&entity);
            self.forgotten = tick;
        }
    }

    /// The tick of the latest change.
    pub(crate) fn clock(&self) -> u64 {
        self.clock
    }

    /// How many users are connected.
    pub(crate) fn connected(&self) -> u32 {
        self.connected
    }

    /// Whether there is a session at all.
    pub(crate) fn active(&self) -> bool {
        self.active
    }

    /// Everybody, in the order in which they appeared.
    pub(crate) fn full(&self) -> Vec<User> {
        let mut all: Vec<(u64, &Shown)> = self
            .users
            .values()
            .filter_map(|known| Some((known.appeared, known.shown.as_ref()?)))
            .collect();
        all.sort_by_key(|(appeared, _)| *appeared);
        all.into_iter().map(|(_, one)| user(one, "full")).collect()
    }

    /// Those who changed after `tick`, in the order of their changes; `None` when that is not known any more.
    pub(crate) fn since(&self, tick: u64) -> Option<Vec<User>> {
        if tick < self.forgotten {
            return None;
        }
        let changed = self.changes.range(tick + 1..);
        let told = changed.filter_map(|(_, entity)| {
            let known = self.users.get(entity)?;
            match &known.shown {
                Some(one) if known.appeared > tick => Some(user(one, "full")),
                Some(one) => Some(User {
                    display_text: None,
                    ..user(one, "partial")
                }),
                // Who came and went since is nobody's business.
                None if known.appeared > tick => None,
                None => Some(User {
                    entity: entity.clone(),
                    state: Some("deleted".into()),
                    ..User::default()
                }),
            }
        });
        Some(told.collect())
    }
}

fn user(shown: &Shown, state: &str) -> User {
    User {
        entity: shown.entity.clone(),
        display_text: shown.display_text.clone(),
        state: Some(state.into()),
        endpoints: vec![Endpoint {
            entity: shown.entity.clone(),
            status: Some(shown.status.into()),
            state: None,
        }],
    }
}

/// The status of whoever takes part (RFC 4575 5.7.3).
pub(crate) const CONNECTED: &str = "connected";

/// How many users that are gone are remembered.
const GONE: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, status: &'static str) -> Shown {
        Shown {
            entity: format!("sip:{name}@x"),
            display_text: Some(name.to_owned()),
            status,
        }
    }

    fn told(users: Option<Vec<User>>) -> Vec<String> {
        let one = |user: User| {
            let status = user.endpoints.first().and_then(|one| one.status.clone());
            let name = if user.display_text.is_some() {
                "named"
            } else {
                ""
            };
            let state = user.state.unwrap_or_default();
            format!(
                "{} {state} {} {name}",
                user.entity,
                status.unwrap_or_default()
            )
        };
        users.into_iter().flatten().map(one).collect()
    }

    #[test]
    fn only_what_changed_is_told() {
        let mut roster = Roster::default();
        assert!(roster.update(vec![shown("a", "connected"), shown("b", "alerting")], true));
        let tick = roster.clock();
        assert!(!roster.update(vec![shown("a", "connected"), shown("b", "alerting")], true));
        assert!(roster.update(
            vec![shown("b", "connected"), shown("c", "dialing-out")],
            true
        ));
        assert_eq!(
            told(roster.since(tick)),
            [
                "sip:a@x deleted  ",
                "sip:b@x partial connected ",
                "sip:c@x full dialing-out named"
            ]
        );
        assert_eq!(told(roster.since(roster.clock())), [""; 0]);
        assert_eq!(roster.connected(), 1);
    }

    #[test]
    fn who_comes_back_is_told_as_a_whole() {
        let mut roster = Roster::default();
        roster.update(vec![shown("a", "connected")], true);
        let tick = roster.clock();
        roster.update(Vec::new(), true);
        roster.update(vec![shown("a", "connected")], true);
        assert_eq!(told(roster.since(tick)), ["sip:a@x full connected named"]);
        let tick = roster.clock();
        roster.update(vec![shown("b", "alerting")], true);
        roster.update(Vec::new(), true);
        assert_eq!(told(roster.since(tick)), ["sip:a@x deleted  "]);
    }

    #[test]
    fn those_who_left_long_ago_are_forgotten() {
        let mut roster = Roster::default();
        for number in 0..=GONE {
            roster.update(vec![shown(&number.to_string(), "connected")], true);
        }
        let tick = roster.clock();
        roster.update(Vec::new(), false);
        assert!(roster.users.len() <= GONE);
        assert_eq!(roster.since(0), None);
        assert_eq!(told(roster.since(tick)).len(), 1);
    }
}
