//! Pager mode (8.3.1.1.1, 8.3.2.1): a MESSAGE to a URI list, a pre-defined group or an ongoing session.

use machines::transactions::Key;
use wire::sip::{Message, NameAddr, Params, Uri};
use wire::xml::group::Group;

use super::fan_out::Letter;
use super::list_body::{self, Listed};
use crate::controlling::admission::originator;
use crate::controlling::general::{ACCEPT_CONTACT, Refusal, reason};
use crate::controlling::policy::wants_anonymity;
use crate::controlling::recipients;
use crate::controlling::session::{Presence, Session};
use crate::groups::is_factory;
use crate::means::Means;

/// What a MESSAGE is for: told by its Request-URI and by whether it has a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A URI list, or a conference factory and no list.
    List,
    /// The form of our IM Session Identities.
    Session,
    /// Anything else can only be an IM Group Identity.
    Group,
}

/// Sorts a MESSAGE outside any dialog.
pub(crate) fn kind(means: &Means, message: &Message) -> Kind {
    let uri = message.uri().and_then(|uri| Uri::parse(uri).ok());
    let identity = |uri: &Uri| {
        let user = uri.user.as_deref().unwrap_or_default();
        let at = match uri.port {
            Some(port) => format!("{}:{port}", uri.host),
            None => uri.host.clone(),
        };
        user.starts_with("session-") && at == means.local.sip.to_string()
    };
    if list_body::has_list(message) {
        Kind::List
    } else if uri.as_ref().is_some_and(identity) {
        Kind::Session
    } else if factory(means, message) {
        Kind::List
    } else {
        Kind::Group
    }
}

/// A MESSAGE with a URI list.
pub(crate) fn to_list(key: Key, message: &Message, means: &mut Means) {
    match list(message, means) {
        Ok((letter, to)) => accept(key, message, letter, &to, means),
        Err(refusal) => means.refuse(key, message, refusal),
    }
}

fn list(message: &Message, means: &mut Means) -> Result<(Letter, Vec<String>), Refusal> {
    // 8.3.1.1.1/on-message/1
    if list_body::has_list(message) && !serves_lists(means, message) {
        return Err(Refusal::new(403));
    }
    // 8.3.1.1.1/on-message/3
    if !factory(means, message) {
        // 8.3.1.1.1/on-message/3.2
        return Err(Refusal::new(404));
    }
    let from = admit(message, means)?;
    let Listed { mut parts, list } = list_body::read(message)?;
    let entries = recipients::read_all(&list, means.config.max_recipients, &means.config.domain)?;
    let boundary = means.ids.boundary();
    // RFC 5365 7.3: who else got it, as far as everybody may know.
    parts.extend(recipients::history(&entries).map(list_body::history));
    let mut letter = letter(message, from);
    list_body::write(&mut letter.content, message, parts, &boundary);
    // 8.3.2.1/server-sends/5a
    let to = entries.into_iter().map(|entry| entry.uri).collect();
    Ok((letter, to))
}

/// A MESSAGE to a pre-defined group, whose document the XDMS has delivered.
pub(crate) fn to_group(key: Key, message: &Message, group: &Group, means: &mut Means) {
    match members(message, group, means) {
        Ok((mut letter, to)) => {
            whole_body(&mut letter, message);
            accept(key, message, letter, &to, means);
        }
        Err(refusal) => means.refuse(key, message, refusal),
    }
}

// 8.3.2.1/server-sends/5b: every member but the sender, each once.
fn members(
    message: &Message,
    group: &Group,
    means: &Means,
) -> Result<(Letter, Vec<String>), Refusal> {
    // 8.3.2.1/server-sends/5b.3
    let from = admit(message, means)?;
    let sender = originator(&means.config, message)?.uri;
    // 8.3.1.1.1/on-message/5.2: who belongs to the group, or may start its session, may write to it.
    if group.member(&sender).is_none() && !group.actions(&sender).allow_initiate_conference {
        return Err(Refusal::new(403));
    }
    Ok((
        letter(message, from),
        recipients::of_message(&group.members, &sender),
    ))
}

/// A MESSAGE to the identity of a session; `session` is the one of that identity, if it is in progress.
pub(crate) fn to_session(
    key: Key,
    message: &Message,
    session: Option<&Session>,
    means: &mut Means,
) {
    // 8.3.1.1.1/on-message/4, 8.3.1.1.1/on-message/4.2
    let found = session.ok_or_else(|| Refusal::new(403));
    let found = found.and_then(|session| Ok((participants(session, message, means)?, session)));
    match found {
        Ok((to, session)) => {
            // 8.3.2.1/server-sends/5c.2
            let from = Uri::parse(&session.identity).map(NameAddr::of);
            let from = from.ok().or_else(|| message.from());
            let Some(from) = from else { return };
            let mut letter = letter(message, from);
            whole_body(&mut letter, message);
            accept(key, message, letter, &to, means);
        }
        Err(refusal) => means.refuse(key, message, refusal),
    }
}

// 8.3.2.1/server-sends/5c: everybody in the session but the sender, who has to be in it.
fn participants(
    session: &Session,
    message: &Message,
    means: &Means,
) -> Result<Vec<String>, Refusal> {
    admit(message, means)?;
    let sender = originator(&means.config, message)?.uri;
    let present = || {
        let all = session.participants.iter();
        all.filter(|one| one.presence == Presence::Connected)
            .map(|one| &one.address.uri)
    };
    // 8.3.1.1.1/on-message/5.2
    if !present().any(|uri| uri.same_as(&sender)) {
        return Err(Refusal::new(403));
    }
    let others = present().filter(|uri| !uri.same_as(&sender));
    Ok(others.map(Uri::to_string).collect())
}

// What every MESSAGE has to pass, whatever it is for; gives the From of the copies.
fn admit(message: &Message, means: &Means) -> Result<NameAddr, Refusal> {
    // RFC 3261 16.3: a copy of ours came back; it is not expanded again.
    let own = means.local.sip.to_string();
    let ours = |via: &String| {
        via.split([' ', ';'])
            .any(|word| word.eq_ignore_ascii_case(&own))
    };
    if message.values("Via").iter().any(ours) {
        return Err(Refusal::new(482));
    }
    // 8.3.1.1.1/on-message/5
    originator(&means.config, message)?;
    // 8.3.1.1.1/on-message/6
    if wants_anonymity(message) && !means.config.allow_anonymous_messages {
        return Err(Refusal::new(403));
    }
    let known = |tag: &String| tag.eq_ignore_ascii_case("recipient-list-message");
    let unknown: Vec<String> = message
        .values("Require")
        .into_iter()
        .filter(|tag| !known(tag))
        .collect();
    if !unknown.is_empty() {
        return Err(Refusal::new(420).with("Unsupported", unknown.join(", ")));
    }
    let mut from = message.from().ok_or_else(|| Refusal::new(400))?;
    from.params = Params::default();
    Ok(from)
}

// 8.3.1.1.1/on-message/7 and 8
fn accept(key: Key, message: &Message, letter: Letter, to: &[String], means: &mut Means) {
    if !means.fan_out.has_room(letter.content.body.len(), to.len()) {
        let busy = Refusal::new(503).with("Retry-After", "60");
        means.refuse(key, message, busy);
        return;
    }
    // RFC 5365 7: on reception; it says nothing of the copies.
    let accepted =
        Message::response(message, 202, reason(202)).with("Server", means.config.release.clone());
    means.respond(key, accepted);
    means.fan_out(letter, to);
}

// The headers that every copy has; the body comes later.
fn letter(message: &Message, from: NameAddr) -> Letter {
    let mut content = Message::request("MESSAGE", "");
    content.headers.clear();
    // 8.3.2.1/server-sends/2
    content.push("Accept-Contact", ACCEPT_CONTACT);
    // 8.3.2.1/server-sends/3
    for asserted in message.values("P-Asserted-Identity") {
        content.push("P-Asserted-Identity", asserted);
    }
    for name in PASSED {
        for value in message.headers(name) {
            content.push(name, value);
        }
    }
    Letter { from, content }
}

// F167: body and Content-Type as they came.
fn whole_body(letter: &mut Letter, message: &Message) {
    for name in list_body::ABOUT_BODY {
        for value in message.headers(name) {
            letter.content.push(name, value);
        }
    }
    letter.content.body.clone_from(&message.body);
}

fn factory(means: &Means, message: &Message) -> bool {
    let asked = message.uri().and_then(|uri| Uri::parse(uri).ok());
    asked.is_some_and(|asked| is_factory(&means.config, &asked))
}

fn serves_lists(means: &Means, message: &Message) -> bool {
    let without = &means.config.session_only_factories;
    means.config.uri_list_message && !without.iter().any(|known| is_for(message, known))
}

fn is_for(message: &Message, known: &str) -> bool {
    let asked = message.uri().and_then(|uri| Uri::parse(uri).ok());
    asked.is_some_and(|asked| Uri::parse(known).is_ok_and(|known| known.same_as(&asked)))
}

/// What a sender says to the recipients in headers.
const PASSED: [&str; 8] = [
    "Privacy",
    "Subject",
    "Date",
    "Expires",
    "Priority",
    "In-Reply-To",
    "Reply-To",
    "P-Asserted-Service",
];
