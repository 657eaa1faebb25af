//! Changes of a session that goes on: the other end's re-INVITE and UPDATE (7.1.2.2), and the user's own.

use machines::dialog;
use machines::session_timer::{Refresher, accepted, min_se};
use machines::transactions::Key;
use wire::sip::Message;

use super::Client;
use super::general::{Refusal, explain, extensions};
use super::invited::{accepting, incoming, offer};
use super::means::{Open, Purpose};
use super::session::Stage;
use super::upper::Told;
use crate::controlling::admission::{SDP, description, interval};
use crate::controlling::server_modification::turn;

impl Client {
    /// A re-INVITE or UPDATE of the other end.
    pub(super) fn changed(&mut self, name: &str, key: Key, request: &Message) {
        match self.take_change(name, key, request) {
            Ok(true) => {
                let call = name.to_owned();
                self.means.tell(&Told::Modified { call });
            }
            Ok(false) => {}
            // 7.1.2.2/on-reinvite/1b
            Err(refusal) => self.means.refuse(key, request, &refusal),
        }
    }

    fn take_change(&mut self, name: &str, key: Key, request: &Message) -> Result<bool, Refusal> {
        extensions(request)?;
        let means = &mut self.means;
        let invite = request.method() == Some("INVITE");
        let (seconds, refresher, require) = interval(&means.settings(), request)?;
        let offer = offer(request)?;
        let Some(session) = self.sessions.get_mut(name) else {
            return Err(Refusal::new(481));
        };
        let offers = invite || offer.is_some();
        // RFC 3261 14.2, RFC 3311 5.2
        if offers && !matches!(session.stage, Stage::Established | Stage::Accepted) {
            return Err(Refusal::new(500).with("Retry-After", "5"));
        }
        if offers && (session.leg.is_open() || session.change.is_some()) {
            return Err(Refusal::new(491));
        }
        let changes = offer.is_some();
        // 7.1.2.2/on-reinvite/6
        let sdp = match offer {
            Some(offer) => Some(
                session
                    .leg
                    .answer(offer, false, means)
                    .map_err(Refusal::new)?,
            ),
            None if invite => Some(session.leg.reoffer(&[]).ok_or_else(|| Refusal::new(491))?),
            None => None,
        };
        session.learn(request);
        if let Some(dialog) = session.dialog.as_mut() {
            dialog.handle(dialog::Input::Granted(request), &mut Vec::new());
        }
        if invite {
            means.open.insert(key, incoming(name));
        }
        let mut response = accepting(means, request, seconds, refresher, require);
        response.remove("Record-Route");
        if let Some(sdp) = sdp {
            response.set_body(SDP, sdp.into_bytes());
        }
        // 7.1.2.2/on-reinvite/7
        means.respond(key, response);
        // 7.1.2.2/on-reinvite/4.2
        session.start_timer(seconds, refresher == Refresher::Uas, means);
        Ok(changes)
    }

    /// The user wants other types.
    pub(super) fn modify(&mut self, name: &str, types: &[String]) {
        let means = &mut self.means;
        let Some(session) = self.sessions.get_mut(name) else {
            return means.notice(format!("there is no call {name}"));
        };
        let ready = session.stage == Stage::Established && session.change.is_none();
        if ready && session.reinvite(types, means) {
            session.wanted = Some(types.to_vec());
        } else {
            means.notice(format!("{name} cannot be changed now"));
        }
    }

    /// The answer to our re-INVITE or UPDATE.
    pub(super) fn change_answered(&mut self, key: Key, open: &Open, response: &Message) {
        let code = response.code().unwrap_or(500);
        if code < 200 {
            return;
        }
        self.means.open.remove(&key);
        let name = open.name.as_str();
        let Some(session) = self.sessions.get_mut(name) else {
            return;
        };
        session.change.take_if(|change| *change == key);
        match code {
            200..=299 => self.change_granted(name, key, response),
            // RFC 3261 12.2.1.2
            408 | 481 => {
                session.leg.rejected();
                self.leave_for(name, "the session is gone at the other end");
            }
            422 if session.min_se.is_none() => {
                session.leg.rejected();
                let least = min_se(response).unwrap_or(0);
                session.min_se = Some(least.min(super::refresh::LONGEST));
                self.change_again(name);
            }
            491 if session.met < MEETINGS => {
                session.met += 1;
                session.leg.rejected();
                let wait = turn(&mut self.means.ids, session.ours);
                self.means.arm(Purpose::Again(name.to_owned()), wait);
            }
            _ => {
                session.leg.rejected();
                if session.wanted.take().is_some() {
                    let text = explain(response);
                    let notice = format!("{name} was not changed: {code} {text}");
                    self.means.notice(notice);
                }
                self.refresh_failed(name, code);
            }
        }
    }

    fn change_granted(&mut self, name: &str, key: Key, response: &Message) {
        let means = &mut self.means;
        let Some(session) = self.sessions.get_mut(name) else {
            return;
        };
        let Some(dialog) = session.dialog.as_mut() else {
            return;
        };
        dialog.handle(dialog::Input::Response(response), &mut Vec::new());
        let invite = response.cseq().filter(|cseq| cseq.method == "INVITE");
        if let Some(cseq) = &invite {
            let ack = dialog.ack(cseq.number);
            means.acknowledge(key, ack);
        }
        session.learn(response);
        (session.min_se, session.met) = (None, 0);
        if let Some((interval, refresher)) = accepted(response, &means.settings()) {
            session.start_timer(interval, refresher == Refresher::Uac, means);
        }
        let agreed = match invite {
            Some(_) => session.leg.answered(description(response), means),
            None => Ok(()),
        };
        match agreed {
            Ok(()) if session.wanted.take_if(|_| invite.is_some()).is_some() => {
                let call = name.to_owned();
                means.tell(&Told::Modified { call });
            }
            Ok(()) => {}
            Err(why) => {
                means.notice(format!("{name}: {why}"));
                self.leave_for(name, why);
            }
        }
    }

    /// A change is tried once more.
    pub(super) fn change_again(&mut self, name: &str) {
        let Some(session) = self.sessions.get_mut(name) else {
            return;
        };
        if session.stage != Stage::Established || session.change.is_some() {
            return;
        }
        match session.wanted.clone() {
            Some(types) => {
                session.reinvite(&types, &mut self.means);
            }
            None => session.refresh(&mut self.means),
        }
    }
}

/// How often in a row the other end may change something at the same time.
const MEETINGS: u8 = 5;
