//! What a chair does when a When line says so.

use std::time::Duration;

use trace::{Direction, Exchange};
use wire::mime::Part;
use wire::scan::Scan;
use wire::sip::Message;
use wire::xml::resource_lists::{self, Entry};

use crate::agent::{Call, Side};
use crate::core::lock;
use crate::lab::{Focus, flow};
use crate::scene::LINGER;
use crate::{Manner, Scene};

const BOUNDARY: &str = "shall-parts";

impl Scene {
    fn fresh(&mut self, method: &str, chair: &str, target: &str) -> Message {
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
            .with("Via", format!("{};branch={branch}", self.table.via()))
            .with("Max-Forwards", "70")
            .with("From", format!("{shown}<{address}>;tag={tag}"))
            .with("To", format!("<{target}>"))
            .with("Call-ID", call_id)
            .with("CSeq", format!("1 {method}"))
            .with(
                "Contact",
                format!(
                    "<sip:{contact}@{}{}>",
                    self.table.core.address,
                    self.transport_parameter()
                ),
            )
            .with("P-Asserted-Identity", format!("{shown}<{address}>"))
            .with("Accept-Contact", "*;+g.oma.sip-im;require;explicit");
        if let Some(privacy) = &manner.privacy {
            request.push("Privacy", privacy.clone());
        }
        request
    }

    fn transport_parameter(&self) -> &'static str {
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
        let sdp = match self.own_sdp(chair, &manner, &manner.setup, 1).await {
            Ok(sdp) => sdp,
            Err(error) => {
                return self.block(format!("the tester has no MSRP port for {chair}: {error}"));
            }
        };
        let entries: Vec<Entry> = others
            .iter()
            .map(|other| Entry {
                uri: self.user(other),
                display_name: None,
                copy_control: manner.copy_control.clone(),
                anonymize: false,
            })
            .collect();
        let mut request = self
            .fresh("INVITE", chair, factory)
            .with("User-Agent", "IM-client/OMA1.0 Shall-tester/0.1");
        for (name, value) in [
            ("Allow", &manner.allow),
            ("Supported", &manner.supported),
            ("Session-Expires", &manner.session_expires),
        ] {
            if let Some(value) = value {
                request.push(name, value.clone());
            }
        }
        for tag in &manner.require {
            request.push("Require", tag.clone());
        }
        request.set_body(
            &format!("multipart/mixed;boundary={BOUNDARY}"),
            body_of(&sdp, &entries),
        );
        let to = flow(self.table.transport, self.subject);
        let bytes = request.to_bytes();
        lock(&self.table.agent).start(chair, request, to);
        self.table.send_sip((chair.to_owned(), to, bytes));
    }

    async fn own_sdp(
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
                let closed = || caller_answered(ex, least).then_some(None);
                open().map(Some).or_else(closed)
            })
            .await;
        seen.flatten()
    }

    async fn reply(&mut self, chair: &str, code: u16, reason: &str) {
        if !self.act() {
            return;
        }
        let Some(call) = self.invitation(chair).await else {
            return self.block(format!("{chair} was never invited"));
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
            let user = if code < 200 {
                manner.contact_180.clone()
            } else {
                manner.contact.clone()
            };
            let user = user.unwrap_or_else(|| format!("{chair}.device"));
            answer.push(
                "Contact",
                format!(
                    "<sip:{user}@{}{}>;+g.oma.sip-im",
                    self.table.core.address,
                    self.transport_parameter()
                ),
            );
            let allow = if code < 200 {
                manner.allow_in_180.clone().or_else(|| manner.allow.clone())
            } else {
                manner.allow.clone()
            };
            if let Some(allow) = allow {
                answer.push("Allow", allow);
            }
            answer.push("Server", "IM-client/OMA1.0 Shall-tester/0.1");
            answer.push("P-Asserted-Identity", format!("<{}>", self.user(chair)));
            if let Some(privacy) = manner.privacy.clone() {
                answer.push("Privacy", privacy);
            }
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
            if let Some(open) = agent.call_mut(&call.call_id) {
                open.code = Some(code);
                open.ended = code >= 300;
            }
            agent.remember(&call.request, answer)
        };
        self.table.send_sip((chair.to_owned(), call.flow, bytes));
        if active {
            self.join(chair, &call.call_id).await;
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
            Ok(sdp) => answer.set_body("application/sdp", sdp.into_bytes()),
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

    /// The call `chair` started last, once it has a final answer.
    pub async fn answered(&mut self, chair: &str) -> Option<Call> {
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

    /// Connects the chair's MSRP endpoint to the peer of its call when it is the active side.
    async fn join(&mut self, chair: &str, call_id: &str) {
        let sdp = lock(&self.table.agent)
            .call_mut(call_id)
            .and_then(|c| c.remote_sdp.clone());
        let peer = sdp.as_deref().and_then(peer_path);
        let Some(peer) = peer else { return };
        let result = match self.endpoint(chair).await {
            Ok(endpoint) => endpoint.connect(&peer).await,
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            return self.block(format!(
                "{chair} cannot connect to the MSRP path {peer}: {error}"
            ));
        }
        self.send_msrp(chair, &peer, None, false).await;
    }

    /// Takes the media path of an accepted call: connects when the answer says passive.
    pub async fn take_leg(&mut self, chair: &str) {
        if !self.act() {
            return;
        }
        let Some(call) = self
            .answered(chair)
            .await
            .filter(|c| c.code.is_some_and(|c| c < 300))
        else {
            return self.block(format!("{chair} was not let into the session"));
        };
        let setup = call
            .remote_sdp
            .as_deref()
            .and_then(|s| wire::sdp::Description::parse(s).ok())
            .and_then(|d| {
                d.media
                    .first()
                    .and_then(|m| m.attribute("setup"))
                    .map(str::to_owned)
            });
        // Without setup the offerer connects (RFC 6135 section 5).
        if setup.as_deref() != Some("active") {
            self.join(chair, &call.call_id).await;
        }
    }

    async fn send_msrp(
        &mut self,
        chair: &str,
        peer: &str,
        content: Option<(&str, Vec<u8>)>,
        report: bool,
    ) {
        let Ok(endpoint) = self.endpoint(chair).await else {
            return;
        };
        let frame = endpoint.send_frame(peer, content, report);
        let answered = response_to(frame.transaction.clone());
        let mut links = endpoint.links();
        let patience = Duration::from_secs(2);
        let link = tokio::time::timeout(patience, links.wait_for(Option::is_some)).await;
        match link.ok().and_then(Result::ok).and_then(|l| l.clone()) {
            Some(link) => {
                if link.send(frame.to_bytes()).await.is_err() {
                    self.block(format!("the MSRP connection of {chair} is gone"));
                }
                self.wait(Some(LINGER), answered).await;
            }
            None => self.block(format!("{chair} has no MSRP connection")),
        }
    }

    /// `chair` sends a CPIM message with this text into its session.
    pub async fn say(&mut self, chair: &str, text: &str, report: bool) {
        if !self.act() {
            return;
        }
        let call = lock(&self.table.agent)
            .calls
            .iter()
            .rev()
            .find(|c| c.chair == chair && !c.ended && c.request.method() == Some("INVITE"))
            .cloned();
        let Some((call, peer)) =
            call.and_then(|c| c.remote_sdp.as_deref().and_then(peer_path).map(|p| (c, p)))
        else {
            return self.block(format!("{chair} is in no session with an MSRP path"));
        };
        let content = format!(
            "From: <{}>\r\nTo: <{}>\r\n\r\nContent-Type: text/plain;charset=utf-8\r\n\r\n{text}",
            self.user(chair),
            call.target
        );
        self.send_msrp(
            chair,
            &peer,
            Some(("message/cpim", content.into_bytes())),
            report,
        )
        .await;
    }

    /// `chair` sends a message to a session identifier that the switch never gave.
    pub async fn say_nowhere(&mut self, chair: &str, text: &str) {
        if !self.act() {
            return;
        }
        let sdp = lock(&self.table.agent)
            .calls
            .iter()
            .rev()
            .find(|c| c.chair == chair && !c.ended)
            .and_then(|c| c.remote_sdp.clone());
        let peer = sdp
            .as_deref()
            .and_then(peer_path)
            .and_then(|p| wire::msrp::Uri::parse(&p).ok());
        let Some(mut peer) = peer else {
            return self.block(format!("{chair} has no MSRP path"));
        };
        peer.session = "no-such-session".to_owned();
        self.send_msrp(
            chair,
            &peer.to_string(),
            Some(("text/plain", text.as_bytes().to_vec())),
            false,
        )
        .await;
    }

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
            .map(|c| c.call_id.clone())
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
    async fn inside(&mut self, method: &str, call_id: &str) {
        let via = self.table.via();
        let number = self.table.number;
        let prepared = lock(&self.table.agent).inside(number, method, call_id, &via);
        let Some((request, flow)) = prepared else {
            return;
        };
        let chair = lock(&self.table.agent)
            .call_mut(call_id)
            .map(|c| c.chair.clone())
            .unwrap_or_default();
        let wanted = request.header("CSeq").unwrap_or_default().to_owned();
        self.table.send_sip((chair, flow, request.to_bytes()));
        let id = call_id.to_owned();
        self.wait(None, move |ex| final_answer(ex, &id, &wanted))
            .await;
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
        let id = call.call_id.clone();
        self.wait(None, move |ex| final_answer(ex, &id, "1 INVITE"))
            .await;
    }

    /// `chair` subscribes to the conference state of the session it is in.
    pub async fn subscribe(&mut self, chair: &str) {
        if !self.act() {
            return;
        }
        let call = lock(&self.table.agent)
            .calls
            .iter()
            .rev()
            .find(|c| c.chair == chair && !c.ended && c.request.method() == Some("INVITE"))
            .cloned();
        let Some(call) = call else {
            return self.block(format!("{chair} is in no session"));
        };
        let request = self
            .fresh("SUBSCRIBE", chair, &call.target)
            .with("Event", "conference")
            .with("Accept", "application/conference-info+xml")
            .with("Expires", "3600")
            .with("Supported", "norefersub");
        let to = flow(self.table.transport, self.subject);
        let id = request.call_id().unwrap_or_default().to_owned();
        let bytes = request.to_bytes();
        lock(&self.table.agent).start(chair, request, to);
        self.table.send_sip((chair.to_owned(), to, bytes));
        self.wait(None, move |ex| final_answer(ex, &id, "1 SUBSCRIBE"))
            .await;
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
            self.table.core.leave(&self.table);
        }
        heard
    }
}

/// Whether an inviter has a response of this status or above.
fn caller_answered(exchange: &Exchange, least: u16) -> bool {
    exchange.received().any(|f| {
        let scan = Scan::sip(&f.bytes);
        let invite = || {
            scan.field("CSeq")
                .is_some_and(|c| c.value.ends_with("INVITE"))
        };
        scan.code().is_some_and(|code| code >= least) && invite()
    })
}

/// A response of the subject's own making; an echo of what the tester sent is none.
fn any_answer(exchange: &Exchange) -> Option<()> {
    let ours = |bytes: &[u8]| exchange.sent().any(|f| f.bytes == bytes);
    exchange
        .received()
        .any(|f| Scan::sip(&f.bytes).code().is_some() && !ours(&f.bytes))
        .then_some(())
}

fn final_answer(exchange: &Exchange, call_id: &str, cseq: &str) -> Option<()> {
    let found = exchange.received().any(|f| {
        let scan = Scan::sip(&f.bytes);
        scan.code().is_some_and(|c| c >= 200)
            && scan.field("Call-ID").is_some_and(|v| v.value == call_id)
            && scan.field("CSeq").is_some_and(|v| v.value == cseq)
    });
    found.then_some(())
}

/// Whether the subject answered the MSRP request of this transaction (RFC 4975 7.2).
fn response_to(transaction: String) -> impl Fn(&Exchange) -> Option<()> {
    move |exchange| {
        trace::matchers::msrp_frames(exchange, Direction::Received)
            .any(|m| {
                m.message.transaction == transaction
                    && matches!(m.message.kind, wire::msrp::Kind::Response(..))
            })
            .then_some(())
    }
}

fn peer_path(sdp: &str) -> Option<String> {
    let description = wire::sdp::Description::parse(sdp).ok()?;
    let media = description.media.iter().find(|m| m.kind == "message")?;
    media.path().first().cloned()
}

fn body_of(sdp: &str, entries: &[Entry]) -> Vec<u8> {
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
        part("application/sdp", None, sdp.as_bytes().to_vec()),
        part(
            "application/resource-lists+xml",
            Some("recipient-list"),
            resource_lists::write(entries),
        ),
    ];
    wire::mime::write(BOUNDARY, &parts)
}
