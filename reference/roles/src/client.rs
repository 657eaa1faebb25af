//! The IM client: one user's sessions and messages, told what to do line by line.

mod config;
pub mod upper;

use machines::port::{Input, Local, Node, Output};

pub use config::{Config, Credentials};
use upper::{Command, Told};

/// An IM client.
#[derive(Debug)]
pub struct Client {
    config: Config,
    local: Local,
}

impl Client {
    /// A client without sessions; `local` are the addresses it prints.
    pub fn new(config: Config, local: Local) -> Self {
        Self { config, local }
    }
}

impl Node for Client {
    fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::User(line) => {
                let told = match Command::read(&line) {
                    Ok(Command::Start) => Told::Ready {
                        address: self.local.sip.to_string(),
                    },
                    _ => Told::Cannot {
                        action: line,
                        why: format!("{} has yet to learn it", self.config.address),
                    },
                };
                out.push(Output::User(told.line()));
            }
            Input::Shutdown => out.push(Output::Done),
            _ => {}
        }
    }
}
