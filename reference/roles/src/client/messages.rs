//! Messages inside of sessions: CPIM envelopes out and in.

use machines::msrp_receiver::Incoming;
use machines::port::LinkId;
use wire::cpim::Cpim;
use wire::msrp::Frame;

use super::Client;
use super::agent::Happened;
use super::leg::CPIM;
use super::session::{Session, Stage};
use super::upper::Told;
use crate::messaging::frames::session_of;
use crate::messaging::leg::matches_any;

impl Client {
    /// The user says something.
    pub(super) fn send(&mut self, name: &str, text: &str, to: Option<&str>) {
        let means = &mut self.means;
        let in_session =
            |one: &&mut Session| matches!(one.stage, Stage::Accepted | Stage::Established);
        let Some(session) = self.sessions.get_mut(name).filter(in_session) else {
            return means.notice(format!("{name} is no session that goes on"));
        };
        // RFC 7701 8: no session of ours agrees on a room, and without one everybody would hear it.
        if to.is_some() && session.group {
            return means.notice(format!("{name} has no messages to one participant alone"));
        }
        let types = &session.leg.terms.accept_types;
        let (kind, body) = if types.is_empty() || matches_any(types, CPIM) {
            let user = if session.anonymous {
                "Anonymous <sip:anonymous@anonymous.invalid>".to_owned()
            } else {
                format!("<{}>", means.config.address)
            };
            let peer = session.peer.as_ref().map(|peer| peer.uri.to_string());
            let identity = session.identity().filter(|_| session.group);
            let to = to.map(str::to_owned).or(identity).or(peer);
            (CPIM, envelope(&user, &to.unwrap_or_default(), text))
        } else if matches_any(types, "text/plain") && to.is_none() {
            ("text/plain", text.as_bytes().to_vec())
        } else {
            return means.notice(format!("the other side of {name} takes no such message"));
        };
        if let Err(why) = session.leg.send(kind, body, text, means) {
            means.notice(format!("{name} {why}"));
        }
    }

    /// An MSRP frame.
    pub(super) fn frame(&mut self, link: LinkId, frame: Frame) {
        let means = &mut self.means;
        let own = frame
            .to_path
            .last()
            .map(|uri| session_of(uri))
            .unwrap_or_default();
        let name = means.links.paths.get(own).cloned();
        let session = name.as_ref().and_then(|name| self.sessions.get_mut(name));
        let Some(session) = session else {
            return self.refuse_frame(link, &frame, 481);
        };
        if !session.leg.accepts(link) {
            return self.refuse_frame(link, &frame, 506);
        }
        // A connection of ours has spoken first already.
        if !session.leg.is_on(link) {
            session.leg.bound(link, means);
        }
        let whole = session.leg.frame(frame, means);
        let (name, peer) = (session.name.clone(), session.peer.clone());
        let peer = peer.map(|peer| peer.uri.to_string()).unwrap_or_default();
        for message in whole {
            self.heard(&name, &peer, message);
        }
    }

    fn heard(&mut self, name: &str, peer: &str, message: Incoming) {
        // RFC 4975 5.4: whoever connects says so by an empty message.
        if message.content_type.is_empty() && message.body.is_empty() {
            return;
        }
        self.means.happen(|| Happened::Heard {
            call: name.to_owned(),
            peer: peer.to_owned(),
            message: message.clone(),
        });
        let call = Some(name.to_owned());
        let (kind, from, body) = if matches_any(&[CPIM.to_owned()], &message.content_type) {
            let Ok(cpim) = Cpim::parse_lenient(&message.body) else {
                let text = format!("{name}: a message cannot be read");
                return self.means.notice(text);
            };
            let kind = cpim.content_header("Content-Type").unwrap_or("text/plain");
            let from = cpim.header("From").map(|from| address(&from));
            (
                kind.to_owned(),
                from.unwrap_or_else(|| peer.to_owned()),
                cpim.content,
            )
        } else {
            (message.content_type, peer.to_owned(), message.body)
        };
        if !matches_any(&["text/*".to_owned()], &kind) {
            let text = format!("{name}: {from} sent something of type {kind}");
            return self.means.notice(text);
        }
        let text = String::from_utf8_lossy(&body).into_owned();
        self.means.tell(&Told::Text { call, from, text });
    }

    fn refuse_frame(&mut self, link: LinkId, frame: &Frame, code: u16) {
        let request = frame.method().is_some_and(|method| method != "REPORT");
        if !request || !machines::msrp_receiver::answers(frame, code) {
            return self.means.ignore("a frame of no session");
        }
        let bytes = machines::msrp_receiver::respond(frame, code).to_bytes();
        self.means
            .out
            .push(machines::port::Output::Msrp { link, bytes });
    }

    /// A connection of ours is there.
    pub(super) fn link_up(&mut self, link: LinkId) {
        for name in self.users_of(link) {
            if let Some(session) = self.sessions.get_mut(&name) {
                session.leg.bound(link, &mut self.means);
            }
        }
    }

    /// A connection is gone.
    pub(super) fn link_down(&mut self, link: LinkId) {
        for name in self.users_of(link) {
            if let Some(session) = self.sessions.get_mut(&name) {
                session.leg.lost(link, &mut self.means);
            }
        }
        self.means.links.calls.remove(&link);
    }

    /// A connection takes no more, or takes more again.
    pub(super) fn link_full(&mut self, link: LinkId, full: bool) {
        for name in self.users_of(link) {
            if let Some(session) = self.sessions.get_mut(&name) {
                session.leg.full(full, &mut self.means);
            }
        }
    }

    fn users_of(&self, link: LinkId) -> Vec<String> {
        let calls = self.means.links.calls.get(&link);
        calls
            .map(|calls| calls.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// Nobody has mended the connection.
    pub(super) fn lost(&mut self, name: &str) {
        let stage = self.sessions.get(name).map(|session| session.stage);
        if !matches!(stage, Some(Stage::Accepted | Stage::Established)) {
            return;
        }
        self.means
            .notice(format!("{name}: the MSRP connection is gone"));
        self.leave_for(name, "the MSRP connection is gone");
    }
}

// RFC 3862: From and To in angle brackets, then the text.
fn envelope(from: &str, to: &str, text: &str) -> Vec<u8> {
    let header = |name: &str, value: String| (name.to_owned(), value);
    let cpim = Cpim {
        headers: vec![
            header("From", from.to_owned()),
            header("To", format!("<{to}>")),
        ],
        content_headers: vec![header("Content-Type", "text/plain;charset=utf-8".into())],
        content: text.as_bytes().to_vec(),
    };
    cpim.to_bytes()
}

fn address(value: &str) -> String {
    let inside = value
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or(value, |(uri, _)| uri).trim().to_owned()
}
