//! Keeping sessions alive (RFC 4028): the client refreshes by UPDATE where the other end allows it, else by re-INVITE.

use machines::session_timer::{Input, Output, Refresher, State, Timer, header};
use wire::sip::Message;

use super::Client;
use super::general::{ALLOW, SUPPORTED};
use super::means::{Means, Purpose, Task};
use super::session::{Session, Stage};
use crate::controlling::admission::SDP;

/// What a timer asks of the session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Due {
    Refresh,
    Bye,
}

impl Session {
    /// Starts the session timer anew; `ours`: we refresh.
    pub(super) fn start_timer(&mut self, interval: u32, ours: bool, means: &mut Means) {
        // RFC 4028 5: nothing below 90; nothing above what a clock of ours can count.
        let interval = interval.clamp(SHORTEST, LONGEST);
        self.interval = interval;
        self.timer_input(Input::Agreed { interval, ours }, means);
    }

    fn timer_input(&mut self, input: Input, means: &mut Means) -> Option<Due> {
        let mut said = Vec::new();
        self.timer.handle(input, &mut said);
        let mut due = None;
        for output in said {
            let purpose = |timer| Purpose::Session(self.name.clone(), timer);
            match output {
                Output::Arm { timer, after } => means.arm(purpose(timer), after),
                Output::Disarm(timer) => means.disarm(&purpose(timer)),
                Output::Refresh => due = Some(Due::Refresh),
                Output::Bye => due = Some(Due::Bye),
                Output::Ignored(_) => {}
            }
        }
        due
    }

    /// A request in the dialog that keeps the session alive.
    pub(super) fn refreshing(&mut self, method: &str, means: &Means) -> Option<Message> {
        let usual = if self.interval == 0 {
            means.config.session_expires
        } else {
            self.interval
        };
        // RFC 4028 7.4: whoever refreshes goes on to.
        let refresher = match self.timer.state() {
            State::Off | State::Refreshing | State::Refreshed => Refresher::Uac,
            State::Watching => Refresher::Uas,
        };
        let interval = usual.max(self.min_se.unwrap_or(0));
        let mut request = self.dialog.as_mut()?.request(method);
        request.push("Allow", ALLOW);
        request.push("Supported", SUPPORTED.join(", "));
        request.push("Session-Expires", header(interval, refresher));
        if let Some(min_se) = self.min_se {
            request.push("Min-SE", min_se.to_string());
        }
        request.push("User-Agent", means.config.release.clone());
        Some(request)
    }

    /// Sends a refresh, unless an open request of ours refreshes just as well.
    pub(super) fn refresh(&mut self, means: &mut Means) {
        if self.change.is_some() || self.stage != Stage::Established {
            return;
        }
        if self.allows("UPDATE") {
            if let Some(request) = self.refreshing("UPDATE", means) {
                self.change = Some(means.request(&self.name, Task::Change, request));
            }
        } else {
            self.reinvite(&[], means);
        }
    }

    /// Sends a re-INVITE with these types, or with those of before; false when an offer is open.
    pub(super) fn reinvite(&mut self, types: &[String], means: &mut Means) -> bool {
        let Some(sdp) = self.leg.reoffer(types) else {
            return false;
        };
        if let Some(mut request) = self.refreshing("INVITE", means) {
            request.set_body(SDP, sdp.into_bytes());
            self.change = Some(means.request(&self.name, Task::Change, request));
        }
        true
    }
}

impl Client {
    /// A session timer fired.
    pub(super) fn session_timer(&mut self, name: &str, timer: Timer) {
        self.supervise(name, Input::Fired(timer));
    }

    /// Our refresh was refused.
    pub(super) fn refresh_failed(&mut self, name: &str, code: u16) {
        self.supervise(name, Input::RefreshFailed { code });
    }

    fn supervise(&mut self, name: &str, input: Input) {
        let Some(session) = self.sessions.get_mut(name) else {
            return;
        };
        match session.timer_input(input, &mut self.means) {
            Some(Due::Refresh) => session.refresh(&mut self.means),
            Some(Due::Bye) => self.leave_for(name, "the session was not refreshed"),
            None => {}
        }
    }

    /// The user asks for a refresh.
    pub(super) fn refresh_now(&mut self, name: &str) {
        match self.sessions.get_mut(name) {
            Some(session) if session.stage == Stage::Established => {
                session.refresh(&mut self.means)
            }
            Some(_) | None => self
                .means
                .notice(format!("{name} is no session that goes on")),
        }
    }
}

/// The shortest interval of RFC 4028, in seconds.
const SHORTEST: u32 = 90;
/// The longest interval that is asked for or taken, in seconds: a day.
pub(super) const LONGEST: u32 = 86_400;
