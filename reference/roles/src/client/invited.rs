//! Being invited (6.2.1.1 and 6.2.1.2 of the terminating client): the offer is examined, the user asked, the INVITE answered.

use machines::dialog::{Dialog, State};
use machines::session_timer::{Refresher, header};
use machines::transactions::Key;
use wire::sdp::Description;
use wire::sip::Message;

use super::Client;
use super::agent::Happened;
use super::general::{ACCEPT, Refusal, SUPPORTED, extensions, originator};
use super::means::{Means, Open, Purpose, Task};
use super::replaced::Replaced;
use super::session::{Session, Stage};
use super::upper::Told;
use crate::controlling::admission::{SDP, description, interval};

impl Client {
    /// An INVITE outside of dialogs.
    pub(super) fn invited(&mut self, key: Key, message: Message) {
        if let Err(refusal) = self.admit(key, &message) {
            self.means.refuse(key, &message, &refusal);
        }
    }

    fn admit(&mut self, key: Key, message: &Message) -> Result<(), Refusal> {
        extensions(message)?;
        interval(&self.means.settings(), message)?;
        let offer = offer(message)?;
        let replaces = self.replaces(message)?;
        let others = self.sessions.values().filter(|one| one.busy());
        let busy = match &replaces {
            Some(old) => others.filter(|one| one.name != old.call).count(),
            None => others.count(),
        };
        // 004:6.2.1.1/on-invite/1a and 1b
        let simultaneous = self.means.config.simultaneous_sessions;
        if self.stopping || (busy > 0 && !simultaneous) || self.sessions.len() >= SESSIONS {
            return Err(Refusal::new(486));
        }
        let name = self.name_of_call();
        let means = &mut self.means;
        let tag = means.tag(key);
        let dialog = Dialog::uas(message, &tag, &means.contact(), false);
        let dialog = dialog.map_err(|_| Refusal::new(400))?;
        let mut session = Session::new(&name, Stage::Offered, originator(message), means);
        // 004:6.2.1.2/on-invite/u1 and u1.2
        if offer.is_some_and(|offer| !session.leg.usable(&offer, means)) {
            session.close(means);
            return Err(Refusal::new(488));
        }
        session.learn(message);
        means.happen(|| Happened::Opened {
            call: name.clone(),
            message: Box::new(message.clone()),
        });
        let focus = session.contact.as_ref();
        session.group = focus.is_some_and(|contact| contact.params.has("isfocus"));
        session.dialog = Some(dialog);
        session.key = Some(key);
        session.invite = Some(message.clone());
        means.open.insert(key, incoming(&name));
        self.ring(session);
        Ok(())
    }

    fn ring(&mut self, session: Session) {
        let means = &mut self.means;
        let name = session.name.clone();
        let from = session.peer.as_ref().map(|peer| peer.uri.to_string());
        means.tell(&Told::Incoming {
            call: name.clone(),
            from: from.unwrap_or_default(),
            name: session.peer.as_ref().and_then(|peer| peer.display.clone()),
        });
        let (key, invite) = (session.key, session.invite.clone());
        self.sessions.insert(name.clone(), session);
        if means.config.auto_accept {
            return self.accept(&name);
        }
        if let (Some(key), Some(invite)) = (key, invite) {
            means.answer(key, &invite, 180);
        }
        let patience = means.config.patience;
        means.arm(Purpose::Patience(name), patience);
    }

    /// The user takes the call.
    pub(super) fn accept(&mut self, name: &str) {
        let offered = |one: &&Session| one.stage == Stage::Offered;
        let known = self.sessions.get(name).filter(offered);
        let Some((key, invite)) = known.and_then(|one| Some((one.key?, one.invite.clone()?)))
        else {
            return self.means.notice(format!("{name} is no incoming call"));
        };
        match self.take_up(name, key, &invite) {
            Ok(replaced) => {
                if let Some(old) = replaced {
                    // 004:6.2.1.2/on-user-accepts/1
                    self.leave_for(&old.call, &format!("replaced by {name}"));
                }
            }
            Err(refusal) => {
                self.means.refuse(key, &invite, &refusal);
                self.end(name, &format!("refused with {}", refusal.code));
            }
        }
    }

    fn take_up(
        &mut self,
        name: &str,
        key: Key,
        invite: &Message,
    ) -> Result<Option<Replaced>, Refusal> {
        let replaced = self.replaces(invite)?;
        if let Some(old) = &replaced {
            self.may_replace(old, invite)?;
        }
        let means = &mut self.means;
        let Some(session) = self.sessions.get_mut(name) else {
            return Ok(None);
        };
        let (seconds, refresher, require) = interval(&means.settings(), invite)?;
        let sdp = match offer(invite)? {
            Some(offer) => session
                .leg
                .answer(offer, true, means)
                .map_err(Refusal::new)?,
            // RFC 3261 13.2.1: the ACK will answer.
            None => session.leg.offer(means),
        };
        let mut response = accepting(means, invite, seconds, refresher, require);
        // 004:6.2.1.2/on-user-accepts/3
        response.set_body(SDP, sdp.into_bytes());
        if let Some(dialog) = session.dialog.as_mut() {
            dialog.state = State::Confirmed;
        }
        session.stage = Stage::Accepted;
        session.invite = None;
        means.disarm(&Purpose::Patience(name.to_owned()));
        // 004:6.2.1.2/on-user-accepts/4
        means.respond(key, response);
        session.start_timer(seconds, refresher == Refresher::Uas, means);
        Ok(replaced)
    }

    /// The user turns the call down.
    // 004:6.2.1.2/on-user-rejects/1, 004:6.2.1.1/on-invite/1
    pub(super) fn reject(&mut self, name: &str, code: Option<u16>) {
        let offered = |one: &&Session| one.stage == Stage::Offered;
        let known = self.sessions.get(name).filter(offered);
        let Some((key, invite)) = known.and_then(|one| Some((one.key?, one.invite.clone()?)))
        else {
            return self.means.notice(format!("{name} is no incoming call"));
        };
        let code = code.filter(|code| (400..700).contains(code)).unwrap_or(486);
        self.means.answer(key, &invite, code);
        self.end(name, "rejected");
    }

    /// The caller has given up.
    pub(super) fn cancelled(&mut self, key: Key) {
        let Some(name) = self.means.open.get(&key).map(|open| open.name.clone()) else {
            return;
        };
        let invite = self.sessions.get(&name).and_then(|one| one.invite.clone());
        if let Some(invite) = invite {
            self.means.answer(key, &invite, 487);
            self.end(&name, "the caller has given up");
        }
    }

    /// An ACK to a 200 of ours.
    pub(super) fn acknowledged(&mut self, key: Key, ack: &Message) {
        let Some(name) = self.means.open.get(&key).map(|open| open.name.clone()) else {
            return;
        };
        let means = &mut self.means;
        let Some(session) = self.sessions.get_mut(&name) else {
            means.open.remove(&key);
            return;
        };
        if session.key != Some(key) {
            means.open.remove(&key);
        }
        let agreed = session.leg.answered(description(ack), means);
        let first = session.stage == Stage::Accepted;
        if first {
            session.stage = Stage::Established;
        }
        match (agreed, session.leave.take()) {
            (Err(why), _) => self.leave_for(&name, why),
            (Ok(()), Some(anonymous)) => self.leave(&name, anonymous),
            (Ok(()), None) if first => self.entered(&name),
            (Ok(()), None) => {}
        }
    }

    fn name_of_call(&mut self) -> String {
        loop {
            self.calls += 1;
            let name = format!("in{}", self.calls);
            if !self.sessions.contains_key(&name) {
                return name;
            }
        }
    }
}

pub(super) fn incoming(name: &str) -> Open {
    Open {
        name: name.to_owned(),
        task: Task::Incoming,
        request: Message::request("INVITE", ""),
        tries: 0,
    }
}

/// A 200 to an INVITE or UPDATE, without its body.
// 7.1.2.2/on-reinvite/3, 4 and 5
pub(super) fn accepting(
    means: &Means,
    request: &Message,
    seconds: u32,
    refresher: Refresher,
    require: bool,
) -> Message {
    let mut response = means.response(request, 200);
    response.push("Supported", SUPPORTED.join(", "));
    if require {
        // RFC 4028 9
        response.push("Require", "timer");
    }
    response.push("Session-Expires", header(seconds, refresher));
    response
}

/// The offer of a request, if it has a body.
pub(super) fn offer(request: &Message) -> Result<Option<Description>, Refusal> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let kind = request.header("Content-Type").unwrap_or_default();
    let encoded = request.header("Content-Encoding");
    let plain = encoded.is_none_or(|coding| coding.eq_ignore_ascii_case("identity"));
    if !plain || wire::mime::find(kind, &request.body, SDP).is_none() {
        return Err(Refusal::new(415).with("Accept", ACCEPT));
    }
    description(request)
        .map(Some)
        .ok_or_else(|| Refusal::new(488))
}

/// How many sessions there are at most.
pub(super) const SESSIONS: usize = 64;
