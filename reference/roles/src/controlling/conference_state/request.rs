//! What a SUBSCRIBE asks for, whether it may, and how it is answered.

use machines::transactions::Key;
use wire::sip::{Event, Message, Uri};
use wire::xml::group::Group;

use super::subscriber::Subscriber;
use crate::controlling::admission::originator;
use crate::controlling::general::{ALLOW, Refusal, contact};
use crate::means::Means;

/// A SUBSCRIBE that may go on.
pub(super) struct Asked {
    /// Its Event, as it was sent.
    pub(super) event: String,
    /// The Authenticated Originator's IM Address.
    pub(super) address: String,
}

/// Refuses a SUBSCRIBE that no conference could take.
pub(super) fn examine(subscribe: &Message, means: &Means) -> Result<Asked, Refusal> {
    let event = subscribe
        .header("Event")
        .ok_or_else(|| Refusal::new(489).with("Allow-Events", PACKAGE))?;
    let parsed = Event::parse(event).map_err(|_| Refusal::new(400))?;
    if !parsed.package.eq_ignore_ascii_case(PACKAGE) {
        return Err(Refusal::new(489).with("Allow-Events", PACKAGE));
    }
    // 7.2.1.12/on-subscribe/3, 7.2.1.12/on-subscribe/3.2
    let address = originator(&means.config, subscribe)?.uri.to_string();
    // RFC 4575 3.3: without Accept the one document of the package is understood.
    let takes = |kind: &String| kind.starts_with(DOCUMENT) || kind.starts_with("*/*");
    let kinds = subscribe.values("Accept");
    if !kinds.is_empty() && !kinds.iter().any(takes) {
        return Err(Refusal::new(406).with("Accept", DOCUMENT));
    }
    Ok(Asked {
        event: event.to_owned(),
        address,
    })
}

// The <allow-conference-state> action of the group's rules.
pub(super) fn may_follow(group: &Group, asked: &Asked) -> bool {
    Uri::parse(&asked.address).is_ok_and(|who| group.actions(&who).allow_conference_state)
}

// 7.2.1.12/on-subscribe/6
pub(super) fn accept(
    subscriber: &Subscriber,
    asked: Option<(Key, &Message)>,
    expires: u32,
    means: &mut Means,
) {
    let Some((key, request)) = asked else { return };
    let mut response = Message::response(request, 200, "OK");
    let routes: Vec<String> = request.headers("Record-Route").map(str::to_owned).collect();
    for route in routes {
        response.push("Record-Route", route);
    }
    // RFC 6665 4.2.1.1
    response.push("Expires", expires.to_string());
    // 7.2.1.12/on-subscribe/7
    response.push("Contact", contact(&subscriber.contact));
    // 7.2.1.12/on-subscribe/8
    response.push("P-Asserted-Identity", format!("<{}>", subscriber.asserted));
    response.push("Allow", ALLOW);
    // 7.2.1.12/on-subscribe/9
    response.push("Supported", "norefersub");
    response.push("Server", means.config.release.clone());
    // 7.2.1.12/on-subscribe/10
    means.respond(key, response);
}

pub(super) fn refuse(asked: Option<(Key, &Message)>, refusal: Refusal, means: &mut Means) {
    if let Some((key, request)) = asked {
        means.refuse(key, request, refusal);
    }
}

pub(super) fn expires(subscribe: &Message) -> Option<u32> {
    subscribe
        .header("Expires")
        .and_then(|value| value.trim().parse().ok())
}

pub(crate) const PACKAGE: &str = "conference";
const DOCUMENT: &str = "application/conference-info+xml";
