//! The client's MSRP session: offers and answers, the connection, messages out and in.

mod offers;

use std::collections::VecDeque;

use machines::msrp_receiver::{self, Receiver};
use machines::msrp_sender::{self, FailureReport, Outgoing, Sender};
use machines::offer_answer::OfferAnswer;
use machines::port::{LinkId, Output};
use wire::msrp::{Frame, Kind};

use super::agent::Happened;
use super::means::{Means, Purpose};
use super::upper::Told;
use crate::media;
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
    /// Octets of the largest message that the other end takes.
    largest: Option<usize>,
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
            largest: None,
            link: None,
            sender: None,
            receiver: Receiver::new(msrp_receiver::Limits::default(), means.ids.fork()),
            texts: VecDeque::new(),
        }
    }

    fn agree(&mut self, terms: Terms, means: &mut Means) {
        let moved = self.terms.path != terms.path;
        let known = !self.terms.path.is_empty();
        let connect = terms.connect;
        self.terms = terms;
        if moved {
            if known {
                // RFC 4975 8.4: a new path is a new connection.
                if self.sender.as_ref().is_some_and(|one| one.queued() > 0) {
                    means.notice(format!(
                        "{}: what waited was not sent, the other side is elsewhere now",
                        self.name
                    ));
                }
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

    /// Whether this connection is the session's.
    pub(super) fn is_on(&self, link: LinkId) -> bool {
        self.link == Some(link)
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

    /// Sends a message, or says why not.
    pub(super) fn send(
        &mut self,
        content_type: &str,
        body: Vec<u8>,
        text: &str,
        means: &mut Means,
    ) -> Result<(), &'static str> {
        if self.sender.is_none() {
            return Err("has no MSRP session");
        }
        // RFC 4975 8.8
        if self.largest.is_some_and(|largest| body.len() > largest) {
            return Err("takes no message as long as this");
        }
        if self.link.is_none() {
            means.arm(Purpose::Lost(self.name.clone()), LATE);
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
        Ok(())
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
        if matches!(
            output,
            Says::Sent { .. } | Says::Failed { .. } | Says::Refused { .. }
        ) {
            let call = self.name.clone();
            means.happen(|| Happened::Sent { call });
        }
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
            // RFC 4975 7.1.2: a report may speak of a part.
            Kind::Request(method) if method == "REPORT" && is_partial(&frame) => {
                means.ignore("part of a message has arrived");
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

fn is_partial(report: &Frame) -> bool {
    let range = report.byte_range();
    let ends = range.and_then(|range| Some((range.end?, range.total?)));
    report.status() == Some(200) && ends.is_some_and(|(end, total)| end < total)
}

/// The envelope of messages in sessions.
pub(super) const CPIM: &str = "message/cpim";

/// Sent messages whose text is remembered until they are reported.
const REMEMBERED: usize = 256;
/// How long a session lives without its connection: RFC 4975 5.4 takes it for failed, and lets the other end mend it.
const GRACE: std::time::Duration = std::time::Duration::from_secs(5);
/// How long a message waits for a connection that was never there.
const LATE: std::time::Duration = std::time::Duration::from_secs(32);
