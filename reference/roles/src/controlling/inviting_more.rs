//! Inviting more users by REFER to the session (RFC 4579 5.5, RFC 3515, RFC 4488): the focus invites, and tells how it went.

use std::collections::HashMap;

use machines::dialog::Dialog;
use machines::port::{Flow, Transport};
use machines::transactions::Key;
use wire::sip::{Message, NameAddr, Params, Start, Uri};
use wire::xml::resource_lists::Entry;

use super::admission::originator;
use super::general::{ALLOW, Refusal, contact, reason};
use super::invite_user::Behalf;
use super::policy::wants_anonymity;
use super::recipients::ANONYMOUS;
use super::session::{Presence, Session, Stage};
use crate::means::Means;

/// Who is told of an invitation, and by which dialog.
#[derive(Debug)]
enum Teller {
    /// The INVITE dialog of a participant.
    Inside(usize),
    /// The dialog that a REFER of its own has made.
    Outside(Box<Dialog>, Transport),
}

/// The implicit subscription of a REFER (RFC 3515 2.4.4).
#[derive(Debug)]
struct Referral {
    teller: Teller,
    /// Value of Event.
    event: String,
}

/// Whoever waits to hear of an invitation: by session and invitee.
#[derive(Debug, Default)]
pub(crate) struct Referrals {
    waiting: HashMap<(u64, usize), Referral>,
    notifies: HashMap<Key, (u64, usize)>,
}

impl Referrals {
    /// A final response to one of our NOTIFYs, or the lack of one; false when the transaction is none of ours.
    pub(crate) fn answered(&mut self, key: Key, code: u16) -> bool {
        let Some(of) = self.notifies.get(&key).copied() else {
            return false;
        };
        if code >= 200 {
            self.notifies.remove(&key);
        }
        if code >= 300 {
            // RFC 6665 4.2.2: nobody listens any more.
            self.waiting.remove(&of);
        }
        true
    }

    /// Gives up what a session that is gone would have told.
    pub(crate) fn drop_session(&mut self, session: u64) {
        self.waiting.retain(|(of, _), _| *of != session);
    }
}

impl Session {
    /// Takes a REFER, inside the dialog of participant `inside` or on its own.
    pub(crate) fn refer(
        &mut self,
        inside: Option<usize>,
        key: Key,
        flow: Flow,
        refer: &Message,
        means: &mut Means,
    ) {
        let (entry, referrer) = match self.examine_refer(inside, refer, means) {
            Ok(asked) => asked,
            Err(refusal) => return means.refuse(key, refer, refusal),
        };
        let silent = refer
            .header("Refer-Sub")
            .is_some_and(|value| value.trim().to_ascii_lowercase().starts_with("false"));
        let tag = means.tag(key);
        let own = contact(&self.identity);
        let Ok(dialog) = Dialog::uas(refer, &tag, &own, true) else {
            return means.refuse(key, refer, Refusal::new(400));
        };
        self.accept_refer(key, refer, silent, means);
        let invitee = self.invite_for(&entry, &behalf(refer, &referrer), means);
        if let Some(invitee) = invitee.filter(|_| !silent) {
            let (teller, event) = match inside {
                // RFC 3515 2.4.6: the second REFER of a dialog is told from the first.
                Some(index) => {
                    let number = refer.cseq().map_or(0, |cseq| cseq.number);
                    (Teller::Inside(index), format!("refer;id={number}"))
                }
                None => (
                    Teller::Outside(Box::new(dialog), flow.transport),
                    "refer".to_owned(),
                ),
            };
            let referral = Referral { teller, event };
            means.referrals.waiting.insert((self.id, invitee), referral);
            // RFC 3515 2.4.4: at once, before anything is known.
            self.tell(invitee, 100, "Trying", means);
        }
    }

    fn examine_refer(
        &self,
        inside: Option<usize>,
        refer: &Message,
        means: &Means,
    ) -> Result<(Entry, NameAddr), Refusal> {
        extensions(refer)?;
        let asserted = originator(&means.config, refer);
        let known = |who: &NameAddr| {
            let mut all = self.participants.iter().enumerate();
            all.find(|(_, one)| one.address.uri.same_as(&who.uri))
                .map(|(index, _)| index)
        };
        // Inside its dialog a participant need not be asserted again.
        let index = match (inside, &asserted) {
            (Some(index), _) => Some(index),
            (None, Ok(who)) => known(who),
            (None, Err(_)) => None,
        };
        let participant = index.map(|index| &self.participants[index]);
        let participant = participant
            .filter(|one| one.presence == Presence::Connected && self.stage == Stage::Answered);
        // RFC 4579 5.5: who may invite is policy; ours is that participants may.
        let referrer = participant.ok_or_else(|| Refusal::new(403))?;
        let entry = target(refer)?;
        self.room_for_one_more(&referrer.address.uri, &entry, means)?;
        Ok((entry, referrer.address.clone()))
    }

    // The group's document and the operator say how many there may be and who may bring them.
    fn room_for_one_more(&self, who: &Uri, entry: &Entry, means: &Means) -> Result<(), Refusal> {
        let agent = &means.config.domain;
        if let Some(group) = &self.group
            && !group.actions(who).allow_invite_users_dynamically
        {
            return Err(Refusal::new(403));
        }
        let present = [Presence::Invited, Presence::Alerted, Presence::Connected];
        let asked = Uri::parse(&entry.uri).map_err(|_| Refusal::new(400))?;
        let there = self
            .participants
            .iter()
            .any(|one| present.contains(&one.presence) && one.address.uri.same_as(&asked));
        if there {
            let warning = format!("399 {agent} \"already in the session\"");
            return Err(Refusal::new(403).with("Warning", warning));
        }
        let group = self.group.as_ref();
        let most = group
            .and_then(|group| group.max_participant_count)
            .unwrap_or(means.config.max_participants);
        if self.count(&present) >= most || self.participants.len() >= EVER {
            // As in 7.2.1.2/on-invite/5.2.
            let warning = format!("399 {agent} \"too many participants\"");
            return Err(Refusal::new(486).with("Warning", warning));
        }
        Ok(())
    }

    fn accept_refer(&self, key: Key, refer: &Message, silent: bool, means: &mut Means) {
        let mut response = Message::response(refer, 202, reason(202));
        let routes: Vec<String> = refer.headers("Record-Route").map(str::to_owned).collect();
        for route in routes {
            response.push("Record-Route", route);
        }
        response.push("Contact", contact(&self.identity));
        response.push("Allow", ALLOW);
        response.push("Supported", "norefersub");
        if silent {
            // RFC 4488 4: only this makes it true that there is no subscription.
            response.push("Refer-Sub", "false");
        }
        response.push("Server", means.config.release.clone());
        means.respond(key, response);
    }

    /// Somebody invited has a final answer: whoever asked for it by REFER hears of that, and of nothing after it.
    pub(crate) fn tell_referrer(&mut self, invitee: usize, response: &Message, means: &mut Means) {
        if let Start::Response { code, reason } = &response.start
            && *code >= 200
        {
            self.tell(invitee, *code, reason, means);
            means.referrals.waiting.remove(&(self.id, invitee));
        }
    }

    // RFC 3515 2.4.5: the status line of the referenced request, as message/sipfrag.
    fn tell(&mut self, invitee: usize, code: u16, reason: &str, means: &mut Means) {
        let of = (self.id, invitee);
        let Some(mut referral) = means.referrals.waiting.remove(&of) else {
            return;
        };
        let asked = match &mut referral.teller {
            Teller::Inside(index) => {
                let participant = &mut self.participants[*index];
                let transport = participant.transport;
                participant
                    .dialog
                    .as_mut()
                    .map(|dialog| (dialog, transport))
            }
            Teller::Outside(dialog, transport) => Some((dialog.as_mut(), *transport)),
        };
        // Who has left the session is told no more.
        let Some((dialog, transport)) = asked else {
            return;
        };
        let state = match code {
            100..=199 => format!("active;expires={LIFE}"),
            _ => "terminated;reason=noresource".to_owned(),
        };
        let mut notify = dialog.request("NOTIFY");
        notify.push("Event", referral.event.clone());
        notify.push("Subscription-State", state);
        notify.push("Server", means.config.release.clone());
        let line = format!("SIP/2.0 {code} {reason}\r\n");
        notify.set_body("message/sipfrag;version=2.0", line.into_bytes());
        let flow = means.hop(dialog, transport);
        let key = means.with_layer(|layer, out| layer.request(notify, flow, out));
        means.referrals.notifies.insert(key, of);
        means.referrals.waiting.insert(of, referral);
    }
}

// RFC 3515 2.4.2: one user, to be invited; RFC 4579 5.11: whom to expel only the operator decides.
fn target(refer: &Message) -> Result<Entry, Refusal> {
    let targets = refer.values("Refer-To");
    let [target] = targets.as_slice() else {
        return Err(Refusal::new(400));
    };
    let mut asked = NameAddr::parse(target).map_err(|_| Refusal::new(400))?;
    match asked.uri.params.value("method") {
        None => {}
        Some(method) if method.eq_ignore_ascii_case("INVITE") => {}
        Some(method) if method.eq_ignore_ascii_case("BYE") => return Err(Refusal::new(403)),
        Some(_) => return Err(Refusal::new(400)),
    }
    asked
        .uri
        .params
        .0
        .retain(|(name, _)| !name.eq_ignore_ascii_case("method"));
    if !["sip", "sips", "tel"].contains(&asked.uri.scheme.as_str()) {
        return Err(Refusal::new(400));
    }
    Ok(Entry {
        uri: asked.uri.to_string(),
        display_name: asked.display,
        copy_control: None,
        anonymize: false,
    })
}

// RFC 3261 8.2.2.3; of what concerns REFER we know norefersub.
fn extensions(refer: &Message) -> Result<(), Refusal> {
    let mut unknown = refer.values("Require");
    unknown.retain(|tag| !tag.eq_ignore_ascii_case("norefersub"));
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(420).with("Unsupported", unknown.join(", ")))
}

// 7.2.2.2: the inviting user is who asks; RFC 3892: and the invited learn by whom they were brought.
fn behalf(refer: &Message, referrer: &NameAddr) -> Behalf {
    let own = NameAddr {
        params: Params::default(),
        ..referrer.clone()
    };
    let hidden = wants_anonymity(refer);
    let referred_by = match refer.header("Referred-By") {
        Some(given) => given.to_owned(),
        None if hidden => format!("<{ANONYMOUS}>"),
        None => format!("<{}>", referrer.uri),
    };
    Behalf {
        from: refer.from().unwrap_or_else(|| own.clone()),
        asserted: own,
        privacy: refer.header("Privacy").map(str::to_owned),
        referred_by: Some(referred_by),
    }
}

/// Seconds for which a referrer is promised news: as long as an INVITE may take (RFC 3261 16.6).
const LIFE: u32 = 180;
/// Users that one session ever invites; who failed counts too.
const EVER: usize = 4096;
