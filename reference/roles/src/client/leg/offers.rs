//! Offers and answers of the client's MSRP session (RFC 3264, RFC 4975 8).

use machines::offer_answer;
use wire::sdp::{Description, Line, Media};

use super::{CPIM, Leg};
use crate::client::means::Means;
use crate::media::{self, Offered, Origin};
use crate::messaging::leg::matches_any;

impl Leg {
    fn origin(&self, version: u32) -> Origin {
        Origin {
            number: self.number,
            version,
        }
    }

    /// The first offer.
    // 001:6.2.1.2/client-sends/3a and 3b, and the same steps of 6.2.1.3, 6.2.1.4 and 6.2.1.5
    pub(in crate::client) fn offer(&mut self, means: &Means) -> String {
        let types = means.config.accept_types.join(" ");
        let line = |value: String| Line { kind: 'a', value };
        let model = Media {
            kind: "message".into(),
            port: 0,
            protocol: "TCP/MSRP".into(),
            formats: vec!["*".into()],
            lines: vec![
                line(format!("accept-types:{types}")),
                line(format!("max-size:{LARGEST}")),
            ],
        };
        let description = media::offer(means.local.msrp, &self.own, self.origin(1), &model);
        let sdp = description.to_string();
        self.propose(description, sdp.clone(), 1);
        sdp
    }

    /// A further offer with these types; none: the ones of before. Nothing when an offer is open.
    pub(in crate::client) fn reoffer(&mut self, types: &[String]) -> Option<String> {
        if self.is_open() {
            return None;
        }
        let (sdp, version) = media::reoffer(&self.sdp, self.version, types)?;
        let description = Description::parse(&sdp).ok()?;
        self.propose(description, sdp.clone(), version);
        Some(sdp)
    }

    /// Whether an offer, ours or theirs, awaits its answer.
    pub(in crate::client) fn is_open(&self) -> bool {
        !matches!(
            self.exchange.state(),
            offer_answer::State::Idle | offer_answer::State::Agreed
        )
    }

    fn propose(&mut self, description: Description, sdp: String, version: u32) {
        self.proposed = Some((sdp, version));
        let offer = offer_answer::Input::SendOffer(description);
        self.exchange.handle(offer, &mut Vec::new());
    }

    /// Our offer was refused: what was agreed before stands.
    pub(in crate::client) fn rejected(&mut self) {
        self.proposed = None;
        let input = offer_answer::Input::Rejected;
        self.exchange.handle(input, &mut Vec::new());
    }

    /// The answer to our offer.
    pub(in crate::client) fn answered(
        &mut self,
        answer: Option<Description>,
        means: &mut Means,
    ) -> Result<(), &'static str> {
        let Some((sdp, version)) = self.proposed.take() else {
            return Ok(());
        };
        let Some(mut answer) = answer else {
            self.rejected();
            return Err("there was no answer to the offer");
        };
        media::settle_direction(&mut answer);
        let mut said = Vec::new();
        let input = offer_answer::Input::ReceiveAnswer(answer.clone());
        self.exchange.handle(input, &mut said);
        if said != [offer_answer::Output::Agreed] {
            self.rejected();
            return Err("the answer does not fit the offer");
        }
        let Some(taken) = answer.media.iter().find(|one| media::is_msrp(one)) else {
            return Err("the answer refuses MSRP");
        };
        let terms = media::terms_of_answer(taken);
        let takes = |kind| matches_any(&terms.accept_types, kind);
        if !terms.accept_types.is_empty() && !takes(CPIM) && !takes("text/plain") {
            return Err("the other side takes nothing that we can send");
        }
        (self.sdp, self.version) = (sdp, version);
        self.largest = largest(taken);
        self.agree(terms, means);
        Ok(())
    }

    /// Our answer to an offer, or the code that refuses it; `agreed`: MSRP is in use from now on.
    // 004:6.2.1.2/on-invite/u1, 004:6.2.1.2/on-user-accepts/3, 7.1.2.2/on-reinvite/1
    pub(in crate::client) fn answer(
        &mut self,
        mut offer: Description,
        first: bool,
        means: &mut Means,
    ) -> Result<String, u16> {
        media::settle_direction(&mut offer);
        narrow(&mut offer);
        let (sdp, version, offered) = self.prepare(&offer, first, means).ok_or(488_u16)?;
        let mut said = Vec::new();
        let input = offer_answer::Input::ReceiveOffer(offer);
        self.exchange.handle(input, &mut said);
        match said.first() {
            None => {}
            Some(offer_answer::Output::Retry) => return Err(491),
            Some(offer_answer::Output::Refuse) => return Err(500),
            Some(_) => return Err(488),
        }
        let ours = Description::parse(&sdp).map_err(|_| 488_u16)?;
        let input = offer_answer::Input::SendAnswer(ours);
        self.exchange.handle(input, &mut said);
        (self.sdp, self.version) = (sdp.clone(), version);
        self.largest = largest(offered.media());
        // 7.1.2.2/on-reinvite/2
        self.agree(media::terms_of_offer(offered.media()), means);
        Ok(sdp)
    }

    /// Whether an offer can be answered at all.
    pub(in crate::client) fn usable(&self, offer: &Description, means: &Means) -> bool {
        self.prepare(offer, true, means).is_some()
    }

    // 7.1.2.2/on-reinvite/6.2: in a session that goes on, message/cpim is among the types.
    fn prepare(
        &self,
        offer: &Description,
        first: bool,
        means: &Means,
    ) -> Option<(String, u32, Offered)> {
        let policy = &means.config.accept_types;
        let offered = Offered::select(offer.clone(), policy)?;
        let write = |version| {
            let (ours, origin) = (means.local.msrp, self.origin(version));
            let answer = media::answer_again(ours, &self.own, origin, &offered, policy)?;
            Some(answer.to_string())
        };
        let mut version = self.version;
        let mut sdp = write(version)?;
        // RFC 3264 8: the version rises when, and only when, something changed.
        if !self.sdp.is_empty() && sdp != self.sdp {
            version += 1;
            sdp = write(version)?;
        }
        (first || matches_any(&media::types_of(&sdp), CPIM)).then_some((sdp, version, offered))
    }
}

// What an answer of ours may repeat: no room, and no message longer than we take.
fn narrow(offer: &mut Description) {
    for media in &mut offer.media {
        media
            .lines
            .retain(|line| !line.value.starts_with("chatroom"));
        for line in &mut media.lines {
            let size = line.value.strip_prefix("max-size:");
            let size: Option<u64> = size.and_then(|size| size.trim().parse().ok());
            if size.is_some_and(|size| size > LARGEST) {
                line.value = format!("max-size:{LARGEST}");
            }
        }
    }
}

/// What the other end says of the largest message that it takes.
fn largest(media: &Media) -> Option<usize> {
    media.attribute("max-size")?.trim().parse().ok()
}

/// The largest message that is taken, in octets.
const LARGEST: u64 = 1 << 20;
