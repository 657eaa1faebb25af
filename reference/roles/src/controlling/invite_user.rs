//! IM Session invitation request (7.2.2.2): one INVITE to each user of the list, and what the invited answer.

use machines::dialog::Dialog;
use machines::session_timer::{self, Refresher, SessionTimer};
use machines::transactions::Key;
use wire::mime::{self, Part};
use wire::sip::{Message, NameAddr, Params, Uri};
use wire::xml::resource_lists::Entry;

use super::admission::{self, LISTS, SDP, settings};
use super::general::{ACCEPT_CONTACT, ALLOW, allowed, contact};
use super::policy::{anonymity, wants_anonymity};
use super::recipients;
use super::session::{Participant, Presence, Session, Stage};
use super::session_modification::Changes;
use crate::Anonymity;
use crate::means::Means;
use crate::media::{self, Origin};

/// In whose name somebody is invited.
#[derive(Clone, Debug)]
pub(crate) struct Behalf {
    /// Its From; the tag will be ours.
    pub(crate) from: NameAddr,
    pub(crate) asserted: NameAddr,
    pub(crate) privacy: Option<String>,
    /// Value of Referred-By, when a REFER asked for it.
    pub(crate) referred_by: Option<String>,
}

impl Session {
    /// Invites one user of the list, on behalf of the inviter.
    pub(crate) fn invite(&mut self, entry: &Entry, means: &mut Means) {
        let inviter = &self.participants[0].address;
        let behalf = Behalf {
            from: self.caller.invite.from().unwrap_or_else(|| inviter.clone()),
            asserted: NameAddr {
                params: Params::default(),
                ..inviter.clone()
            },
            privacy: self.caller.invite.header("Privacy").map(str::to_owned),
            referred_by: None,
        };
        self.invite_for(entry, &behalf, means);
    }

    /// Invites one user on behalf of somebody; the number of the participant to be.
    pub(crate) fn invite_for(
        &mut self,
        entry: &Entry,
        behalf: &Behalf,
        means: &mut Means,
    ) -> Option<usize> {
        let uri = Uri::parse(&entry.uri).ok()?;
        let index = self.participants.len();
        let (leg, own) = means.reserve_leg(self.id, index);
        let sdp = media::offer(
            means.local.msrp,
            &own,
            self.origin(index),
            self.caller.offered.media(),
        )
        .to_string();
        let mut invite = self.invitation(entry, behalf, means);
        self.attach_body(&mut invite, &sdp, means);
        // 7.2.2.2/server-invites/5
        let flow = means.core();
        let key = means.request(invite, flow, self.party(index));
        let address = NameAddr {
            display: entry.display_name.clone(),
            uri,
            params: Params::default(),
        };
        self.participants.push(Participant {
            address,
            anonymous: entry.anonymize,
            presence: Presence::Invited,
            key: Some(key),
            ours: true,
            dialog: None,
            transport: flow.transport,
            allow: Vec::new(),
            contact: None,
            leg,
            own,
            sdp,
            version: 1,
            timer: SessionTimer::new(),
            changes: Changes::default(),
        });
        Some(index)
    }

    // 7.2.2.2/server-invites/1
    fn invitation(&self, entry: &Entry, behalf: &Behalf, means: &mut Means) -> Message {
        let mut from = behalf.from.clone();
        from.params = Params::default();
        from.params.set("tag", Some(means.ids.tag()));
        let host = means.host();
        let mut invite = Message::request("INVITE", &entry.uri);
        invite.push("Max-Forwards", "70");
        invite.push("From", from.to_string());
        invite.push("To", format!("<{}>", entry.uri));
        invite.push("Call-ID", means.ids.call_id(&host));
        invite.push("CSeq", "1 INVITE");
        invite.push("Contact", contact(&self.identity));
        // 7.2.2.2/server-invites/2.2: the nickname is the display name.
        invite.push("P-Asserted-Identity", behalf.asserted.to_string());
        if let Some(privacy) = &behalf.privacy {
            invite.push("Privacy", privacy.clone());
        }
        if let Some(referrer) = &behalf.referred_by {
            // RFC 3892 3
            invite.push("Referred-By", referrer.clone());
        }
        invite.push("Accept-Contact", ACCEPT_CONTACT);
        invite.push("Allow", ALLOW);
        invite.push("Supported", "timer");
        // RFC 4028 table 2: a response may then say uas, so the client refreshes.
        invite.push(
            "Session-Expires",
            session_timer::header(means.config.session_expires, Refresher::Uas),
        );
        invite.push("Server", means.config.release.clone());
        invite
    }

    // 7.2.2.2/server-invites/4; RFC 5366 5: the list too when somebody is named openly.
    fn attach_body(&self, invite: &mut Message, sdp: &str, means: &mut Means) {
        let Some(history) = recipients::history(&self.entries) else {
            invite.set_body(SDP, sdp.as_bytes().to_vec());
            return;
        };
        let boundary = means.ids.boundary();
        let part = |headers: &[(&str, &str)], body: Vec<u8>| Part {
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body,
            ..Part::default()
        };
        let parts = [
            part(&[("Content-Type", SDP)], sdp.as_bytes().to_vec()),
            part(
                &[
                    ("Content-Type", LISTS),
                    (
                        "Content-Disposition",
                        "recipient-list-history; handling=optional",
                    ),
                ],
                history,
            ),
        ];
        let body = mime::write(&boundary, &parts);
        invite.set_body(&format!("multipart/mixed;boundary=\"{boundary}\""), body);
    }

    /// The origin of our first SDP towards a participant, unlike any other of this server.
    pub(crate) fn origin(&self, index: usize) -> Origin {
        Origin {
            number: (self.id << 16) | (index as u64 & 0xffff),
            version: 1,
        }
    }

    /// A response to the INVITE of an invitee.
    pub(crate) fn invitee_response(
        &mut self,
        index: usize,
        key: Key,
        response: &Message,
        means: &mut Means,
    ) {
        let code = response.code().unwrap_or(500);
        self.tell_referrer(index, response, means);
        match code {
            100 => {}
            101..=199 => self.invitee_provisional(index, code, response, means),
            200..=299 => self.invitee_success(index, key, response, means),
            _ => self.invitee_failure(index, if code < 400 { 480 } else { code }, means),
        }
    }

    fn invitee_provisional(
        &mut self,
        index: usize,
        code: u16,
        response: &Message,
        means: &mut Means,
    ) {
        self.remember(index, response);
        let participant = &mut self.participants[index];
        if code == 180 && participant.presence == Presence::Invited {
            participant.presence = Presence::Alerted;
            // 7.2.2.2/on-180/1
            self.changed = true;
        }
        if code == 180 {
            self.invitee_rings(means);
        }
    }

    fn remember(&mut self, index: usize, response: &Message) {
        let participant = &mut self.participants[index];
        // 7.2.2.2/on-provisional/1, 7.2.2.2/on-200/1
        if response.header("Allow").is_some() {
            participant.allow = allowed(response);
        }
        // 7.2.2.2/on-provisional/2, 7.2.2.2/on-200/2
        if let Some(contact) = response.header("Contact") {
            participant.contact = Some(contact.to_owned());
        }
    }

    fn invitee_success(&mut self, index: usize, key: Key, response: &Message, means: &mut Means) {
        let Some(dialog) = self.acknowledge(key, response, means) else {
            self.invitee_failure(index, 500, means);
            return;
        };
        let waited = matches!(
            self.participants[index].presence,
            Presence::Invited | Presence::Alerted
        );
        if !waited {
            // RFC 3261 13.2.2.4: another branch of a forked INVITE has answered as well.
            self.bye(index, dialog, means);
            return;
        }
        self.remember(index, response);
        self.participants[index].dialog = Some(dialog);
        if self.stage == Stage::Ended || self.unwanted_anonymity(index, response, means) {
            self.remove(index, means);
            return;
        }
        let answer = admission::description(response)
            .and_then(|sdp| sdp.media.into_iter().find(media::is_msrp));
        let Some(answer) = answer else {
            self.lower(488);
            self.remove(index, means);
            return;
        };
        if !self.invitee_answered(&answer, means) {
            self.lower(488);
            self.remove(index, means);
            return;
        }
        self.join(index, response, means);
        means.switch.announce(
            self.participants[index].leg,
            media::types_of(&self.participants[index].sdp),
        );
        // 7.2.2.2/on-200/4
        means.switch.agree(
            self.participants[index].leg,
            media::terms_of_answer(&answer),
            &mut means.ids,
            &mut means.out,
        );
    }

    fn join(&mut self, index: usize, response: &Message, means: &mut Means) {
        let party = self.party(index);
        let participant = &mut self.participants[index];
        participant.presence = Presence::Connected;
        if let Some(dialog) = &participant.dialog {
            means.dialogs.insert(dialog.id.clone(), party);
        }
        if let Some((interval, refresher)) =
            session_timer::accepted(response, &settings(&means.config))
        {
            self.start_timer(index, interval, refresher == Refresher::Uac, means);
        }
        // 7.2.2.2/on-200/5
        self.changed = true;
    }

    // 7.2.2.2/on-200/3, 7.2.2.2/on-200/3.2: an ad-hoc group has no rule that allows anonymity.
    fn unwanted_anonymity(&mut self, index: usize, response: &Message, means: &Means) -> bool {
        let wished = wants_anonymity(response);
        let participant = &mut self.participants[index];
        let rules = self.group.as_ref();
        if wished && rules.is_some_and(|group| anonymity(group, &participant.address.uri).is_ok()) {
            participant.anonymous = true;
            return false;
        }
        let refused = wished && means.config.anonymity == Anonymity::Release;
        if refused {
            self.lower(480);
        }
        refused
    }

    // RFC 3261 13.2.2.4: every 2xx is acknowledged at its Contact, wanted or not.
    pub(crate) fn acknowledge(
        &mut self,
        key: Key,
        response: &Message,
        means: &mut Means,
    ) -> Option<Dialog> {
        let request = means.request_of(key)?;
        let dialog = Dialog::uac(&request, response, &contact(&self.identity)).ok()?;
        let ack = dialog.ack(response.cseq()?.number);
        let flow = means.hop(&dialog, means.core().transport);
        means.acknowledge(key, ack, flow);
        Some(dialog)
    }

    fn bye(&mut self, index: usize, mut dialog: Dialog, means: &mut Means) {
        let bye = dialog
            .request("BYE")
            .with("Server", means.config.release.clone());
        let flow = means.hop(&dialog, means.core().transport);
        means.request(bye, flow, self.party(index));
    }

    fn invitee_failure(&mut self, index: usize, code: u16, means: &mut Means) {
        let participant = &mut self.participants[index];
        if let Some(key) = participant.key.take() {
            means.calls.remove(&key);
        }
        if matches!(participant.presence, Presence::Invited | Presence::Alerted) {
            self.lower(code);
            self.forget(index, Presence::Refused, means);
        }
    }

    fn lower(&mut self, code: u16) {
        self.lowest = Some(self.lowest.map_or(code, |lowest| lowest.min(code)));
    }
}
