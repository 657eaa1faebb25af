//! One participant's MSRP session at the switch: where it is bound, what waits for it, what is under way from it.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use machines::port::LinkId;
use wire::msrp::{ByteRange, Flag, Frame};

use super::patience::{Awaited, Origin};
use super::room::{Chat, Seat};

/// One leg of one shard's switch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct LegId(pub(crate) u64);

/// What signalling has agreed on for a leg.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    /// The peer's path, leftmost first.
    pub(crate) path: Vec<String>,
    /// The content types that the peer takes.
    pub(crate) accept_types: Vec<String>,
    /// Which way content goes, as the peer sees it.
    pub(crate) direction: Direction,
    /// The types that it takes inside message/cpim; `None`: it does not say.
    pub(crate) wrapped_types: Option<Vec<String>>,
    /// What the peer understands of chat rooms; `None`: it uses the switch as nothing but a switch.
    pub(crate) chat: Option<Chat>,
    /// Where to connect, when the peer is the passive side (RFC 6135 4.2).
    pub(crate) connect: Option<SocketAddr>,
}

/// The direction attribute of the peer's description (RFC 4975 8.9): of content, not of responses and reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Direction {
    /// `sendrecv`, or none.
    #[default]
    Both,
    /// `inactive`.
    Neither,
    /// `recvonly`.
    Receives,
    /// `sendonly`.
    Sends,
}

/// A message of which not all chunks have come.
#[derive(Debug)]
pub(crate) struct Underway {
    /// Who got its first chunk; later joiners do not get the rest (RFC 7701 6.1).
    pub(crate) recipients: Vec<LegId>,
    pub(crate) content_type: String,
    /// Whether a chunk has come since the last look.
    pub(crate) fresh: bool,
    received: u64,
}

/// A participant's side of the switch.
#[derive(Debug)]
pub(crate) struct Leg {
    /// The session that it belongs to.
    pub(crate) room: u64,
    /// Which participant of the session.
    pub(crate) member: usize,
    pub(crate) own: String,
    pub(crate) terms: Terms,
    /// The content types that our description lists for the peer to send; empty: whatever policy allows.
    pub(crate) announced: Vec<String>,
    /// What the peer has sent before signalling told who sits there.
    pub(crate) early: Vec<Frame>,
    pub(crate) link: Option<LinkId>,
    /// The connection that the peer is moving away from: still read until the next is bound.
    pub(crate) former: Option<LinkId>,
    pub(crate) waiting: VecDeque<Vec<u8>>,
    waiting_octets: usize,
    pub(crate) underway: BTreeMap<String, Underway>,
    /// Messages that were refused before their end, and how.
    refused: VecDeque<(String, u16)>,
    /// What was passed on to the peer and is not answered, oldest first.
    pub(crate) awaited: VecDeque<Awaited>,
    /// Whether somebody will look at what is not answered.
    pub(crate) timed: bool,
    /// Whether somebody will look at what is not complete.
    pub(crate) collecting: bool,
    /// Who sits there, once signalling has told.
    pub(crate) seat: Option<Box<Seat>>,
    /// Whether a connection was there and is gone, or could not be made.
    pub(crate) lost: bool,
    /// Whether the switch counts this leg as behind.
    pub(crate) behind: bool,
}

/// What is wrong with the lengths that a chunk announces.
///
/// A lie about the range is a malformed request (400); too much is asked to stop (413).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lie {
    /// A range that starts at 0, past the total, or holds more than the total.
    Range,
    /// More than the switch carries, or more messages at once.
    TooLarge,
}

impl Leg {
    pub(crate) fn new(room: u64, member: usize, own: String) -> Self {
        Self {
            room,
            member,
            own,
            terms: Terms::default(),
            announced: Vec::new(),
            early: Vec::new(),
            link: None,
            former: None,
            waiting: VecDeque::new(),
            waiting_octets: 0,
            underway: BTreeMap::new(),
            refused: VecDeque::new(),
            awaited: VecDeque::new(),
            timed: false,
            collecting: false,
            seat: None,
            lost: false,
            behind: false,
        }
    }

    /// Whether the peer takes a type inside message/cpim (RFC 4975 8.6); one that does not say gets what comes.
    pub(crate) fn takes_wrapped(&self, content_type: &str) -> bool {
        let listed = self.terms.wrapped_types.as_ref();
        listed.is_none_or(|types| {
            matches_any(types, content_type) || matches_any(&self.terms.accept_types, content_type)
        })
    }

    /// Remembers that a frame is passed on to the peer; whether somebody has to look after it from now on.
    pub(crate) fn expect_answer(&mut self, frame: &Frame, origin: Option<Origin>) -> bool {
        let Some(awaited) = Awaited::of(frame, origin) else {
            return false;
        };
        if self.awaited.len() >= AWAITED {
            self.awaited.pop_front();
        }
        let starts = awaited.is_due() && !self.timed;
        self.timed |= starts;
        self.awaited.push_back(awaited);
        starts
    }

    /// The peer has answered.
    pub(crate) fn answered(&mut self, transaction: &str) -> Option<Awaited> {
        let place = self.awaited.iter().position(|one| one.is(transaction))?;
        self.awaited.remove(place)
    }

    /// Remembers that the rest of a message is refused too.
    pub(crate) fn refuse(&mut self, message: &str, code: u16) {
        self.refused.push_back((message.to_owned(), code));
        if self.refused.len() > UNDERWAY {
            self.refused.pop_front();
        }
    }

    /// The code for a further chunk of a message that was refused.
    pub(crate) fn refused(&self, message: &str) -> Option<u16> {
        let known = self.refused.iter().find(|(id, _)| id == message);
        known.map(|(_, code)| *code)
    }

    /// Whether the peer takes content of this type now (RFC 4975 8.6, 8.9).
    pub(crate) fn takes(&self, content_type: &str) -> bool {
        if matches!(self.terms.direction, Direction::Sends | Direction::Neither) {
            return false;
        }
        self.terms.accept_types.is_empty() || matches_any(&self.terms.accept_types, content_type)
    }

    /// Whether the peer's path is known; before that there is nobody to send to.
    pub(crate) fn has_answered(&self) -> bool {
        !self.terms.path.is_empty()
    }

    /// Whether the peer may send content by what was agreed.
    pub(crate) fn may_send(&self) -> bool {
        matches!(self.terms.direction, Direction::Both | Direction::Sends)
    }

    /// Whether our description lets the peer send this type.
    pub(crate) fn expects(&self, content_type: &str) -> bool {
        self.announced.is_empty() || matches_any(&self.announced, content_type)
    }

    /// Keeps octets until the peer's connection is bound; false when the room for them is used up.
    pub(crate) fn keep(&mut self, bytes: Vec<u8>) -> bool {
        // For a peer whose connection broke nobody is made to wait.
        let most = if self.lost {
            WAITING_OCTETS
        } else {
            WAITING_OCTETS * 2
        };
        if self.waiting_octets + bytes.len() > most {
            return false;
        }
        self.waiting_octets += bytes.len();
        self.waiting.push_back(bytes);
        true
    }

    /// What waited, oldest first.
    pub(crate) fn release(&mut self) -> VecDeque<Vec<u8>> {
        self.waiting_octets = 0;
        std::mem::take(&mut self.waiting)
    }

    /// Whether senders have to stop until the peer's connection is bound.
    pub(crate) fn congested(&self) -> bool {
        self.waiting_octets > WAITING_OCTETS
    }

    /// Counts a chunk; `Ok(Some(total))` when the message is whole with it, in octets.
    pub(crate) fn count(
        &mut self,
        message: &str,
        frame: &Frame,
        recipients: &[LegId],
    ) -> Result<Option<u64>, Lie> {
        let length = frame.body.as_ref().map_or(0, Vec::len) as u64;
        if frame.header("Byte-Range").is_some() && frame.byte_range().is_none() {
            return Err(Lie::Range);
        }
        let range = frame.byte_range().unwrap_or(ByteRange {
            start: 1,
            end: None,
            total: None,
        });
        check(range, length)?;
        if frame.flag == Flag::Complete && range.start == 1 {
            self.underway.remove(message);
            return Ok(Some(length));
        }
        if frame.flag == Flag::Abort {
            self.underway.remove(message);
            return Ok(None);
        }
        if !self.underway.contains_key(message) && self.underway.len() >= UNDERWAY {
            return Err(Lie::TooLarge);
        }
        let underway = self
            .underway
            .entry(message.to_owned())
            .or_insert_with(|| Underway {
                recipients: recipients.to_vec(),
                content_type: frame.header("Content-Type").unwrap_or_default().to_owned(),
                fresh: true,
                received: 0,
            });
        underway.fresh = true;
        underway.received = underway.received.saturating_add(length);
        if underway.received > LARGEST_MESSAGE {
            return Err(Lie::TooLarge);
        }
        if frame.flag == Flag::More {
            return Ok(None);
        }
        let whole = underway.received >= range.start + length - 1;
        self.underway.remove(message);
        Ok(whole.then_some(range.start + length - 1))
    }
}

// RFC 4975 7.3.1: the payload counts, not range-end; only what cannot be true is refused.
fn check(range: ByteRange, length: u64) -> Result<(), Lie> {
    if range.start == 0 {
        return Err(Lie::Range);
    }
    let Some(last) = (range.start - 1).checked_add(length) else {
        return Err(Lie::Range);
    };
    if range.total.is_some_and(|total| last > total) {
        return Err(Lie::Range);
    }
    if last > LARGEST_MESSAGE || range.total.is_some_and(|total| total > LARGEST_MESSAGE) {
        return Err(Lie::TooLarge);
    }
    Ok(())
}

/// Whether a content type is among types that may be `*` or `type/*`; parameters and case do not count.
pub(crate) fn matches_any(types: &[String], content_type: &str) -> bool {
    let wanted = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let main = wanted.split('/').next().unwrap_or_default();
    types.iter().any(|one| {
        let one = one.to_ascii_lowercase();
        one == "*" || one == wanted || one.strip_suffix("/*").is_some_and(|family| family == main)
    })
}

/// Octets that wait for a peer that has not connected before senders are paused.
const WAITING_OCTETS: usize = 65_536;
/// Messages that one participant may have begun and not ended.
const UNDERWAY: usize = 32;
/// The largest message that the switch carries, in octets.
const LARGEST_MESSAGE: u64 = 64 * 1024 * 1024;
/// SENDs without an answer that the switch remembers of one participant.
const AWAITED: usize = 256;
