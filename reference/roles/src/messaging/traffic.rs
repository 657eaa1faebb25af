//! Frames at the switch: which leg they are for, who gets them, how they are answered (RFC 4975 7).

use machines::port::{LinkId, Output};
use wire::msrp::{Flag, Frame, Kind};

use super::frames::{answer, report, session_of};
use super::leg::{LegId, Lie, matches_any};
use super::patience::{Origin, Patience};
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
                self.response(link, code, &frame, ids, out);
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
        let (known, nickname) = (method == "SEND", method == "NICKNAME");
        let Some(leg) = self.bind(link, &frame, out) else {
            return;
        };
        let Some(frame) = self.hold(link, leg, frame, out) else {
            return;
        };
        if nickname && self.is_chat(leg) {
            self.nickname(link, leg, &frame, out);
            return;
        }
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
        let known = self.legs.get(&from);
        if let Some(code) = known.and_then(|leg| leg.refused(&message)) {
            answer(link, &frame, code, out);
            return;
        }
        let outcome = self.place(from, &message, &frame, &content_type);
        let (recipients, whole) = match outcome {
            Ok(placed) => placed,
            Err(code) => return self.refuse(link, from, &message, frame, code, ids, out),
        };
        answer(link, &frame, 200, out);
        if let Some(total) = whole {
            report(link, &frame, &message, total, ids, out);
        }
        let Some(leg) = self.legs.get_mut(&from) else {
            return;
        };
        if !leg.underway.is_empty() && !leg.collecting {
            leg.collecting = true;
            self.alarms.push(Patience::Chunks(from));
        }
        let room = leg.room;
        let origin = (recipients.len() == 1).then(|| Origin {
            leg: from,
            range: octets_of(&frame),
            message,
        });
        self.forward(room, recipients, frame, origin, ids, out);
    }

    // Whom a chunk is for, and how long the message is when it ends with it; else the code that refuses it.
    fn place(
        &mut self,
        from: LegId,
        message: &str,
        frame: &Frame,
        content_type: &str,
    ) -> Result<(Vec<LegId>, Option<u64>), u16> {
        let leg = self.legs.get(&from).ok_or(481_u16)?;
        // RFC 4975 8.9: who said that it only receives, or is inactive, sends nothing.
        if !leg.may_send() {
            return Err(403);
        }
        // RFC 4975 8.6: only what our description lists, and never what policy forbids.
        if !matches_any(&self.accept_types, content_type) || !leg.expects(content_type) {
            return Err(415);
        }
        let recipients = self.recipients(from, message, frame, content_type)?;
        let leg = self.legs.get_mut(&from).ok_or(481_u16)?;
        match leg.count(message, frame, &recipients) {
            Ok(whole) => Ok((recipients, whole)),
            Err(Lie::Range) => Err(400),
            Err(Lie::TooLarge) => Err(413),
        }
    }

    // The rest of a refused message is refused as well; whoever got its beginning learns that there is no end.
    #[expect(
        clippy::too_many_arguments,
        reason = "what a frame comes with, and its refusal"
    )]
    fn refuse(
        &mut self,
        link: LinkId,
        from: LegId,
        message: &str,
        frame: Frame,
        code: u16,
        ids: &mut Identifiers,
        out: &mut Vec<Output>,
    ) {
        answer(link, &frame, code, out);
        let Some(leg) = self.legs.get_mut(&from) else {
            return;
        };
        if frame.flag == Flag::More {
            leg.refuse(message, code);
        }
        let room = leg.room;
        if let Some(begun) = leg.underway.remove(message) {
            let headers = frame.headers.into_iter();
            let end = Frame {
                headers: headers
                    .filter(|(name, _)| !name.eq_ignore_ascii_case("Byte-Range"))
                    .collect(),
                body: Some(Vec::new()),
                flag: Flag::Abort,
                ..frame
            };
            self.forward(room, begun.recipients, end, None, ids, out);
        }
    }

    // RFC 7701 6.1: a chunk goes to those who got the first; types the peer did not list are never sent.
    fn recipients(
        &self,
        from: LegId,
        message: &str,
        frame: &Frame,
        content_type: &str,
    ) -> Result<Vec<LegId>, u16> {
        let leg = self.legs.get(&from).ok_or(481_u16)?;
        if let Some(underway) = leg.underway.get(message) {
            return Ok(underway.recipients.clone());
        }
        if frame.byte_range().is_some_and(|range| range.start > 1) || frame.flag == Flag::Abort {
            return Ok(Vec::new());
        }
        if self.is_chat(from) {
            return self.addressed(from, frame);
        }
        let others = self.rooms.get(&leg.room).into_iter().flatten();
        let takes = |leg: &LegId| {
            self.legs
                .get(leg)
                .is_some_and(|leg| leg.has_answered() && leg.takes(content_type))
        };
        Ok(others
            .copied()
            .filter(|leg| *leg != from && takes(leg))
            .collect())
    }

    pub(super) fn forward(
        &mut self,
        room: u64,
        to: Vec<LegId>,
        mut frame: Frame,
        origin: Option<Origin>,
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
                Some(link) if !frame.to_path.is_empty() => {
                    if leg.expect_answer(&frame, origin.clone()) {
                        self.alarms.push(Patience::Answers(id));
                    }
                    let bytes = frame.to_bytes();
                    out.push(Output::Msrp { link, bytes });
                }
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
    fn response(
        &mut self,
        link: LinkId,
        code: u16,
        frame: &Frame,
        ids: &mut Identifiers,
        out: &mut Vec<Output>,
    ) {
        let own = frame.to_path.first();
        let leg = own.and_then(|own| self.sessions.get(session_of(own)));
        let Some(id) = leg.copied() else {
            return;
        };
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.link == Some(link)) else {
            return;
        };
        let awaited = leg.answered(&frame.transaction);
        if let Some(origin) = awaited.and_then(|one| one.origin).filter(|_| code >= 400) {
            self.tell_failure(&origin, code, ids, out);
        }
        if code != 481 {
            return;
        }
        let Some(leg) = self.legs.get_mut(&id) else {
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

// The octets of one chunk, as a REPORT names them (RFC 4975 7.1.2).
fn octets_of(frame: &Frame) -> String {
    let length = frame.body.as_ref().map_or(0, Vec::len) as u64;
    let range = frame.byte_range();
    let start = range.map_or(1, |range| range.start);
    let end = (start + length).saturating_sub(1);
    match range.and_then(|range| range.total) {
        Some(total) => format!("{start}-{end}/{total}"),
        None if frame.flag == Flag::Complete => format!("{start}-{end}/{end}"),
        None => format!("{start}-{end}/*"),
    }
}
