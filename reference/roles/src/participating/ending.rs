//! A call of the B2BUA ends by neither end's wish: nobody refreshes or confirms it, a connection is gone, the function stops.

use std::time::Duration;

use machines::session_timer::{self, Input, Refresher, Settings};
use machines::transactions::Key;
use wire::sip::Message;

use super::call::End;
use super::{Participating, Purpose};
use crate::controlling::general::Refusal;
use crate::stack::hop;

impl Participating {
    pub(super) fn fired(&mut self, purpose: Purpose) {
        match purpose {
            Purpose::Session(id, timer) => self.timer_input(id, Input::Fired(timer)),
            Purpose::Registered(user) => self.unregistered(&user),
            Purpose::Deferred(user) => self.deferred_fired(user),
            Purpose::Settings(user, tag) => self.outdated(&user, &tag),
            Purpose::Ringing(key) => {
                self.stack.cancel(key);
                self.failed(key, 408);
            }
            Purpose::Lost(id) => {
                if !self.relay.is_whole(id) {
                    self.end_call(id);
                }
            }
        }
    }

    /// A 2xx to an INVITE or UPDATE of that end sets the session's time anew (RFC 4028 10).
    pub(super) fn supervise(&mut self, id: u64, _from: End, response: &Message) {
        let method = response.cseq().map(|cseq| cseq.method).unwrap_or_default();
        if !matches!(method.as_str(), "INVITE" | "UPDATE") {
            return;
        }
        let settings = Settings {
            session_expires: 0,
            min_se: 90,
            prefer: Refresher::Uac,
        };
        let agreed = response
            .header("Session-Expires")
            .and_then(|_| session_timer::accepted(response, &settings));
        self.timer_input(
            id,
            match agreed {
                // The ends refresh; we look whether they do.
                Some((interval, _)) => Input::Agreed {
                    interval,
                    ours: false,
                },
                None => Input::Stop,
            },
        );
    }

    fn timer_input(&mut self, id: u64, input: Input) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let mut said = Vec::new();
        call.timer.handle(input, &mut said);
        for output in said {
            match output {
                session_timer::Output::Arm { timer, after } => {
                    self.stack.arm(Purpose::Session(id, timer), after);
                }
                session_timer::Output::Disarm(timer) => {
                    self.stack.disarm(&Purpose::Session(id, timer));
                }
                session_timer::Output::Bye => self.end_call(id),
                session_timer::Output::Refresh | session_timer::Output::Ignored(_) => {}
            }
        }
    }

    /// Our 2xx was never confirmed; the other leg's is, before it is ended.
    pub(super) fn unacknowledged(&mut self, key: Key) {
        let Some(other) = self.passed.get(&key).copied() else {
            return;
        };
        if let Some(passing) = self.passing.get(&other).cloned() {
            self.confirm(other, &passing, |_| {});
            self.forget(other, &passing);
            self.end_call(passing.call);
        }
    }

    /// Ends both dialogs.
    pub(super) fn end_call(&mut self, id: u64) {
        let core = self.core();
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let mut byes = Vec::new();
        for end in End::BOTH {
            let leg = call.leg_mut(end);
            if let Some(dialog) = leg.dialog.as_mut() {
                let flow = hop(&dialog.next_hop(), leg.flow.transport, core);
                byes.push((dialog.request("BYE"), flow));
            }
        }
        for (bye, flow) in byes {
            let bye = bye.with("User-Agent", self.config.release.clone());
            let key = self.stack.request(bye, flow);
            self.own.insert(key);
        }
        self.drop_call(id);
    }

    /// Frees all that a call has.
    pub(super) fn drop_call(&mut self, id: u64) {
        self.timer_input(id, Input::Stop);
        let Some(call) = self.calls.remove(&id) else {
            return;
        };
        for end in End::BOTH {
            if let Some(dialog) = &call.leg(end).dialog {
                self.dialogs.remove(&dialog.id);
            }
        }
        self.stack.disarm(&Purpose::Lost(id));
        self.relay.dismiss(id, &mut self.stack.out);
    }

    pub(super) fn look_after_links(&mut self) {
        for id in self.relay.take_lost() {
            if self.calls.contains_key(&id) {
                self.stack.arm(Purpose::Lost(id), GRACE);
            }
        }
    }

    pub(super) fn stop(&mut self) {
        self.stopping = true;
        for id in self.calls.keys().copied().collect::<Vec<_>>() {
            self.end_call(id);
        }
        let open: Vec<Key> = self.passing.keys().copied().collect();
        for key in open {
            self.stack.cancel(key);
            self.failed(key, 503);
        }
        for (key, request) in self.waiting.withdraw_all() {
            self.refuse(key, &request, Refusal::new(503));
        }
    }
}

/// How long a call lives without one of its connections (RFC 4975 5.4).
const GRACE: Duration = Duration::from_secs(10);
