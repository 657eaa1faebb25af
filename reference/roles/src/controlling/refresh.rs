//! Supervision of the session by RFC 4028 (7.2.1.11), and the re-INVITE and UPDATE that refresh it.

use machines::dialog;
use machines::session_timer::{self, Input, Output, Refresher, Timer, header};
use machines::transactions::Key;
use wire::sip::Message;

use super::admission::{SDP, description, extensions, session_interval, settings};
use super::general::{ACCEPT, ALLOW, Refusal, allowed, contact, response};
use super::media::{self, Offered, Origin};
use super::session::{Presence, Session};
use crate::means::{Means, Purpose};

impl Session {
    /// Starts or restarts supervision; `ours`: we refresh.
    pub(crate) fn start_timer(
        &mut self,
        index: usize,
        interval: u32,
        ours: bool,
        means: &mut Means,
    ) {
        self.timer_input(index, Input::Agreed { interval, ours }, means);
    }

    pub(crate) fn stop_timer(&mut self, index: usize, means: &mut Means) {
        self.timer_input(index, Input::Stop, means);
    }

    /// A participant's session timer.
    pub(crate) fn timer_fired(&mut self, index: usize, timer: Timer, means: &mut Means) {
        self.timer_input(index, Input::Fired(timer), means);
    }

    fn timer_input(&mut self, index: usize, input: Input, means: &mut Means) {
        let party = self.party(index);
        let Some(participant) = self.participants.get_mut(index) else {
            return;
        };
        let mut said = Vec::new();
        participant.timer.handle(input, &mut said);
        for output in said {
            match output {
                Output::Arm { timer, after } => means.arm(Purpose::Session(party, timer), after),
                Output::Disarm(timer) => means.disarm(&Purpose::Session(party, timer)),
                Output::Refresh => self.refresh(index, means),
                // 7.2.1.11: expired, the participant is removed.
                Output::Bye => self.remove(index, means),
                Output::Ignored(_) => {}
            }
        }
    }

    // RFC 4028 7.4: UPDATE where the peer allows it, else a re-INVITE with the same description.
    fn refresh(&mut self, index: usize, means: &mut Means) {
        let party = self.party(index);
        let interval = means.config.session_expires;
        let participant = &mut self.participants[index];
        let update = participant.allow.iter().any(|method| method == "UPDATE");
        let Some(dialog) = participant.dialog.as_mut() else {
            return;
        };
        let mut request = dialog.request(if update { "UPDATE" } else { "INVITE" });
        request.push("Allow", ALLOW);
        request.push("Supported", "timer");
        request.push("Session-Expires", header(interval, Refresher::Uac));
        if !update {
            request.set_body(SDP, participant.sdp.as_bytes().to_vec());
        }
        let flow = means.hop(dialog, participant.transport);
        means.request(request, flow, party);
    }

    /// The answer to our refresh.
    pub(crate) fn refreshed(
        &mut self,
        index: usize,
        key: Key,
        response: &Message,
        means: &mut Means,
    ) {
        let code = response.code().unwrap_or(500);
        if code < 200 {
            return;
        }
        means.calls.remove(&key);
        if code >= 300 {
            self.timer_input(index, Input::RefreshFailed { code }, means);
            return;
        }
        let Some(participant) = self.participants.get_mut(index) else {
            return;
        };
        let Some(dialog) = participant.dialog.as_mut() else {
            return;
        };
        dialog.handle(dialog::Input::Response(response), &mut Vec::new());
        if let Some(cseq) = response.cseq().filter(|cseq| cseq.method == "INVITE") {
            let ack = dialog.ack(cseq.number);
            let flow = means.hop(dialog, participant.transport);
            means.acknowledge(key, ack, flow);
        }
        if let Some((interval, refresher)) =
            session_timer::accepted(response, &settings(&means.config))
        {
            self.start_timer(index, interval, refresher == Refresher::Uac, means);
        }
    }

    /// A re-INVITE or UPDATE of a participant.
    pub(crate) fn modify(&mut self, index: usize, key: Key, request: &Message, means: &mut Means) {
        if let Err(refusal) = self.try_modify(index, key, request, means) {
            means.refuse(key, request, refusal);
        }
    }

    fn try_modify(
        &mut self,
        index: usize,
        key: Key,
        request: &Message,
        means: &mut Means,
    ) -> Result<(), Refusal> {
        self.check_recipients(request)?;
        extensions(request)?;
        let (interval, refresher, require) = session_interval(&means.config, request)?;
        if self.participants[index].presence != Presence::Connected {
            return Err(Refusal::new(491));
        }
        let sdp = if request.body.is_empty() {
            self.repeat(index, request)
        } else {
            Some(self.renegotiate(index, request, means)?)
        };
        if request.header("Allow").is_some() {
            self.participants[index].allow = allowed(request);
        }
        let mut answer = response(&means.config, request, 200, &self.asserted, &self.identity);
        answer.remove("Record-Route");
        answer.set("Contact", contact(&self.identity));
        answer.push("Supported", "timer");
        if require {
            answer.push("Require", "timer");
        }
        answer.push("Session-Expires", header(interval, refresher));
        if let Some(sdp) = sdp {
            answer.set_body(SDP, sdp.into_bytes());
        }
        means.respond(key, answer);
        self.start_timer(index, interval, refresher == Refresher::Uas, means);
        Ok(())
    }

    // RFC 5366 5.1: a list means nothing inside a session.
    fn check_recipients(&self, request: &Message) -> Result<(), Refusal> {
        if request
            .values("Require")
            .iter()
            .any(|tag| tag.eq_ignore_ascii_case("recipient-list-invite"))
        {
            return Err(Refusal::new(420).with("Unsupported", "recipient-list-invite"));
        }
        Ok(())
    }

    // RFC 3261 14.2: a re-INVITE without an offer gets ours again.
    fn repeat(&self, index: usize, request: &Message) -> Option<String> {
        (request.method() == Some("INVITE")).then(|| self.participants[index].sdp.clone())
    }

    fn renegotiate(
        &mut self,
        index: usize,
        request: &Message,
        means: &mut Means,
    ) -> Result<String, Refusal> {
        let offer = description(request).ok_or_else(|| Refusal::new(415).with("Accept", ACCEPT))?;
        let offered =
            Offered::select(offer, &means.config.accept_types).ok_or_else(|| Refusal::new(488))?;
        let origin = self.origin(index);
        let participant = &mut self.participants[index];
        let answer = |version| {
            let origin = Origin { version, ..origin };
            media::answer(
                means.local.msrp,
                &participant.own,
                origin,
                &offered,
                offered.media(),
            )
            .map(|answer| answer.to_string())
            .ok_or_else(|| Refusal::new(488))
        };
        // RFC 3264 8: the version rises when, and only when, something changed.
        if answer(participant.version)? != participant.sdp {
            participant.version += 1;
        }
        let answer = answer(participant.version)?;
        means.switch.agree(
            participant.leg,
            media::terms_of_offer(offered.media()),
            &mut means.ids,
            &mut means.out,
        );
        participant.sdp = answer.clone();
        Ok(answer)
    }
}
