//! What a peer sends before its answer has come by signalling: it waits, since nobody knows yet whom it is for.

use machines::port::{LinkId, Output};
use wire::msrp::Frame;

use super::frames::answer;
use super::leg::LegId;
use super::switch::Switch;
use crate::identifiers::Identifiers;

impl Switch {
    /// Keeps what a leg sends where nobody sits yet, unanswered; gives back what may be looked at now.
    ///
    /// MSRP and SIP come by two ways: whoever has answered an INVITE may speak before its 200 is here, and a message
    /// that nobody is there to hear would be answered and lost.
    pub(super) fn hold(
        &mut self,
        link: LinkId,
        id: LegId,
        frame: Frame,
        out: &mut Vec<Output>,
    ) -> Option<Frame> {
        let greets = frame.body.is_none() && frame.method() == Some("SEND");
        let Some(leg) = self
            .legs
            .get_mut(&id)
            .filter(|leg| leg.seat.is_none() && !greets)
        else {
            return Some(frame);
        };
        let octets = |frame: &Frame| frame.body.as_ref().map_or(0, Vec::len);
        let kept: usize = leg.early.iter().map(octets).sum();
        if leg.early.len() < FRAMES && kept + octets(&frame) <= OCTETS {
            leg.early.push(frame);
        } else {
            leg.refuse(frame.header("Message-ID").unwrap_or_default(), TOO_MUCH);
            answer(link, &frame, TOO_MUCH, out);
        }
        None
    }

    /// Somebody sits there: what came before is looked at, oldest first.
    pub(super) fn catch_up(&mut self, id: LegId, ids: &mut Identifiers, out: &mut Vec<Output>) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let early = std::mem::take(&mut leg.early);
        let Some(link) = leg.link else {
            return;
        };
        for frame in early {
            self.frame(link, frame, ids, out);
        }
    }
}

/// Frames that wait for one answer.
const FRAMES: usize = 32;
/// Octets of their bodies.
const OCTETS: usize = 65_536;
/// Code that asks a sender to stop (RFC 4975 10.4).
const TOO_MUCH: u16 = 413;
