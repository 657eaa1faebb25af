//! What a chair remembers of changes inside its calls: those it asks for, those it is asked for.

use wire::sip::Message;

use super::{Agent, Call, Reply, Side, refused, sdp_of};

/// A re-INVITE or UPDATE of a chair.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    request: Message,
    /// What it offers; for a re-INVITE without an offer what its ACK answers.
    sdp: String,
    code: Option<u16>,
    ack: Option<Vec<u8>>,
}

impl Asked {
    pub(crate) fn new(request: Message, sdp: String) -> Self {
        let (code, ack) = (None, None);
        Self {
            request,
            sdp,
            code,
            ack,
        }
    }
}

impl Call {
    /// The chair's session description, last given.
    pub(crate) fn own_sdp(&self) -> Option<String> {
        self.own_sdp
            .clone()
            .or_else(|| sdp_of(&self.request).filter(|_| self.side == Side::Caller))
    }

    pub(crate) fn gave(&mut self, sdp: String) {
        self.own_sdp = Some(sdp);
    }

    /// The final status of the chair's request with this CSeq.
    pub(crate) fn code_of(&self, cseq: &str) -> Option<u16> {
        let mut asked = self.asked.iter();
        asked
            .find(|one| one.request.header("CSeq") == Some(cseq))?
            .code
    }

    /// The chair has agreed to a request of the subject, with this description of its own.
    pub(crate) fn changed(&mut self, request: &Message, own: Option<String>) {
        if own.is_some() {
            self.own_sdp = own;
            self.remote_sdp = sdp_of(request).or(self.remote_sdp.take());
        }
    }
}

impl Agent {
    /// A refresh keeps the session as it is: same description, same timer, refresher as asked.
    pub(super) fn agree_again(&mut self, message: &Message, call_id: &str, answer: &mut Message) {
        if let Some(timer) = message.header("Session-Expires") {
            answer.push("Session-Expires", timer.to_owned());
            answer.push("Require", "timer");
        }
        let Some(call) = self.call_mut(call_id) else {
            return;
        };
        let contact = call
            .request
            .header("Contact")
            .unwrap_or_default()
            .to_owned();
        answer.push(
            "Contact",
            if call.side == Side::Caller {
                contact
            } else {
                call.contact
                    .clone()
                    .unwrap_or_else(|| format!("<{}>", call.local))
            },
        );
        if !message.body.is_empty()
            && let Some(own) = call.own_sdp()
        {
            let own = as_answer(&own);
            call.changed(message, Some(own.clone()));
            answer.set_body("application/sdp", own.into_bytes());
        }
    }

    pub(super) fn holds(&mut self, chair: &str, call_id: &str) -> bool {
        self.holding.contains(chair) && self.call_mut(call_id).is_some_and(|call| !call.ended)
    }

    /// A response to a re-INVITE or UPDATE of the chair.
    pub(super) fn asked_response(
        &mut self,
        scene: usize,
        call_id: &str,
        message: &Message,
        via: &str,
    ) -> Option<Vec<Reply>> {
        let cseq = message.cseq()?;
        let call = self.call_mut(call_id)?;
        let mut asked = call.asked.iter();
        let place = asked.position(|one| one.request.cseq().as_ref() == Some(&cseq))?;
        let code = message.code().unwrap_or_default();
        if code < 200 {
            return Some(Vec::new());
        }
        let (chair, flow) = (call.chair.clone(), call.flow);
        let one = call.asked[place].clone();
        if let Some(ack) = one.ack {
            return Some(vec![(chair, flow, ack)]);
        }
        call.asked[place].code = Some(code);
        if code < 300 {
            call.own_sdp = sdp_of(message)
                .map(|_| one.sdp.clone())
                .or(call.own_sdp.take());
            call.remote_sdp = sdp_of(message).or(call.remote_sdp.take());
            if let Some(contact) = message.contact() {
                call.target = contact.uri.to_string();
            }
        }
        if cseq.method != "INVITE" {
            return Some(Vec::new());
        }
        let ack = if code < 300 {
            let (mut ack, _) = self.inside(scene, "ACK", call_id, via)?;
            ack.set("CSeq", format!("{} ACK", cseq.number));
            if one.request.body.is_empty() {
                ack.set_body("application/sdp", as_answer(&one.sdp).into_bytes());
            }
            ack
        } else {
            refused(&one.request, message)?
        };
        let ack = ack.to_bytes();
        if let Some(call) = self.call_mut(call_id) {
            call.asked[place].ack = Some(ack.clone());
        }
        Some(vec![(chair, flow, ack)])
    }

    /// Keeps a re-INVITE or UPDATE for the scenario to answer; a 100 keeps a re-INVITE from being sent again.
    pub(super) fn hold(&mut self, call_id: &str, message: &Message) -> Option<Vec<u8>> {
        self.call_mut(call_id)?.held = Some(message.clone());
        (message.method() == Some("INVITE"))
            .then(|| Message::response(message, 100, "Trying").to_bytes())
    }
}

/// The chair's description as the answer to an offer that leaves the choice: who may connect does (RFC 6135 4.2).
fn as_answer(own: &str) -> String {
    own.replace("a=setup:actpass\r\n", "a=setup:active\r\n")
}
