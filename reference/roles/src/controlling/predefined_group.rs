//! Pre-defined IM Group Session setup request (7.2.1.3): an INVITE to a group starts its session, or joins the active one.

use wire::sip::{Message, NameAddr};
use wire::xml::group::Group;

use super::admission::{self, Admitted, Caller};
use super::general::Refusal;
use super::policy::{self, wants_anonymity};
use super::recipients;
use super::session::{Presence, Session};
use crate::Config;
use crate::groups::{Waiting, identity};
use crate::means::Means;

/// The group has no active session: a session that invites the members, or a refusal.
pub(crate) fn start(id: u64, waiting: Waiting, group: Group, means: &mut Means) -> Option<Session> {
    let Waiting { key, flow, message } = waiting;
    let admitted = match examine_initiator(&means.config, &group, &message) {
        Ok(admitted) => admitted,
        Err(refusal) => {
            means.refuse(key, &message, refusal);
            return None;
        }
    };
    let Some(mut session) = Session::establish(id, key, flow, admitted, means) else {
        means.refuse(key, &message, Refusal::new(400));
        return None;
    };
    session.group = Some(group);
    if session.entries.is_empty() {
        // 7.2.1.3/on-invite/7a: with nobody to invite, there is no answer to wait for.
        session.inviter_enters(means);
    }
    // 7.2.1.3/on-invite/7a
    for entry in session.entries.clone() {
        session.invite(&entry, means);
    }
    Some(session)
}

/// The group has an active session: the sender joins it at once, or is refused.
pub(crate) fn join(session: &mut Session, waiting: Waiting, group: Group, means: &mut Means) {
    let Waiting { key, flow, message } = waiting;
    let (address, caller) = match examine_joiner(session, &means.config, &group, &message) {
        Ok(admitted) => admitted,
        Err(refusal) => return means.refuse(key, &message, refusal),
    };
    session.group = Some(group);
    let Some(index) = session.seat(key, flow, &caller, address, means) else {
        return means.refuse(key, &message, Refusal::new(400));
    };
    // 7.2.1.3/on-invite/8a to 8e
    if session.answer(index, &caller, means) {
        session.displace(index, means);
        // Whoever joins is somebody to talk to for an inviter that still waits.
        session.invitee_answered(caller.offered.media(), means);
    } else {
        // 7.2.1.3/on-invite/6.2: no content type in common with the session.
        means.refuse(key, &message, Refusal::new(488));
        means.calls.remove(&key);
        session.forget(index, Presence::Refused, means);
    }
}

fn examine_initiator(
    config: &Config,
    group: &Group,
    invite: &Message,
) -> Result<Admitted, Refusal> {
    let inviter = sender(config, group, invite)?;
    // 7.2.1.3/on-invite/3.2
    policy::initiation(group, &inviter.uri)?;
    let caller = entrant(config, group, invite, &inviter)?;
    let seats = seats(group);
    if seats == 0 {
        return Err(too_many(config));
    }
    // 7.2.2.3: nobody is invited who could not enter.
    let entries = if group.invite_members {
        recipients::of_group(&group.members, &inviter.uri, seats - 1)
    } else {
        Vec::new()
    };
    Ok(Admitted {
        asserted: group_identity(group, invite),
        inviter,
        caller,
        entries,
    })
}

fn examine_joiner(
    session: &Session,
    config: &Config,
    group: &Group,
    invite: &Message,
) -> Result<(NameAddr, Caller), Refusal> {
    let joiner = sender(config, group, invite)?;
    let caller = entrant(config, group, invite, &joiner)?;
    if session.inviter_waits(&joiner.uri) {
        return Err(Refusal::new(491));
    }
    if session.occupied(&joiner.uri) >= seats(group) {
        return Err(too_many(config));
    }
    Ok((joiner, caller))
}

// Who calls, by the checks that come before any policy.
fn sender(config: &Config, group: &Group, invite: &Message) -> Result<NameAddr, Refusal> {
    // 7.2.1.3/on-invite/2.2
    if is_focus(invite) {
        let warning = format!("399 {} \"isfocus already assigned\"", config.domain);
        return Err(Refusal::new(403).with("Warning", warning));
    }
    // 7.2.1.3/on-invite/3
    let mut sender = admission::originator(config, invite)?;
    // 7.2.2.2/server-invites/2
    let member = group.member(&sender.uri);
    if let Some(nickname) = member.and_then(|member| member.display_name.clone()) {
        sender.display = Some(nickname);
    }
    Ok(sender)
}

// What everybody has to pass who wants to be in a session of the group.
fn entrant(
    config: &Config,
    group: &Group,
    invite: &Message,
    who: &NameAddr,
) -> Result<Caller, Refusal> {
    // 7.2.1.3/on-invite/4.2
    policy::joining(group, &who.uri)?;
    // 7.2.1.3/on-invite/5
    if wants_anonymity(invite) {
        // 7.2.1.3/on-invite/5.2
        policy::anonymity(group, &who.uri)?;
    }
    // 7.2.1.3/on-invite/6.2
    Ok(admission::caller(config, invite)?.0)
}

// RFC 3840: a parameter of the Contact header; the text says of its URI, so that counts as well.
fn is_focus(invite: &Message) -> bool {
    invite
        .values("Contact")
        .iter()
        .filter_map(|value| NameAddr::parse(value).ok())
        .any(|contact| contact.params.has("isfocus") || contact.uri.params.has("isfocus"))
}

fn group_identity(group: &Group, invite: &Message) -> String {
    let asked = invite.uri().and_then(|uri| wire::sip::Uri::parse(uri).ok());
    asked.map_or_else(|| group.uri.clone(), |asked| identity(&asked))
}

fn seats(group: &Group) -> usize {
    group
        .max_participant_count
        .map_or(SEATS, |count| count.min(SEATS))
}

fn too_many(config: &Config) -> Refusal {
    let warning = format!("399 {} \"too many participants\"", config.domain);
    Refusal::new(486).with("Warning", warning)
}

/// How many participants a session of a group has at most, whatever the document says.
const SEATS: usize = 1000;
