//! The tester's SIP user agents: what a chair remembers of its calls, and how it answers by itself.

use std::collections::{HashMap, HashSet};

use machines::port::Flow;
use wire::sip::{Message, NameAddr};

use crate::actions::SERVER;

mod call;
mod changes;
mod notifier;
mod relay;

pub use call::{Call, Side};
pub(crate) use changes::Asked;

/// Bytes to send, and by which flow; `None` goes to the subject's own address.
pub(crate) type Reply = (String, Flow, Vec<u8>);

#[derive(Default)]
pub(crate) struct Agent {
    pub(crate) calls: Vec<Call>,
    /// Chairs that do not answer changes by themselves.
    pub(crate) holding: HashSet<String>,
    /// Chairs that know nothing of their session any more once the subject changes or refreshes it.
    pub(crate) lost: HashSet<String>,
    /// Answers already given, by branch and method, for retransmitted requests.
    given: HashMap<String, Vec<u8>>,
    branches: usize,
    /// Requests that the server passed on as a proxy does, by the branch of its Via: as it got them, and from where.
    relayed: HashMap<String, (Message, Flow)>,
    /// Addresses of those whom the state of a conference shows.
    pub(crate) roster: Vec<String>,
    /// Seconds that a subscription is granted at most, where a scenario says so.
    pub(crate) grants: Option<u32>,
    /// Chairs that leave messages unanswered, and what they have not answered.
    pub(crate) silent: HashSet<String>,
    pub(crate) unanswered: Vec<(String, Message, Flow)>,
}

fn transaction_key(request: &Message) -> String {
    let branch = request
        .via()
        .and_then(|v| v.branch().map(str::to_owned))
        .unwrap_or_default();
    format!("{branch} {}", request.method().unwrap_or_default())
}

fn sdp_of(message: &Message) -> Option<String> {
    let kind = message.header("Content-Type")?;
    let part = wire::mime::find(kind, &message.body, "application/sdp")?;
    String::from_utf8(part.body).ok()
}

impl Agent {
    pub(crate) fn branch(&mut self, scene: usize) -> String {
        self.branches += 1;
        format!("z9hG4bKshall{scene}x{}", self.branches)
    }

    pub(crate) fn call_mut(&mut self, id: &str) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.id == id)
    }

    /// The id of the call that a message for `chair` belongs to, or would begin.
    fn id_of(&self, chair: &str, message: &Message) -> String {
        let call_id = message.call_id().unwrap_or_default();
        let same = || self.calls.iter().filter(|call| call.call_id() == call_id);
        let initial = message.is_request() && message.to().is_none_or(|to| to.tag().is_none());
        match same().find(|call| call.chair == chair) {
            Some(own) => own.id.clone(),
            None if initial && same().next().is_some() => format!("{call_id} {chair}"),
            None => call_id.to_owned(),
        }
    }

    /// Whose dialog a message belongs to, by the tag that the chair gave it.
    pub(crate) fn chair_in_dialog(&self, message: &Message) -> Option<String> {
        let own = if message.is_request() {
            message.to()
        } else {
            message.from()
        };
        let tag = own.as_ref().and_then(NameAddr::tag)?;
        let mut calls = self.calls.iter();
        let call = calls.find(|c| c.local_tag == tag && Some(c.call_id()) == message.call_id());
        call.map(|call| call.chair.clone())
    }

    /// Remembers a call that the chair starts with `request`.
    pub(crate) fn start(&mut self, chair: &str, request: Message, flow: Flow) {
        let text = |value: Option<NameAddr>| value.map(|n| n.uri.to_string()).unwrap_or_default();
        let tag = request
            .from()
            .and_then(|f| f.tag().map(str::to_owned))
            .unwrap_or_default();
        self.calls.push(Call {
            chair: chair.to_owned(),
            side: Side::Caller,
            id: request.call_id().unwrap_or_default().to_owned(),
            flow,
            local: text(request.from()),
            local_tag: tag,
            remote: text(request.to()),
            remote_tag: None,
            target: request.uri().unwrap_or_default().to_owned(),
            routes: Vec::new(),
            cseq: 1,
            code: None,
            contact: None,
            ended: false,
            remote_sdp: None,
            ack: None,
            asked: Vec::new(),
            held: None,
            own_sdp: None,
            request,
        });
    }

    /// A request of the chair inside the dialog; ACK keeps the INVITE's number.
    pub(crate) fn inside(
        &mut self,
        scene: usize,
        method: &str,
        call_id: &str,
        via: &str,
    ) -> Option<(Message, Flow)> {
        let branch = self.branch(scene);
        let call = self.call_mut(call_id)?;
        if method != "ACK" {
            call.cseq += 1;
        }
        let mut request = Message::request(method, &call.target)
            .with("Via", format!("{via};branch={branch}"))
            .with("Max-Forwards", "70")
            .with("From", format!("<{}>;tag={}", call.local, call.local_tag))
            .with(
                "To",
                match &call.remote_tag {
                    Some(tag) => format!("<{}>;tag={tag}", call.remote),
                    None => format!("<{}>", call.remote),
                },
            )
            .with("Call-ID", call.call_id())
            .with("CSeq", format!("{} {method}", call.cseq));
        for route in &call.routes {
            request.push("Route", route.clone());
        }
        Some((request, call.flow))
    }

    /// Takes a message of the subject; returns what the chair sends without being told to.
    pub(crate) fn receive(
        &mut self,
        scene: usize,
        chair: &str,
        message: &Message,
        flow: Flow,
        via: &str,
    ) -> Vec<Reply> {
        match message.method() {
            Some(method) => self.request(scene, chair, method, message, flow, via),
            None => self.response(scene, chair, message, via),
        }
    }

    fn request(
        &mut self,
        scene: usize,
        chair: &str,
        method: &str,
        message: &Message,
        flow: Flow,
        via: &str,
    ) -> Vec<Reply> {
        let reply = |bytes: Vec<u8>| vec![(chair.to_owned(), flow, bytes)];
        if let Some(bytes) = self.given.get(&transaction_key(message)) {
            return reply(bytes.clone());
        }
        let call_id = self.id_of(chair, message);
        let in_dialog = message.to().is_some_and(|to| to.tag().is_some());
        match method {
            "ACK" => Vec::new(),
            "INVITE" if !in_dialog => {
                // A retransmission of an invitation that still rings is no second call.
                if self.call_mut(&call_id).is_none() {
                    self.ring_in(scene, chair, message, flow);
                }
                Vec::new()
            }
            // A user agent takes a pager-mode message without asking anybody (RFC 3428 7).
            "MESSAGE" if !in_dialog && !self.silent.contains(chair) => {
                reply(self.respond(message, 200, "OK", Some(chair)))
            }
            "MESSAGE" if !in_dialog => {
                let known = |(_, held, _): &(String, Message, Flow)| held == message;
                if !self.unanswered.iter().any(known) {
                    let held = (chair.to_owned(), message.clone(), flow);
                    self.unanswered.push(held);
                }
                Vec::new()
            }
            // Whoever plays the server has no use for a transfer.
            "REFER" if chair == SERVER && !in_dialog => {
                reply(self.respond(message, 603, "Decline", Some(chair)))
            }
            "REGISTER" => reply(self.register(message)),
            "SUBSCRIBE" => self.subscribe(scene, chair, message, flow, via),
            "CANCEL" => {
                let answers = self.cancelled(&call_id, message);
                answers.into_iter().flat_map(reply).collect()
            }
            "INVITE" | "UPDATE" if self.lost.contains(chair) => {
                let gone = "Call/Transaction Does Not Exist";
                reply(self.respond(message, 481, gone, None))
            }
            "INVITE" | "UPDATE" if self.holds(chair, &call_id) => {
                let trying = self.hold(&call_id, message);
                trying.map(reply).unwrap_or_default()
            }
            _ => reply(self.agree(&call_id, method, message)),
        }
    }

    /// The 200 to a CANCEL, and the 487 to the INVITE that it ends.
    fn cancelled(&mut self, call_id: &str, cancel: &Message) -> Vec<Vec<u8>> {
        let mut answers = vec![self.respond(cancel, 200, "OK", None)];
        let open = self.call_mut(call_id).filter(|call| call.code.is_none());
        let invite = open.map(|call| {
            call.code = Some(487);
            call.ended = true;
            (call.request.clone(), call.local_tag.clone())
        });
        if let Some((invite, tag)) = invite {
            answers.push(self.respond(&invite, 487, "Request Terminated", Some(&tag)));
        }
        answers
    }

    /// The 200 to a request inside a dialog that the chair has, or 481.
    fn agree(&mut self, call_id: &str, method: &str, message: &Message) -> Vec<u8> {
        let Some(call) = self.call_mut(call_id) else {
            let gone = "Call/Transaction Does Not Exist";
            return self.respond(message, 481, gone, Some("none"));
        };
        let last = |state: &str| state.trim_start().starts_with("terminated");
        // A subscription inside the dialog of an INVITE ends without it (RFC 6665 4.5.2).
        let told = message.header("Subscription-State").is_some_and(last);
        let invited = call.request.method() == Some("INVITE");
        call.ended |= method == "BYE" || (told && !invited);
        let mut answer = Message::response(message, 200, "OK");
        if matches!(method, "INVITE" | "UPDATE") {
            self.agree_again(message, call_id, &mut answer);
        }
        self.remember(message, answer)
    }

    fn ring_in(&mut self, scene: usize, chair: &str, message: &Message, flow: Flow) {
        let text = |value: Option<NameAddr>| value.map(|n| n.uri.to_string()).unwrap_or_default();
        self.branches += 1;
        let mut routes: Vec<String> = message.values("Record-Route");
        routes.truncate(32);
        self.calls.push(Call {
            chair: chair.to_owned(),
            side: Side::Called,
            id: self.id_of(chair, message),
            flow,
            local: text(message.to()),
            local_tag: format!("{chair}{scene}x{}", self.branches),
            remote: text(message.from()),
            remote_tag: message.from().and_then(|f| f.tag().map(str::to_owned)),
            target: text(message.contact()),
            routes,
            cseq: 0,
            code: None,
            contact: None,
            ended: false,
            remote_sdp: sdp_of(message),
            ack: None,
            asked: Vec::new(),
            held: None,
            own_sdp: None,
            request: message.clone(),
        });
    }

    /// Bytes of a response, kept for retransmitted requests when it is final.
    pub(crate) fn respond(
        &mut self,
        request: &Message,
        code: u16,
        reason: &str,
        tag: Option<&str>,
    ) -> Vec<u8> {
        let mut answer = Message::response(request, code, reason);
        if let (Some(tag), Some(to)) = (tag, request.header("To"))
            && !to.contains(";tag=")
        {
            answer.set("To", format!("{to};tag={tag}"));
        }
        self.remember(request, answer)
    }

    pub(crate) fn remember(&mut self, request: &Message, answer: Message) -> Vec<u8> {
        let bytes = answer.to_bytes();
        self.given.insert(transaction_key(request), bytes.clone());
        bytes
    }

    fn response(&mut self, scene: usize, chair: &str, message: &Message, via: &str) -> Vec<Reply> {
        if let Some(replies) = self.relayed_response(message) {
            return replies;
        }
        let call_id = self.id_of(chair, message);
        if let Some(replies) = self.asked_response(scene, &call_id, message, via) {
            return replies;
        }
        let code = message.code().unwrap_or_default();
        let invite = message.cseq().is_some_and(|c| c.method == "INVITE");
        let ends = message.cseq().is_some_and(|c| c.method == "BYE");
        let Some(call) = self.call_mut(&call_id) else {
            return Vec::new();
        };
        if ends {
            call.ended = true;
            return Vec::new();
        }
        if call.side == Side::Called || code < 101 {
            return Vec::new();
        }
        call.learn(message);
        if code < 200 || !invite {
            if code >= 200 && call.code.is_none() {
                call.code = Some(code);
                call.ended |= code >= 300;
            }
            return Vec::new();
        }
        let (chair, flow) = (call.chair.clone(), call.flow);
        if let Some(ack) = call.ack.clone() {
            return vec![(chair, flow, ack)];
        }
        call.code = Some(code);
        call.routes = message
            .values("Record-Route")
            .into_iter()
            .rev()
            .take(32)
            .collect();
        let ack = if code < 300 {
            let number = message.cseq().map_or(1, |cseq| cseq.number);
            self.inside(scene, "ACK", &call_id, via)
                .map(|(mut ack, _)| {
                    // A request in the early dialog may have come between.
                    ack.set("CSeq", format!("{number} ACK"));
                    ack.to_bytes()
                })
        } else {
            call.ended = true;
            refused(&call.request, message).map(|ack| ack.to_bytes())
        };
        let Some(ack) = ack else { return Vec::new() };
        if let Some(call) = self.call_mut(&call_id) {
            call.ack = Some(ack.clone());
        }
        vec![(chair, flow, ack)]
    }
}

/// ACK of a refusal belongs to the INVITE's transaction (RFC 3261 17.1.1.3).
fn refused(invite: &Message, response: &Message) -> Option<Message> {
    let number = invite.cseq()?.number;
    Some(
        Message::request("ACK", invite.uri()?)
            .with("Via", invite.header("Via")?)
            .with("Max-Forwards", "70")
            .with("From", invite.header("From")?)
            .with("To", response.header("To")?)
            .with("Call-ID", invite.call_id()?)
            .with("CSeq", format!("{number} ACK")),
    )
}
