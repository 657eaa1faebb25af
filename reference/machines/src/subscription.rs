//! The notifier's side of a subscription (RFC 6665 4.2): accepting, refreshing, notifying, ending.

use std::fmt;
use std::time::Duration;

/// Durations in seconds, but for the interval.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// When the subscriber names none.
    pub default: u32,
    /// Shorter ones get a 423.
    pub min: u32,
    /// Longer ones are shortened.
    pub max: u32,
    /// Least time between two NOTIFYs that tell of changes; zero for no such limit.
    pub interval: Duration,
}

/// Why a subscription ends (RFC 6665 4.1.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Subscribe again at once.
    Deactivated,
    /// Authorisation took too long.
    Giveup,
    /// The state will not change any more.
    Invariant,
    /// The resource is gone.
    Noresource,
    /// Subscribe again later.
    Probation,
    /// Not allowed any more.
    Rejected,
    /// Not refreshed in time, or unsubscribed.
    Timeout,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Deactivated => "deactivated",
            Reason::Giveup => "giveup",
            Reason::Invariant => "invariant",
            Reason::Noresource => "noresource",
            Reason::Probation => "probation",
            Reason::Rejected => "rejected",
            Reason::Timeout => "timeout",
        })
    }
}

/// What is timed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Timer {
    /// A piece of the subscription's time has passed.
    Slice,
    /// The next change may be told.
    Interval,
}

/// What can happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// A SUBSCRIBE came, the first or a refresh.
    Subscribe {
        /// Its Expires in seconds, if any.
        expires: Option<u32>,
    },
    /// The state of the resource changed.
    Changed,
    /// The role ends the subscription.
    Terminate {
        /// Why.
        reason: Reason,
    },
    /// A NOTIFY got this answer; 408 for none.
    NotifyFailed {
        /// The status code.
        code: u16,
    },
    /// The timer fired.
    Fired(Timer),
}

/// What follows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Answer 200 with this Expires.
    Accept {
        /// Seconds.
        expires: u32,
    },
    /// Answer 423 with this Min-Expires.
    TooBrief {
        /// Seconds.
        min: u32,
    },
    /// Answer 481.
    Gone,
    /// Send a NOTIFY.
    Notify {
        /// Its Subscription-State.
        state: String,
        /// Whether it must carry the whole state, not only what has changed.
        full: bool,
    },
    /// Start the timer, or start it anew.
    Arm {
        /// Which.
        timer: Timer,
        /// Protocol time until it fires.
        after: Duration,
    },
    /// Stop the timer.
    Disarm(Timer),
    /// The subscription is over; after the NOTIFY that says so, if there is one.
    Terminated,
    /// The input means nothing in this state, and why.
    Ignored(&'static str),
}

/// Where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// No SUBSCRIBE was accepted yet.
    Init,
    /// The subscriber is told of changes.
    Active,
    /// Over.
    Terminated,
}

/// One subscription. It has no clock: its time passes in slices, and what a NOTIFY says is left of it is the
/// time at the end of the running slice, never more than what is left.
#[derive(Clone, Debug)]
pub struct Subscription {
    settings: Settings,
    state: State,
    granted: u32,
    /// Seconds left when the running slice is over.
    remaining: u32,
    /// The interval after a NOTIFY is running.
    quiet: bool,
    /// There was a change in it.
    pending: bool,
}

impl Subscription {
    /// Before its first SUBSCRIBE.
    pub fn new(settings: Settings) -> Subscription {
        Subscription {
            settings,
            state: State::Init,
            granted: 0,
            remaining: 0,
            quiet: false,
            pending: false,
        }
    }

    /// Where it is.
    pub fn state(&self) -> State {
        self.state
    }

    /// Takes one input and appends what it causes.
    pub fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        match (self.state, input) {
            (State::Init | State::Active, Input::Subscribe { expires }) => {
                self.subscribe(expires, out)
            }
            (State::Terminated, Input::Subscribe { .. }) => out.push(Output::Gone),
            (State::Active, Input::Changed) if self.quiet => self.pending = true,
            (State::Active, Input::Changed) => self.tell(out),
            (State::Active, Input::Terminate { reason }) => self.finish(reason, out),
            (State::Active, Input::NotifyFailed { code }) if ends(code) => {
                self.stop(out);
                out.push(Output::Terminated);
            }
            (State::Active, Input::NotifyFailed { .. }) => {
                out.push(Output::Ignored("the subscription survives"))
            }
            (State::Active, Input::Fired(Timer::Slice)) => self.pass(out),
            (State::Active, Input::Fired(Timer::Interval)) => {
                self.quiet = false;
                if self.pending {
                    self.tell(out);
                }
            }
            (State::Init, _) => out.push(Output::Ignored("not subscribed yet")),
            (State::Terminated, _) => out.push(Output::Ignored("the subscription is over")),
        }
    }

    fn subscribe(&mut self, expires: Option<u32>, out: &mut Vec<Output>) {
        let wanted = expires.unwrap_or(self.settings.default);
        // RFC 6665 4.2.1.1: only what is under an hour and under our minimum is too brief; 0 never is.
        if wanted > 0 && wanted < self.settings.min && wanted < 3600 {
            return out.push(Output::TooBrief {
                min: self.settings.min,
            });
        }
        let granted = wanted.min(self.settings.max);
        out.push(Output::Accept { expires: granted });
        if granted == 0 {
            return self.finish(Reason::Timeout, out);
        }
        self.state = State::Active;
        (self.granted, self.remaining) = (granted, granted);
        // RFC 6665 4.2.1.2: every accepted SUBSCRIBE is followed by a NOTIFY at once.
        self.pending = false;
        self.notify(true, out);
        self.pass(out);
    }

    /// Starts the next slice, when there is one.
    fn pass(&mut self, out: &mut Vec<Output>) {
        if self.remaining == 0 {
            return self.finish(Reason::Timeout, out);
        }
        let slice = (self.granted / 10).clamp(1, SLICE).min(self.remaining);
        self.remaining -= slice;
        out.push(Output::Arm {
            timer: Timer::Slice,
            after: Duration::from_secs(slice.into()),
        });
    }

    /// Tells of changes, then nothing for the interval.
    fn tell(&mut self, out: &mut Vec<Output>) {
        self.pending = false;
        self.notify(false, out);
        if !self.settings.interval.is_zero() {
            self.quiet = true;
            out.push(Output::Arm {
                timer: Timer::Interval,
                after: self.settings.interval,
            });
        }
    }

    fn notify(&self, full: bool, out: &mut Vec<Output>) {
        out.push(Output::Notify {
            state: format!("active;expires={}", self.remaining),
            full,
        });
    }

    fn finish(&mut self, reason: Reason, out: &mut Vec<Output>) {
        self.stop(out);
        out.push(Output::Notify {
            state: format!("terminated;reason={reason}"),
            full: true,
        });
        out.push(Output::Terminated);
    }

    fn stop(&mut self, out: &mut Vec<Output>) {
        if self.state == State::Active {
            out.push(Output::Disarm(Timer::Slice));
        }
        if self.quiet {
            out.push(Output::Disarm(Timer::Interval));
        }
        self.state = State::Terminated;
    }
}

// RFC 6665 4.2.2: the answers of RFC 5057 that end a usage, and no answer at all.
fn ends(code: u16) -> bool {
    matches!(
        code,
        404 | 405 | 408 | 410 | 416 | 480..=485 | 489 | 501 | 604
    )
}

/// Seconds of the longest slice; a slice is a tenth of the subscription at most.
const SLICE: u32 = 60;
