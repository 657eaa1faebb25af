//! Frames at the switch: which leg they are for, who gets them, how they are answered (RFC 4975 7).

use machines::port::{LinkId, Output};
use wire::msrp::{Frame, Kind};

use super::frames::{answer, report, session_of};
use super::leg::{LegId, Lie, matches_any};
use super::switch::Switch;
use crate::identifiers::Identifiers;

impl Switch {
    /// Takes one frame of a link.
    pub(crate) fn frame(
        &mut self,
        link: LinkId,
        frame: Frame,
        ids: &mut Identifiers,
        out: &mut Vec<Output>,
    ) {
        let method = match &frame.kind {
            Kind::Request(method) => method.as_str(),
            Kind::Response(code, _) => {
                let code = *code;
                self.response(link, code, &frame, out);
                return;
            }
        };
        // RFC 4975 7.1.2: nothing answers a REPORT, and the switch asks for none.
        if method == "REPORT" {
            out.push(Output::Ignored(
                "REPORT for a message that asked for none".into(),
            ));
            return;
        }
        let known = matches!(method, "SEND");
        let Some(leg) = self.bind(link, &frame, out) else {
            return;
        };
        if !known {
            // RFC 4975 12: an unknown method is answered 501.
            answer(link, &frame, 501, out);
            return;
        }
        self.send(link, leg, frame, ids, out);
    }

    // RFC 4975 7.3: the To-Path names a session of this very connection, else 481 or 506.
    fn bind(&mut self, link: LinkId, frame: &Frame, out: &mut Vec<Output>) -> Option<LegId> {
        let leg = match frame.to_path.as_slice() {
            [only] => self.sessions.get(session_of(only)).copied(),
            _ => None,
        };
        let Some(id) = leg else {
            answer(link, frame, 481, out);
            return None;
        };
        let leg = self.legs.get_mut(&id)?;
        match leg.link {
            Some(bound) if bound == link => return Some(id),
            // What was sent before the peer moved; its first frame by the new path moves the leg.
            _ if leg.former == Some(link) && leg.terms.path.last() != frame.from_path.last() => {
                return Some(id);
            }
            Some(_) => {
                answer(link, frame, 506, out);
                return None;
            }
            None => {}
        }
        if leg.terms.path.is_empty() {
            leg.terms.path = frame.from_path.clone();
        } else if leg.terms.path.last() != frame.from_path.last() {
            answer(link, frame, 481, out);
            return None;
        }
        leg.link = Some(link);
        let former = leg.former.take().filter(|former| *former != link);
        self.found(id);
        let known = self.links.entry(link).or_default();
        known.up = true;
        known.legs.insert(id);
        if let Some(former) = former {
            self.unbind(id, former, out);
        }
        self.flush(id, out);
        Some(id)
    }

    fn send(
        &mut self,
        link: LinkId,
        from: LegId,
        frame: Frame,
        ids: &mut Identifiers,
        out: &mut Vec<Output>,
    ) {
        // RFC 4975 7.1: a SEND without a body only keeps or opens the connection.
        if frame.body.is_none() {
            answer(link, &frame, 200, out);
            return;
        }
        let (Some(message), Some(content_type)) =
            (owned(&frame, "Message-ID"), owned(&frame, "Content-Type"))
        else {
            answer(link, &frame, 400, out);
            return;
        };
        let Some(leg) = self.legs.get(&from) else {
            return;
        };
        // RFC 4975 8.9: who said that it only receives, or is inactive, sends nothing.
        if !leg.may_send() {
            answer(link, &frame, 403, out);
            return;
        }
        // RFC 4975 8.6: only what our description lists, and never what policy forbids.
        if !matches_any(&self.accept_types, &content_type) || !leg.expects(&content_type) {
            answer(link, &frame, 415, out);
            return;
        }
        let room = leg.room;
        let recipients = self.recipients(room, from, &message, &frame, &content_type);
        let Some(leg) = self.legs.get_mut(&from) else {
            return;
        };
        let whole = match leg.count(&message, &frame, &recipients) {
            Ok(whole) => whole,
            Err(lie) => {
                answer(link, &frame, if lie == Lie::Range { 400 } else { 413 }, out);
                return;
            }
        };
        answer(link, &frame, 200, out);
        if let Some(total) = whole {
            report(link, &frame, &message, total, ids, out);
        }
        self.forward(room, recipients, frame, ids, out);
    }

    // RFC 7701 6.1: a chunk goes to those who got the first; types the peer did not list are never sent.
    fn recipients(
        &self,
        room: u64,
        from: LegId,
        message: &str,
        frame: &Frame,
        content_type: &str,
    ) -> Vec<LegId> {
        if let Some(underway) = self
            .legs
            .get(&from)
            .and_then(|leg| leg.underway.get(message))
        {
            return underway.recipients.clone();
        }
        if frame.byte_range().is_some_and(|range| range.start > 1) {
            return Vec::new();
        }
        let Some(room) = self.rooms.get(&room) else {
            return Vec::new();
        };
        let others = room.iter().filter(|leg| **leg != from);
        others
            .filter(|leg| {
                self.legs
                    .get(leg)
                    .is_some_and(|leg| leg.takes(content_type))
            })
            .copied()
            .collect()
    }

    fn forward(
        &mut self,
        room: u64,
        to: Vec<LegId>,
        mut frame: Frame,
        ids: &mut Identifiers,
        out: &mut Vec<Output>,
    ) {
        // The switch itself answers for success (RFC 4975 7.1.3), so nobody behind it is asked to.
        frame
            .headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case("Success-Report"));
        let mut congested = false;
        for id in to {
            let Some(leg) = self.legs.get_mut(&id) else {
                continue;
            };
            frame.transaction = ids.msrp_transaction();
            frame.to_path = leg.terms.path.clone();
            frame.from_path = vec![leg.own.clone()];
            let bound = leg
                .link
                .filter(|link| self.links.get(link).is_some_and(|link| link.up));
            match bound {
                Some(link) if !frame.to_path.is_empty() => out.push(Output::Msrp {
                    link,
                    bytes: frame.to_bytes(),
                }),
                _ if frame.to_path.is_empty() => {
                    out.push(Output::Ignored(
                        "a message for a participant that has not answered".into(),
                    ));
                }
                _ => {
                    if !leg.keep(frame.to_bytes()) {
                        out.push(Output::Ignored(
                            "a message for a participant that never connects".into(),
                        ));
                    }
                    congested |= leg.congested();
                }
            }
        }
        if congested {
            self.settle(room, out);
        }
    }

    pub(super) fn flush(&mut self, leg: LegId, out: &mut Vec<Output>) {
        let Some(known) = self.legs.get_mut(&leg) else {
            return;
        };
        let Some(link) = known
            .link
            .filter(|link| self.links.get(link).is_some_and(|link| link.up))
        else {
            return;
        };
        for bytes in known.release() {
            out.push(Output::Msrp { link, bytes });
        }
        let room = known.room;
        self.settle(room, out);
    }

    // RFC 4975 10.5: 481 ends the session; other failures concern one message only.
    fn response(&mut self, link: LinkId, code: u16, frame: &Frame, out: &mut Vec<Output>) {
        if code != 481 {
            return;
        }
        let leg = frame
            .to_path
            .first()
            .and_then(|own| self.sessions.get(session_of(own)))
            .copied();
        let Some(id) = leg else {
            return;
        };
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.link == Some(link)) else {
            return;
        };
        leg.link = None;
        self.lose(id);
        self.unbind(id, link, out);
    }
}

fn owned(frame: &Frame, name: &str) -> Option<String> {
    frame.header(name).map(str::to_owned)
}
