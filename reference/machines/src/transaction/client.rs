//! The client transaction of every method but INVITE and ACK (RFC 3261 17.1.2).

use std::time::Duration;

use super::{LIFETIME, Output, T1, T2, T4, Timer, arm};

/// Where the transaction is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// The request is out.
    Trying,
    /// A provisional response came.
    Proceeding,
    /// A final response came.
    Completed,
    /// Over.
    Terminated,
}

/// What can happen to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// A response with this status code came.
    Response(u16),
    /// A timer fired.
    Fired(Timer),
    /// The transport could not send.
    TransportError,
}

/// One request sent.
#[derive(Clone, Debug)]
pub struct Client {
    state: State,
    reliable: bool,
    interval: Duration,
    request: Vec<u8>,
}

impl Client {
    /// Sends the request.
    pub fn start(request: Vec<u8>, reliable: bool, out: &mut Vec<Output>) -> Client {
        out.push(Output::Send(request.clone()));
        if !reliable {
            arm(Timer::E, T1, out);
        }
        arm(Timer::F, LIFETIME, out);
        Client {
            state: State::Trying,
            reliable,
            interval: T1,
            request,
        }
    }

    /// Where it is.
    pub fn state(&self) -> State {
        self.state
    }

    /// Takes one input and appends what it causes.
    pub fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        match (self.state, input) {
            (State::Trying | State::Proceeding, Input::Response(..=199)) => {
                self.state = State::Proceeding;
                out.push(Output::Deliver);
            }
            (State::Trying | State::Proceeding, Input::Response(200..)) => self.complete(out),
            (State::Trying | State::Proceeding, Input::Fired(Timer::E)) if !self.reliable => {
                self.repeat(out)
            }
            (State::Trying | State::Proceeding, Input::Fired(Timer::F)) => {
                self.end(Output::TimedOut, out)
            }
            (State::Trying | State::Proceeding, Input::TransportError) => {
                self.end(Output::Failed, out)
            }
            (State::Completed, Input::Fired(Timer::K)) => {
                self.state = State::Terminated;
                out.push(Output::Terminated);
            }
            (State::Completed, Input::Response(_)) => out.push(Output::Ignored("response again")),
            (_, Input::Response(_)) => out.push(Output::Ignored("response out of turn")),
            (_, Input::Fired(_)) => out.push(Output::Ignored("timer of another state")),
            (_, Input::TransportError) => out.push(Output::Ignored("nothing was being sent")),
        }
    }

    fn complete(&mut self, out: &mut Vec<Output>) {
        self.disarm(out);
        out.push(Output::Disarm(Timer::F));
        out.push(Output::Deliver);
        self.request = Vec::new();
        if self.reliable {
            self.state = State::Terminated;
            out.push(Output::Terminated);
        } else {
            self.state = State::Completed;
            arm(Timer::K, T4, out);
        }
    }

    fn repeat(&mut self, out: &mut Vec<Output>) {
        out.push(Output::Send(self.request.clone()));
        self.interval = match self.state {
            State::Trying => (self.interval * 2).min(T2),
            State::Proceeding | State::Completed | State::Terminated => T2,
        };
        arm(Timer::E, self.interval, out);
    }

    fn end(&mut self, news: Output, out: &mut Vec<Output>) {
        self.disarm(out);
        if news != Output::TimedOut {
            out.push(Output::Disarm(Timer::F));
        }
        self.state = State::Terminated;
        out.extend([news, Output::Terminated]);
    }

    fn disarm(&self, out: &mut Vec<Output>) {
        if !self.reliable {
            out.push(Output::Disarm(Timer::E));
        }
    }
}
