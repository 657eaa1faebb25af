//! Requests that reach the server: outside of dialogs by method and by what they are for, inside by whose dialog it is.

use machines::dialog::{self, Id};
use machines::port::Flow;
use machines::transactions::Key;
use wire::sip::{Message, Uri};
use wire::xml::group::Group;

use super::{Server, user_of};
use crate::controlling::general::{ACCEPT, ALLOW, Refusal};
use crate::controlling::session::Session;
use crate::controlling::{ad_hoc_setup, conference_state, predefined_group};
use crate::groups::{self, Aim, Waiting};
use crate::means::{Means, Role};
use crate::messaging::pager_mode::{self, Kind};

impl Server {
    /// Gives a request to its procedure, by method and by what its Request-URI names.
    pub(super) fn request(&mut self, key: Key, flow: Flow, message: Message) {
        if message.to().is_some_and(|to| to.tag().is_some()) {
            self.request_in_dialog(key, flow, &message);
            return;
        }
        match message.method().unwrap_or_default() {
            "INVITE" => self.invite(key, flow, message),
            "SUBSCRIBE" => self.subscribe(key, flow, message),
            "OPTIONS" => {
                let answer = Message::response(&message, 200, "OK")
                    .with("Allow", ALLOW)
                    .with("Accept", ACCEPT)
                    .with("Supported", "timer")
                    .with("Allow-Events", conference_state::PACKAGE)
                    .with("Server", self.means.config.release.clone());
                self.means.respond(key, answer);
            }
            "BYE" | "UPDATE" | "NOTIFY" | "INFO" | "PRACK" => {
                self.means.refuse(key, &message, Refusal::new(481))
            }
            "MESSAGE" => self.message(key, flow, message),
            "REFER" => self.refer(key, flow, &message),
            "PUBLISH" | "REGISTER" => self.not_allowed(key, &message, 405),
            _ => self.not_allowed(key, &message, 501),
        }
    }

    // F119: the Request-URI and the body tell what the MESSAGE is for.
    fn message(&mut self, key: Key, flow: Flow, message: Message) {
        if self.stopping {
            let refusal = Refusal::new(503).with("Retry-After", "60");
            self.means.refuse(key, &message, refusal);
            return;
        }
        match pager_mode::kind(&self.means, &message) {
            Kind::List => pager_mode::to_list(key, &message, &mut self.means),
            Kind::Session => {
                let user = message.uri().and_then(user_of);
                let session = user
                    .and_then(|user| self.identities.get(&user))
                    .and_then(|id| self.sessions.get(id));
                pager_mode::to_session(key, &message, session, &mut self.means);
            }
            Kind::Group => match groups::aim(&self.means.config, &message) {
                Aim::Group(group) => self.ask_xdms(&group, key, flow, message),
                // 8.3.1.1.1/on-message/2.2
                Aim::Factory | Aim::Other => self.means.refuse(key, &message, Refusal::new(404)),
            },
        }
    }

    fn not_allowed(&mut self, key: Key, message: &Message, code: u16) {
        self.means
            .refuse(key, message, Refusal::new(code).with("Allow", ALLOW));
    }

    fn invite(&mut self, key: Key, flow: Flow, message: Message) {
        if self.stopping || self.sessions.len() >= SESSIONS {
            self.means
                .refuse(key, &message, Refusal::new(503).with("Retry-After", "60"));
            return;
        }
        match groups::aim(&self.means.config, &message) {
            Aim::Factory => {
                self.counter += 1;
                let id = self.counter;
                let session = ad_hoc_setup::receive(id, key, flow, message, &mut self.means);
                self.keep(session);
            }
            Aim::Group(group) => self.ask_xdms(&group, key, flow, message),
            // 7.2.1.3/on-invite/1.2: subclause 11.2
            Aim::Other => self.means.refuse(key, &message, Refusal::new(404)),
        }
    }

    fn ask_xdms(&mut self, group: &Uri, key: Key, flow: Flow, message: Message) {
        let waiting = Waiting { key, flow, message };
        self.means.fetch_group(group, waiting);
    }

    /// The group of a waiting request is known: each method has its procedure.
    pub(super) fn for_group(&mut self, waiting: Waiting, group: Group) {
        match waiting.message.method().unwrap_or_default() {
            "INVITE" => self.invite_to_group(waiting, group),
            "SUBSCRIBE" => {
                let name = waiting.message.uri().and_then(groups::name_of);
                let active = name.and_then(|name| self.groups.get(&name));
                let session = active.and_then(|id| self.sessions.get(id));
                self.conferences
                    .subscribe_group(&waiting, &group, session, &mut self.means);
            }
            _ => pager_mode::to_group(waiting.key, &waiting.message, &group, &mut self.means),
        }
    }

    fn invite_to_group(&mut self, waiting: Waiting, group: Group) {
        let Some(name) = waiting.message.uri().and_then(groups::name_of) else {
            return;
        };
        let active = self.groups.get(&name).copied();
        if let Some((id, session)) = active.and_then(|id| Some((id, self.sessions.get_mut(&id)?))) {
            predefined_group::join(session, waiting, group, &mut self.means);
            self.settle(id);
            return;
        }
        self.counter += 1;
        let id = self.counter;
        let session = predefined_group::start(id, waiting, group, &mut self.means);
        if session.is_some() {
            self.groups.insert(name, id);
        }
        self.keep(session);
    }

    fn keep(&mut self, session: Option<Session>) {
        if let Some(session) = session {
            let id = session.id;
            self.identities
                .insert(user_of(&session.identity).unwrap_or_default(), id);
            self.sessions.insert(id, session);
            self.settle(id);
        }
    }

    fn subscribe(&mut self, key: Key, flow: Flow, message: Message) {
        if self.stopping {
            let refusal = Refusal::new(503).with("Retry-After", "60");
            return self.means.refuse(key, &message, refusal);
        }
        if let Aim::Group(group) = groups::aim(&self.means.config, &message) {
            // 7.2.1.12/on-subscribe/2.2: the XDMS knows which groups there are.
            return self.ask_xdms(&group, key, flow, message);
        }
        let known = message
            .uri()
            .and_then(user_of)
            .and_then(|user| self.identities.get(&user))
            .copied();
        let Some(session) = known.and_then(|id| self.sessions.get(&id)) else {
            // 7.2.1.12/on-subscribe/1.2
            self.means.refuse(key, &message, Refusal::new(404));
            return;
        };
        self.conferences
            .subscribe_session(session, key, &message, &mut self.means);
    }

    // RFC 4579 5.5
    fn refer(&mut self, key: Key, flow: Flow, message: &Message) {
        let user = message.uri().and_then(user_of);
        let id = user.and_then(|user| self.identities.get(&user)).copied();
        let Some((id, session)) = id.and_then(|id| Some((id, self.sessions.get_mut(&id)?))) else {
            return self.means.refuse(key, message, Refusal::new(404));
        };
        session.refer(None, key, flow, message, &mut self.means);
        self.settle(id);
    }

    fn request_in_dialog(&mut self, key: Key, flow: Flow, message: &Message) {
        let party = Id::of_request(message)
            .and_then(|id| self.means.dialogs.get(&id))
            .copied();
        if let Some(Role::Subscriber(number)) = party.map(|party| party.role) {
            return self.request_in_subscription(number, key, message);
        }
        let Some((party, session)) =
            party.and_then(|party| Some((party, self.sessions.get_mut(&party.session)?)))
        else {
            // RFC 3261 12.2.2
            self.means.refuse(key, message, Refusal::new(481));
            return;
        };
        let means = &mut self.means;
        match (party.role, message.method().unwrap_or_default()) {
            (Role::Participant(index), method @ ("BYE" | "INVITE" | "UPDATE" | "REFER")) => {
                if in_order(session, index, message, key, means) {
                    match method {
                        "BYE" => session.leave(index, key, message, means),
                        "REFER" => session.refer(Some(index), key, flow, message, means),
                        _ => session.modify(index, key, message, means),
                    }
                }
            }
            (Role::Participant(_), "MESSAGE") => {
                pager_mode::to_session(key, message, Some(session), means)
            }
            (_, "OPTIONS") => means.accept(key, message),
            (_, _) => means.refuse(key, message, Refusal::new(405).with("Allow", ALLOW)),
        }
        self.settle(party.session);
    }

    fn request_in_subscription(&mut self, number: u64, key: Key, message: &Message) {
        let means = &mut self.means;
        match message.method().unwrap_or_default() {
            "SUBSCRIBE" => self.conferences.resubscribe(number, key, message, means),
            "OPTIONS" => means.accept(key, message),
            _ => self.not_allowed(key, message, 405),
        }
    }
}

// RFC 3261 12.2.2: the dialog decides whether the request is in order.
fn in_order(
    session: &mut Session,
    index: usize,
    message: &Message,
    key: Key,
    means: &mut Means,
) -> bool {
    let mut said = Vec::new();
    if let Some(dialog) = session.participants[index].dialog.as_mut() {
        dialog.handle(dialog::Input::Request(message), &mut said);
    }
    for output in said {
        if let dialog::Output::Reject { code, .. } = output {
            means.refuse(key, message, Refusal::new(code));
            return false;
        }
    }
    true
}

/// How many sessions a shard has at most.
const SESSIONS: usize = 100_000;
