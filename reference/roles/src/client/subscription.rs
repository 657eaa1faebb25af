//! Following who is in a session: the client's subscription to the conference state (7.1.1.11, RFC 6665, RFC 4575).

use std::collections::BTreeMap;
use std::time::Duration;

use machines::dialog::{self, Dialog};
use machines::transactions::Key;
use wire::sip::{Message, SubscriptionState};
use wire::xml::conference_info::{ConferenceInfo, User};

use super::Client;
use super::general::explain;
use super::leaving::LIFETIME;
use super::means::{Means, Open, Purpose, Task};
use super::upper::{Participant, Told};

/// One subscription.
#[derive(Debug)]
pub(super) struct Watch {
    /// The open SUBSCRIBE.
    key: Option<Key>,
    call_id: String,
    local_tag: String,
    /// What was sent first; the dialog is made from it.
    request: Message,
    dialog: Option<Dialog>,
    /// The version of the latest document.
    version: Option<u32>,
    roster: BTreeMap<String, Participant>,
    /// Whether a longer duration was asked for once.
    lengthened: bool,
    /// Whether the whole document was asked for and has not come.
    asked: bool,
    /// Whether it shall end.
    ending: bool,
}

impl Client {
    /// The user, or the client itself, wants to follow a session.
    pub(super) fn subscribe(&mut self, name: &str) {
        let means = &mut self.means;
        let session = self.sessions.get(name);
        let Some((session, identity)) = session.and_then(|one| Some((one, one.identity()?))) else {
            return means.notice(format!("there is no session {name}"));
        };
        if self.watches.contains_key(name) {
            return self.resubscribe(name, EXPIRES);
        }
        if self.watches.len() >= WATCHES {
            return means.notice("too many sessions are followed");
        }
        let mut request = means.initial("SUBSCRIBE", &identity, session.anonymous);
        request.push("Event", PACKAGE);
        request.push("Accept", TYPE);
        request.push("Expires", EXPIRES.to_string());
        let local_tag = request
            .from()
            .and_then(|from| from.tag().map(str::to_owned));
        let watch = Watch {
            call_id: request.call_id().unwrap_or_default().to_owned(),
            local_tag: local_tag.unwrap_or_default(),
            key: Some(means.request(name, Task::Subscribe, request.clone())),
            request,
            dialog: None,
            version: None,
            roster: BTreeMap::new(),
            lengthened: false,
            asked: false,
            ending: false,
        };
        self.watches.insert(name.to_owned(), watch);
    }

    /// Renews the subscription, or ends it with 0.
    pub(super) fn resubscribe(&mut self, name: &str, expires: u32) {
        let means = &mut self.means;
        let Some(watch) = self.watches.get_mut(name) else {
            return;
        };
        if watch.key.is_some() {
            return;
        }
        let Some(dialog) = watch.dialog.as_mut() else {
            return;
        };
        let mut request = dialog.request("SUBSCRIBE");
        request.push("Event", PACKAGE);
        request.push("Accept", TYPE);
        request.push("Expires", expires.to_string());
        request.push("User-Agent", means.config.release.clone());
        watch.key = Some(means.request(name, Task::Subscribe, request));
    }

    /// The session is over, so nobody needs to follow it.
    pub(super) fn unsubscribe(&mut self, name: &str) {
        let Some(mut watch) = self.watches.remove(name) else {
            return;
        };
        let means = &mut self.means;
        means.disarm(&Purpose::Resubscribe(name.to_owned()));
        // The user may give the name to another call.
        let over = format!("{name} (over, {})", means.number());
        if let Some(open) = watch.key.and_then(|key| means.open.get_mut(&key)) {
            open.name.clone_from(&over);
        }
        watch.ending = true;
        means.arm(Purpose::Unsubscribed(over.clone()), LIFETIME);
        self.watches.insert(over.clone(), watch);
        self.resubscribe(&over, 0);
    }

    /// Forgets a subscription.
    pub(super) fn unfollow(&mut self, name: &str) {
        let Some(watch) = self.watches.remove(name) else {
            return;
        };
        if let Some(key) = watch.key {
            self.means.open.remove(&key);
        }
        for purpose in [
            Purpose::Resubscribe(name.to_owned()),
            Purpose::Unsubscribed(name.to_owned()),
        ] {
            self.means.disarm(&purpose);
        }
    }

    /// The answer to a SUBSCRIBE.
    pub(super) fn subscribed(&mut self, key: Key, open: &Open, response: &Message) {
        let code = response.code().unwrap_or(500);
        if code < 200 {
            return;
        }
        self.means.open.remove(&key);
        let means = &mut self.means;
        let name = open.name.as_str();
        let Some(watch) = self
            .watches
            .get_mut(name)
            .filter(|one| one.key == Some(key))
        else {
            return;
        };
        watch.key = None;
        // The last NOTIFY may be on its way, and is taken; a timer ends the wait for it.
        if watch.ending && code >= 300 {
            return;
        }
        if let Some(dialog) = watch.dialog.as_mut() {
            dialog.handle(dialog::Input::Response(response), &mut Vec::new());
        }
        match code {
            200..=299 => {
                if watch.dialog.is_none() {
                    watch.dialog = Dialog::uac(&open.request, response, &means.contact()).ok();
                }
                if watch.ending && expires(&open.request) != Some(0) {
                    return self.resubscribe(name, 0);
                }
                let granted = expires(response).unwrap_or(EXPIRES);
                if !watch.ending && granted > 0 {
                    renew_after(name, granted, means);
                }
            }
            // RFC 6665 4.1.2.1
            423 if !watch.lengthened => {
                watch.lengthened = true;
                let least = response
                    .header("Min-Expires")
                    .and_then(|text| text.trim().parse().ok());
                let mut request = open.request.clone();
                super::originating::again(&mut request);
                let least: u32 = least.unwrap_or(EXPIRES);
                request.set("Expires", least.clamp(EXPIRES, LONGEST).to_string());
                watch.request = request.clone();
                watch.key = Some(means.request(name, Task::Subscribe, request));
            }
            _ => {
                let text = explain(response);
                means.notice(format!("{name} cannot be followed: {code} {text}"));
                self.unfollow(name);
            }
        }
    }

    /// A NOTIFY, which may come before the answer to its SUBSCRIBE.
    pub(super) fn notified(&mut self, key: Key, request: &Message) {
        let tag = request.to().and_then(|to| to.tag().map(str::to_owned));
        let ours = |watch: &Watch| {
            Some(watch.call_id.as_str()) == request.call_id()
                && tag.as_deref() == Some(&watch.local_tag)
        };
        let found = self.watches.iter().find(|(_, watch)| ours(watch));
        let Some(name) = found.map(|(name, _)| name.clone()) else {
            return self.means.answer(key, request, 481);
        };
        let state = request.header("Subscription-State");
        let state = state.and_then(|text| SubscriptionState::parse(text).ok());
        let (Some(state), Some(watch)) = (state, self.watches.get_mut(&name)) else {
            return self.means.answer(key, request, 400);
        };
        if let Some(code) = watch.sequence(request, &self.means.contact()) {
            return self.means.answer(key, request, code);
        }
        self.means.answer(key, request, 200);
        let read = watch.read(request);
        let ending = watch.ending;
        let list: Vec<Participant> = watch.roster.values().cloned().collect();
        match read {
            Ok(true) if !ending => {
                let call = name.clone();
                self.means.tell(&Told::Participants { call, list });
            }
            Ok(_) => {}
            // RFC 4575 4.6: what is missing comes with a full document.
            Err(Unreadable::Gap) => self.resubscribe(&name, EXPIRES),
            Err(Unreadable::Document) => self
                .means
                .notice(format!("{name}: who is in the session cannot be read")),
        }
        if state.state.eq_ignore_ascii_case("terminated") {
            self.unfollow(&name);
        } else if let Some(left) = state
            .params
            .value("expires")
            .and_then(|text| text.parse().ok())
            && !ending
        {
            renew_after(&name, left, &mut self.means);
        }
    }
}

/// Why a document tells nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Unreadable {
    Gap,
    Document,
}

impl Watch {
    /// The SUBSCRIBE has a new transaction, with credentials.
    pub(super) fn moved(&mut self, key: Key, fresh: Key, number: u32) {
        if self.key != Some(key) {
            return;
        }
        self.key = Some(fresh);
        if let Some(dialog) = self.dialog.as_mut() {
            dialog.local_cseq = dialog.local_cseq.max(number);
        }
    }

    /// The code that refuses a NOTIFY out of order; the first one makes the dialog.
    fn sequence(&mut self, notify: &Message, contact: &str) -> Option<u16> {
        if self.dialog.is_none() {
            self.dialog = established(&self.request, notify, contact);
        }
        let dialog = self.dialog.as_mut()?;
        let remote = notify.from().and_then(|from| from.tag().map(str::to_owned));
        if remote.as_deref() != Some(&dialog.id.remote_tag) {
            return Some(481);
        }
        let mut said = Vec::new();
        dialog.handle(dialog::Input::Request(notify), &mut said);
        said.iter().find_map(|one| match one {
            dialog::Output::Reject { code, .. } => Some(*code),
            _ => None,
        })
    }

    /// Takes a document; says whether there is something to tell.
    fn read(&mut self, notify: &Message) -> Result<bool, Unreadable> {
        if notify.body.is_empty() {
            return Ok(false);
        }
        let info = ConferenceInfo::parse(&notify.body).map_err(|_| Unreadable::Document)?;
        // RFC 4575 4.6
        if info.state != "full" {
            match self.version {
                Some(version) if info.version <= version => return Ok(false),
                Some(version) if Some(info.version) == version.checked_add(1) => {}
                Some(_) | None if self.asked => return Ok(false),
                Some(_) | None => {
                    self.asked = true;
                    return Err(Unreadable::Gap);
                }
            }
        } else {
            self.asked = false;
        }
        self.version = Some(info.version);
        let partial = info.state == "partial" && info.users_state.as_deref() != Some("full");
        if info.state == "deleted" || !partial && (info.state == "full" || !info.users.is_empty()) {
            self.roster.clear();
        }
        for user in info.users {
            if user.state.as_deref() == Some("deleted") {
                self.roster.remove(&user.entity);
            } else if self.roster.len() < ROSTER || self.roster.contains_key(&user.entity) {
                let known = self.roster.remove(&user.entity);
                self.roster
                    .insert(user.entity.clone(), participant(user, known));
            }
        }
        Ok(true)
    }
}

fn participant(user: User, known: Option<Participant>) -> Participant {
    let status = user.endpoints.iter().find_map(|one| one.status.clone());
    let (name, before) = known.map_or((None, None), |one| (one.name, one.status));
    Participant {
        address: user.entity,
        name: user.display_text.or(name),
        status: status.or(before),
    }
}

// RFC 6665 4.4.1: a NOTIFY makes the dialog as well as the 200.
fn established(request: &Message, notify: &Message, contact: &str) -> Option<Dialog> {
    let mut answer = Message::response(request, 200, "OK");
    answer.set("To", notify.header("From")?);
    answer.push("Contact", notify.header("Contact")?);
    for route in notify.values("Record-Route").into_iter().rev() {
        answer.push("Record-Route", route);
    }
    Dialog::uac(request, &answer, contact).ok()
}

fn renew_after(name: &str, granted: u32, means: &mut Means) {
    let granted = granted.clamp(SOONEST, LONGEST);
    let after = Duration::from_secs(u64::from(granted) * 3 / 4);
    means.arm(Purpose::Resubscribe(name.to_owned()), after);
}

fn expires(message: &Message) -> Option<u32> {
    message.header("Expires")?.trim().parse().ok()
}

/// The event package of conferences.
const PACKAGE: &str = "conference";
/// Its document.
const TYPE: &str = "application/conference-info+xml";
/// How long a subscription shall hold, in seconds.
pub(super) const EXPIRES: u32 = 3600;
/// How soon one is renewed at most often, and how late, in seconds.
const SOONEST: u32 = 20;
const LONGEST: u32 = 86_400;
/// Subscriptions at a time, and users remembered of each.
const WATCHES: usize = 128;
const ROSTER: usize = 10_000;
