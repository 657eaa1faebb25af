//! What every part of the core works with: transactions, timers, names, and the operator's ear.

use std::collections::HashMap;
use std::time::Duration;

use machines::port::{Flow, Output};
use machines::transactions::{self, Key, Layer};
use wire::sip::{Message, Uri};

use super::config::Config;
use super::{Core, Purpose};
use crate::controlling::general::{Refusal, reason};
use crate::groups::name;

impl Core {
    /// Runs the transaction layer once and sorts what it says.
    pub(super) fn with_layer<T>(
        &mut self,
        act: impl FnOnce(&mut Layer, &mut Vec<transactions::Output>) -> T,
    ) -> T {
        let result = act(&mut self.layer, &mut self.spoken);
        self.sort();
        result
    }

    pub(super) fn sort(&mut self) {
        for spoken in self.spoken.drain(..) {
            match spoken {
                transactions::Output::Port(output) => self.out.push(output),
                transactions::Output::Event(event) => self.events.push_back(event),
            }
        }
    }

    /// Answers a request ourselves.
    pub(super) fn respond(&mut self, key: Key, response: Message) {
        let response = response.with("Server", self.config.release.clone());
        self.with_layer(|layer, out| layer.respond(key, response, out));
    }

    pub(super) fn refuse(&mut self, key: Key, request: &Message, refusal: Refusal) {
        let mut response = Message::response(request, refusal.code, reason(refusal.code));
        for (name, value) in refusal.headers {
            response.push(name, value);
        }
        self.respond(key, response);
    }

    pub(super) fn arm(&mut self, purpose: Purpose, after: Duration) {
        let timer = self.timers.arm(purpose);
        self.out.push(Output::Arm { timer, after });
    }

    pub(super) fn ignore(&mut self, what: impl Into<String>) {
        self.out.push(Output::Ignored(what.into()));
    }

    /// Tells the operator what is wrong and what to do; so many lines in a while, whoever sends what.
    pub(super) fn warn(&mut self, line: impl Into<String>) {
        if self.warnings == 0 {
            self.arm(Purpose::Quiet, QUIET);
        }
        self.warnings += 1;
        if self.warnings <= WARNINGS {
            self.out.push(Output::User(line.into()));
        }
    }

    /// Says how many warnings were left out.
    pub(super) fn quiet(&mut self) {
        let more = self.warnings.saturating_sub(WARNINGS);
        self.warnings = 0;
        if more > 0 {
            self.warn(format!("{more} more warnings were left out"));
        }
    }

    pub(super) fn warn_of_loop(&mut self, flow: Flow, request: &Message, refusal: &Message) {
        let method = request.method().unwrap_or_default();
        let (asked, from) = (request.uri().unwrap_or_default(), flow.remote);
        match refusal.code() {
            Some(482) => self.warn(format!(
                "{method} {asked} comes back from {from} as it left; a server that gives a request back keeps the Route that is left, look at what it does with it"
            )),
            Some(483) => self.warn(format!(
                "{method} {asked} from {from} has no hops left; look for servers that send it to each other"
            )),
            _ => {}
        }
    }

    /// Remembers where an open request came from.
    pub(super) fn note(&mut self, key: Key, inside: bool) {
        self.inside.insert(key, inside);
        if self.inside.len() > FEW && self.inside.len() > 2 * self.layer.len() {
            let layer = &self.layer;
            self.inside
                .retain(|key, _| layer.request_of(*key).is_some());
            self.waiting
                .retain(|key, _| layer.request_of(*key).is_some());
        }
    }

    /// Whose public user identity the URI is, whatever its parameters.
    pub(super) fn user_of(&self, uri: &Uri) -> Option<usize> {
        self.users.get(&key(uri)).copied()
    }

    /// The identity as it is configured.
    pub(super) fn identity_of(&self, user: usize, uri: &Uri) -> Option<String> {
        let wanted = key(uri);
        let same = |known: &&String| Uri::parse(known).is_ok_and(|known| key(&known) == wanted);
        let identities = &self.config.users[user].identities;
        identities.iter().find(same).cloned()
    }

    /// Whether the URI is of our domain.
    pub(super) fn is_local(&self, uri: &Uri) -> bool {
        uri.host.eq_ignore_ascii_case(&self.config.domain) || self.user_of(uri).is_some()
    }
}

/// Every public user identity and whose it is.
pub(super) fn users(config: &Config) -> HashMap<String, usize> {
    let users = config.users.iter().enumerate();
    let identities = users.flat_map(|(user, it)| it.identities.iter().map(move |uri| (uri, user)));
    let read = |(uri, user): (&String, usize)| Uri::parse(uri).ok().map(|uri| (key(&uri), user));
    identities.filter_map(read).collect()
}

fn key(uri: &Uri) -> String {
    let scheme = if uri.is_sip() { "sip" } else { "tel" };
    format!("{scheme}:{}", name(uri))
}

/// How many warnings there may be in how long.
const WARNINGS: usize = 20;
const QUIET: Duration = Duration::from_secs(10);

/// Below this nothing is swept.
const FEW: usize = 1000;
