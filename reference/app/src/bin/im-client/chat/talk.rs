//! What a chat is about: lines that a person types become commands, what the client tells becomes lines to read.

mod heard;

use std::collections::BTreeSet;

use app::client::words::{Names, plain};
use roles::client::upper::{Command, Participant};

/// What is to be done next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Act {
    Do(Command),
    Show(Kind, String),
    /// Nothing more will happen.
    Over,
}

/// How a line looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// What somebody says.
    Said,
    /// What happens.
    News,
    /// What goes wrong.
    Trouble,
}

/// One person's chat.
pub(crate) struct Talk {
    names: Names,
    /// The chat is for one call, and ends with it.
    once: bool,
    /// Calls are taken without asking.
    takes_all: bool,
    /// Sessions, the one that lines go to last.
    calls: Vec<Call>,
    /// Our call without an answer.
    calling: Option<String>,
    /// A call for us without an answer.
    ringing: Option<(String, String)>,
    /// Some session was there.
    pub(crate) opened: bool,
    /// What was sent and not yet confirmed.
    unconfirmed: usize,
    closing: bool,
    made: u32,
    acts: Vec<Act>,
}

/// A session.
struct Call {
    name: String,
    group: bool,
    /// Who is there, once that is known.
    here: Option<BTreeSet<String>>,
    list: Vec<Participant>,
}

impl Talk {
    pub(crate) fn new(own: &str, takes_all: bool) -> Self {
        Self {
            names: Names::of(own),
            once: false,
            takes_all,
            calls: Vec::new(),
            calling: None,
            ringing: None,
            opened: false,
            unconfirmed: 0,
            closing: false,
            made: 0,
            acts: Vec::new(),
        }
    }

    /// The call of the command line, or what else to do.
    pub(crate) fn begin(&mut self, users: &[String], group: Option<String>, anonymous: bool) {
        if users.is_empty() && group.is_none() {
            return self.news("type whom to call, or wait for a call; /help tells more");
        }
        self.once = true;
        let to = users.iter().map(|user| self.names.address(user)).collect();
        self.call(to, group, anonymous);
    }

    fn call(&mut self, to: Vec<String>, group: Option<String>, anonymous: bool) {
        let whom: Vec<String> = to.iter().chain(&group).map(|one| self.short(one)).collect();
        let call = self.name();
        self.news(&format!("calling {}", whom.join(", ")));
        self.acts.push(Act::Do(Command::Invite {
            call,
            to,
            group,
            anonymous,
        }));
    }

    fn name(&mut self) -> String {
        self.made += 1;
        let name = format!("chat{}", self.made);
        self.calling = Some(name.clone());
        name
    }

    /// Whether a line of a script would find nobody yet.
    pub(crate) fn too_early(&self) -> bool {
        self.calling.is_some() && self.calls.is_empty()
    }

    /// Whether the end of the input still waits for what was sent to arrive.
    pub(crate) fn settling(&self) -> bool {
        self.closing && self.unconfirmed > 0
    }

    /// What is to be done, in this order.
    pub(crate) fn acts(&mut self) -> Vec<Act> {
        std::mem::take(&mut self.acts)
    }

    /// A line that was typed.
    pub(crate) fn typed(&mut self, line: &str) {
        let line = line.trim_end();
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        match word {
            "" => {}
            "/help" => HELP.iter().for_each(|line| self.news(line)),
            "/invite" => self.invite(rest),
            "/group" if !rest.is_empty() => {
                let group = Some(self.names.address(rest));
                self.unless_calling(|talk| talk.call(Vec::new(), group, false));
            }
            "/accept" => self.accept(),
            "/reject" => self.reject(),
            "/who" => self.who(),
            "/leave" if self.once => self.end(),
            "/leave" => self.leave(),
            "/quit" => self.quit(),
            _ if word.starts_with("//") => self.send(&line[1..]),
            _ if word.starts_with('/') => {
                self.trouble(&format!(
                    "{word} is no command; /help tells which there are"
                ));
            }
            _ if !self.calls.is_empty() => self.send(line),
            _ if rest.is_empty() => self.invite(word),
            _ => self.trouble("nobody is there to read this; type a name alone to call, or /help"),
        }
    }

    fn invite(&mut self, names: &str) {
        let users: Vec<String> = names
            .split([' ', ',', '\t'])
            .filter(|name| !name.is_empty())
            .map(|name| self.names.address(name))
            .collect();
        if users.is_empty() {
            return self.trouble("say whom: /invite NAME ...");
        }
        self.unless_calling(|talk| match talk.calls.last() {
            None => talk.call(users, None, false),
            Some(call) if call.group => {
                talk.trouble("whoever is in a session of a group cannot add others; /leave, then call all of them");
            }
            Some(call) => {
                let old = call.name.clone();
                let name = talk.name();
                let with = users;
                talk.news("calling all of you together");
                talk.acts.push(Act::Do(Command::Extend {
                    call: old,
                    name,
                    with,
                }));
            }
        });
    }

    fn unless_calling(&mut self, act: impl FnOnce(&mut Self)) {
        match self.calling {
            Some(_) => self.trouble("the call before this is not answered yet; /leave gives it up"),
            None => act(self),
        }
    }

    fn accept(&mut self) {
        match &self.ringing {
            Some((call, _)) => {
                let call = call.clone();
                self.acts.push(Act::Do(Command::Accept { call }));
            }
            None => self.trouble("nobody calls"),
        }
    }

    fn reject(&mut self) {
        match self.ringing.take() {
            Some((call, _)) => self
                .acts
                .push(Act::Do(Command::Reject { call, code: None })),
            None => self.trouble("nobody calls"),
        }
    }

    fn who(&mut self) {
        let Some(call) = self.calls.last() else {
            return self.news("you are in no session");
        };
        let list: Vec<String> = call
            .list
            .iter()
            .map(|one| {
                let status = one.status.as_deref().unwrap_or("unknown");
                format!("{} ({})", self.short(&one.address), plain(status))
            })
            .collect();
        match list.is_empty() {
            true => self.news("nothing is known of who is here"),
            false => self.news(&format!("here: {}", list.join(", "))),
        }
    }

    fn send(&mut self, text: &str) {
        let Some(call) = self.calls.last() else {
            return self.trouble("you are in no session");
        };
        let (call, text, to) = (call.name.clone(), text.to_owned(), None);
        self.unconfirmed += 1;
        self.acts.push(Act::Do(Command::Send { call, text, to }));
    }

    /// Nothing more will be typed: leaves once everything has arrived.
    pub(crate) fn end(&mut self) {
        self.closing = true;
        self.settle();
    }

    fn settle(&mut self) {
        if self.closing && self.unconfirmed == 0 {
            self.quit();
        }
    }

    /// Leaves now, and ends.
    pub(crate) fn quit(&mut self) {
        (self.once, self.closing, self.unconfirmed) = (true, true, 0);
        self.leave();
        self.perhaps_over();
    }

    fn leave(&mut self) {
        if self.ringing.is_some() {
            self.reject();
        }
        let calls = self.calls.iter().map(|call| call.name.clone());
        let anonymous = false;
        for call in calls.chain(self.calling.clone()).collect::<Vec<_>>() {
            self.acts.push(Act::Do(Command::Leave { call, anonymous }));
        }
    }

    fn perhaps_over(&mut self) {
        if self.once && self.calls.is_empty() && self.calling.is_none() {
            self.acts.push(Act::Over);
        }
    }

    fn short(&self, address: &str) -> String {
        self.names.short(address)
    }

    fn news(&mut self, text: &str) {
        self.acts.push(Act::Show(Kind::News, text.to_owned()));
    }

    fn trouble(&mut self, text: &str) {
        self.acts.push(Act::Show(Kind::Trouble, text.to_owned()));
    }
}

const HELP: [&str; 9] = [
    "what you type in a session is sent; without one, a name calls",
    "/invite NAME ...  call, or make a session of two one of more",
    "/group NAME       call a group",
    "/accept, /reject  answer a call",
    "/who              tell who is in the session",
    "/leave            leave the session",
    "/quit, Ctrl-C     leave and end",
    "//TEXT            send a text that begins with /",
    "NAME is bob, bob@other.example, or sip:bob@other.example",
];

#[cfg(test)]
mod tests;
