//! What a chat makes of what the client tells.

use std::collections::BTreeSet;

use app::client::words::plain;
use roles::client::upper::{Command, Participant, Told};

use super::{Act, Call, Kind, Talk};

impl Talk {
    /// What the client tells.
    pub(crate) fn hear(&mut self, told: Told) {
        match told {
            Told::Ready { .. } => {}
            Told::Incoming { call, from, name } => self.called(call, &from, name.as_deref()),
            Told::Ringing { .. } => self.news("it rings"),
            Told::Established { call, group, .. } => self.established(call, group),
            Told::Refused { call, code, text } => {
                self.forget(&call);
                self.trouble(&format!("the call failed: {code} {}", plain(&text)));
                self.perhaps_over();
            }
            Told::Modified { .. } => self.news("the session has changed"),
            Told::Ended { call, why } => {
                self.forget(&call);
                self.news(&format!("the session is over: {}", plain(&why)));
                self.perhaps_over();
            }
            Told::Text { call, from, text } => {
                let outside = if call.is_none() { " (message)" } else { "" };
                let line = format!("{}{outside}: {}", self.short(&from), plain(&text));
                self.acts.push(Act::Show(Kind::Said, line));
            }
            Told::Delivered { text, .. } => {
                self.news(&format!("delivered: {}", beginning(&text)));
                self.unconfirmed = self.unconfirmed.saturating_sub(1);
                self.settle();
            }
            Told::Participants { call, list } => self.participants(&call, list),
            Told::Notice { text } => {
                self.trouble(&plain(&text));
                // A call that was never made: nothing else will be heard of it.
                if self.calls.is_empty() && self.calling.take().is_some() {
                    self.perhaps_over();
                }
            }
            Told::Cannot { action, why } => {
                self.trouble(&format!("cannot {}: {}", plain(&action), plain(&why)));
            }
        }
    }

    fn called(&mut self, call: String, from: &str, name: Option<&str>) {
        let who = match name {
            Some(name) => format!("{} ({})", plain(name), self.short(from)),
            None => self.short(from),
        };
        let alone = self.once && self.calling.is_some();
        if self.takes_all {
            self.news(&format!("{who} calls"));
        } else if alone || self.ringing.is_some() {
            self.news(&format!("{who} called, and heard that you are busy"));
            self.acts
                .push(Act::Do(Command::Reject { call, code: None }));
        } else {
            self.ringing = Some((call, from.to_owned()));
            self.news(&format!("{who} calls: /accept or /reject"));
        }
    }

    fn established(&mut self, call: String, group: bool) {
        let taken = self.ringing.take_if(|(ringing, _)| *ringing == call);
        let with = match (&taken, group) {
            (Some((_, from)), false) => format!("talking with {}", self.short(from)),
            (None, false) => "talking; what you type is sent".to_owned(),
            (_, true) => "in the session; what you type goes to everybody in it".to_owned(),
        };
        self.news(&with);
        self.opened = true;
        self.calling.take_if(|calling| *calling == call);
        // Whoever takes another call changes over to it.
        let old = self.calls.last().map(|old| old.name.clone());
        if let (Some(_), Some(call)) = (taken, old) {
            let anonymous = false;
            self.acts.push(Act::Do(Command::Leave { call, anonymous }));
        }
        self.calls.push(Call {
            name: call,
            group,
            here: None,
            list: Vec::new(),
        });
    }

    fn participants(&mut self, call: &str, list: Vec<Participant>) {
        let Some(at) = self.calls.iter().position(|one| one.name == call) else {
            return;
        };
        let connected = |one: &&Participant| {
            let status = one.status.as_deref();
            status.is_none_or(|status| status == "connected")
        };
        let present = list.iter().filter(connected);
        let now: BTreeSet<String> = present.map(|one| self.short(&one.address)).collect();
        self.calls[at].list = list;
        let names = |some: Vec<&String>| {
            let some: Vec<&str> = some.into_iter().map(String::as_str).collect();
            some.join(", ")
        };
        match self.calls[at].here.replace(now.clone()) {
            None => self.news(&format!("here: {}", names(now.iter().collect()))),
            Some(before) => {
                for one in now.difference(&before) {
                    self.news(&format!("{one} has joined"));
                }
                for one in before.difference(&now) {
                    self.news(&format!("{one} has left"));
                }
            }
        }
    }

    fn forget(&mut self, call: &str) {
        self.calls.retain(|one| one.name != call);
        self.calling.take_if(|calling| calling == call);
        self.ringing.take_if(|(ringing, _)| ringing == call);
        if self.calls.is_empty() {
            self.unconfirmed = 0;
        }
    }
}

/// As much of a text as tells which one it is.
fn beginning(text: &str) -> String {
    let text = plain(text).replace('\n', " ");
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
