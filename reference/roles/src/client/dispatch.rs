//! Finds the procedure of every event and timer.

use machines::dialog::{self, Id};
use machines::transactions::{Event, Key};
use wire::sip::Message;

use super::Client;
use super::agent::Happened;
use super::digest;
use super::general::{ACCEPT, ALLOW, Refusal, SUPPORTED};
use super::means::{Open, Purpose, Task};
use super::session::Stage;
use super::upper::Told;
use crate::controlling::general::reason;

impl Client {
    pub(super) fn event(&mut self, event: Event) {
        match event {
            Event::Request { key, message, .. } => self.request(key, message),
            Event::Response { key, message } => self.response(key, &message),
            Event::Ack { key, message, .. } => {
                if let Some(key) = key {
                    self.acknowledged(key, &message);
                }
            }
            Event::Cancel { key, .. } => self.cancelled(key),
            // RFC 3261 8.1.3.1: as if the other end had said so.
            Event::Timeout(key) => self.failed(key, 408),
            Event::SendFailed(key) => self.failed(key, 503),
            // RFC 3261 13.3.1.4
            Event::Unacknowledged(key) => {
                if let Some(open) = self.means.open.get(&key).cloned() {
                    let session = self.sessions.get_mut(&open.name);
                    match session.filter(|one| one.stage == Stage::Accepted) {
                        Some(session) => session.stage = Stage::Established,
                        None => {
                            self.means.open.remove(&key);
                        }
                    }
                    self.leave_for(&open.name, "the other side did not confirm");
                }
            }
        }
    }

    fn request(&mut self, key: Key, message: Message) {
        let method = message.method().unwrap_or_default().to_owned();
        if method == "NOTIFY" {
            return self.notified(key, &message);
        }
        if message.to().is_some_and(|to| to.tag().is_some()) {
            return self.request_in_dialog(key, &message, &method);
        }
        match method.as_str() {
            "INVITE" => self.invited(key, message),
            "MESSAGE" => self.messaged(key, &message),
            "OPTIONS" => self.options(key, &message),
            "BYE" | "UPDATE" => self.means.answer(key, &message, 481),
            "REFER" | "SUBSCRIBE" | "INFO" | "PRACK" | "PUBLISH" | "REGISTER" => {
                self.means.answer(key, &message, 405)
            }
            _ => self.means.answer(key, &message, 501),
        }
    }

    fn options(&mut self, key: Key, message: &Message) {
        let mut response = self.means.response(message, 200);
        response.push("Accept", ACCEPT);
        response.push("Supported", SUPPORTED.join(", "));
        response.push("Contact", self.means.contact());
        self.means.respond(key, response);
    }

    fn request_in_dialog(&mut self, key: Key, message: &Message, method: &str) {
        let id = Id::of_request(message);
        let found = self.sessions.values_mut().find(|one| {
            let known = one.dialog.as_ref().map(|dialog| &dialog.id);
            known.is_some() && known == id.as_ref()
        });
        let Some(session) = found else {
            return self.means.answer(key, message, 481);
        };
        let (name, stage) = (session.name.clone(), session.stage);
        let mut said = Vec::new();
        if let Some(dialog) = session.dialog.as_mut() {
            dialog.handle(dialog::Input::Request(message), &mut said);
        }
        let refused = said.iter().find_map(|one| match one {
            dialog::Output::Reject { code, .. } => Some(*code),
            _ => None,
        });
        if let Some(code) = refused {
            return self.means.answer(key, message, code);
        }
        match method {
            "BYE" if stage == Stage::Offered => {
                self.means.answer(key, message, 200);
                let (invite, of) = (session_invite(self, &name), name.clone());
                if let Some((invited, invite)) = invite {
                    self.means.answer(invited, &invite, 487);
                }
                self.end(&of, "the caller has given up");
            }
            "BYE" => self.was_left(&name, key, message),
            "INVITE" | "UPDATE" => self.changed(&name, key, message),
            "MESSAGE" => self.messaged(key, message),
            "OPTIONS" => self.options(key, message),
            _ => {
                let refusal = Refusal::new(405).with("Allow", ALLOW);
                self.means.refuse(key, message, &refusal);
            }
        }
    }

    fn response(&mut self, key: Key, message: &Message) {
        let Some(open) = self.means.open.get(&key).cloned() else {
            return self.means.ignore("a response to nothing that is open");
        };
        if matches!(message.code(), Some(401 | 407)) && self.authenticate(key, &open, message) {
            return;
        }
        match &open.task {
            Task::Invite => self.call_answered(key, open, message),
            Task::Change => self.change_answered(key, &open, message),
            Task::Subscribe => self.subscribed(key, &open, message),
            Task::Register => self.registered(key, &open, message),
            Task::Message(text) => self.message_answered(key, text, message),
            Task::Bye => {
                if message.code().is_some_and(|code| code >= 200) {
                    self.means.open.remove(&key);
                    self.left(&open.name);
                }
            }
            Task::Incoming => {}
        }
    }

    // RFC 3261 22.2: once more with credentials; a nonce may have become stale in between.
    fn authenticate(&mut self, key: Key, open: &Open, challenge: &Message) -> bool {
        let Some(credentials) = self.means.config.register.clone() else {
            return false;
        };
        let mut again = open.clone();
        again.tries += 1;
        super::originating::again(&mut again.request);
        let cnonce = self.means.ids.tag();
        if again.tries > TRIES
            || !digest::authenticate(&mut again.request, challenge, &credentials, &cnonce)
        {
            return false;
        }
        self.means.open.remove(&key);
        let number = again.request.cseq().map_or(0, |cseq| cseq.number);
        let fresh = self.means.request_again(again);
        if let Some(session) = self.sessions.get_mut(&open.name) {
            let inside = matches!(open.task, Task::Change | Task::Bye);
            if let Some(dialog) = session.dialog.as_mut().filter(|_| inside) {
                dialog.local_cseq = dialog.local_cseq.max(number);
            }
            for known in [&mut session.key, &mut session.change] {
                if *known == Some(key) {
                    *known = Some(fresh);
                }
            }
        }
        if let Some(watch) = self.watches.get_mut(&open.name) {
            watch.moved(key, fresh, number);
        }
        true
    }

    // A transaction of ours without an answer is treated as if answered by this code.
    fn failed(&mut self, key: Key, code: u16) {
        let Some(open) = self.means.open.get(&key).cloned() else {
            return self
                .means
                .ignore("the failure of a transaction that is gone");
        };
        if open.task == Task::Incoming {
            self.means.open.remove(&key);
            return self.end(&open.name, "the caller cannot be reached");
        }
        self.response(key, &Message::response(&open.request, code, reason(code)));
    }

    pub(super) fn fired(&mut self, purpose: Purpose) {
        match purpose {
            Purpose::Session(name, timer) => self.session_timer(&name, timer),
            Purpose::Patience(name) => self.impatient(&name),
            Purpose::Again(name) => self.change_again(&name),
            Purpose::Lost(name) => self.lost(&name),
            Purpose::Chunk(name, transaction) => {
                if let Some(session) = self.sessions.get_mut(&name) {
                    session.leg.silent(transaction, &mut self.means);
                }
            }
            Purpose::Resubscribe(name) => {
                self.resubscribe(&name, super::subscription::EXPIRES);
            }
            Purpose::Unsubscribed(name) => self.unfollow(&name),
            Purpose::Function(number) => self.means.happen(|| Happened::Fired(number)),
            Purpose::Reregister => {
                let expires = self.means.config.register.as_ref().map(|one| one.expires);
                if let Some(expires) = expires.filter(|_| !self.stopping) {
                    self.register(expires);
                }
            }
        }
    }

    // Nobody has answered: the user, the other end, or the server after our CANCEL.
    fn impatient(&mut self, name: &str) {
        match self.sessions.get(name).map(|one| one.stage) {
            Some(Stage::Calling) => {
                self.means.notice(format!("{name}: nobody answers"));
                self.leave(name, false);
            }
            Some(Stage::Withdrawn) => self.end(name, "the call was given up"),
            Some(Stage::Offered) => {
                if let Some((key, invite)) = session_invite(self, name) {
                    self.means.answer(key, &invite, 480);
                }
                let (call, why) = (name.to_owned(), "not answered".to_owned());
                if self.drop_session(name) {
                    self.means.tell(&Told::Ended { call, why });
                }
            }
            Some(Stage::Accepted | Stage::Established | Stage::Leaving) | None => {}
        }
    }
}

fn session_invite(client: &Client, name: &str) -> Option<(Key, Message)> {
    let session = client.sessions.get(name)?;
    Some((session.key?, session.invite.clone()?))
}

/// How often a request is sent with credentials.
const TRIES: u8 = 2;
