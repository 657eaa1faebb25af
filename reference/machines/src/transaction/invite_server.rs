//! The INVITE server transaction (RFC 3261 17.2.1, RFC 6026 7.1 and figure 7 as corrected).

use std::time::Duration;

use super::{LIFETIME, Output, T1, T2, T4, TRYING, Timer, arm};

/// Where the transaction is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// No final response was sent.
    Proceeding,
    /// A 2xx was sent; the transaction user may send it again.
    Accepted,
    /// Another final response was sent, its ACK is awaited.
    Completed,
    /// The ACK came.
    Confirmed,
    /// Over.
    Terminated,
}

/// What can happen to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// The INVITE came again.
    Request,
    /// An ACK with the same branch came.
    Ack,
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

/// One INVITE received.
#[derive(Clone, Debug)]
pub struct InviteServer {
    state: State,
    reliable: bool,
    interval: Duration,
    last: Vec<u8>,
}

impl InviteServer {
    /// Hands the INVITE to the transaction user.
    pub fn start(reliable: bool, out: &mut Vec<Output>) -> InviteServer {
        out.push(Output::Deliver);
        arm(Timer::Trying, TRYING, out);
        InviteServer {
            state: State::Proceeding,
            reliable,
            interval: T1,
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
            (State::Proceeding, Input::Request) if self.last.is_empty() => {
                out.push(Output::Ignored("not answered yet"));
            }
            (State::Proceeding | State::Completed, Input::Request) => {
                out.push(Output::Send(self.last.clone()))
            }
            (State::Proceeding, Input::Respond { code, bytes }) => self.respond(code, bytes, out),
            // RFC 6026 7.1: a 2xx goes straight to the transport; anything else is not for this state.
            (
                State::Accepted,
                Input::Respond {
                    code: 200..=299,
                    bytes,
                },
            ) => out.push(Output::Send(bytes)),
            (State::Proceeding, Input::Fired(Timer::Trying)) if self.last.is_empty() => {
                out.push(Output::Trying)
            }
            (State::Completed, Input::Fired(Timer::G)) if !self.reliable => self.repeat(out),
            (State::Completed, Input::Fired(Timer::H)) => self.give_up(out),
            (State::Completed, Input::Ack) => self.confirm(out),
            (State::Accepted, Input::Ack) => out.push(Output::Deliver),
            (State::Accepted, Input::Fired(Timer::L))
            | (State::Confirmed, Input::Fired(Timer::I)) => {
                self.state = State::Terminated;
                out.push(Output::Terminated);
            }
            (State::Proceeding | State::Completed, Input::TransportError) => self.fail(out),
            // RFC 6026 7.1: stays, since the 2xx will be sent again.
            (State::Accepted, Input::TransportError) => out.push(Output::Failed),
            (_, Input::Request) => out.push(Output::Ignored("INVITE again")),
            (_, Input::Ack) => out.push(Output::Ignored("ACK again")),
            (_, Input::Respond { .. }) => out.push(Output::Ignored("already answered")),
            (_, Input::Fired(_)) => out.push(Output::Ignored("timer of another state")),
            (_, Input::TransportError) => out.push(Output::Ignored("nothing was being sent")),
        }
    }

    fn respond(&mut self, code: u16, bytes: Vec<u8>, out: &mut Vec<Output>) {
        if self.last.is_empty() {
            out.push(Output::Disarm(Timer::Trying));
        }
        out.push(Output::Send(bytes.clone()));
        match code {
            ..=199 => self.last = bytes,
            200..=299 => {
                self.state = State::Accepted;
                self.last = Vec::new();
                arm(Timer::L, LIFETIME, out);
            }
            300.. => {
                self.state = State::Completed;
                self.last = bytes;
                if !self.reliable {
                    arm(Timer::G, self.interval, out);
                }
                arm(Timer::H, LIFETIME, out);
            }
        }
    }

    fn repeat(&mut self, out: &mut Vec<Output>) {
        out.push(Output::Send(self.last.clone()));
        self.interval = (self.interval * 2).min(T2);
        arm(Timer::G, self.interval, out);
    }

    fn confirm(&mut self, out: &mut Vec<Output>) {
        self.disarm(out);
        out.push(Output::Disarm(Timer::H));
        self.last = Vec::new();
        if self.reliable {
            self.state = State::Terminated;
            out.push(Output::Terminated);
        } else {
            self.state = State::Confirmed;
            arm(Timer::I, T4, out);
        }
    }

    fn give_up(&mut self, out: &mut Vec<Output>) {
        self.disarm(out);
        self.state = State::Terminated;
        out.extend([Output::TimedOut, Output::Terminated]);
    }

    fn fail(&mut self, out: &mut Vec<Output>) {
        if self.state == State::Completed {
            self.disarm(out);
            out.push(Output::Disarm(Timer::H));
        } else if self.last.is_empty() {
            out.push(Output::Disarm(Timer::Trying));
        }
        self.state = State::Terminated;
        out.extend([Output::Failed, Output::Terminated]);
    }

    fn disarm(&self, out: &mut Vec<Output>) {
        if !self.reliable {
            out.push(Output::Disarm(Timer::G));
        }
    }
}
