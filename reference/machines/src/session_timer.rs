//! The session timer (RFC 4028): who keeps a session alive, and when it is taken for dead.

use std::time::Duration;

use wire::sip::{Message, SessionExpires};

/// Who sends the refreshes; the sides are those of the request that set the timer (RFC 4028 3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refresher {
    /// The sender of the request.
    Uac,
    /// Its receiver.
    Uas,
}

/// What we want of a session, in seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The interval that we ask for.
    pub session_expires: u32,
    /// The smallest that we accept; never below 90 (RFC 4028 5).
    pub min_se: u32,
    /// Who refreshes when the sender leaves it to us.
    pub prefer: Refresher,
}

/// What a receiver answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// 422 with this Min-SE, in seconds (RFC 4028 6).
    TooSmall {
        /// Our minimum.
        min_se: u32,
    },
    /// A 2xx with Session-Expires.
    Agreed {
        /// Seconds.
        interval: u32,
        /// Who refreshes.
        refresher: Refresher,
        /// Whether the 2xx bears `Require: timer` (RFC 4028 9).
        require: bool,
    },
}

/// What the receiver of a request answers (RFC 4028 9 and its table 2).
pub fn answer(request: &Message, settings: &Settings) -> Answer {
    let asked = request
        .header("Session-Expires")
        .and_then(|value| SessionExpires::parse(value).ok());
    let theirs = min_se(request);
    let ours = settings.min_se.max(SMALLEST);
    let supported = lists(request, "Supported") || lists(request, "Require");
    if supported && asked.as_ref().is_some_and(|asked| asked.delta < ours) {
        return Answer::TooSmall { min_se: ours };
    }
    let floor = theirs.unwrap_or(SMALLEST).max(ours);
    let wanted = asked.as_ref().map_or(settings.session_expires, |asked| {
        asked.delta.min(settings.session_expires)
    });
    let named = asked.as_ref().and_then(|asked| asked.refresher.as_deref());
    let refresher = match (supported, named) {
        (false, _) => Refresher::Uas,
        (true, Some(name)) if name.eq_ignore_ascii_case("uac") => Refresher::Uac,
        (true, Some(name)) if name.eq_ignore_ascii_case("uas") => Refresher::Uas,
        (true, _) => settings.prefer,
    };
    Answer::Agreed {
        interval: wanted.max(floor),
        refresher,
        require: refresher == Refresher::Uac,
    }
}

/// What the 2xx to our request agreed, in seconds (RFC 4028 7.2); nothing when it cannot be read.
pub fn accepted(response: &Message, settings: &Settings) -> Option<(u32, Refresher)> {
    let Some(value) = response.header("Session-Expires") else {
        // RFC 4028 7.2: the sender may still refresh on its own.
        return Some((settings.session_expires, Refresher::Uac));
    };
    let agreed = SessionExpires::parse(value).ok()?;
    let refresher = match agreed.refresher.as_deref() {
        Some(name) if name.eq_ignore_ascii_case("uas") => Refresher::Uas,
        _ => Refresher::Uac,
    };
    Some((agreed.delta, refresher))
}

/// The value of Session-Expires: `1800;refresher=uac`.
pub fn header(interval: u32, refresher: Refresher) -> String {
    let name = match refresher {
        Refresher::Uac => "uac",
        Refresher::Uas => "uas",
    };
    format!("{interval};refresher={name}")
}

/// The Min-SE of a message, in seconds.
pub fn min_se(message: &Message) -> Option<u32> {
    message
        .header("Min-SE")?
        .split(';')
        .next()?
        .trim()
        .parse()
        .ok()
}

/// Which timer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Timer {
    /// Time to refresh.
    Refresh,
    /// The session is dead.
    Expire,
}

/// What can happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// A 2xx set the timer, first or anew.
    Agreed {
        /// Seconds.
        interval: u32,
        /// Whether we refresh.
        ours: bool,
    },
    /// A timer fired.
    Fired(Timer),
    /// Our refresh got this final answer; 408 for none.
    RefreshFailed {
        /// The status code.
        code: u16,
    },
    /// The session ended.
    Stop,
}

/// What follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Output {
    /// Start a timer, or start it anew.
    Arm {
        /// Which.
        timer: Timer,
        /// Protocol time until it fires.
        after: Duration,
    },
    /// Stop a timer.
    Disarm(Timer),
    /// Send a refresh: UPDATE or re-INVITE.
    Refresh,
    /// Send BYE.
    Bye,
    /// The input means nothing in this state, and why.
    Ignored(&'static str),
}

/// Where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// No timer was agreed, or the session is over.
    Off,
    /// The next refresh is ours, at half of the interval.
    Refreshing,
    /// Our refresh is out.
    Refreshed,
    /// The other end refreshes.
    Watching,
}

/// The timer of one session.
#[derive(Clone, Debug)]
pub struct SessionTimer {
    state: State,
}

impl SessionTimer {
    /// Not running.
    pub fn new() -> SessionTimer {
        SessionTimer { state: State::Off }
    }

    /// Where it is.
    pub fn state(&self) -> State {
        self.state
    }

    /// Takes one input and appends what it causes.
    pub fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        match (self.state, input) {
            (_, Input::Agreed { interval, ours }) => self.agree(interval, ours, out),
            (State::Refreshing, Input::Fired(Timer::Refresh)) => {
                self.state = State::Refreshed;
                out.push(Output::Refresh);
            }
            (
                State::Refreshing | State::Refreshed | State::Watching,
                Input::Fired(Timer::Expire),
            ) => {
                let refreshing = self.state == State::Refreshing;
                self.state = State::Off;
                if refreshing {
                    out.push(Output::Disarm(Timer::Refresh));
                }
                out.push(Output::Bye);
            }
            // RFC 4028 10 with RFC 3261 12.2.1.2: these two say that the session is gone.
            (State::Refreshed, Input::RefreshFailed { code: 408 | 481 }) => {
                self.state = State::Off;
                out.extend([Output::Disarm(Timer::Expire), Output::Bye]);
            }
            (State::Refreshed, Input::RefreshFailed { .. }) => {
                out.push(Output::Ignored("the session runs until it expires"))
            }
            (State::Refreshing | State::Refreshed | State::Watching, Input::Stop) => self.stop(out),
            (_, Input::Fired(_)) => out.push(Output::Ignored("timer of another state")),
            (_, Input::RefreshFailed { .. }) => out.push(Output::Ignored("no refresh is out")),
            (State::Off, Input::Stop) => out.push(Output::Ignored("not running")),
        }
    }

    fn agree(&mut self, interval: u32, ours: bool, out: &mut Vec<Output>) {
        if self.state == State::Refreshing && !ours {
            out.push(Output::Disarm(Timer::Refresh));
        }
        let whole = Duration::from_secs(interval.into());
        if ours {
            // RFC 4028 10: refresh once half the interval has passed.
            out.push(Output::Arm {
                timer: Timer::Refresh,
                after: whole / 2,
            });
            self.state = State::Refreshing;
        } else {
            self.state = State::Watching;
        }
        // RFC 4028 10: BYE by the lesser of 32 s and a third of the interval before it expires.
        out.push(Output::Arm {
            timer: Timer::Expire,
            after: whole - (whole / 3).min(LEAD),
        });
    }

    fn stop(&mut self, out: &mut Vec<Output>) {
        if self.state == State::Refreshing {
            out.push(Output::Disarm(Timer::Refresh));
        }
        out.push(Output::Disarm(Timer::Expire));
        self.state = State::Off;
    }
}

impl Default for SessionTimer {
    fn default() -> SessionTimer {
        SessionTimer::new()
    }
}

fn lists(message: &Message, header: &str) -> bool {
    message
        .values(header)
        .iter()
        .any(|option| option.trim().eq_ignore_ascii_case("timer"))
}

const SMALLEST: u32 = 90;

const LEAD: Duration = Duration::from_secs(32);
