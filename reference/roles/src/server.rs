//! One shard of an IM server: takes every input and gives it to the procedure that it belongs to.

use std::collections::HashMap;

use machines::dialog::{self, Id};
use machines::port::{Flow, Input, Local, Node, Output};
use machines::transactions::{Event, Key, Layer};
use wire::sip::{Message, Uri};
use wire::xml::group::Group;

use crate::Config;
use crate::controlling::ad_hoc_setup;
use crate::controlling::conference_state::{self, Conferences};
use crate::controlling::general::{ACCEPT, ALLOW, Refusal, reason};
use crate::controlling::predefined_group;
use crate::controlling::session::{Session, Stage};
use crate::groups::{self, Aim, Waiting};
use crate::means::{Means, Party, Purpose, Role};
use crate::messaging::pager_mode::{self, Kind};

/// One shard of an IM server.
#[derive(Debug)]
pub struct Server {
    means: Means,
    sessions: HashMap<u64, Session>,
    identities: HashMap<String, u64>,
    /// The active session of each pre-defined group that has one, by [`groups::name`].
    groups: HashMap<String, u64>,
    conferences: Conferences,
    /// Number of the latest session; the shard is above 32 bits, so that no two shards share one.
    counter: u64,
    stopping: bool,
    done: bool,
}

impl Server {
    /// A shard without sessions; `local` are the addresses it prints, `shard` its number from 0.
    pub fn new(config: Config, local: Local, shard: usize) -> Self {
        Self {
            means: Means::new(config, local, shard),
            sessions: HashMap::new(),
            identities: HashMap::new(),
            groups: HashMap::new(),
            conferences: Conferences::default(),
            counter: (shard as u64) << 32,
            stopping: false,
            done: false,
        }
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Sip { flow, message } => self
                .means
                .with_layer(|layer, out| layer.receive(flow, message, out)),
            Input::Malformed { flow, .. } => self
                .means
                .ignore(format!("no SIP message from {}", flow.remote)),
            Input::Msrp { link, frame } => {
                let Means {
                    switch, ids, out, ..
                } = &mut self.means;
                switch.frame(link, frame, ids, out);
            }
            Input::LinkUp { link } => {
                let Means {
                    switch, ids, out, ..
                } = &mut self.means;
                switch.link_up(link, ids, out);
            }
            Input::LinkDown { link } => self.means.switch.link_down(link, &mut self.means.out),
            Input::LinkFull { link } => {
                self.means.switch.link_full(link, true, &mut self.means.out)
            }
            Input::LinkDrained { link } => {
                self.means
                    .switch
                    .link_full(link, false, &mut self.means.out)
            }
            Input::SendFailed { flow } => self
                .means
                .with_layer(|layer, out| layer.send_failed(flow, out)),
            Input::Fired(timer) if Layer::owns(timer) => {
                self.means.with_layer(|layer, out| layer.fired(timer, out))
            }
            Input::Fired(timer) => match self.means.fired(timer) {
                Some(purpose) => self.fired(purpose),
                None => self.means.ignore("a timer that was disarmed"),
            },
            Input::Fetched { id, outcome } => {
                if let Some((waiting, group)) = self.means.fetched_group(id, outcome) {
                    self.for_group(waiting, group);
                }
            }
            Input::Shutdown => self.stop(),
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Request { key, flow, message } => self.request(key, flow, message),
            Event::Response { key, message } => self.response(key, &message),
            Event::Ack { key, message, .. } => {
                if let Some(key) = key {
                    self.with_party(key, |session, role, means| {
                        if let Role::Participant(index) = role {
                            session.acknowledged(index, key, &message, means);
                        }
                    });
                }
            }
            Event::Cancel { key, .. } => match self.means.groups.withdraw(key) {
                Some(waiting) => {
                    self.means.refuse(key, &waiting.message, Refusal::new(487));
                }
                None => self.with_party(key, |session, _, means| session.cancelled(means)),
            },
            // RFC 3261 8.1.3.1: as if the peer had said so.
            Event::Timeout(key) => self.failed(key, 408),
            Event::SendFailed(key) => self.failed(key, 503),
            // RFC 3261 13.3.1.4
            Event::Unacknowledged(key) => {
                self.with_party(key, |session, role, means| {
                    if let Role::Participant(index) = role {
                        session.remove(index, means);
                    }
                });
            }
        }
    }

    fn request(&mut self, key: Key, flow: Flow, message: Message) {
        if message.to().is_some_and(|to| to.tag().is_some()) {
            self.request_in_dialog(key, &message);
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
            "REFER" | "PUBLISH" | "REGISTER" => self.not_allowed(key, &message, 405),
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
    fn for_group(&mut self, waiting: Waiting, group: Group) {
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

    fn request_in_dialog(&mut self, key: Key, message: &Message) {
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
            (Role::Participant(index), method @ ("BYE" | "INVITE" | "UPDATE")) => {
                if in_order(session, index, message, key, means) {
                    if method == "BYE" {
                        session.leave(index, key, message, means);
                    } else {
                        session.modify(index, key, message, means);
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

    fn response(&mut self, key: Key, message: &Message) {
        let code = message.code().unwrap_or(500);
        if self.means.copy_answered(key, code) {
            return;
        }
        let method = message.cseq().map(|cseq| cseq.method).unwrap_or_default();
        if let Some(Role::Subscriber(number)) = self.means.calls.get(&key).map(|one| one.party.role)
        {
            if code >= 200 {
                self.means.calls.remove(&key);
                self.conferences.notified(number, code, &mut self.means);
            }
            return;
        }
        self.with_party(key, |session, role, means| match role {
            Role::Participant(index) if session.participants[index].key == Some(key) => {
                session.invitee_response(index, key, message, means);
            }
            Role::Participant(index) if method == "BYE" && code >= 200 => {
                means.calls.remove(&key);
                session.removed(index);
            }
            Role::Participant(index) if method != "BYE" => {
                session.answered_anew(index, key, message, means)
            }
            Role::Participant(_) | Role::Subscriber(_) => {}
        });
    }

    // A transaction of ours without an answer is treated as if answered by this code.
    fn failed(&mut self, key: Key, code: u16) {
        if self.means.copy_answered(key, code) {
            return;
        }
        let Some(call) = self.means.calls.get(&key) else {
            self.means
                .ignore("the failure of a transaction that is gone");
            return;
        };
        let request = Message::request(&call.method, "").with("CSeq", format!("0 {}", call.method));
        self.response(key, &Message::response(&request, code, reason(code)));
    }

    fn fired(&mut self, purpose: Purpose) {
        let (Purpose::Again(party)
        | Purpose::Lost(party)
        | Purpose::Session(party, _)
        | Purpose::Stall(party)
        | Purpose::Subscription(party, _)) = purpose;
        if let (Purpose::Subscription(_, timer), Role::Subscriber(number)) = (purpose, party.role) {
            self.conferences.fired(number, timer, &mut self.means);
            return;
        }
        let Some(session) = self.sessions.get_mut(&party.session) else {
            return;
        };
        let means = &mut self.means;
        match (purpose, party.role) {
            (Purpose::Session(_, timer), Role::Participant(index)) => {
                session.timer_fired(index, timer, means);
            }
            (Purpose::Again(_), Role::Participant(index)) => session.try_again(index, means),
            (Purpose::Lost(_) | Purpose::Stall(_), Role::Participant(index)) => {
                session.remove(index, means);
            }
            (
                Purpose::Again(_)
                | Purpose::Lost(_)
                | Purpose::Session(..)
                | Purpose::Stall(_)
                | Purpose::Subscription(..),
                _,
            ) => {}
        }
        self.settle(party.session);
    }

    fn with_party(&mut self, key: Key, act: impl FnOnce(&mut Session, Role, &mut Means)) {
        let Some(Party { session: id, role }) = self.means.calls.get(&key).map(|call| call.party)
        else {
            return;
        };
        match self.sessions.get_mut(&id) {
            Some(session) => {
                act(session, role, &mut self.means);
                self.settle(id);
            }
            None => {
                self.means.calls.remove(&key);
            }
        }
    }

    fn settle(&mut self, id: u64) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        session.settle(&mut self.means);
        if session.stage == Stage::Ended && session.group.is_some() {
            // The next INVITE to the group starts a new session.
            self.groups.retain(|_, active| *active != id);
        }
        self.conferences.follow(session, &mut self.means);
        if session.finished()
            && let Some(mut session) = self.sessions.remove(&id)
        {
            session.drop_calls(&mut self.means);
            self.identities
                .remove(&user_of(&session.identity).unwrap_or_default());
        }
    }

    fn stop(&mut self) {
        self.stopping = true;
        for waiting in self.means.groups.withdraw_all() {
            self.means
                .refuse(waiting.key, &waiting.message, Refusal::new(503));
        }
        for id in self.sessions.keys().copied().collect::<Vec<_>>() {
            if let Some(session) = self.sessions.get_mut(&id) {
                session.end(&mut self.means);
            }
            self.settle(id);
        }
        self.conferences.stop(&mut self.means);
    }
}

impl Node for Server {
    fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        self.take(input);
        while let Some(event) = self.means.next_event() {
            self.event(event);
        }
        self.means.time_stalls();
        out.append(&mut self.means.out);
        if self.stopping && !self.done && self.sessions.is_empty() {
            self.done = true;
            out.push(Output::Done);
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

fn user_of(uri: &str) -> Option<String> {
    Uri::parse(uri).ok()?.user
}

/// How many sessions a shard has at most.
const SESSIONS: usize = 100_000;
