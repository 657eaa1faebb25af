//! The switch as a chat room (RFC 7701): what a peer understands of it, and whom a message is for.

use machines::port::Output;
use wire::cpim;
use wire::msrp::Frame;
use wire::sip::{NameAddr, Uri};

use super::leg::LegId;
use super::switch::Switch;
use crate::identifiers::Identifiers;

/// What this switch can do, as `a=chatroom` says it.
pub(crate) const OURS: &str = "nickname private-messages";

/// What a peer understands of chat rooms (RFC 7701 8).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Chat {
    /// It takes messages that are for it alone.
    pub(crate) private_messages: bool,
}

impl Chat {
    /// Reads the value of `a=chatroom`; tokens we do not know are left out.
    pub(crate) fn read(value: &str) -> Self {
        let mut tokens = value.split_whitespace();
        Self {
            private_messages: tokens.any(|token| token.eq_ignore_ascii_case("private-messages")),
        }
    }
}

/// Who sits at a leg.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Seat {
    /// The participant's address, as [`key`] writes it.
    pub(crate) address: String,
    /// The name it came with; the nickname of the time before RFC 7701.
    pub(crate) display: Option<String>,
    /// The nickname that it asked for since.
    pub(crate) nickname: Option<String>,
    /// Whether the others do not know the address.
    pub(crate) anonymous: bool,
}

/// An address without what does not tell users apart: display name, parameters, letter case of the host.
pub(crate) fn key(uri: &Uri) -> String {
    let host = uri.host.to_ascii_lowercase();
    let port = uri.port.map(|port| format!(":{port}")).unwrap_or_default();
    match &uri.user {
        Some(user) => format!("{user}@{host}{port}"),
        None => format!("{host}{port}"),
    }
}

impl Switch {
    /// Tells who sits at a leg of a room; once seated, only the switch changes what it knows.
    pub(crate) fn introduce(
        &mut self,
        leg: LegId,
        room: &str,
        who: &NameAddr,
        anonymous: bool,
        ids: &mut Identifiers,
        out: &mut Vec<Output>,
    ) {
        let Some(known) = self.legs.get_mut(&leg).filter(|leg| leg.seat.is_none()) else {
            return;
        };
        let seat = Seat {
            address: key(&who.uri),
            display: who.display.clone(),
            nickname: None,
            anonymous,
        };
        let number = known.room;
        known.seat = Some(Box::new(seat.clone()));
        if let (false, Ok(uri)) = (self.names.contains_key(&number), Uri::parse(room)) {
            self.names.insert(number, key(&uri));
        }
        self.notice(leg, number, &seat, true);
        self.catch_up(leg, ids, out);
    }

    /// Whether a peer uses its leg as a way into a chat room.
    pub(super) fn is_chat(&self, leg: LegId) -> bool {
        self.legs
            .get(&leg)
            .is_some_and(|leg| leg.terms.chat.is_some())
    }

    /// The legs that a new message of a chat room is for, or the code that refuses it (RFC 7701 6.1, 6.2).
    ///
    /// The envelope has to be whole in the first chunk: nobody could be told apart without it.
    pub(super) fn addressed(&self, from: LegId, frame: &Frame) -> Result<Vec<LegId>, u16> {
        let kind = frame.header("Content-Type").unwrap_or_default();
        if !kind.trim().to_ascii_lowercase().starts_with("message/cpim") {
            return Err(415);
        }
        let body = frame.body.as_deref().unwrap_or_default();
        let headers = cpim::headers(body).map_err(|_| 400_u16)?;
        let all = |name: &str| -> Vec<Option<String>> {
            let named = headers.iter().filter(|(other, _)| other == name);
            named.map(|(_, value)| address(value)).collect()
        };
        self.check_sender(from, &all("From"))?;
        let to = match all("To").as_slice() {
            [] | [None] => return Err(400),
            [Some(to)] => to.clone(),
            // RFC 7701 6.2: a private message is for one participant.
            _ => return Err(403),
        };
        let inner = cpim::content_type(body);
        let wanted = |leg: LegId| {
            self.legs.get(&leg).is_some_and(|leg| {
                leg.has_answered()
                    && leg.takes(kind)
                    && inner
                        .as_deref()
                        .is_none_or(|inner| leg.takes_wrapped(inner))
            })
        };
        let room = self.legs.get(&from).map(|leg| leg.room).ok_or(481_u16)?;
        if self.names.get(&room) == Some(&to) {
            let others = self.rooms.get(&room).into_iter().flatten();
            return Ok(others
                .copied()
                .filter(|leg| *leg != from && wanted(*leg))
                .collect());
        }
        let one = self.participant(room, &to).ok_or(404_u16)?;
        let takes = |leg: LegId| {
            let chat = self.legs.get(&leg).and_then(|leg| leg.terms.chat);
            chat.is_some_and(|chat| chat.private_messages)
        };
        match one {
            leg if !takes(leg) => Err(428),
            leg if !wanted(leg) => Err(415),
            leg => Ok(vec![leg]),
        }
    }

    // RFC 7701 6.1: nobody speaks in the name of somebody else; who is anonymous may say so.
    fn check_sender(&self, from: LegId, said: &[Option<String>]) -> Result<(), u16> {
        let seat = self.legs.get(&from).and_then(|leg| leg.seat.as_deref());
        let (Some(seat), [Some(said)]) = (seat, said) else {
            return Err(400);
        };
        let hidden = seat.anonymous && said.ends_with(NOBODY);
        if *said == seat.address || hidden {
            Ok(())
        } else {
            Err(403)
        }
    }

    // Whoever is anonymous cannot be found by an address that the others must not learn.
    fn participant(&self, room: u64, address: &str) -> Option<LegId> {
        let legs = self.rooms.get(&room)?;
        let named = |leg: &&LegId| {
            let seat = self.legs.get(leg).and_then(|leg| leg.seat.as_deref());
            seat.is_some_and(|seat| !seat.anonymous && seat.address == address)
        };
        legs.iter().find(named).copied()
    }
}

/// The address in a From or To of CPIM: what stands between the last angle brackets (RFC 3862 2.3.2).
fn address(value: &str) -> Option<String> {
    let (_, rest) = value.rsplit_once('<')?;
    let (uri, _) = rest.split_once('>')?;
    Uri::parse(uri.trim()).ok().map(|uri| key(&uri))
}

/// Host of addresses that name nobody (RFC 3323 4.1.1.3).
const NOBODY: &str = "anonymous.invalid";
