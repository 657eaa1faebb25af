//! IM Session modification at the originating side (6.1.2.2.4): what is acceptable, and by which method it goes on.

use wire::sdp::{Description, Media};

use super::call::End;
use super::{Participating, Side};
use crate::controlling::general::Refusal;
use crate::media;

impl Participating {
    /// The MSRP line of an offer, as acceptable as our side wants it; nothing: there is none to relay.
    pub(super) fn acceptable(
        &self,
        from: End,
        offer: &Description,
    ) -> Result<Option<usize>, Refusal> {
        let first = offer.media.iter().position(media::is_msrp);
        // 6.1.3.2.2 has no such check (F89).
        let ours = self.config.side == Side::Originating && from == End::Caller;
        if !ours {
            return Ok(first);
        }
        // 6.1.2.2.4/on-reinvite-b2bua/1 and 1.2
        let types = &self.config.accept_types;
        let taken = offer
            .media
            .iter()
            .position(|one| media::acceptable(one, types));
        taken.map(Some).ok_or_else(|| Refusal::new(488))
    }

    /// Leaves of a served user's content types those that may pass.
    pub(super) fn narrow(&self, from: End, offered: &mut Media) {
        if self.config.side == Side::Originating && from == End::Caller {
            let types = media::common(&offered.accept_types(), &self.config.accept_types);
            media::put(offered, "accept-types", &types.join(" "));
        }
    }

    /// The method that a request of one end has on the other leg: an UPDATE only where it is announced.
    // 6.1.2.2.4/on-reinvite-b2bua/2 and 2.2
    pub(super) fn method(&self, id: u64, from: End, asked: &str) -> String {
        let allows = self
            .calls
            .get(&id)
            .map(|call| &call.leg(from.other()).allow);
        let allows = allows.is_some_and(|list| list.iter().any(|one| one == "UPDATE"));
        match asked {
            "UPDATE" if !allows => "INVITE".to_owned(),
            other => other.to_owned(),
        }
    }
}
