//! Service settings of the served users: published by SIP PUBLISH (RFC 3903, RFC 4354), and what follows from them.

use std::collections::BTreeMap;
use std::time::Duration;

use machines::port::Flow;
use machines::transactions::Key;
use wire::sip::{ContentType, Event, Message};
use wire::xml::service_settings::{self, ServiceSettings};

use super::setup::originator;
use super::{Participating, Purpose};
use crate::controlling::general::Refusal;
use crate::groups::{name, name_of};

/// What the served users have published, by name.
#[derive(Debug, Default)]
pub(super) struct Published {
    users: BTreeMap<String, Vec<Publication>>,
}

#[derive(Debug)]
struct Publication {
    tag: String,
    settings: ServiceSettings,
}

impl Published {
    /// What holds for a user: of each setting the one published last.
    pub(super) fn of(&self, user: &str) -> ServiceSettings {
        let all = self.users.get(user).map(Vec::as_slice).unwrap_or_default();
        let last = |pick: fn(&ServiceSettings) -> Option<bool>| {
            all.iter().rev().find_map(|one| pick(&one.settings))
        };
        ServiceSettings {
            entity: String::new(),
            incoming_session_barring: last(|one| one.incoming_session_barring),
            simultaneous_sessions: last(|one| one.simultaneous_sessions),
            visible: last(|one| one.visible),
            offline_delivery: last(|one| one.offline_delivery),
        }
    }

    fn take(&mut self, user: &str, tag: &str) -> Option<Publication> {
        let all = self.users.get_mut(user)?;
        let place = all.iter().position(|one| one.tag == tag)?;
        let taken = all.remove(place);
        if all.is_empty() {
            self.users.remove(user);
        }
        Some(taken)
    }
}

impl Participating {
    pub(super) fn publish(&mut self, key: Key, flow: Flow, request: &Message) {
        match self.published_by(flow, request) {
            Ok((tag, seconds)) => {
                // RFC 3903 6
                let answer = Message::response(request, 200, "OK")
                    .with("SIP-ETag", tag)
                    .with("Expires", seconds.to_string())
                    .with("Server", self.config.release.clone());
                self.stack.respond(key, answer);
            }
            Err(refusal) => self.refuse(key, request, refusal),
        }
    }

    // The checks of RFC 3903 6 in their order.
    fn published_by(&mut self, flow: Flow, request: &Message) -> Result<(String, u32), Refusal> {
        let event = request.header("Event").and_then(|it| Event::parse(it).ok());
        if event.is_none_or(|event| event.package != PACKAGE) {
            return Err(Refusal::new(489).with("Allow-Events", PACKAGE));
        }
        let user = request.uri().and_then(name_of);
        let user = user.ok_or_else(|| Refusal::new(404))?;
        let sender = originator(request, self.is_trusted(flow));
        if sender.map(|who| name(&who.uri)).as_ref() != Some(&user) {
            return Err(Refusal::new(403));
        }
        let seconds = lifetime(request)?;
        let fresh = settings_of(request)?;
        let old = match request.header("SIP-If-Match") {
            Some(tag) => {
                let old = self.published.take(&user, tag.trim());
                Some(old.ok_or_else(|| Refusal::new(412))?)
            }
            None => None,
        };
        if let Some(old) = &old {
            let known = Purpose::Settings(user.clone(), old.tag.clone());
            self.stack.disarm(&known);
        }
        let tag = self.stack.ids.tag();
        let settings = match (fresh, old) {
            (Some(fresh), _) => fresh,
            (None, Some(old)) => old.settings,
            (None, None) => return Err(Refusal::new(400)),
        };
        if seconds > 0 {
            let all = self.published.users.entry(user.clone()).or_default();
            if all.len() >= PUBLICATIONS {
                return Err(Refusal::new(503).with("Retry-After", "60"));
            }
            let tag = tag.clone();
            all.push(Publication {
                tag: tag.clone(),
                settings,
            });
            let within = Duration::from_secs(seconds.into());
            self.stack.arm(Purpose::Settings(user, tag), within);
        }
        Ok((tag, seconds))
    }

    /// Nobody has refreshed the settings.
    pub(super) fn outdated(&mut self, user: &str, tag: &str) {
        self.published.take(user, tag);
    }
}

fn lifetime(request: &Message) -> Result<u32, Refusal> {
    let Some(value) = request.header("Expires") else {
        return Ok(USUAL);
    };
    match value.trim().parse::<u32>() {
        Ok(seconds) if seconds > 0 && seconds < LEAST => {
            Err(Refusal::new(423).with("Min-Expires", LEAST.to_string()))
        }
        Ok(seconds) => Ok(seconds.min(USUAL)),
        Err(_) => Err(Refusal::new(400)),
    }
}

fn settings_of(request: &Message) -> Result<Option<ServiceSettings>, Refusal> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let kind = request.header("Content-Type").unwrap_or_default();
    if !ContentType::parse(kind).is_ok_and(|kind| kind.is(SETTINGS)) {
        return Err(Refusal::new(415).with("Accept", SETTINGS));
    }
    let read = service_settings::parse(&request.body);
    read.map(Some).map_err(|_| Refusal::new(400))
}

/// The event package of the settings (RFC 4354 5.1).
const PACKAGE: &str = "poc-settings";
const SETTINGS: &str = "application/poc-settings+xml";
/// Life of a publication that does not say, and the longest, in seconds.
const USUAL: u32 = 3600;
/// The shortest, in seconds.
const LEAST: u32 = 60;
/// The most publications of one user.
const PUBLICATIONS: usize = 8;
