//! IM Session modification by a participant (7.2.1.6): its re-INVITE or UPDATE, and the effect on its leg of the switch.

use machines::dialog;
use machines::session_timer::{Refresher, header};
use machines::transactions::Key;
use wire::sdp::Description;
use wire::sip::Message;

use super::admission::{SDP, description, extensions, session_interval};
use super::general::{ACCEPT, Refusal, allowed, contact, response};
use super::session::{Presence, Session};
use crate::means::{Call, Means};
use crate::media::{self, Offered, Origin};

/// What is under way about the media and the timer of one participant.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Our offer that awaits its answer.
    pub(crate) proposal: Option<Proposal>,
    /// The session interval in force, in seconds; 0 before the first.
    pub(crate) interval: u32,
    /// The Min-SE of a 422 to a refresh of ours, in seconds.
    pub(crate) min_se: Option<u32>,
}

/// An offer of ours: nothing of it is in use before the answer (7.2.2.6/general/u1).
#[derive(Debug)]
pub(crate) struct Proposal {
    /// Of the re-INVITE that carries it, or of the one whose 200 does.
    pub(crate) key: Key,
    pub(crate) sdp: String,
    pub(crate) version: u32,
}

impl Session {
    /// A re-INVITE or UPDATE of a participant.
    pub(crate) fn modify(&mut self, index: usize, key: Key, request: &Message, means: &mut Means) {
        let before = means.switch.types(self.participants[index].leg).to_vec();
        match self.try_modify(index, key, request, means) {
            Ok(()) => self.propagate(index, &before, means),
            Err(refusal) => means.refuse(key, request, refusal),
        }
    }

    fn try_modify(
        &mut self,
        index: usize,
        key: Key,
        request: &Message,
        means: &mut Means,
    ) -> Result<(), Refusal> {
        check_recipients(request)?;
        extensions(request)?;
        let invite = request.method() == Some("INVITE");
        let (interval, refresher, require) = session_interval(&means.config, request)?;
        self.check_turn(index, invite || !request.body.is_empty(), means)?;
        let sdp = match (request.body.is_empty(), invite) {
            (false, _) => Some(self.renegotiate(index, request, means)?),
            (true, true) => Some(self.propose_in_answer(index, key)?),
            (true, false) => None,
        };
        let party = self.party(index);
        let participant = &mut self.participants[index];
        if request.header("Allow").is_some() {
            participant.allow = allowed(request);
        }
        if let Some(dialog) = participant.dialog.as_mut() {
            dialog.handle(dialog::Input::Granted(request), &mut Vec::new());
        }
        if invite {
            let method = "INVITE".to_owned();
            means.calls.insert(key, Call { party, method });
        }
        // 7.2.1.6/on-reinvite/3
        let mut answer = response(&means.config, request, 200, &self.asserted, &self.identity);
        answer.remove("Record-Route");
        answer.set("Contact", contact(&self.identity));
        answer.push("Supported", "timer");
        if require {
            answer.push("Require", "timer");
        }
        // 7.2.1.11/on-refresh/1
        answer.push("Session-Expires", header(interval, refresher));
        if let Some(sdp) = sdp {
            answer.set_body(SDP, sdp.into_bytes());
        }
        means.respond(key, answer);
        // 7.2.1.11/on-refresh/1.2
        self.start_timer(index, interval, refresher == Refresher::Uas, means);
        Ok(())
    }

    // RFC 3261 14.2, RFC 3311 5.2: whose offer comes first.
    fn check_turn(&mut self, index: usize, offers: bool, means: &mut Means) -> Result<(), Refusal> {
        let participant = &self.participants[index];
        if !offers {
            return Ok(());
        }
        if participant.presence != Presence::Connected {
            let wait = means.ids.below(RETRY_AFTER) + 1;
            return Err(Refusal::new(500).with("Retry-After", wait.to_string()));
        }
        if participant.changes.proposal.is_some() {
            return Err(Refusal::new(491));
        }
        Ok(())
    }

    // RFC 3261 14.2: a re-INVITE without an offer gets ours; its ACK answers.
    fn propose_in_answer(&mut self, index: usize, key: Key) -> Result<String, Refusal> {
        let participant = &mut self.participants[index];
        let (sdp, version) = media::reoffer(&participant.sdp, participant.version, &[])
            .ok_or_else(|| Refusal::new(488))?;
        participant.changes.proposal = Some(Proposal {
            key,
            sdp: sdp.clone(),
            version,
        });
        Ok(sdp)
    }

    fn renegotiate(
        &mut self,
        index: usize,
        request: &Message,
        means: &mut Means,
    ) -> Result<String, Refusal> {
        let mut offer =
            description(request).ok_or_else(|| Refusal::new(415).with("Accept", ACCEPT))?;
        media::settle_direction(&mut offer);
        let lines = |sdp: &str| Description::parse(sdp).map_or(0, |all| all.media.len());
        let participant = &self.participants[index];
        // RFC 3264 8: no m= line of before may be missing. 7.2.1.6/on-reinvite/1.2
        if offer.media.len() < lines(&participant.sdp) {
            return Err(Refusal::new(488));
        }
        // 7.2.1.6/on-reinvite/1
        let offered =
            Offered::select(offer, &means.config.accept_types).ok_or_else(|| Refusal::new(488))?;
        let origin = self.origin(index);
        let answer = |version| {
            let origin = Origin { version, ..origin };
            media::answer_again(
                means.local.msrp,
                &participant.own,
                origin,
                &offered,
                &means.config.accept_types,
            )
            .map(|answer| answer.to_string())
            .ok_or_else(|| Refusal::new(488))
        };
        // RFC 3264 8: the version rises when, and only when, something changed.
        let mut version = participant.version;
        if answer(version)? != participant.sdp {
            version += 1;
        }
        let sdp = answer(version)?;
        let participant = &mut self.participants[index];
        participant.version = version;
        participant.sdp.clone_from(&sdp);
        // 7.2.1.6/on-reinvite/2
        means
            .switch
            .announce(participant.leg, media::types_of(&sdp));
        means.switch.agree(
            participant.leg,
            media::terms_of_offer(offered.media()),
            &mut means.ids,
            &mut means.out,
        );
        Ok(sdp)
    }

    /// The ACK of a participant to our 2xx; it may answer our offer.
    pub(crate) fn acknowledged(
        &mut self,
        index: usize,
        key: Key,
        ack: &Message,
        means: &mut Means,
    ) {
        let participant = &mut self.participants[index];
        if participant.key != Some(key) {
            means.calls.remove(&key);
        }
        let Some(proposal) = participant.changes.proposal.take_if(|one| one.key == key) else {
            return;
        };
        let before = means.switch.types(participant.leg).to_vec();
        self.activate(index, proposal, ack, means);
        self.propagate(index, &before, means);
    }
}

// RFC 5366 5.1: a list means nothing inside a session.
fn check_recipients(request: &Message) -> Result<(), Refusal> {
    let requires = request.values("Require");
    if requires
        .iter()
        .any(|tag| tag.eq_ignore_ascii_case("recipient-list-invite"))
    {
        return Err(Refusal::new(420).with("Unsupported", "recipient-list-invite"));
    }
    Ok(())
}

/// Largest Retry-After, in seconds (RFC 3261 14.2).
const RETRY_AFTER: u32 = 10;
