//! The MSRP switch: binds the participants' connections and hands each message to the others in the room.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use machines::port::{LinkId, Output};
use wire::msrp::{Flag, Frame, Kind};

use super::leg::{Leg, LegId, Lie, Terms, matches_any};
use crate::identifiers::Identifiers;

/// The switch of one shard.
#[derive(Debug, Default)]
pub(crate) struct Switch {
    legs: BTreeMap<LegId, Leg>,
    sessions: HashMap<String, LegId>,
    rooms: HashMap<u64, BTreeSet<LegId>>,
    links: HashMap<LinkId, Link>,
    accept_types: Vec<String>,
}

#[derive(Debug, Default)]
struct Link {
    legs: BTreeSet<LegId>,
    full: bool,
    paused: bool,
    up: bool,
}

impl Switch {
    /// A switch without legs that lets these content types pass.
    pub(crate) fn new(accept_types: Vec<String>) -> Self {
        Self {
            accept_types,
            ..Self::default()
        }
    }

    /// Makes room for a participant: from now on a connection may bind to `own`, our MSRP URI of that participant.
    pub(crate) fn reserve(&mut self, leg: LegId, room: u64, own: String) {
        self.sessions.insert(session_of(&own).to_owned(), leg);
        self.rooms.entry(room).or_default().insert(leg);
        self.legs.insert(leg, Leg::new(room, own));
    }

    /// Tells what offer and answer agreed on, and connects when that is our part (RFC 4975 5.4).
    pub(crate) fn agree(
        &mut self,
        leg: LegId,
        terms: Terms,
        ids: &mut Identifiers,
        out: &mut Vec<Output>,
    ) {
        let Some(known) = self.legs.get_mut(&leg) else {
            return;
        };
        let connect = terms.connect;
        known.terms = terms;
        if let (Some(to), None) = (connect, known.link) {
            let link = ids.link();
            known.link = Some(link);
            self.links.insert(
                link,
                Link {
                    legs: BTreeSet::from([leg]),
                    ..Link::default()
                },
            );
            out.push(Output::Connect { link, to });
        } else if known.link.is_some() {
            self.flush(leg, out);
        }
    }

    /// Ends a participant's MSRP session; its link is closed when no other session uses it.
    pub(crate) fn dismiss(&mut self, leg: LegId, out: &mut Vec<Output>) {
        let Some(gone) = self.legs.remove(&leg) else {
            return;
        };
        self.sessions.remove(session_of(&gone.own));
        if let Some(room) = self.rooms.get_mut(&gone.room) {
            room.remove(&leg);
            if room.is_empty() {
                self.rooms.remove(&gone.room);
            }
        }
        if let Some(link) = gone.link
            && let Some(known) = self.links.get_mut(&link)
        {
            known.legs.remove(&leg);
            if known.legs.is_empty() {
                self.links.remove(&link);
                out.push(Output::Close(link));
            }
        }
        self.settle(gone.room, out);
    }

    /// A connection that we asked for is there: the active side speaks first (RFC 4975 5.4).
    pub(crate) fn link_up(&mut self, link: LinkId, ids: &mut Identifiers, out: &mut Vec<Output>) {
        let Some(known) = self.links.get_mut(&link) else {
            return;
        };
        known.up = true;
        for leg in known.legs.clone() {
            if let Some(leg) = self.legs.get(&leg) {
                let greeting = greeting(leg, ids);
                out.push(Output::Msrp {
                    link,
                    bytes: greeting.to_bytes(),
                });
            }
            self.flush(leg, out);
        }
    }

    /// A connection is gone: its sessions have none until the peer connects again (RFC 4975 5.4).
    pub(crate) fn link_down(&mut self, link: LinkId, out: &mut Vec<Output>) {
        let Some(known) = self.links.remove(&link) else {
            return;
        };
        for leg in known.legs {
            if let Some(leg) = self.legs.get_mut(&leg) {
                leg.link = None;
                leg.underway.clear();
                let room = leg.room;
                self.settle(room, out);
            }
        }
    }

    /// The driver's queue of the link is over its limit, or nearly empty again.
    pub(crate) fn link_full(&mut self, link: LinkId, full: bool, out: &mut Vec<Output>) {
        let Some(known) = self.links.get_mut(&link) else {
            return;
        };
        known.full = full;
        let rooms: BTreeSet<u64> = known
            .legs
            .iter()
            .filter_map(|leg| self.legs.get(leg))
            .map(|leg| leg.room)
            .collect();
        for room in rooms {
            self.settle(room, out);
        }
    }

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
        let known = self.links.entry(link).or_default();
        known.up = true;
        known.legs.insert(id);
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
        if !matches_any(&self.accept_types, &content_type) {
            answer(link, &frame, 415, out);
            return;
        }
        let Some(room) = self.legs.get(&from).map(|leg| leg.room) else {
            return;
        };
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

    fn flush(&mut self, leg: LegId, out: &mut Vec<Output>) {
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
        let Some(leg) = leg
            .and_then(|leg| self.legs.get_mut(&leg))
            .filter(|leg| leg.link == Some(link))
        else {
            return;
        };
        leg.link = None;
        if let Some(known) = self.links.get_mut(&link) {
            known
                .legs
                .retain(|id| self.legs.get(id).is_some_and(|leg| leg.link == Some(link)));
            if known.legs.is_empty() {
                self.links.remove(&link);
                out.push(Output::Close(link));
            }
        }
    }

    // A sender is read only while nobody else in its rooms is behind.
    fn settle(&mut self, room: u64, out: &mut Vec<Output>) {
        let Some(members) = self.rooms.get(&room) else {
            return;
        };
        let links: BTreeSet<u64> = members
            .iter()
            .filter_map(|leg| self.legs.get(leg)?.link)
            .map(|link| link.0)
            .collect();
        for link in links.into_iter().map(LinkId) {
            let wanted = self.held_up(link);
            let Some(known) = self.links.get_mut(&link) else {
                continue;
            };
            if known.paused != wanted {
                known.paused = wanted;
                out.push(if wanted {
                    Output::Pause(link)
                } else {
                    Output::Resume(link)
                });
            }
        }
    }

    fn held_up(&self, link: LinkId) -> bool {
        let Some(known) = self.links.get(&link) else {
            return false;
        };
        let rooms = known
            .legs
            .iter()
            .filter_map(|leg| self.legs.get(leg))
            .map(|leg| leg.room);
        rooms
            .filter_map(|room| self.rooms.get(&room))
            .flatten()
            .filter_map(|leg| self.legs.get(leg))
            .any(|leg| {
                let behind = leg
                    .link
                    .and_then(|other| self.links.get(&other))
                    .is_some_and(|other| other.full);
                leg.link != Some(link) && (behind || leg.congested())
            })
    }
}

fn owned(frame: &Frame, name: &str) -> Option<String> {
    frame.header(name).map(str::to_owned)
}

/// The session part of an MSRP URI, which alone tells legs apart (RFC 4975 6).
pub(crate) fn session_of(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    path.split_once(';').map_or(path, |(session, _)| session)
}

// RFC 4975 7.2: to the first From-Path URI only, same transaction, always complete; as Failure-Report allows.
fn answer(link: LinkId, frame: &Frame, code: u16, out: &mut Vec<Output>) {
    let wish = frame.header("Failure-Report").unwrap_or("yes");
    if wish.eq_ignore_ascii_case("no") || (wish.eq_ignore_ascii_case("partial") && code == 200) {
        return;
    }
    let response = Frame {
        transaction: frame.transaction.clone(),
        kind: Kind::Response(code, comment(code).into()),
        to_path: frame.from_path.iter().take(1).cloned().collect(),
        from_path: frame.to_path.iter().take(1).cloned().collect(),
        headers: Vec::new(),
        body: None,
        flag: Flag::Complete,
    };
    out.push(Output::Msrp {
        link,
        bytes: response.to_bytes(),
    });
}

// RFC 4975 7.1.3: the whole message is here, and its sender wants to know.
fn report(
    link: LinkId,
    frame: &Frame,
    message: &str,
    total: u64,
    ids: &mut Identifiers,
    out: &mut Vec<Output>,
) {
    if !frame
        .header("Success-Report")
        .is_some_and(|wish| wish.eq_ignore_ascii_case("yes"))
    {
        return;
    }
    let report = Frame {
        transaction: ids.msrp_transaction(),
        kind: Kind::Request("REPORT".into()),
        to_path: frame.from_path.clone(),
        from_path: frame.to_path.clone(),
        headers: vec![
            ("Message-ID".into(), message.into()),
            (
                "Byte-Range".into(),
                if total == 0 {
                    "1-0/0".into()
                } else {
                    format!("1-{total}/{total}")
                },
            ),
            ("Status".into(), "000 200 OK".into()),
        ],
        body: None,
        flag: Flag::Complete,
    };
    out.push(Output::Msrp {
        link,
        bytes: report.to_bytes(),
    });
}

// RFC 4975 5.4: the side that connects sends at once, so that the other can bind the connection.
fn greeting(leg: &Leg, ids: &mut Identifiers) -> Frame {
    Frame {
        transaction: ids.msrp_transaction(),
        kind: Kind::Request("SEND".into()),
        to_path: leg.terms.path.clone(),
        from_path: vec![leg.own.clone()],
        headers: vec![("Message-ID".into(), ids.msrp_message())],
        body: None,
        flag: Flag::Complete,
    }
}

fn comment(code: u16) -> &'static str {
    match code {
        200 => "OK",
        400 => "Bad Request",
        413 => "Stop Sending",
        415 => "Unsupported Media Type",
        481 => "No Such Session",
        501 => "Unknown Method",
        _ => "Session Bound Elsewhere",
    }
}
