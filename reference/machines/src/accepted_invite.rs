//! The 2xx to an INVITE, sent again until its ACK comes (RFC 3261 13.3.1.4).

use std::time::Duration;

use crate::transaction::{LIFETIME, Output, T1, T2, Timer};

/// Where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// The ACK is awaited.
    Waiting,
    /// The ACK came.
    Acknowledged,
    /// No ACK came in 64*T1.
    Abandoned,
}

/// What can happen to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// The ACK came.
    Ack,
    /// A timer fired: [`Timer::Success`] or [`Timer::Unacknowledged`].
    Fired(Timer),
}

/// One 2xx awaiting its ACK; repeated over every transport, since a proxy on the way may use UDP.
#[derive(Clone, Debug)]
pub struct AcceptedInvite {
    state: State,
    interval: Duration,
    bytes: Vec<u8>,
}

impl AcceptedInvite {
    /// Takes the response, which the transaction has just sent.
    pub fn start(bytes: Vec<u8>, out: &mut Vec<Output>) -> AcceptedInvite {
        out.push(Output::Arm {
            timer: Timer::Success,
            after: T1,
        });
        out.push(Output::Arm {
            timer: Timer::Unacknowledged,
            after: LIFETIME,
        });
        AcceptedInvite {
            state: State::Waiting,
            interval: T1,
            bytes,
        }
    }

    /// Where it is.
    pub fn state(&self) -> State {
        self.state
    }

    /// Takes one input and appends what it causes.
    pub fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        match (self.state, input) {
            (State::Waiting, Input::Ack) => {
                self.state = State::Acknowledged;
                self.bytes = Vec::new();
                out.extend([
                    Output::Disarm(Timer::Success),
                    Output::Disarm(Timer::Unacknowledged),
                    Output::Deliver,
                ]);
            }
            (State::Waiting, Input::Fired(Timer::Success)) => {
                self.interval = (self.interval * 2).min(T2);
                out.push(Output::Send(self.bytes.clone()));
                out.push(Output::Arm {
                    timer: Timer::Success,
                    after: self.interval,
                });
            }
            (State::Waiting, Input::Fired(Timer::Unacknowledged)) => {
                self.state = State::Abandoned;
                self.bytes = Vec::new();
                out.extend([Output::Disarm(Timer::Success), Output::TimedOut]);
            }
            (_, Input::Ack) => out.push(Output::Ignored("ACK again")),
            (_, Input::Fired(_)) => out.push(Output::Ignored("timer of another state")),
        }
    }
}
