//! The client's MSRP session: offers and answers, the connection, messages out and in.

use std::collections::VecDeque;

use machines::msrp_receiver::{self, Receiver};
use machines::msrp_sender::{self, FailureReport, Outgoing, Sender};
use machines::offer_answer::{self, OfferAnswer};
use machines::port::{LinkId, Output};
use wire::msrp::{Frame, Kind};
use wire::sdp::{Description, Line, Media};

use super::means::{Means, Purpose};
use super::upper::Told;
use crate::media::{self, Offered, Origin};
use crate::messaging::frames::session_of;
use crate::messaging::leg::{Terms, matches_any};

/// One MSRP session of the client.
#[derive(Debug)]
pub(super) struct Leg {
    name: String,
    own: String,
    number: u64,
    version: u32,
    /// Our description in force, or the one that was offered first.
    sdp: String,
    /// Our description that awaits its answer.
    proposed: Option<(String, u32)>,
    exchange: OfferAnswer,
    pub(super) terms: Terms,
    link: Option<LinkId>,
    sender: Option<Sender>,
    receiver: Receiver,
    /// What was sent and not yet reported, by Message-ID.
    texts: VecDeque<(String, String)>,
}

impl Leg {
    pub(super) fn new(name: &str, means: &mut Means) -> Self {
        let own = format!(
            "msrp://{}/{};tcp",
            means.local.msrp,
            means.ids.msrp_session()
        );
        let paths = &mut means.links.paths;
        paths.insert(session_of(&own).to_owned(), name.to_owned());
        Self {
            name: name.to_owned(),
            own,
            number: means.number(),
            version: 1,
            sdp: String::new(),
            proposed: None,
            exchange: OfferAnswer::new(),
            terms: Terms::default(),
            link: None,
            sender: None,
            receiver: Receiver::new(msrp_receiver::Limits::default(), means.ids.fork()),
            texts: VecDeque::new(),
        }
    }

    fn origin(&self, version: u32) -> Origin {
        Origin {
            number: self.number,
            version,
        }
    }

    /// The first offer.
    // 001:6.2.1.2/client-sends/3a and 3b, and the same steps of 6.2.1.3, 6.2.1.4 and 6.2.1.5
    pub(super) fn offer(&mut self, means: &Means) -> String {
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
    pub(super) fn reoffer(&mut self, types: &[String]) -> Option<String> {
        if self.is_open() {
            return None;
        }
        let (sdp, version) = media::reoffer(&self.sdp, self.version, types)?;
        let description = Description::parse(&sdp).ok()?;
        self.propose(description, sdp.clone(), version);
        Some(sdp)
    }

    /// Whether an offer, ours or theirs, awaits its answer.
    pub(super) fn is_open(&self) -> bool {
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
    pub(super) fn rejected(&mut self) {
        self.proposed = None;
        let input = offer_answer::Input::Rejected;
        self.exchange.handle(input, &mut Vec::new());
    }

    /// The answer to our offer.
    pub(super) fn answered(
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
        (self.sdp, self.version) = (sdp, version);
        self.agree(media::terms_of_answer(taken), means);
        Ok(())
    }

    /// Our answer to an offer, or the code that refuses it; `agreed`: MSRP is in use from now on.
    // 004:6.2.1.2/on-invite/u1, 004:6.2.1.2/on-user-accepts/3, 7.1.2.2/on-reinvite/1
    pub(super) fn answer(
        &mut self,
        mut offer: Description,
        first: bool,
        means: &mut Means,
    ) -> Result<String, u16> {
        media::settle_direction(&mut offer);
        for media in &mut offer.media {
            // We are one participant and no room.
            media
                .lines
                .retain(|line| !line.value.starts_with("chatroom"));
        }
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
        // 7.1.2.2/on-reinvite/2
        self.agree(media::terms_of_offer(offered.media()), means);
        Ok(sdp)
    }

    /// Whether an offer can be answered at all.
    pub(super) fn usable(&self, offer: &Description, means: &Means) -> bool {
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

    fn agree(&mut self, terms: Terms, means: &mut Means) {
        let moved = self.terms.path != terms.path;
        let known = !self.terms.path.is_empty();
        let connect = terms.connect;
        self.terms = terms;
        if moved {
            if known {
                // RFC 4975 8.4: a new path is a new connection.
                self.unlink(means);
            }
            self.renew(means);
        }
        if let (Some(to), None) = (connect, self.link) {
            let link = means.ids.link();
            self.link = Some(link);
            let calls = means.links.calls.entry(link).or_default();
            calls.insert(self.name.clone());
            means.out.push(Output::Connect { link, to });
        }
    }

    // A sender for the path in use; it waits while there is no connection.
    fn renew(&mut self, means: &mut Means) {
        let (from, to) = (vec![self.own.clone()], self.terms.path.clone());
        let limits = msrp_sender::Limits::default();
        let mut sender = Sender::new(from, to, means.ids.fork(), limits);
        if self.link.is_none() {
            sender.handle(msrp_sender::Input::Full, &mut Vec::new());
        }
        self.sender = Some(sender);
    }

    /// A connection is there: ours, which has to speak first (RFC 4975 5.4), or theirs.
    pub(super) fn bound(&mut self, link: LinkId, means: &mut Means) {
        if self.link == Some(link) && link.0 >> 63 != 0 {
            return;
        }
        means.disarm(&Purpose::Lost(self.name.clone()));
        if self.link != Some(link) {
            self.unlink(means);
            self.link = Some(link);
            let calls = means.links.calls.entry(link).or_default();
            calls.insert(self.name.clone());
        } else {
            let transaction = means.ids.msrp_transaction();
            let from = [self.own.clone()];
            let mut hello = Frame::request("SEND", &transaction, &self.terms.path, &from);
            let id = means.ids.msrp_message();
            hello.headers.push(("Message-ID".into(), id));
            let bytes = hello.to_bytes();
            means.out.push(Output::Msrp { link, bytes });
        }
        self.sender_input(msrp_sender::Input::Drained, means);
    }

    /// The connection is gone.
    pub(super) fn lost(&mut self, link: LinkId, means: &mut Means) {
        if self.link != Some(link) {
            return;
        }
        self.link = None;
        self.sender_input(msrp_sender::Input::Down, means);
        self.renew(means);
        means.arm(Purpose::Lost(self.name.clone()), GRACE);
    }

    /// Whether this connection, or none yet, is the session's.
    pub(super) fn accepts(&self, link: LinkId) -> bool {
        self.link.is_none_or(|own| own == link) && !self.own.is_empty()
    }

    /// The link takes no more, or takes more again.
    pub(super) fn full(&mut self, full: bool, means: &mut Means) {
        let input = if full {
            msrp_sender::Input::Full
        } else {
            msrp_sender::Input::Drained
        };
        self.sender_input(input, means);
    }

    /// The response to a chunk did not come.
    pub(super) fn silent(&mut self, transaction: String, means: &mut Means) {
        self.sender_input(msrp_sender::Input::Fired { transaction }, means);
    }

    /// Sends a message; false when there is nobody to send it to.
    pub(super) fn send(
        &mut self,
        content_type: &str,
        body: Vec<u8>,
        text: &str,
        means: &mut Means,
    ) -> bool {
        if self.sender.is_none() {
            return false;
        }
        let id = means.ids.msrp_message();
        self.texts.push_back((id.clone(), text.to_owned()));
        if self.texts.len() > REMEMBERED {
            self.texts.pop_front();
        }
        let outgoing = Outgoing {
            id,
            content_type: content_type.to_owned(),
            body,
            success_report: true,
            failure_report: FailureReport::Yes,
        };
        self.sender_input(msrp_sender::Input::Send(outgoing), means);
        true
    }

    fn sender_input(&mut self, input: msrp_sender::Input, means: &mut Means) {
        let Some(sender) = self.sender.as_mut() else {
            return;
        };
        let mut said = Vec::new();
        sender.handle(input, &mut said);
        for output in said {
            self.sender_says(output, means);
        }
    }

    fn sender_says(&mut self, output: msrp_sender::Output, means: &mut Means) {
        use msrp_sender::Output as Says;
        let call = Some(self.name.clone());
        match output {
            Says::Frame(frame) => self.write(&frame, means),
            Says::Arm { transaction, after } => {
                means.arm(Purpose::Chunk(self.name.clone(), transaction), after)
            }
            Says::Disarm { transaction } => {
                means.disarm(&Purpose::Chunk(self.name.clone(), transaction))
            }
            Says::Delivered { id, code: 200 } => {
                if let Some(text) = self.forget(&id) {
                    means.tell(&Told::Delivered { call, text });
                }
            }
            Says::Delivered { id, code } | Says::Failed { id, code } => {
                self.forget(&id);
                means.notice(format!(
                    "a message in {} was not delivered: {code}",
                    self.name
                ));
            }
            Says::Refused { id } => {
                self.forget(&id);
                means.notice(format!("too much waits to be sent in {}", self.name));
            }
            Says::Gone if !self.texts.is_empty() => {
                let count = self.texts.len();
                self.texts.clear();
                means.notice(format!(
                    "{}: the connection is gone, {count} messages were not confirmed",
                    self.name
                ));
            }
            Says::Gone | Says::Sent { .. } | Says::Drained => {}
            Says::Ignored(why) => means.ignore(why),
        }
    }

    fn forget(&mut self, id: &str) -> Option<String> {
        let place = self.texts.iter().position(|(known, _)| known == id)?;
        self.texts.remove(place).map(|(_, text)| text)
    }

    fn write(&self, frame: &Frame, means: &mut Means) {
        if let Some(link) = self.link {
            let bytes = frame.to_bytes();
            means.out.push(Output::Msrp { link, bytes });
        }
    }

    /// A frame of the session; a whole message comes back.
    pub(super) fn frame(
        &mut self,
        frame: Frame,
        means: &mut Means,
    ) -> Vec<msrp_receiver::Incoming> {
        match &frame.kind {
            Kind::Response(code, _) => {
                let (transaction, code) = (frame.transaction.clone(), *code);
                self.sender_input(msrp_sender::Input::Response { transaction, code }, means);
                return Vec::new();
            }
            Kind::Request(method) if method == "REPORT" => {
                self.sender_input(msrp_sender::Input::Report(frame), means);
                return Vec::new();
            }
            Kind::Request(_) => {}
        }
        let mut said = Vec::new();
        let kind = frame
            .header("Content-Type")
            .filter(|_| frame.body.is_some());
        // RFC 4975 10.6: what our description does not list.
        if let (Some(kind), Some(id)) = (kind, frame.header("Message-ID"))
            && !matches_any(&media::types_of(&self.sdp), kind)
        {
            let (id, code) = (id.to_owned(), 415);
            self.receiver
                .handle(msrp_receiver::Input::Refuse { id, code }, &mut said);
        }
        self.receiver
            .handle(msrp_receiver::Input::Frame(frame), &mut said);
        let mut whole = Vec::new();
        for output in said {
            match output {
                msrp_receiver::Output::Respond(response) => self.write(&response, means),
                msrp_receiver::Output::Message(message) => {
                    if let Some(report) = self.receiver.report(&message, 200) {
                        self.write(&report, means);
                    }
                    whole.push(message);
                }
                msrp_receiver::Output::Aborted { .. } => {
                    means.notice(format!("{}: a message was broken off", self.name))
                }
                msrp_receiver::Output::Ignored(why) => means.ignore(why),
            }
        }
        whole
    }

    /// Frees everything.
    // 7.1.1.12/on-200/u1
    pub(super) fn close(&mut self, means: &mut Means) {
        self.texts.clear();
        self.sender_input(msrp_sender::Input::Down, means);
        self.unlink(means);
        means.disarm(&Purpose::Lost(self.name.clone()));
        means.links.paths.remove(session_of(&self.own));
    }

    fn unlink(&mut self, means: &mut Means) {
        let Some(link) = self.link.take() else {
            return;
        };
        if let Some(calls) = means.links.calls.get_mut(&link) {
            calls.remove(&self.name);
            if calls.is_empty() {
                means.links.calls.remove(&link);
                means.out.push(Output::Close(link));
            }
        }
    }
}

/// The envelope of messages in sessions.
pub(super) const CPIM: &str = "message/cpim";

/// The largest message that is taken, in octets.
const LARGEST: usize = 1 << 20;
/// Sent messages whose text is remembered until they are reported.
const REMEMBERED: usize = 256;
/// How long a session lives without its connection: RFC 4975 5.4 takes it for failed, and lets the other end mend it.
const GRACE: std::time::Duration = std::time::Duration::from_secs(5);
