//! What a chair does inside a dialog, or outside of any: leave, cancel, probe.

use std::time::Duration;

use trace::Exchange;
use trace::matchers::{Sip, received_responses, sent_requests};
use wire::scan::Scan;
use wire::sip::Message;

use crate::Scene;
use crate::agent::{Call, Side};
use crate::core::lock;
use crate::lab::flow;

impl Scene {
    /// `chair` sends a BYE whose tags and Call-ID belong to no dialog.
    pub async fn bye_nowhere(&mut self, chair: &str) {
        if !self.act() {
            return;
        }
        let factory = self.lab.profile.conference_factory.clone();
        let mut request = self.fresh("BYE", chair, &factory);
        request.set("To", format!("<{factory}>;tag=never{}", self.table.number));
        request.remove("Contact");
        let to = flow(self.table.transport, self.subject);
        self.table
            .send_sip((chair.to_owned(), to, request.to_bytes()));
    }

    /// `chair` leaves its session, or every session it still has.
    pub async fn leave(&mut self, chair: &str) {
        if !self.act() {
            return;
        }
        let calls: Vec<String> = lock(&self.table.agent)
            .calls
            .iter()
            .filter(|c| {
                c.chair == chair
                    && !c.ended
                    && c.code.is_some_and(|c| c < 300)
                    && c.request.method() == Some("INVITE")
            })
            .map(|c| c.id.clone())
            .collect();
        if calls.is_empty() {
            return self.block(format!("{chair} is in no session to leave"));
        }
        for call in calls {
            self.bye(&call).await;
        }
    }

    pub(crate) async fn bye(&mut self, call_id: &str) {
        self.inside("BYE", call_id).await;
    }

    /// Sends `method` in the dialog and waits for its final answer.
    pub(crate) async fn inside(&mut self, method: &str, call_id: &str) {
        let chair = lock(&self.table.agent).call_mut(call_id).map(|call| {
            // The session is over when the BYE is passed on (RFC 3261 15.1.1).
            call.ended |= method == "BYE";
            call.chair.clone()
        });
        let chair = chair.unwrap_or_default();
        let via = self.table.via(&chair);
        let number = self.table.number;
        let prepared = lock(&self.table.agent).inside(number, method, call_id, &via);
        let Some((request, flow)) = prepared else {
            return;
        };
        self.table.send_sip((chair, flow, request.to_bytes()));
        self.wait(None, move |ex| final_answer(ex, &request)).await;
    }

    pub(crate) async fn cancel(&mut self, call_id: &str) {
        let Some(call) = lock(&self.table.agent).call_mut(call_id).map(|c| c.clone()) else {
            return;
        };
        let invite = &call.request;
        let copy = |name: &str| invite.header(name).unwrap_or_default().to_owned();
        let cancel = Message::request("CANCEL", invite.uri().unwrap_or_default())
            .with("Via", copy("Via"))
            .with("Max-Forwards", "70")
            .with("From", copy("From"))
            .with("To", copy("To"))
            .with("Call-ID", copy("Call-ID"))
            .with("CSeq", "1 CANCEL");
        self.table
            .send_sip((call.chair.clone(), call.flow, cancel.to_bytes()));
        self.wait(None, move |ex| final_answer(ex, &call.request))
            .await;
    }

    /// The call `chair` started last, once it has a final answer.
    pub async fn answered(&mut self, chair: &str) -> Option<Call> {
        if self.is_guest(chair) {
            return None;
        }
        let table = std::sync::Arc::clone(&self.table);
        let seat = chair.to_owned();
        let call = move || {
            lock(&table.agent)
                .calls
                .iter()
                .rev()
                .find(|c| {
                    c.chair == seat
                        && c.side == Side::Caller
                        && c.request.method() == Some("INVITE")
                })
                .cloned()
        };
        self.wait(None, move |_| call().filter(|c| c.code.is_some()))
            .await
    }

    /// Whether the chair was called and has called nobody.
    fn is_guest(&self, chair: &str) -> bool {
        let agent = lock(&self.table.agent);
        let mut calls = agent.calls.iter().filter(|c| c.chair == chair);
        let invited = |c: &Call| c.side == Side::Called && c.request.method() == Some("INVITE");
        calls.clone().any(invited)
            && !calls.any(|c| c.side == Side::Caller && c.request.method() == Some("INVITE"))
    }

    /// Whether the subject answers anything: OPTIONS first, then an INVITE that nobody must accept.
    pub(crate) async fn knock(&mut self, patience: Duration) -> bool {
        let target = format!("sip:{}", self.lab.profile.domain);
        let request = self.fresh("OPTIONS", "alice", &target);
        let to = flow(self.table.transport, self.subject);
        self.table
            .send_sip(("alice".to_owned(), to, request.to_bytes()));
        let limit = patience.as_secs_f64() * self.scale / 2.0;
        if self.wait(Some(limit), any_answer).await.is_none() {
            let factory = self.lab.profile.unallocated_factory.clone();
            self.invite("alice", &["bob".to_owned()], &factory).await;
            self.wait(Some(limit), any_answer).await;
        }
        let heard = any_answer(&self.exchange()).is_some();
        if heard {
            self.finish().await;
        } else {
            self.table.leave();
        }
        heard
    }
}

/// A response of the subject's own making; an echo of what the tester sent is none.
fn any_answer(exchange: &Exchange) -> Option<()> {
    let ours = |bytes: &[u8]| exchange.sent().any(|f| f.bytes == bytes);
    exchange
        .received()
        .any(|f| Scan::sip(&f.bytes).code().is_some() && !ours(&f.bytes))
        .then_some(())
}

/// Code and start line of the final answer to the last invitation that a chair began.
///
/// A 407 to one that was sent again with credentials (RFC 3261 22.3) says nothing of who will be invited.
pub(crate) fn answer_to_inviter(exchange: &Exchange) -> Option<(u16, String)> {
    let begins = |invite: &Sip<'_>| {
        let to = invite.scan.field("To");
        to.is_none_or(|to| !to.value.contains(";tag="))
    };
    let mut invites = sent_requests(exchange, "INVITE").into_iter();
    let last = invites.rfind(begins)?;
    let answers = received_responses(exchange, last.frame).into_iter();
    let mut finals = answers.filter_map(|one| {
        let code = one.scan.code().filter(|code| *code >= 200)?;
        Some((code, format!("{:?}", one.scan.start_line())))
    });
    finals.next()
}

/// Status of the final answer to a request of the tester, found by its transaction (RFC 3261 17.1.3).
pub(crate) fn final_answer(exchange: &Exchange, request: &Message) -> Option<u16> {
    let branch = |message: &Message| message.via()?.branch().map(str::to_owned);
    exchange.received().find_map(|frame| {
        let code = Scan::sip(&frame.bytes).code().filter(|code| *code >= 200)?;
        let answer = Message::parse(&frame.bytes).ok()?;
        let same = branch(&answer) == branch(request) && answer.cseq() == request.cseq();
        same.then_some(code)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use trace::{Direction, Frame, Protocol};

    #[test]
    fn a_challenge_that_was_met_is_no_answer_to_the_invitation() {
        use Direction::{Received, Sent};
        let messages = [
            (Sent, "INVITE sip:bob@x SIP/2.0", "1 INVITE"),
            (
                Received,
                "SIP/2.0 407 Proxy Authentication Required",
                "1 INVITE",
            ),
            (Sent, "INVITE sip:bob@x SIP/2.0", "2 INVITE"),
            (Received, "SIP/2.0 180 Ringing", "2 INVITE"),
            (Received, "SIP/2.0 486 Busy Here", "2 INVITE"),
        ];
        let mut exchange = Exchange::default();
        let answers: Vec<Option<u16>> = (0..)
            .zip(messages)
            .map(|(index, (direction, start, cseq))| {
                let text =
                    format!("{start}\r\nTo: <sip:bob@x>\r\nCall-ID: 1\r\nCSeq: {cseq}\r\n\r\n");
                exchange.frames.push(Frame {
                    index,
                    at_us: 0,
                    direction,
                    chair: "alice".to_owned(),
                    protocol: Protocol::Sip,
                    transport: "udp".to_owned(),
                    local: ([127, 0, 0, 1], 1).into(),
                    remote: ([127, 0, 0, 1], 2).into(),
                    bytes: text.into_bytes(),
                });
                answer_to_inviter(&exchange).map(|(code, _)| code)
            })
            .collect();
        assert_eq!(answers, [None, Some(407), None, None, Some(486)]);
    }
}
