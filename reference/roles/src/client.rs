//! The IM client: one user's sessions and messages, told what to do line by line.

mod ad_hoc;
pub(crate) mod agent;
mod config;
mod digest;
mod dispatch;
mod extending;
mod general;
mod invited;
mod leaving;
mod leg;
mod means;
mod messages;
mod modified;
mod one_to_one;
mod originating;
mod pager_mode;
mod predefined_group;
mod refresh;
mod register;
mod replaced;
mod session;
mod subscription;
pub mod upper;

use std::collections::BTreeMap;

use machines::port::{Input, Local, Node, Output};
use machines::transactions::Layer;

pub use config::{Config, Credentials};
use invited::SESSIONS;
use means::Means;
use register::Registration;
use session::Session;
use subscription::Watch;
use upper::Command;

/// An IM client; it takes a [`Command`] a line and answers with [`upper::Told`].
#[derive(Debug)]
pub struct Client {
    means: Means,
    /// By the name of the call.
    sessions: BTreeMap<String, Session>,
    /// Subscriptions by the name of the call; they may outlive it for a while.
    watches: BTreeMap<String, Watch>,
    registration: Registration,
    /// How many calls have come in.
    calls: u64,
    stopping: bool,
    done: bool,
}

impl Client {
    /// A client without sessions; `local` are the addresses it prints.
    pub fn new(config: Config, local: Local) -> Self {
        Self {
            means: Means::new(config, local),
            sessions: BTreeMap::new(),
            watches: BTreeMap::new(),
            registration: Registration::default(),
            calls: 0,
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
            Input::Msrp { link, frame } => self.frame(link, frame),
            Input::LinkUp { link } => self.link_up(link),
            Input::LinkDown { link } => self.link_down(link),
            Input::LinkFull { link } => self.link_full(link, true),
            Input::LinkDrained { link } => self.link_full(link, false),
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
            Input::Fetched { .. } => self.means.ignore("a document that nobody asked for"),
            Input::Stored { .. } => self.means.ignore("an answer of a store that nobody asked"),
            Input::User(line) => match Command::read(&line) {
                Ok(command) => self.command(command),
                Err(error) => match upper::action(&line) {
                    Some(action) => {
                        let why = error.to_string();
                        self.means.tell(&upper::Told::Cannot { action, why });
                    }
                    None => self.means.notice(format!("this is no command: {error}")),
                },
            },
            Input::Shutdown => self.stop(),
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Start => self.start(),
            Command::Invite {
                call,
                to,
                group,
                anonymous,
            } => self.invite(&call, &to, group.as_deref(), anonymous),
            Command::Accept { call } => self.accept(&call),
            Command::Reject { call, code } => self.reject(&call, code),
            Command::Leave { call, anonymous } => self.leave(&call, anonymous),
            Command::Modify { call, types } => self.modify(&call, &types),
            Command::Refresh { call } => self.refresh_now(&call),
            Command::Extend { call, name, with } => {
                if self.may_call(&name) {
                    self.extend(&call, &name, &with);
                }
            }
            Command::Subscribe { call } => self.subscribe(&call),
            Command::Send { call, text, to } => self.send(&call, &text, to.as_deref()),
            Command::Deliver { .. } => self.means.tell(&upper::Told::Cannot {
                action: "deliver".into(),
                why: "this is no IM History Function".into(),
            }),
            Command::Message { to, text } => self.message(&to, &text),
            Command::Quit => self.stop(),
        }
    }

    fn invite(&mut self, call: &str, to: &[String], group: Option<&str>, anonymous: bool) {
        if !self.may_call(call) {
            return;
        }
        match (group, to) {
            (Some(group), _) => self.call_group(call, group, anonymous),
            (None, []) => self.means.notice(format!("{call} names nobody to call")),
            (None, [user]) => self.call_user(call, user, anonymous),
            (None, users) => self.call_users(call, users, anonymous),
        }
    }

    fn may_call(&mut self, name: &str) -> bool {
        let taken = self.sessions.contains_key(name);
        let why = match (self.stopping, taken) {
            (true, _) => "the client ends".to_owned(),
            (false, true) => format!("there is a call {name} already"),
            (false, false) if self.sessions.len() >= SESSIONS => "too many calls".to_owned(),
            (false, false) => return true,
        };
        self.means.notice(why);
        false
    }

    /// Carries out what is left to do, and gives the driver what it shall do.
    pub(crate) fn settle(&mut self, out: &mut Vec<Output>) {
        while let Some(event) = self.means.next_event() {
            self.event(event);
        }
        out.append(&mut self.means.out);
    }

    fn stop(&mut self) {
        if self.stopping {
            return;
        }
        self.stopping = true;
        for name in self.sessions.keys().cloned().collect::<Vec<_>>() {
            self.leave(&name, false);
        }
        self.unregister();
    }
}

impl Node for Client {
    fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        self.take(input);
        self.settle(out);
        if self.stopping && !self.done && self.sessions.is_empty() && self.means.open.is_empty() {
            self.done = true;
            out.push(Output::Done);
        }
    }
}
