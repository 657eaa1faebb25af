//! What a chair changes in a session that it is in: re-INVITE and UPDATE of its own, answers to those of the subject, another MSRP port.

use std::sync::Arc;

use trace::Exchange;
use trace::matchers::sip_messages;
use wire::sip::Message;

use crate::Scene;
use crate::Told;
use crate::actions::SERVER;
use crate::agent::{Asked, Call};
use crate::core::lock;

/// What a request of a chair inside its session carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carries {
    /// The chair's description as its manner and its endpoint are now.
    Offer,
    /// Nothing; the ACK answers what the 200 offers.
    Nothing,
    /// What was agreed last, to refresh the session.
    Same,
}

impl Scene {
    /// Waits until the client has told its user of a session: the ACK before may take another connection than what
    /// comes next, and arrive after it.
    pub(crate) async fn session_told(&mut self) {
        let there = |told: &Told| matches!(told, Told::Established { .. }).then_some(());
        self.told(there).await;
    }

    /// `chair` sends a re-INVITE or UPDATE and waits for the final response.
    pub async fn modify(&mut self, chair: &str, method: &str, carries: Carries) {
        let Some((id, wanted, bare)) = self.propose(chair, method, carries).await else {
            return;
        };
        let (table, call) = (Arc::clone(&self.table), id.clone());
        let answered = move |_: &Exchange| {
            let mut agent = lock(&table.agent);
            let code = agent.call_mut(&call)?.code_of(&wanted)?;
            Some(code)
        };
        let code = self.wait(None, answered).await;
        if code.is_some_and(|code| code < 300) && !bare {
            self.follow(chair, &id).await;
        }
    }

    /// `chair` sends a re-INVITE with its description as it is now, and waits for nothing.
    pub async fn begin_change(&mut self, chair: &str) {
        self.propose(chair, "INVITE", Carries::Offer).await;
    }

    /// Sends the request; the call, the CSeq, and whether it has no description.
    async fn propose(
        &mut self,
        chair: &str,
        method: &str,
        carries: Carries,
    ) -> Option<(String, String, bool)> {
        if !self.act() {
            return None;
        }
        // A request inside a dialog needs the dialog: the tag of the other end.
        let (table, seat) = (Arc::clone(&self.table), chair.to_owned());
        let dialog = move |_: &Exchange| {
            let agent = lock(&table.agent);
            let mine = |c: &&Call| c.chair == seat && c.remote_tag.is_some() && !c.ended;
            agent.calls.iter().rev().find(mine).map(|_| ())
        };
        self.wait(None, dialog).await;
        let Some(call) = self.session_of(chair) else {
            self.block(format!("{chair} is in no session to change"));
            return None;
        };
        if self.table.kind.is_told() && call.side == crate::Side::Caller {
            self.session_told().await;
        }
        let sdp = self.next_sdp(chair, &call, None).await?;
        let sdp = if carries == Carries::Same {
            call.own_sdp().unwrap_or(sdp)
        } else {
            sdp
        };
        let via = self.table.via(chair);
        let number = self.table.number;
        let (request, flow) = lock(&self.table.agent).inside(number, method, &call.id, &via)?;
        let mut request = request.with("Contact", self.contact_of(chair, &call));
        let manner = self.manner_of(chair);
        manner.announce(&mut request);
        let bare = carries == Carries::Nothing || (carries == Carries::Same && method == "UPDATE");
        if !bare {
            request.set_body("application/sdp", sdp.clone().into_bytes());
        }
        let wanted = request.header("CSeq").unwrap_or_default().to_owned();
        let bytes = request.to_bytes();
        if let Some(open) = lock(&self.table.agent).call_mut(&call.id) {
            open.asked.push(Asked::new(request, sdp));
        }
        self.table.send_sip((chair.to_owned(), flow, bytes));
        Some((call.id, wanted, bare))
    }

    /// Connects to the subject's path when the chair is the active side and has moved.
    async fn follow(&mut self, chair: &str, call_id: &str) {
        let call = lock(&self.table.agent).call_mut(call_id).cloned();
        let Some(call) = call else { return };
        let setup = |sdp: Option<String>| {
            let description = wire::sdp::Description::parse(&sdp?).ok()?;
            let media = description.media.first()?;
            media.attribute("setup").map(str::to_owned)
        };
        let theirs = setup(call.remote_sdp.clone());
        let ours = setup(call.own_sdp());
        let active = ours.as_deref() == Some("active") || theirs.as_deref() == Some("passive");
        let Ok(endpoint) = self.endpoint(chair).await else {
            return;
        };
        if active && endpoint.links().borrow().is_none() {
            self.join(chair, call_id).await;
        }
    }

    fn session_of(&self, chair: &str) -> Option<Call> {
        let agent = lock(&self.table.agent);
        let mut calls = agent.calls.iter().rev();
        calls
            .find(|c| c.chair == chair && !c.ended && c.request.method() == Some("INVITE"))
            .cloned()
    }

    pub(crate) fn contact_of(&self, chair: &str, call: &Call) -> String {
        // A focus stays at the identity of its session.
        if let Some(contact) = call.contact.clone().filter(|_| chair == SERVER) {
            return contact;
        }
        let manner = self.manner_of(chair);
        let parameters = manner.contact_parameters;
        let user = manner.contact.unwrap_or_else(|| {
            if call.side == crate::Side::Caller {
                chair.to_owned()
            } else {
                format!("{chair}.device")
            }
        });
        let (core, transport) = (self.table.place(chair).address, self.transport_parameter());
        format!("<sip:{user}@{core}{transport}>{parameters}")
    }

    /// The description that the chair would give now; `offered` is the setup it answers.
    async fn next_sdp(
        &mut self,
        chair: &str,
        call: &Call,
        offered: Option<&str>,
    ) -> Option<String> {
        let manner = self.manner_of(chair);
        let setup = match (offered, manner.setup.as_str()) {
            (None, own) => own.to_owned(),
            (Some("active"), _) | (Some("actpass"), "passive") => "passive".to_owned(),
            (Some(_), _) => "active".to_owned(),
        };
        let last = call.own_sdp();
        let version = last.as_deref().map_or(0, version_of);
        let same = match self.own_sdp(chair, &manner, &setup, version).await {
            Ok(sdp) => sdp,
            Err(error) => {
                self.block(format!("the tester has no MSRP port for {chair}: {error}"));
                return None;
            }
        };
        if last.as_deref() == Some(same.as_str()) {
            return last;
        }
        self.own_sdp(chair, &manner, &setup, version + 1).await.ok()
    }

    /// From now on requests of the subject inside `chair`'s session wait for its word.
    pub fn hold_changes(&mut self, chair: &str) {
        lock(&self.table.agent).holding.insert(chair.to_owned());
    }

    /// From now on `chair` answers 481 to such requests, without anybody's word.
    pub fn lose_session(&mut self, chair: &str) {
        lock(&self.table.agent).lost.insert(chair.to_owned());
    }

    /// The request of the subject that `chair` has not answered, once it is there.
    pub async fn held_change(&mut self, chair: &str) -> Option<Call> {
        let (table, seat) = (Arc::clone(&self.table), chair.to_owned());
        let held = move |_: &Exchange| {
            let agent = lock(&table.agent);
            let mut calls = agent.calls.iter();
            calls.find(|c| c.chair == seat && c.held.is_some()).cloned()
        };
        self.wait(Some(60.0), held).await
    }

    /// `chair` answers the request that it holds; below 300 with its description as it is now.
    pub async fn answer_change(&mut self, chair: &str, code: u16, reason: &str) {
        if !self.act() {
            return;
        }
        let Some(call) = self.held_change(chair).await else {
            return self.block(format!("the server asked {chair} for no change"));
        };
        let Some(request) = call.held.clone() else {
            return;
        };
        let mut answer = Message::response(&request, code, reason);
        let mut own = None;
        if code < 300 {
            answer.push("Contact", self.contact_of(chair, &call));
            if let Some(timer) = request.header("Session-Expires") {
                answer.push("Session-Expires", timer.to_owned());
                answer.push("Supported", "timer");
                if timer.contains("uac") {
                    answer.push("Require", "timer");
                }
            }
            if !request.body.is_empty() {
                let offered = std::str::from_utf8(&request.body).ok().and_then(setup_of);
                let sdp = self.next_sdp(chair, &call, offered.as_deref()).await;
                own = sdp;
                if let Some(sdp) = &own {
                    answer.set_body("application/sdp", sdp.clone().into_bytes());
                }
            }
        }
        let bytes = {
            let mut agent = lock(&self.table.agent);
            if let Some(open) = agent.call_mut(&call.id) {
                open.held = None;
                open.changed(&request, own.clone());
            }
            agent.remember(&request, answer)
        };
        self.table.send_sip((chair.to_owned(), call.flow, bytes));
        if code < 300 && request.method() == Some("INVITE") {
            let number = request.cseq().map_or(0, |cseq| cseq.number);
            let id = call.id.clone();
            self.wait(None, move |ex| acknowledged(ex, &id, number))
                .await;
            if own.is_some() {
                self.follow(chair, &call.id).await;
            }
        }
    }

    /// `chair` takes another MSRP port and path; the old connection stays open and is still read.
    pub async fn move_endpoint(&mut self, chair: &str) {
        if let Err(error) = self.renew_endpoint(chair).await {
            self.block(format!("the tester has no MSRP port for {chair}: {error}"));
        }
    }

    /// `chair` closes its MSRP connection.
    pub async fn hang_up_msrp(&mut self, chair: &str) {
        if !self.act() {
            return;
        }
        let Ok(endpoint) = self.endpoint(chair).await else {
            return;
        };
        let link = endpoint.links().borrow().clone();
        match link {
            // Nothing to write is the word for "close".
            Some(link) if link.send(Vec::new()).await.is_ok() => {}
            _ => self.block(format!("{chair} has no MSRP connection")),
        }
    }
}

pub(crate) fn acknowledged(exchange: &Exchange, call_id: &str, number: u32) -> Option<()> {
    sip_messages(exchange, trace::Direction::Received)
        .any(|m| m.call_id() == call_id && m.cseq() == Some((number, "ACK".to_owned())))
        .then_some(())
}

fn setup_of(sdp: &str) -> Option<String> {
    let description = wire::sdp::Description::parse(sdp).ok()?;
    let media = description.media.iter().find(|m| m.port != 0)?;
    media.attribute("setup").map(str::to_owned)
}

/// The version in the o= line.
pub(crate) fn version_of(sdp: &str) -> u32 {
    let origin = sdp.lines().find_map(|line| line.strip_prefix("o="));
    origin
        .and_then(|origin| origin.split(' ').nth(2)?.parse().ok())
        .unwrap_or(0)
}
