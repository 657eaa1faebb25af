//! The IM History Function: records the sessions it takes part in, and delivers what was recorded.

mod config;
mod delivery;
mod ending;
mod ledger;
mod recording;
mod shelf;

use std::collections::BTreeMap;

use machines::port::{Input, Local, Node, Output};
use machines::store::{Outcome, StoreId};

use crate::client::Client;
use crate::client::agent::Happened;
use crate::client::upper::{Command, Told};

pub use config::Config;
use delivery::Delivery;
use ending::Bye;
use ledger::Ledger;
use recording::Recording;
use shelf::{Said, Shelf};

/// An IM History Function; it takes a [`Command`] a line and answers with [`Told`], as a client does.
#[derive(Debug)]
pub struct History {
    config: Config,
    agent: Client,
    /// By the name of the call, as all below.
    recordings: BTreeMap<String, Recording>,
    deliveries: BTreeMap<String, Delivery>,
    shelf: Shelf,
    ledger: Ledger,
    /// By the number of the timer that ends the wait.
    byes: BTreeMap<u64, Bye>,
    timers: u64,
    /// Messages kept so far.
    kept: u64,
    started: bool,
    stopping: bool,
    /// Whether the user agent has nothing left to do.
    alone: bool,
    done: bool,
}

impl History {
    /// A function without recordings; `local` are the addresses it prints.
    pub fn new(mut config: Config, local: Local) -> Self {
        // Nobody else is there to take a call, or to assert who calls: a function stands inside the trust domain.
        config.agent.auto_accept = true;
        config.agent.assert_identity = true;
        let (owner, root) = (&config.initiator, config.xcap_root.as_deref());
        Self {
            agent: Client::of_function(config.agent.clone(), local),
            recordings: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            shelf: Shelf::new(config.durable, owner, config.room),
            ledger: Ledger::new(root, owner),
            byes: BTreeMap::new(),
            timers: RETRY,
            kept: 0,
            started: false,
            stopping: false,
            alone: false,
            done: false,
            config,
        }
    }

    fn command(&mut self, line: String, out: &mut Vec<Output>) {
        let action = match Command::read(&line) {
            Ok(Command::Deliver { call, recording }) => return self.deliver(&call, recording),
            Ok(Command::Invite { .. }) => "invite",
            Ok(Command::Extend { .. }) => "extend",
            Ok(Command::Message { .. }) => "message",
            Ok(Command::Quit) => return self.stop(Input::User(line), out),
            _ => return self.agent.handle(Input::User(line), out),
        };
        self.agent.tell(&Told::Cannot {
            action: action.to_owned(),
            why: "an IM History Function records and delivers".to_owned(),
        });
    }

    fn stop(&mut self, input: Input, out: &mut Vec<Output>) {
        self.stopping = true;
        self.agent.disarm(RETRY);
        self.agent.handle(input, out);
    }

    fn happened(&mut self, happened: Happened) {
        match happened {
            Happened::Opened { call, message } => {
                let reference = self.agent.token();
                let recording = Recording::new(reference, *message);
                self.recordings.insert(call, recording);
            }
            Happened::Heard {
                call,
                peer,
                message,
            } => {
                let own = &self.config.agent.address;
                if let Some(recording) = self.recordings.get_mut(&call) {
                    let bytes = recording.take(&peer, own, message);
                    let reference = recording.reference.clone();
                    self.keep(&reference, bytes);
                }
            }
            Happened::Left { call, key, bye } => self.left(call, key, bye),
            Happened::Sent { call } => self.sent(&call),
            Happened::Fired(RETRY) => self.write(),
            Happened::Fired(number) => self.overdue(number),
            Happened::Told(told) => self.told(told),
        }
    }

    fn told(&mut self, told: Told) {
        match told {
            Told::Established { call, .. } => {
                if let Some(recording) = self.recordings.get_mut(&call) {
                    recording.established = true;
                    recording.identity = self.agent.identity(&call);
                }
                self.begin(&call);
            }
            Told::Participants { call, list } => {
                if let Some(recording) = self.recordings.get_mut(&call) {
                    recording.meet(list);
                }
            }
            Told::Ended { call, .. } | Told::Refused { call, .. } => self.ended(&call),
            _ => {}
        }
    }

    fn keep(&mut self, reference: &str, bytes: Vec<u8>) {
        self.kept += 1;
        match self.shelf.keep(reference, self.kept.to_string(), bytes) {
            Ok(asked) => asked.into_iter().for_each(|output| self.agent.put(output)),
            Err(why) => self.agent.tell(&Told::Notice { text: why.into() }),
        }
    }

    fn stored(&mut self, id: StoreId, outcome: Outcome) {
        match self.shelf.stored(id, outcome) {
            Said::Nothing => {}
            Said::Content(call, content) => self.load(&call, content),
            Said::Waiting(waiting) => {
                for metadata in waiting {
                    // Those that find no room stay in the store.
                    self.ledger.take(metadata);
                }
                self.write();
            }
            Said::Notice(text) => self.agent.tell(&Told::Notice { text }),
        }
    }

    /// Says that all is done when the user agent is, and the XDMS has answered.
    fn finish(&mut self, out: &mut Vec<Output>) {
        if let Some(at) = out.iter().position(|output| *output == Output::Done) {
            out.remove(at);
            self.alone = true;
        }
        if self.alone && !self.done && self.byes.is_empty() && !self.ledger.is_busy() {
            self.done = true;
            out.push(Output::Done);
        }
    }
}

impl Node for History {
    fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        if !self.started {
            self.started = true;
            out.extend(self.shelf.restore());
        }
        match input {
            Input::User(line) => self.command(line, out),
            Input::Fetched { id, outcome } => self.fetched(id, outcome),
            Input::Stored { id, outcome } => self.stored(id, outcome),
            Input::Shutdown => self.stop(Input::Shutdown, out),
            other => self.agent.handle(other, out),
        }
        loop {
            let happened = self.agent.happened();
            if happened.is_empty() {
                break;
            }
            happened.into_iter().for_each(|one| self.happened(one));
        }
        self.agent.settle(out);
        self.finish(out);
    }
}

/// The timer after which the XDMS is asked again; those above are of BYEs.
const RETRY: u64 = 0;
