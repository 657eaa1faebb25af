//! The INVITE client transaction (RFC 3261 17.1.1, RFC 6026 7.2 and figure 5 as corrected).

use std::time::Duration;

use super::{LIFETIME, Output, T1, Timer, arm};

/// Where the transaction is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// The INVITE is out.
    Calling,
    /// A provisional response came.
    Proceeding,
    /// A 2xx came; more may come.
    Accepted,
    /// Another final response came and was acknowledged.
    Completed,
    /// Over.
    Terminated,
}

/// What can happen to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// A response came.
    Response {
        /// Its status code.
        code: u16,
        /// The ACK for it; read only when the code is 300 or more (RFC 3261 17.1.1.3).
        ack: Vec<u8>,
    },
    /// A CANCEL was sent.
    Cancelled,
    /// A timer fired.
    Fired(Timer),
    /// The transport could not send.
    TransportError,
}

/// One INVITE sent.
#[derive(Clone, Debug)]
pub struct InviteClient {
    state: State,
    reliable: bool,
    cancelled: bool,
    interval: Duration,
    request: Vec<u8>,
    ack: Vec<u8>,
}

impl InviteClient {
    /// Sends the request.
    pub fn start(request: Vec<u8>, reliable: bool, out: &mut Vec<Output>) -> InviteClient {
        out.push(Output::Send(request.clone()));
        if !reliable {
            arm(Timer::A, T1, out);
        }
        arm(Timer::B, LIFETIME, out);
        InviteClient {
            state: State::Calling,
            reliable,
            cancelled: false,
            interval: T1,
            request,
            ack: Vec::new(),
        }
    }

    /// Where it is.
    pub fn state(&self) -> State {
        self.state
    }

    /// Takes one input and appends what it causes.
    pub fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        match (self.state, input) {
            (State::Calling | State::Proceeding, Input::Response { code, ack }) => {
                self.respond(code, ack, out)
            }
            (State::Calling, Input::Fired(Timer::A)) if !self.reliable => self.repeat(out),
            // RFC 3261 9.1: after a CANCEL the final response is awaited for 64*T1.
            (State::Proceeding, Input::Cancelled) => {
                self.cancelled = true;
                arm(Timer::B, LIFETIME, out);
            }
            (State::Proceeding, Input::Fired(Timer::B)) if self.cancelled => {
                self.end(Output::TimedOut, out)
            }
            (State::Calling, Input::Fired(Timer::B)) => self.end(Output::TimedOut, out),
            (State::Calling | State::Completed, Input::TransportError) => {
                self.end(Output::Failed, out)
            }
            (
                State::Accepted,
                Input::Response {
                    code: 200..=299, ..
                },
            ) => out.push(Output::Deliver),
            (State::Completed, Input::Response { code: 300.., .. }) => {
                out.push(Output::Send(self.ack.clone()))
            }
            (State::Accepted, Input::Fired(Timer::M))
            | (State::Completed, Input::Fired(Timer::D)) => {
                self.state = State::Terminated;
                out.push(Output::Terminated);
            }
            (_, Input::Response { .. }) => out.push(Output::Ignored("response out of turn")),
            (_, Input::Cancelled) => out.push(Output::Ignored("too early or too late to cancel")),
            (_, Input::Fired(_)) => out.push(Output::Ignored("timer of another state")),
            (_, Input::TransportError) => out.push(Output::Ignored("nothing was being sent")),
        }
    }

    fn respond(&mut self, code: u16, ack: Vec<u8>, out: &mut Vec<Output>) {
        if self.state == State::Calling {
            if !self.reliable {
                out.push(Output::Disarm(Timer::A));
            }
            out.push(Output::Disarm(Timer::B));
        } else if self.cancelled && code >= 200 {
            out.push(Output::Disarm(Timer::B));
        }
        match code {
            ..=199 => {
                self.state = State::Proceeding;
                out.push(Output::Deliver);
            }
            200..=299 => {
                self.state = State::Accepted;
                out.push(Output::Deliver);
                arm(Timer::M, LIFETIME, out);
            }
            300.. => self.complete(ack, out),
        }
        // Kept only for repeating.
        self.request = Vec::new();
    }

    fn complete(&mut self, ack: Vec<u8>, out: &mut Vec<Output>) {
        out.push(Output::Send(ack.clone()));
        out.push(Output::Deliver);
        if self.reliable {
            self.state = State::Terminated;
            out.push(Output::Terminated);
        } else {
            self.ack = ack;
            self.state = State::Completed;
            arm(Timer::D, LIFETIME, out);
        }
    }

    fn repeat(&mut self, out: &mut Vec<Output>) {
        out.push(Output::Send(self.request.clone()));
        self.interval *= 2;
        arm(Timer::A, self.interval, out);
    }

    fn end(&mut self, news: Output, out: &mut Vec<Output>) {
        for timer in [Timer::A, Timer::B, Timer::D] {
            let runs = match timer {
                Timer::A => self.state == State::Calling && !self.reliable,
                Timer::B => self.state == State::Calling && news != Output::TimedOut,
                _ => self.state == State::Completed,
            };
            if runs {
                out.push(Output::Disarm(timer));
            }
        }
        self.state = State::Terminated;
        out.extend([news, Output::Terminated]);
    }
}
