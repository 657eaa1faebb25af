//! Messages outside of sessions: MESSAGE to a user, a group, or several users by the conference factory.

use machines::transactions::Key;
use wire::cpim::Cpim;
use wire::mime;
use wire::sip::Message;

use super::ad_hoc::{entry, part, with_list};
use super::general::{Refusal, explain, extensions, originator};
use super::leg::CPIM;
use super::means::{Open, Task};
use super::upper::Told;
use super::{Client, originating};
use crate::messaging::leg::matches_any;

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
        let Some((from, text)) = content(kind, request) else {
            let refusal =
                Refusal::new(415).with("Accept", "text/plain, message/cpim, multipart/mixed");
            return self.means.refuse(key, request, &refusal);
        };
        self.means.answer(key, request, 200);
        let known = originator(request).map(|from| from.uri.to_string());
        self.means.tell(&Told::Text {
            call: None,
            from: known.or(from).unwrap_or_default(),
            text,
        });
    }
}

// The text of a MESSAGE, and who it says it is from when an envelope says so.
fn content(kind: &str, request: &Message) -> Option<(Option<String>, String)> {
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    if let Some(part) = mime::find(kind, &request.body, "text/plain") {
        return Some((None, text(&part.body)));
    }
    let part = mime::find(kind, &request.body, CPIM)?;
    let cpim = Cpim::parse_lenient(&part.body).ok()?;
    let kind = cpim.content_header("Content-Type").unwrap_or("text/plain");
    let plain = matches_any(&["text/plain".to_owned()], kind);
    plain.then(|| {
        (
            cpim.header("From").map(|from| from.into_owned()),
            text(&cpim.content),
        )
    })
}

/// Messages without an answer at a time, and the octets of one.
const WAITING: usize = 64;
const LARGEST: usize = 60_000;
