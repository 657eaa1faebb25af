//! The server transaction of every method but INVITE and ACK (RFC 3261 17.2.2).

use super::{LIFETIME, Output, Timer, arm};

/// Where the transaction is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Nothing was answered.
    Trying,
    /// A provisional response was sent.
    Proceeding,
    /// A final response was sent.
    Completed,
    /// Over.
    Terminated,
}

/// What can happen to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// The request came again.
    Request,
    /// The transaction user answers.
    Respond {
        /// The status code.
        code: u16,
        /// The whole response.
        bytes: Vec<u8>,
    },
    /// A timer fired.
    Fired(Timer),
    /// The transport could not send.
    TransportError,
}

/// One request received.
#[derive(Clone, Debug)]
pub struct Server {
    state: State,
    reliable: bool,
    last: Vec<u8>,
}

impl Server {
    /// Hands the request to the transaction user.
    pub fn start(reliable: bool, out: &mut Vec<Output>) -> Server {
        out.push(Output::Deliver);
        Server {
            state: State::Trying,
            reliable,
            last: Vec::new(),
        }
    }

    /// Where it is.
    pub fn state(&self) -> State {
        self.state
    }

    /// Takes one input and appends what it causes.
    pub fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        match (self.state, input) {
            (State::Trying, Input::Request) => out.push(Output::Ignored("not answered yet")),
            (State::Proceeding | State::Completed, Input::Request) => {
                out.push(Output::Send(self.last.clone()))
            }
            (State::Trying | State::Proceeding, Input::Respond { code, bytes }) => {
                self.respond(code, bytes, out)
            }
            (State::Completed, Input::Fired(Timer::J)) => {
                self.state = State::Terminated;
                out.push(Output::Terminated);
            }
            (State::Proceeding | State::Completed, Input::TransportError) => {
                if self.state == State::Completed {
                    out.push(Output::Disarm(Timer::J));
                }
                self.state = State::Terminated;
                out.extend([Output::Failed, Output::Terminated]);
            }
            (_, Input::Request) => out.push(Output::Ignored("transaction is over")),
            (_, Input::Respond { .. }) => out.push(Output::Ignored("already answered")),
            (_, Input::Fired(_)) => out.push(Output::Ignored("timer of another state")),
            (_, Input::TransportError) => out.push(Output::Ignored("nothing was being sent")),
        }
    }

    fn respond(&mut self, code: u16, bytes: Vec<u8>, out: &mut Vec<Output>) {
        out.push(Output::Send(bytes.clone()));
        if code < 200 {
            self.state = State::Proceeding;
            self.last = bytes;
        } else if self.reliable {
            self.state = State::Terminated;
            out.push(Output::Terminated);
        } else {
            self.state = State::Completed;
            self.last = bytes;
            arm(Timer::J, LIFETIME, out);
        }
    }
}
