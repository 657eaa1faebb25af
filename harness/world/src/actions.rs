//! What a chair does when a When line says so.

use wire::mime::Part;
use wire::sip::Message;
use wire::xml::resource_lists::{self, Entry};

use crate::agent::{Call, Side};
use crate::changes::acknowledged;
use crate::core::lock;
use crate::dialogs::answer_to_inviter;
use crate::lab::{Focus, flow};
use crate::scene::LINGER;
use crate::{Kind, Manner, Scene};

/// The chair of the IM server that a client calls.
pub(crate) const SERVER: &str = "server";
pub(crate) const BOUNDARY: &str = "shall-parts";

impl Scene {
    pub(crate) fn fresh(&mut self, method: &str, chair: &str, target: &str) -> Message {
        let call_id = self.next_call_id();
        let branch = lock(&self.table.agent).branch(self.table.number);
        let address = self.user(chair);
        let manner = self.manner_of(chair);
        let shown = manner
            .display_name
            .as_ref()
            .map_or_else(String::new, |name| format!("\"{name}\" "));
        let tag = format!(
            "{chair}{}c{}",
            self.table.number,
            call_id.len() + branch.len()
        );
        let contact = manner.contact.clone().unwrap_or_else(|| chair.to_owned());
        let mut request = Message::request(method, target)
            .with("Via", format!("{};branch={branch}", self.table.via(chair)))
            .with("Max-Forwards", "70")
            .with("From", format!("{shown}<{address}>;tag={tag}"))
            .with("To", format!("<{target}>"))
            .with("Call-ID", call_id)
            .with("CSeq", format!("1 {method}"))
            .with(
                "Contact",
                format!(
                    "<sip:{contact}@{}{}>{}",
                    self.table.place(chair).address,
                    self.transport_parameter(),
                    manner.contact_parameters
                ),
            )
            .with("P-Asserted-Identity", format!("{shown}<{address}>"))
            .with("Accept-Contact", "*;+g.oma.sip-im;require;explicit");
        if let Some(privacy) = &manner.privacy {
            request.push("Privacy", privacy.clone());
        }
        request
    }

    pub(crate) fn transport_parameter(&self) -> &'static str {
        match self.table.transport {
            machines::port::Transport::Udp => "",
            machines::port::Transport::Tcp => ";transport=tcp",
        }
    }

    /// `chair` invites `others` by a URI list to `factory`.
    pub async fn invite(&mut self, chair: &str, others: &[String], factory: &str) {
        if !self.act() {
            return;
        }
        let manner = self.manner_of(chair);
        let Some(sdp) = self.first_offer(chair, &manner).await else {
            return;
        };
        let entries = self.listed(others, &manner);
        let mut request = self.opening(chair, factory, &manner);
        for tag in &manner.require {
            request.push("Require", tag.clone());
        }
        request.set_body(
            &format!("multipart/mixed;boundary={BOUNDARY}"),
            with_list("application/sdp", sdp.as_bytes(), &entries),
        );
        self.start_call(chair, request);
    }

    pub(crate) async fn first_offer(&mut self, chair: &str, manner: &Manner) -> Option<String> {
        match self.own_sdp(chair, manner, &manner.setup, 1).await {
            Ok(sdp) => Some(sdp),
            Err(error) => {
                self.block(format!("the tester has no MSRP port for {chair}: {error}"));
                None
            }
        }
    }

    pub(crate) fn opening(&mut self, chair: &str, target: &str, manner: &Manner) -> Message {
        let mut request = self
            .fresh("INVITE", chair, target)
            .with("User-Agent", "IM-client/OMA1.0 Shall-tester/0.1");
        manner.announce(&mut request);
        request
    }

    pub(crate) fn start_call(&mut self, chair: &str, request: Message) {
        let to = flow(self.table.transport, self.subject);
        let bytes = request.to_bytes();
        lock(&self.table.agent).start(chair, request, to);
        self.table.send_sip((chair.to_owned(), to, bytes));
    }

    /// The entries of a chair's list.
    pub(crate) fn listed(&self, others: &[String], manner: &Manner) -> Vec<Entry> {
        let copy = |other: &String| match manner.blind.contains(other) {
            true => Some("bcc".to_owned()),
            false => manner.copy_control.clone(),
        };
        let entry = |other: &String| Entry {
            uri: format!("{}{}", self.user(other), manner.behind_address),
            display_name: None,
            copy_control: copy(other),
            anonymize: manner.hidden.contains(other),
        };
        others.iter().map(entry).collect()
    }

    pub(crate) async fn own_sdp(
        &mut self,
        chair: &str,
        manner: &Manner,
        setup: &str,
        version: u32,
    ) -> std::io::Result<String> {
        let endpoint = self.endpoint(chair).await?;
        let (address, path) = (endpoint.address, endpoint.path.clone());
        Ok(manner.sdp(
            &address.ip().to_string(),
            address.port(),
            &path,
            setup,
            version,
        ))
    }

    /// The invitation at `chair` that has no final answer, once it is there.
    pub async fn invitation(&mut self, chair: &str) -> Option<Call> {
        let table = std::sync::Arc::clone(&self.table);
        let open = move || {
            lock(&table.agent)
                .calls
                .iter()
                .find(|c| c.chair == chair && c.side == Side::Called && c.code.is_none())
                .cloned()
        };
        // An answer to the inviter closes the window for invitations that never came: a refusal
        // always, an acceptance when the subject has never invited anybody.
        let seat = std::sync::Arc::clone(&self.table);
        let seen = self
            .wait(None, move |ex| {
                let least = if *seat.focus.borrow() == Focus::Idle {
                    200
                } else {
                    300
                };
                let closed = || {
                    answer_to_inviter(ex)
                        .is_some_and(|(code, _)| code >= least)
                        .then_some(None)
                };
                open().map(Some).or_else(closed)
            })
            .await;
        seen.flatten()
    }

    /// What a response that does not refuse says of the chair.
    fn introduce(
        &self,
        chair: &str,
        asked: &str,
        code: u16,
        manner: &Manner,
        answer: &mut Message,
    ) {
        let focus = chair == SERVER;
        let (user, allow) = if code < 200 {
            let allow = manner.allow_in_180.as_ref().or(manner.allow.as_ref());
            (&manner.contact_180, allow)
        } else {
            (&manner.contact, manner.allow.as_ref())
        };
        let own = || match focus {
            true => format!("session{}", self.table.number),
            false => format!("{chair}.device"),
        };
        let user = user.clone().unwrap_or_else(own);
        let core = self.table.place(chair).address;
        let transport = self.transport_parameter();
        let isfocus = if focus { ";isfocus" } else { "" };
        let contact = format!("<sip:{user}@{core}{transport}>{isfocus};+g.oma.sip-im");
        answer.push("Contact", contact);
        if let Some(allow) = allow {
            answer.push("Allow", allow.clone());
        }
        let (product, asserted) = match focus {
            true => ("IM-serv", asked.to_owned()),
            false => ("IM-client", self.user(chair)),
        };
        answer.push("Server", format!("{product}/OMA1.0 Shall-tester/0.1"));
        answer.push("P-Asserted-Identity", format!("<{asserted}>"));
        if let Some(privacy) = &manner.privacy {
            answer.push("Privacy", privacy.clone());
        }
    }

    async fn reply(&mut self, chair: &str, code: u16, reason: &str) {
        if !self.act() {
            return;
        }
        let Some(call) = self.invitation(chair).await else {
            let refusal = answer_to_inviter(&self.exchange()).filter(|(code, _)| *code >= 300);
            let why =
                refusal.map_or_else(String::new, |(_, line)| format!("; the server said {line}"));
            return self.block(format!("{chair} was never invited{why}"));
        };
        let manner = self.manner_of(chair);
        let mut answer = Message::response(&call.request, code, reason);
        if let Some(to) = call.request.header("To") {
            answer.set("To", format!("{to};tag={}", call.local_tag));
        }
        for route in call.request.values("Record-Route") {
            answer.push("Record-Route", route);
        }
        if code < 300 {
            self.introduce(chair, &call.local, code, &manner, &mut answer);
        }
        let mut active = false;
        if (200..300).contains(&code) {
            match self.accept(chair, &call, &manner, &mut answer).await {
                Some(side) => active = side,
                None => return,
            }
        }
        let bytes = if code < 200 {
            answer.to_bytes()
        } else {
            let mut agent = lock(&self.table.agent);
            if let Some(open) = agent.call_mut(&call.id) {
                let contact = answer
                    .header("Contact")
                    .filter(|_| self.table.kind != Kind::Server);
                open.contact = contact.map(str::to_owned);
                open.code = Some(code);
                open.ended = code >= 300;
            }
            agent.remember(&call.request, answer)
        };
        self.table.send_sip((chair.to_owned(), call.flow, bytes));
        // Media go past a core, which is what is judged there.
        if active && self.table.kind != Kind::Core {
            self.join(chair, &call.id).await;
        }
        // A server knows the chair in its session once it acknowledges; whatever others send may overtake the 200.
        if (200..300).contains(&code) && self.table.kind == Kind::Server {
            let id = call.call_id().to_owned();
            let number = call.request.cseq().map_or(0, |cseq| cseq.number);
            self.wait(Some(LINGER), move |ex| acknowledged(ex, &id, number))
                .await;
        }
    }

    /// Completes a 200: session timer as asked, answer to the offer, and says whether the chair connects.
    async fn accept(
        &mut self,
        chair: &str,
        call: &Call,
        manner: &Manner,
        answer: &mut Message,
    ) -> Option<bool> {
        if let Some(timer) = manner
            .session_expires
            .clone()
            .or_else(|| call.request.header("Session-Expires").map(str::to_owned))
        {
            answer.push(
                "Session-Expires",
                if timer.contains("refresher") {
                    timer
                } else {
                    format!("{timer};refresher=uas")
                },
            );
            answer.push("Supported", "timer");
            let by_caller = answer
                .header("Session-Expires")
                .is_some_and(|t| t.contains("=uac"));
            if self.table.kind != Kind::Server && by_caller {
                answer.push("Require", "timer");
            }
        }
        let offered = call
            .remote_sdp
            .as_deref()
            .and_then(|sdp| wire::sdp::Description::parse(sdp).ok());
        let theirs = offered
            .as_ref()
            .and_then(|d| d.media.first())
            .and_then(|m| m.attribute("setup"))
            .map(str::to_owned);
        // An MSRP answerer is active when it can be (RFC 6135 4.2), unless the scenario says otherwise.
        let setup = match (manner.setup.as_str(), theirs.as_deref()) {
            ("passive", Some("active" | "actpass")) | (_, Some("active")) => "passive",
            _ => "active",
        };
        match self.own_sdp(chair, manner, setup, 1).await {
            Ok(sdp) => {
                if let Some(open) = lock(&self.table.agent).call_mut(&call.id) {
                    open.gave(sdp.clone());
                }
                answer.set_body("application/sdp", sdp.into_bytes());
            }
            Err(error) => {
                self.block(format!("the tester has no MSRP port for {chair}: {error}"));
                return None;
            }
        }
        Some(setup == "active")
    }

    pub async fn ring(&mut self, chair: &str) {
        self.reply(chair, 180, "Ringing").await;
    }

    pub async fn answer(&mut self, chair: &str) {
        self.reply(chair, 200, "OK").await;
    }

    pub async fn decline(&mut self, chair: &str, code: u16) {
        let reason = match code {
            480 => "Temporarily Unavailable",
            486 => "Busy Here",
            _ => "Decline",
        };
        self.reply(chair, code, reason).await;
    }
}

/// A multipart body: something, and the list of those it is for.
pub(crate) fn with_list(kind: &str, content: &[u8], entries: &[Entry]) -> Vec<u8> {
    let part = |kind: &str, disposition: Option<&str>, body: Vec<u8>| {
        let mut headers = vec![("Content-Type".to_owned(), kind.to_owned())];
        headers.extend(disposition.map(|d| ("Content-Disposition".to_owned(), d.to_owned())));
        Part {
            headers,
            span: 0..body.len(),
            body,
        }
    };
    let parts = [
        part(kind, None, content.to_vec()),
        part(
            "application/resource-lists+xml",
            Some("recipient-list"),
            resource_lists::write(entries),
        ),
    ];
    wire::mime::write(BOUNDARY, &parts)
}
