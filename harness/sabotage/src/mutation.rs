//! A mutation: what it aims at, which messages it takes and what it does to them.

use std::collections::HashMap;

use serde::Deserialize;
use trace::Protocol;
use world::Tamper;

use crate::action::{Action, apply_all};
use crate::pattern::Pattern;

/// The data files, by name relative to `harness/sabotage/mutations/`.
const FILES: &[(&str, &str)] = &[
    (
        "history/history_end.yaml",
        include_str!("../mutations/history/history_end.yaml"),
    ),
    (
        "history/history_session.yaml",
        include_str!("../mutations/history/history_session.yaml"),
    ),
    (
        "participating/originating_modification.yaml",
        include_str!("../mutations/participating/originating_modification.yaml"),
    ),
    (
        "participating/terminating_modification.yaml",
        include_str!("../mutations/participating/terminating_modification.yaml"),
    ),
    (
        "participating/service_settings.yaml",
        include_str!("../mutations/participating/service_settings.yaml"),
    ),
    (
        "participating/access_policy.yaml",
        include_str!("../mutations/participating/access_policy.yaml"),
    ),
    (
        "participating/deferred.yaml",
        include_str!("../mutations/participating/deferred.yaml"),
    ),
    (
        "participating/registration.yaml",
        include_str!("../mutations/participating/registration.yaml"),
    ),
    (
        "client/general_requests.yaml",
        include_str!("../mutations/client/general_requests.yaml"),
    ),
    (
        "client/one_to_one.yaml",
        include_str!("../mutations/client/one_to_one.yaml"),
    ),
    (
        "client/ad_hoc.yaml",
        include_str!("../mutations/client/ad_hoc.yaml"),
    ),
    (
        "client/predefined_group.yaml",
        include_str!("../mutations/client/predefined_group.yaml"),
    ),
    (
        "client/extending.yaml",
        include_str!("../mutations/client/extending.yaml"),
    ),
    (
        "client/general_responses.yaml",
        include_str!("../mutations/client/general_responses.yaml"),
    ),
    (
        "client/invited.yaml",
        include_str!("../mutations/client/invited.yaml"),
    ),
    (
        "client/leaving.yaml",
        include_str!("../mutations/client/leaving.yaml"),
    ),
    (
        "client/modified.yaml",
        include_str!("../mutations/client/modified.yaml"),
    ),
    (
        "client/replaced.yaml",
        include_str!("../mutations/client/replaced.yaml"),
    ),
    (
        "client/subscription.yaml",
        include_str!("../mutations/client/subscription.yaml"),
    ),
    (
        "controlling/ad_hoc_setup.yaml",
        include_str!("../mutations/controlling/ad_hoc_setup.yaml"),
    ),
    (
        "controlling/group_document.yaml",
        include_str!("../mutations/controlling/group_document.yaml"),
    ),
    (
        "controlling/inviting_more.yaml",
        include_str!("../mutations/controlling/inviting_more.yaml"),
    ),
    (
        "controlling/predefined_group.yaml",
        include_str!("../mutations/controlling/predefined_group.yaml"),
    ),
    (
        "controlling/server_modification.yaml",
        include_str!("../mutations/controlling/server_modification.yaml"),
    ),
    (
        "controlling/session_modification.yaml",
        include_str!("../mutations/controlling/session_modification.yaml"),
    ),
    (
        "controlling/session_refresh.yaml",
        include_str!("../mutations/controlling/session_refresh.yaml"),
    ),
    (
        "core/filter_criteria.yaml",
        include_str!("../mutations/core/filter_criteria.yaml"),
    ),
    (
        "core/registrar.yaml",
        include_str!("../mutations/core/registrar.yaml"),
    ),
    (
        "core/proxy.yaml",
        include_str!("../mutations/core/proxy.yaml"),
    ),
    (
        "messaging/chat_room.yaml",
        include_str!("../mutations/messaging/chat_room.yaml"),
    ),
    (
        "messaging/pager_mode.yaml",
        include_str!("../mutations/messaging/pager_mode.yaml"),
    ),
    (
        "controlling/conference_state.yaml",
        include_str!("../mutations/controlling/conference_state.yaml"),
    ),
];

/// How many different messages one mutation remembers for `nth`.
const REMEMBERED: usize = 4096;

/// Which way the changed messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The subject says the wrong thing.
    FromSubject,
    /// The subject does not see what it should act on.
    ToSubject,
}

/// One deliberate violation of one clause.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutation {
    /// What it does, in a few words; unique.
    pub name: String,
    /// Id of the clause that must be lost.
    pub clause: String,
    /// Which way the changed messages go.
    pub direction: Direction,
    /// Which messages are changed.
    #[serde(rename = "match")]
    pub pattern: Pattern,
    /// What happens to them.
    #[serde(rename = "do", with = "serde_yaml::with::singleton_map_recursive")]
    pub actions: Vec<Action>,
    #[serde(skip)]
    seen: HashMap<Vec<u8>, usize>,
}

/// Why mutations could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file does not say what a mutation must say.
    #[error("{file}:{line}:{column}: {reason}")]
    Syntax {
        /// The data file.
        file: String,
        /// Line, from 1; 0 when unknown.
        line: usize,
        /// Column, from 1; 0 when unknown.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// Two mutations have the same name.
    #[error("{file}: two mutations are named \"{name}\"; rename one")]
    Duplicate {
        /// The data file.
        file: String,
        /// The name.
        name: String,
    },
    /// A mutation that would change nothing.
    #[error("{file}: the mutation \"{name}\" {reason}")]
    Idle {
        /// The data file.
        file: String,
        /// The name.
        name: String,
        /// Why.
        reason: &'static str,
    },
}

impl Mutation {
    /// Every mutation that the binary carries.
    pub fn load() -> Result<Vec<Self>, Error> {
        let mut all: Vec<Self> = Vec::new();
        for (file, text) in FILES {
            let more = Self::parse(file, text)?;
            // Kills are looked up by name, across files.
            let twice = more
                .iter()
                .find(|one| all.iter().any(|other| other.name == one.name));
            if let Some(mutation) = twice {
                return Err(Error::Duplicate {
                    file: (*file).to_owned(),
                    name: mutation.name.clone(),
                });
            }
            all.extend(more);
        }
        Ok(all)
    }

    /// Mutations that aim at this clause.
    pub fn for_clause(clause: &str) -> Result<Vec<Self>, Error> {
        Ok(Self::load()?
            .into_iter()
            .filter(|mutation| mutation.clause == clause)
            .collect())
    }

    /// Reads one data file; `file` is named in errors.
    pub fn parse(file: &str, text: &str) -> Result<Vec<Self>, Error> {
        let mutations: Vec<Self> = serde_yaml::from_str(text).map_err(|error| {
            let (line, column) = error
                .location()
                .map_or((0, 0), |place| (place.line(), place.column()));
            Error::Syntax {
                file: file.to_owned(),
                line,
                column,
                reason: error.to_string(),
            }
        })?;
        for (at, mutation) in mutations.iter().enumerate() {
            if mutations[..at]
                .iter()
                .any(|other| other.name == mutation.name)
            {
                return Err(Error::Duplicate {
                    file: file.to_owned(),
                    name: mutation.name.clone(),
                });
            }
            if let Some(reason) = mutation.idle() {
                return Err(Error::Idle {
                    file: file.to_owned(),
                    name: mutation.name.clone(),
                    reason,
                });
            }
        }
        Ok(mutations)
    }

    fn idle(&self) -> Option<&'static str> {
        let starts = [
            self.pattern.request.is_some(),
            self.pattern.response.is_some(),
            self.pattern.msrp.is_some(),
            self.pattern.http.is_some(),
            self.pattern.user.is_some(),
        ];
        if starts.iter().filter(|given| **given).count() != 1 {
            return Some("must match by exactly one of request, response, msrp, http and user");
        }
        self.actions.is_empty().then_some("does nothing")
    }

    fn apply(&mut self, direction: Direction, protocol: Protocol, bytes: &[u8]) -> Vec<Vec<u8>> {
        if direction != self.direction
            || !self.pattern.takes(protocol, bytes)
            || !self.is_turn(bytes)
        {
            return vec![bytes.to_vec()];
        }
        apply_all(&self.actions, protocol, bytes)
    }

    /// Whether this match is the one that `nth` asks for; a retransmission shares its original's number.
    fn is_turn(&mut self, bytes: &[u8]) -> bool {
        let Some(nth) = self.pattern.nth else {
            return true;
        };
        let next = self.seen.len() + 1;
        match self.seen.get(bytes) {
            Some(number) => *number == nth,
            None if next > REMEMBERED => false,
            None => {
                self.seen.insert(bytes.to_vec(), next);
                next == nth
            }
        }
    }
}

impl Tamper for Mutation {
    fn outgoing(&mut self, protocol: Protocol, bytes: &[u8]) -> Vec<Vec<u8>> {
        self.apply(Direction::FromSubject, protocol, bytes)
    }

    fn incoming(&mut self, protocol: Protocol, bytes: &[u8]) -> Vec<Vec<u8>> {
        self.apply(Direction::ToSubject, protocol, bytes)
    }
}

#[cfg(test)]
mod tests;
