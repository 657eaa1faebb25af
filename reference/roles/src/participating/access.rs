//! Who may reach a served user: the user access policy, and what the user's service settings say of the moment.

use machines::port::Flow;
use wire::sip::{Message, Uri};

use super::setup::originator;
use super::{Bar, Mode, Participating, Side};
use crate::controlling::general::Refusal;
use crate::groups::{name, name_of};

impl Participating {
    /// Whether a first INVITE or a MESSAGE may reach whom this side serves.
    pub(super) fn may_reach(&self, flow: Flow, request: &Message) -> Result<(), Refusal> {
        let method = request.method().unwrap_or_default();
        if self.config.side != Side::Terminating || !matches!(method, "INVITE" | "MESSAGE") {
            return Ok(());
        }
        let user = self.served(flow, request);
        let who = originator(request, self.is_trusted(flow)).map(|who| name(&who.uri));
        let barred = |bar: &Bar| {
            let allowed = match method {
                "INVITE" => bar.allow_session,
                _ => bar.allow_pager_mode_message,
            };
            let mine = bar
                .user
                .as_deref()
                .is_none_or(|one| name_of(one).as_ref() == Some(&user));
            !allowed && mine && name_of(&bar.from) == who
        };
        if self.config.barred.iter().any(barred) {
            return Err(Refusal::new(403));
        }
        if method != "INVITE" {
            return Ok(());
        }
        let settings = self.published.of(&user);
        let away =
            settings.incoming_session_barring == Some(true) || settings.visible == Some(false);
        if away {
            return Err(Refusal::new(480));
        }
        if settings.simultaneous_sessions == Some(false) && self.is_in_session(&user) {
            return Err(Refusal::new(486));
        }
        Ok(())
    }

    fn is_in_session(&self, user: &str) -> bool {
        let mut calls = self.calls.values();
        calls.any(|call| call.served == user) || self.sessions.values().any(|one| one == user)
    }

    /// Remembers, as a proxy, the sessions that have passed; a B2BUA has its calls.
    pub(super) fn note_session(&mut self, flow: Flow, request: &Message) {
        let call_id = request.call_id().unwrap_or_default();
        match request.method() {
            Some("BYE") => {
                self.sessions.remove(call_id);
            }
            Some("INVITE") if self.config.mode == Mode::Proxy && self.sessions.len() < SESSIONS => {
                let served = self.served(flow, request);
                self.sessions.entry(call_id.to_owned()).or_insert(served);
            }
            _ => {}
        }
    }

    /// Name of the user whom this side serves.
    pub(super) fn served(&self, flow: Flow, request: &Message) -> String {
        let user = match self.config.side {
            Side::Terminating => request.uri().and_then(|uri| Uri::parse(uri).ok()),
            Side::Originating => originator(request, self.is_trusted(flow)).map(|who| who.uri),
        };
        user.map(|uri| name(&uri)).unwrap_or_default()
    }
}

/// The most sessions that a proxy remembers.
const SESSIONS: usize = 100_000;
