//! What a chair asks of a client as its IM server: an invitation of the user, with the session's identity in Contact.

use std::sync::atomic::Ordering;

use crate::Scene;
use crate::agent::{Call, Side};
use crate::core::lock;

/// How Replaces names the session that it is about (RFC 3891).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replacing {
    /// By its Call-ID and tags.
    #[default]
    Dialog,
    /// By a Call-ID that no session has.
    Nothing,
    /// As one that is replaced only while it rings.
    Ringing,
    /// Twice.
    Twice,
}

/// What is special about an invitation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invitation {
    /// The chair whose session with the user it replaces.
    pub replaces: Option<String>,
    pub replacing: Replacing,
    /// The chair that asked for it.
    pub referred_by: Option<String>,
    /// Whether nobody asserts who invites.
    pub unasserted: bool,
}

impl Scene {
    /// From now on the end of an MSRP connection is part of the exchange.
    pub fn watch_closings(&self) {
        self.table.closings.store(true, Ordering::Relaxed);
    }

    /// The server grants no subscription for longer.
    pub fn grant_subscriptions(&self, seconds: u32) {
        lock(&self.table.agent).grants = Some(seconds);
    }

    /// `chair` invites the client's user to a session whose focus it is.
    pub async fn invite_user(&mut self, chair: &str, invitation: &Invitation) {
        if !self.client().await || !self.act() {
            return;
        }
        if invitation.replaces.is_some() {
            self.session_told().await;
        }
        let number = self.table.number;
        let manner = self.manner(chair);
        let identity = || format!("session-{chair}{number}");
        manner.contact.get_or_insert_with(identity);
        if manner.contact_parameters.is_empty() {
            manner.contact_parameters = ";isfocus;+g.oma.sip-im".to_owned();
        }
        let manner = self.manner_of(chair);
        let Some(sdp) = self.first_offer(chair, &manner).await else {
            return;
        };
        let user = self.user_address();
        let mut request = self.opening(chair, &user, &manner);
        request.set("User-Agent", "IM-serv/OMA1.0 Shall-tester/0.1");
        if let Some(replaced) = &invitation.replaces {
            let Some(value) = self.replaces(replaced) else {
                return self.block(format!("the user is in no session with {replaced}"));
            };
            request.push("Require", "replaces");
            match invitation.replacing {
                Replacing::Dialog => request.push("Replaces", value),
                Replacing::Nothing => request.push("Replaces", format!("never-{value}")),
                Replacing::Ringing => request.push("Replaces", format!("{value};early-only")),
                Replacing::Twice => {
                    request.push("Replaces", value.clone());
                    request.push("Replaces", value);
                }
            }
        }
        if let Some(other) = &invitation.referred_by {
            request.push("Referred-By", format!("<{}>", self.user(other)));
        }
        if invitation.unasserted {
            request.remove("P-Asserted-Identity");
        }
        request.set_body("application/sdp", sdp.into_bytes());
        self.start_call(chair, request);
    }

    /// The dialog of a chair with the client, as the client sees it (RFC 3891 6.1).
    fn replaces(&self, chair: &str) -> Option<String> {
        let agent = lock(&self.table.agent);
        let with = |call: &&Call| call.chair == chair && call.side == Side::Caller && !call.ended;
        let call = agent.calls.iter().rev().find(with)?;
        let tag = call.remote_tag.as_ref()?;
        let (id, own) = (call.call_id(), &call.local_tag);
        Some(format!("{id};to-tag={tag};from-tag={own}"))
    }
}
