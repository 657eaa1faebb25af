//! IM Session modification through a B2BUA (6.1.2.2.4, 6.1.3.2.2): descriptions, and the user plane between the ends.

use machines::transactions::Key;
use wire::sdp::Description;
use wire::sip::Message;

use super::Participating;
use super::call::{End, Offer};
use super::user_plane::description;
use crate::controlling::general::Refusal;
use crate::media;

impl Participating {
    /// The description of a message as the other end shall see it; none: it has none, or none of MSRP.
    // 6.1.2.2.4/on-reinvite-b2bua/3, 6.1.3.2.2/on-reinvite-b2bua/2
    pub(super) fn show(
        &mut self,
        id: u64,
        from: End,
        key: Key,
        message: &Message,
    ) -> Result<Option<String>, Refusal> {
        let Some(theirs) = description(message) else {
            return Ok(None);
        };
        let theirs = theirs.map_err(|()| Refusal::new(400))?;
        let open = self.calls.get(&id).and_then(|call| call.offer.clone());
        match open {
            Some(offer) if offer.from != from => Ok(self.answer(id, from, offer, &theirs)),
            _ => self.offer(id, from, key, theirs),
        }
    }

    fn offer(
        &mut self,
        id: u64,
        from: End,
        key: Key,
        mut theirs: Description,
    ) -> Result<Option<String>, Refusal> {
        let taken = self.acceptable(from, &theirs)?;
        let taken = taken.map(|index| (index, theirs.media[index].clone()));
        if let Some((index, _)) = &taken {
            self.narrow(from, &mut theirs.media[*index]);
        }
        let local = self.stack.local;
        let Some(call) = self.calls.get_mut(&id) else {
            return Ok(None);
        };
        call.offer = Some(Offer {
            from,
            key,
            taken: taken.clone(),
        });
        let face = &mut call.leg_mut(from.other()).face;
        Ok(taken.map(|(index, _)| face.show(&theirs, index, "actpass", &local)))
    }

    fn answer(&mut self, id: u64, from: End, offer: Offer, theirs: &Description) -> Option<String> {
        let local = self.stack.local;
        let call = self.calls.get_mut(&id)?;
        call.offer = None;
        let (index, offered) = offer.taken?;
        let setup = match media::we_connect(&offered) {
            true => "active",
            false => "passive",
        };
        let face = &mut call.leg_mut(offer.from).face;
        let sdp = face.show(theirs, index, setup, &local);
        // 6.1.2.2.4/on-200/2, 6.1.3.2.2/on-200-b2bua/4: from now on, and not before.
        if let Some(taken) = theirs.media.get(index).filter(|one| media::is_msrp(one)) {
            let crate::stack::Stack { ids, out, .. } = &mut self.stack;
            for (end, terms) in [
                (offer.from, media::terms_of_offer(&offered)),
                (from, media::terms_of_answer(taken)),
            ] {
                self.relay.agree((id, end), terms, ids, out);
            }
        }
        Some(sdp)
    }
}
