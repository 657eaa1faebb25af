//! Getting information on client status (6.1.1): third-party REGISTERs of the core tell who of the served users is there.

use std::collections::BTreeMap;
use std::time::Duration;

use machines::port::Flow;
use machines::transactions::Key;
use wire::sip::{Message, Uri};

use super::{Participating, Purpose};
use crate::controlling::general::Refusal;
use crate::groups::name;

/// The availability of a user, for whoever keeps messages that could not be delivered (12.4.2.2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Availability {
    /// The user has registered.
    Available {
        /// Address of the user.
        user: String,
    },
    /// The user has deregistered, or its registration has run out.
    Unavailable {
        /// Address of the user.
        user: String,
    },
}

/// Who is registered, by name.
#[derive(Debug, Default)]
pub(super) struct Registrations {
    users: BTreeMap<String, String>,
    changes: Vec<Availability>,
}

impl Registrations {
    /// What has changed since the last look.
    pub(super) fn take_changes(&mut self) -> Vec<Availability> {
        std::mem::take(&mut self.changes)
    }

    /// Whether the user is registered.
    pub(super) fn has(&self, name: &str) -> bool {
        self.users.contains_key(name)
    }

    fn is_full(&self) -> bool {
        self.users.len() >= USERS
    }

    fn came(&mut self, name: &str, user: String) {
        // Each time anew: a user whom a message has not reached may be there again.
        self.users.insert(name.to_owned(), user.clone());
        self.changes.push(Availability::Available { user });
    }

    fn went(&mut self, name: &str) {
        if let Some(user) = self.users.remove(name) {
            self.changes.push(Availability::Unavailable { user });
        }
    }
}

impl Participating {
    // 6.1.1/general/u1
    pub(super) fn registered(&mut self, key: Key, flow: Flow, request: &Message) {
        let outcome = self.register(flow, request);
        match outcome {
            Ok(expires) => {
                // 6.1.1/on-register/u1 and u2
                let answer = Message::response(request, 200, "OK")
                    .with("Expires", expires)
                    .with("Server", self.config.release.clone());
                self.stack.respond(key, answer);
            }
            Err(refusal) => self.refuse(key, request, refusal),
        }
    }

    fn register(&mut self, flow: Flow, request: &Message) -> Result<String, Refusal> {
        let (Some(from), Some(to)) = (request.from(), request.to()) else {
            return Err(Refusal::new(400));
        };
        let user = name(&to.uri);
        // Only a core tells of users; a user who registers itself is at the wrong place.
        if !self.is_trusted(flow) || name(&from.uri) == user {
            return Err(Refusal::new(403));
        }
        let expires = request.header("Expires").ok_or_else(|| Refusal::new(400))?;
        let seconds: u32 = expires.trim().parse().map_err(|_| Refusal::new(400))?;
        if !to.uri.host.eq_ignore_ascii_case(&self.config.domain) {
            return Err(Refusal::new(404));
        }
        if self.registrations.is_full() {
            return Err(Refusal::new(503).with("Retry-After", "60"));
        }
        // 6.1.1/on-register/1
        if seconds == 0 {
            self.stack.disarm(&Purpose::Registered(user.clone()));
            self.registrations.went(&user);
        } else {
            let bare = Uri {
                headers: Vec::new(),
                ..to.uri
            };
            self.registrations.came(&user, bare.to_string());
            let within = Duration::from_secs(seconds.into());
            self.stack.arm(Purpose::Registered(user), within);
        }
        Ok(expires.trim().to_owned())
    }

    /// A registration has run out.
    pub(super) fn unregistered(&mut self, user: &str) {
        self.registrations.went(user);
    }
}

/// The most users of one shard who are known to be there.
const USERS: usize = 1_000_000;
