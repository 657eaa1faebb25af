//! One shard of an IM server: takes every input and gives it to the procedure that it belongs to.

mod requests;

use std::collections::HashMap;

use machines::port::{Input, Local, Node, Output};
use machines::transactions::{Event, Key, Layer};
use wire::sip::{Message, Uri};

use crate::Config;
use crate::controlling::conference_state::Conferences;
use crate::controlling::general::{Refusal, reason};
use crate::controlling::session::{Session, Stage};
use crate::groups::name_of;
use crate::means::{Means, Party, Purpose, Role};

/// One shard of an IM server.
#[derive(Debug)]
pub struct Server {
    means: Means,
    sessions: HashMap<u64, Session>,
    identities: HashMap<String, u64>,
    /// The active session of each pre-defined group that has one, by [`crate::groups::name`].
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
                self.rename();
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
            Input::Stored { .. } => self.means.ignore("an answer of a store that nobody asked"),
            Input::User(_) => self.means.ignore("a server has no user"),
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

    fn response(&mut self, key: Key, message: &Message) {
        let code = message.code().unwrap_or(500);
        if self.means.copy_answered(key, code) || self.means.referrals.answered(key, code) {
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
        if self.means.copy_answered(key, code) || self.means.referrals.answered(key, code) {
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
        | Purpose::Subscription(party, _)) = purpose
        else {
            return self.look(purpose);
        };
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
                | Purpose::Subscription(..)
                | Purpose::Switch(_),
                _,
            ) => {}
        }
        self.settle(party.session);
    }

    // RFC 4975 7.1.1: whoever answers nothing is not there any more.
    fn look(&mut self, purpose: Purpose) {
        let Purpose::Switch(patience) = purpose else {
            return;
        };
        let Means {
            switch, ids, out, ..
        } = &mut self.means;
        switch.expired(patience, ids, out);
        for (room, member) in switch.take_silent() {
            if let Some(session) = self.sessions.get_mut(&room) {
                session.remove(member, &mut self.means);
            }
            self.settle(room);
        }
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

    // RFC 7701 7: whoever got a nickname is shown under it.
    fn rename(&mut self) {
        for renamed in self.means.switch.take_renamed() {
            if let Some(session) = self.sessions.get_mut(&renamed.room) {
                session.renamed(renamed.member, renamed.name);
            }
            self.settle(renamed.room);
        }
    }

    fn settle(&mut self, id: u64) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        session.settle(&mut self.means);
        let group = session
            .group
            .as_ref()
            .filter(|_| session.stage == Stage::Ended);
        if let Some(name) = group.and_then(|group| name_of(&group.uri))
            && self.groups.get(&name) == Some(&id)
        {
            // The next INVITE to the group starts a new session.
            self.groups.remove(&name);
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

fn user_of(uri: &str) -> Option<String> {
    Uri::parse(uri).ok()?.user
}
