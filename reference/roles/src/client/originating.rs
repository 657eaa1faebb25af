//! What calling has in common for users and groups: the INVITE, and what its responses mean (7.1.1.1).

use machines::dialog::Dialog;
use machines::session_timer::{Refresher, accepted, header, min_se};
use machines::transactions::Key;
use wire::sip::{Message, NameAddr};

use super::Client;
use super::agent::Happened;
use super::general::explain;
use super::means::{Means, Open, Purpose, Task};
use super::session::{Session, Stage};
use super::upper::Told;
use crate::controlling::admission::description;

/// An address as the user spells it, without header parameters.
pub(super) fn address(text: &str) -> Option<NameAddr> {
    let parsed = NameAddr::parse(text).ok()?;
    let sound = !parsed.uri.host.is_empty() && parsed.uri.scheme != "*";
    sound.then(|| NameAddr {
        display: parsed.display,
        ..NameAddr::of(parsed.uri)
    })
}

impl Client {
    /// Sends the INVITE of a session; `body` puts the offer into it.
    pub(super) fn call(
        &mut self,
        mut session: Session,
        uri: &str,
        anonymous: bool,
        body: impl FnOnce(&mut Message, String, &mut Means),
    ) {
        let means = &mut self.means;
        let mut request = means.invitation(uri, anonymous);
        let sdp = session.leg.offer(means);
        body(&mut request, sdp, means);
        session.anonymous = anonymous;
        session.key = Some(means.request(&session.name, Task::Invite, request));
        means.arm(
            Purpose::Patience(session.name.clone()),
            means.config.patience,
        );
        self.sessions.insert(session.name.clone(), session);
    }

    /// A response to an INVITE that sets up a session.
    pub(super) fn call_answered(&mut self, key: Key, open: Open, response: &Message) {
        let code = response.code().unwrap_or(500);
        let name = open.name.clone();
        let Some(session) = self.sessions.get_mut(&name) else {
            self.means.open.remove(&key);
            return;
        };
        let waiting = matches!(session.stage, Stage::Calling | Stage::Withdrawn);
        if !waiting {
            if (200..300).contains(&code) {
                forked(key, &open, response, &mut self.means);
            }
            return;
        }
        session.learn(response);
        if (200..300).contains(&code) {
            // 13.1.1.1/on-200/3
            self.means.happen(|| Happened::Opened {
                call: name.clone(),
                message: Box::new(response.clone()),
            });
        }
        match code {
            ..=199 => self.call_proceeds(&name, code),
            200..=299 => self.call_accepted(&name, key, &open, response),
            422 if session.min_se.is_none() && session.stage == Stage::Calling => {
                self.call_longer(&name, key, open, response);
            }
            _ => {
                let withdrawn = session.stage == Stage::Withdrawn;
                let text = explain(response);
                if withdrawn {
                    self.end(&name, "the call was given up");
                } else {
                    self.drop_session(&name);
                    let call = name;
                    self.means.tell(&Told::Refused { call, code, text });
                }
            }
        }
    }

    fn call_proceeds(&mut self, name: &str, code: u16) {
        let Some(session) = self.sessions.get_mut(name) else {
            return;
        };
        if code == 180 && !session.rang && session.stage == Stage::Calling {
            session.rang = true;
            let call = name.to_owned();
            self.means.tell(&Told::Ringing { call });
        }
    }

    // RFC 4028 7.3: once more, with what the server takes.
    fn call_longer(&mut self, name: &str, key: Key, mut open: Open, response: &Message) {
        let means = &mut self.means;
        means.open.remove(&key);
        let Some(session) = self.sessions.get_mut(name) else {
            return;
        };
        let least = min_se(response).unwrap_or(0);
        let least = least.clamp(means.config.session_expires, super::refresh::LONGEST);
        session.min_se = Some(least);
        again(&mut open.request);
        let interval = header(least, Refresher::Uac);
        open.request.set("Session-Expires", interval);
        open.request.set("Min-SE", least.to_string());
        session.key = Some(means.request_again(open));
    }

    fn call_accepted(&mut self, name: &str, key: Key, open: &Open, response: &Message) {
        let means = &mut self.means;
        let Some(session) = self.sessions.get_mut(name) else {
            return;
        };
        let (dialog, sound) = dialog(open, response, &means.contact());
        let Some(dialog) = dialog else {
            means.notice(format!("{name}: the server's 200 makes no dialog"));
            return self.end(name, "the server's answer cannot be used");
        };
        means.acknowledge(key, ack(&dialog, open));
        session.dialog = Some(dialog);
        means.disarm(&Purpose::Patience(name.to_owned()));
        let withdrawn = session.stage == Stage::Withdrawn;
        session.stage = Stage::Established;
        let agreed = session.leg.answered(description(response), means);
        let contact = session.contact.as_ref();
        let focus = contact.is_some_and(|contact| contact.params.has("isfocus"));
        if withdrawn {
            return self.leave_for(name, "the call was given up");
        }
        if !sound {
            means.notice(format!("{name}: the server's Contact cannot be read"));
            return self.leave_for(name, "the server names no session");
        }
        // RFC 4579 5.2: what is no focus has no conference.
        let conference = match session.group && !focus {
            true => Err("the server's Contact does not say that it is the focus of a group"),
            false => Ok(()),
        };
        if let Err(why) = agreed.and(conference) {
            means.notice(format!("{name}: {why}"));
            return self.leave_for(name, why);
        }
        // 003:7.1.1.1/on-200/1
        if let Some((interval, refresher)) = accepted(response, &means.settings()) {
            session.start_timer(interval, refresher == Refresher::Uac, means);
        }
        self.entered(name);
    }

    /// A session is there: the user hears of it, and a group is followed.
    pub(super) fn entered(&mut self, name: &str) {
        let Some(session) = self.sessions.get(name) else {
            return;
        };
        let (call, group) = (name.to_owned(), session.group);
        let session = session.identity().unwrap_or_default();
        self.means.tell(&Told::Established {
            call,
            session,
            group,
        });
        // 003:7.1.1.1/on-200/2, 6.2.1.3/on-200/u1, 6.2.1.4/on-200/u1, 004:6.2.1.2/general/u1
        if group && self.means.config.auto_subscribe {
            self.subscribe(name);
        }
    }
}

/// The dialog of a 2xx; without a Contact that can be read, one by which the session can be left.
fn dialog(open: &Open, response: &Message, contact: &str) -> (Option<Dialog>, bool) {
    if let Ok(dialog) = Dialog::uac(&open.request, response, contact) {
        return (Some(dialog), true);
    }
    let mut mended = response.clone();
    let uri = open.request.uri().unwrap_or_default();
    mended.set("Contact", format!("<{uri}>"));
    (Dialog::uac(&open.request, &mended, contact).ok(), false)
}

// RFC 3261 22.3: the credentials of the INVITE hold for its ACK.
fn ack(dialog: &Dialog, open: &Open) -> Message {
    let number = open.request.cseq().map_or(1, |cseq| cseq.number);
    let mut ack = dialog.ack(number);
    for name in ["Authorization", "Proxy-Authorization"] {
        if let Some(value) = open.request.header(name) {
            ack.push(name, value);
        }
    }
    ack
}

// RFC 3261 13.2.2.4: another 2xx makes another dialog, which nobody wants.
fn forked(key: Key, open: &Open, response: &Message, means: &mut Means) {
    let (Some(mut dialog), _) = dialog(open, response, &means.contact()) else {
        return;
    };
    means.acknowledge(key, ack(&dialog, open));
    if means.open.len() >= OPEN {
        return means.ignore("another 200 of too many");
    }
    let bye = dialog.request("BYE");
    let bye = bye.with("User-Agent", means.config.release.clone());
    means.request("", Task::Bye, bye);
}

/// The same request as a new one: the number rises (RFC 3261 8.1.3.5).
pub(super) fn again(request: &mut Message) {
    if let Some(cseq) = request.cseq() {
        request.set("CSeq", format!("{} {}", cseq.number + 1, cseq.method));
    }
}

/// Open requests above which the further branches of a call are acknowledged only.
const OPEN: usize = 256;
