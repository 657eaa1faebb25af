//! Messages outside of sessions: MESSAGE to a user, a group, or several users by the conference factory.

use machines::transactions::Key;
use wire::mime;
use wire::sip::Message;

use super::ad_hoc::{entry, part, with_list};
use super::general::{Refusal, explain, extensions, originator};
use super::means::{Open, Task};
use super::upper::Told;
use super::{Client, originating};

impl Client {
    /// The user sends a message.
    pub(super) fn message(&mut self, to: &[String], text: &str) {
        let found: Option<Vec<String>> = to
            .iter()
            .map(|one| originating::address(one).map(|address| address.uri.to_string()))
            .collect();
        let Some(addresses) = found.filter(|all| !all.is_empty()) else {
            return self
                .means
                .notice("the message names nobody that can be reached");
        };
        let waiting = |open: &&Open| matches!(open.task, Task::Message(_));
        if self.means.open.values().filter(waiting).count() >= WAITING || text.len() > LARGEST {
            return self
                .means
                .notice("the message is too long, or too many are on their way");
        }
        let kind = "text/plain;charset=utf-8";
        let request = match addresses.as_slice() {
            [user] => {
                let mut request = self.means.initial("MESSAGE", user, false);
                request.set_body(kind, text.as_bytes().to_vec());
                request
            }
            users => {
                if !self.fits("a message", users.len()) {
                    return;
                }
                let factory = self.means.config.conference_factory.clone();
                let mut request = self.means.initial("MESSAGE", &factory, false);
                // RFC 5365 6 (CR-E).
                request.push("Require", "recipient-list-message");
                let entries: Vec<_> = users.iter().cloned().map(entry).collect();
                let first = part(kind, None, text.as_bytes().to_vec());
                with_list(&mut request, first, &entries, &mut self.means);
                request
            }
        };
        self.means
            .request("", Task::Message(text.to_owned()), request);
    }

    /// The answer to a message of the user.
    pub(super) fn message_answered(&mut self, key: Key, text: &str, response: &Message) {
        let code = response.code().unwrap_or(500);
        if code < 200 {
            return;
        }
        self.means.open.remove(&key);
        if code < 300 {
            let text = text.to_owned();
            self.means.tell(&Told::Delivered { call: None, text });
        } else {
            let why = explain(response);
            let notice = format!("the message was not delivered: {code} {why}");
            self.means.notice(notice);
        }
    }

    /// A MESSAGE came.
    pub(super) fn messaged(&mut self, key: Key, request: &Message) {
        if let Err(refusal) = extensions(request) {
            return self.means.refuse(key, request, &refusal);
        }
        let kind = request.header("Content-Type").unwrap_or("text/plain");
        let Some(part) = mime::find(kind, &request.body, "text/plain") else {
            let refusal = Refusal::new(415).with("Accept", "text/plain, multipart/mixed");
            return self.means.refuse(key, request, &refusal);
        };
        self.means.answer(key, request, 200);
        let from = originator(request).map(|from| from.uri.to_string());
        self.means.tell(&Told::Text {
            call: None,
            from: from.unwrap_or_default(),
            text: String::from_utf8_lossy(&part.body).into_owned(),
        });
    }
}

/// Messages without an answer at a time, and the octets of one.
const WAITING: usize = 64;
const LARGEST: usize = 60_000;
