//! The SDP of a session: which MSRP line is taken, what is offered to the invited and answered to the inviter.

use std::net::{IpAddr, SocketAddr};

use wire::msrp;
use wire::sdp::{Description, Line, Media};

use crate::messaging::leg::{Direction, Terms, matches_any};
use crate::messaging::room::{Chat, OURS};

/// Whose description it is and how often it has changed (RFC 3264 8).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) number: u64,
    pub(crate) version: u32,
}

/// An offer with the MSRP line that the server took.
#[derive(Clone, Debug)]
pub(crate) struct Offered {
    pub(crate) description: Description,
    pub(crate) selected: usize,
}

impl Offered {
    /// Takes the first MSRP line that policy allows (7.2.1.2/on-invite/4); none: nothing is acceptable.
    pub(crate) fn select(description: Description, allowed: &[String]) -> Option<Self> {
        let selected = description
            .media
            .iter()
            .position(|media| acceptable(media, allowed))?;
        Some(Self {
            description,
            selected,
        })
    }

    pub(crate) fn media(&self) -> &Media {
        &self.description.media[self.selected]
    }
}

pub(crate) fn acceptable(media: &Media, allowed: &[String]) -> bool {
    is_msrp(media)
        && media.accept_types().iter().any(|one| {
            matches_any(allowed, one)
                || allowed
                    .iter()
                    .any(|ours| matches_any(std::slice::from_ref(one), ours))
        })
}

/// Whether the line is MSRP over TCP that is not refused, with a path.
pub(crate) fn is_msrp(media: &Media) -> bool {
    media.kind == "message"
        && media.protocol.eq_ignore_ascii_case("TCP/MSRP")
        && media.port != 0
        && !media.path().is_empty()
}

/// The offer to an invitee.
pub(crate) fn offer(ours: SocketAddr, own: &str, origin: Origin, model: &Media) -> Description {
    // 7.2.2.2/server-invites/4a: all but what would lead media past the switch.
    let mut lines: Vec<Line> = model
        .lines
        .iter()
        .filter(|line| line.kind == 'a' && !is_ours(name(line)) && name(line) != CHATROOM)
        .cloned()
        .collect();
    // RFC 7701 8: a room that its founder uses as a chat room is offered as one.
    if model.attribute(CHATROOM).is_some() {
        lines.push(attribute(CHATROOM, OURS));
    }
    lines.push(attribute("setup", "actpass"));
    lines.push(attribute("path", own));
    let media = Media {
        kind: "message".into(),
        port: ours.port(),
        protocol: "TCP/MSRP".into(),
        formats: vec!["*".into()],
        lines,
    };
    Description {
        lines: session_lines(ours, origin, "0 0"),
        media: vec![media],
    }
}

/// The answer to the inviter, once an invitee has answered; none when they have no content type in common.
pub(crate) fn answer(
    ours: SocketAddr,
    own: &str,
    origin: Origin,
    offered: &Offered,
    invitee: &Media,
) -> Option<Description> {
    let taken = answer_line(ours, own, offered.media(), invitee)?;
    let time = offered
        .description
        .lines
        .iter()
        .find(|line| line.kind == 't')
        .map_or("0 0", |line| line.value.as_str());
    // RFC 3264 6: as many lines as offered, in their order; 7.2.1.2/on-invite/4.2: the rest refused by port 0.
    let media = offered
        .description
        .media
        .iter()
        .enumerate()
        .map(|(index, media)| {
            if index == offered.selected {
                return taken.clone();
            }
            Media {
                port: 0,
                lines: Vec::new(),
                ..media.clone()
            }
        });
    Some(Description {
        lines: session_lines(ours, origin, time),
        media: media.collect(),
    })
}

/// The answer to an offer inside the session: its parameters are those of the offer that policy allows (7.2.1.6).
pub(crate) fn answer_again(
    ours: SocketAddr,
    own: &str,
    origin: Origin,
    offered: &Offered,
    policy: &[String],
) -> Option<Description> {
    let mut model = offered.media().clone();
    let types = common(&model.accept_types(), policy);
    put(&mut model, "accept-types", &types.join(" "));
    answer(ours, own, origin, offered, &model)
}

fn answer_line(ours: SocketAddr, own: &str, offered: &Media, invitee: &Media) -> Option<Media> {
    let mut lines = Vec::new();
    for (name, value) in offered.attributes() {
        if is_ours(name) {
            continue;
        }
        match name {
            // 7.2.1.2/on-200/2a
            "accept-types" => {
                let types = common(&offered.accept_types(), &invitee.accept_types());
                if types.is_empty() {
                    return None;
                }
                lines.push(attribute(name, &types.join(" ")));
            }
            // RFC 3264 6.1: the answer's direction is the offer's, seen from the other end.
            "sendonly" => lines.push(flag("recvonly")),
            "recvonly" => lines.push(flag("sendonly")),
            "sendrecv" | "inactive" => lines.push(flag(name)),
            // RFC 7701 8: what this switch can do, for a peer that knows the attribute.
            CHATROOM => lines.push(attribute(CHATROOM, OURS)),
            // 7.2.1.2/on-200/2b
            _ => lines.extend(both(name, value, invitee)),
        }
    }
    lines.push(attribute(
        "setup",
        if we_connect(offered) {
            "active"
        } else {
            "passive"
        },
    ));
    lines.push(attribute("path", own));
    Some(Media {
        port: ours.port(),
        lines,
        ..offered.clone()
    })
}

// An attribute is kept when offer and answer hold it: a size as the smaller, a list as what both list.
fn both(name: &str, value: Option<&str>, invitee: &Media) -> Option<Line> {
    let theirs = invitee
        .attributes()
        .into_iter()
        .find(|(theirs, _)| *theirs == name)?
        .1;
    let (Some(value), Some(theirs)) = (value, theirs) else {
        return Some(flag(name));
    };
    match name {
        "max-size" => {
            let (one, other) = (
                value.trim().parse::<u64>().ok()?,
                theirs.trim().parse::<u64>().ok()?,
            );
            Some(attribute(name, &one.min(other).to_string()))
        }
        "accept-wrapped-types" => {
            let types = common(&words(value), &words(theirs));
            (!types.is_empty()).then(|| attribute(name, &types.join(" ")))
        }
        _ => Some(attribute(name, theirs)),
    }
}

/// The content types that two lists have in common, the narrower of a wildcard and a type.
pub(crate) fn common(one: &[String], other: &[String]) -> Vec<String> {
    let mut types: Vec<String> = one
        .iter()
        .filter(|own| matches_any(other, own))
        .cloned()
        .collect();
    for narrow in other.iter().filter(|theirs| matches_any(one, theirs)) {
        if !types.iter().any(|known| known.eq_ignore_ascii_case(narrow)) {
            types.push(narrow.clone());
        }
    }
    types
}

/// What the switch has to know of the inviter, from its offer.
pub(crate) fn terms_of_offer(media: &Media) -> Terms {
    terms(media, we_connect(media))
}

/// What the switch has to know of an invitee, from its answer to our `actpass`.
pub(crate) fn terms_of_answer(media: &Media) -> Terms {
    // RFC 6135 5: without setup the answerer is passive and the offerer connects.
    terms(
        media,
        !media
            .attribute("setup")
            .is_some_and(|setup| setup.trim().eq_ignore_ascii_case("active")),
    )
}

fn terms(media: &Media, connect: bool) -> Terms {
    let path = media.path();
    Terms {
        connect: path
            .first()
            .filter(|_| connect)
            .and_then(|first| address(first)),
        accept_types: media.accept_types(),
        direction: direction(media),
        wrapped_types: media.attribute("accept-wrapped-types").map(words),
        chat: media.attribute(CHATROOM).map(Chat::read),
        path,
    }
}

fn direction(media: &Media) -> Direction {
    let attributes = media.attributes();
    let told = attributes.iter().find_map(|(name, _)| match *name {
        "sendrecv" => Some(Direction::Both),
        "sendonly" => Some(Direction::Sends),
        "recvonly" => Some(Direction::Receives),
        "inactive" => Some(Direction::Neither),
        _ => None,
    });
    told.unwrap_or_default()
}

/// Gives the MSRP lines the direction that stands at the session level, where they have none of their own (RFC 4566 6).
pub(crate) fn settle_direction(description: &mut Description) {
    const NAMES: [&str; 4] = ["sendrecv", "sendonly", "recvonly", "inactive"];
    let named = |line: &&Line| line.kind == 'a' && NAMES.contains(&line.value.as_str());
    let Some(general) = description.lines.iter().find(named).cloned() else {
        return;
    };
    for media in &mut description.media {
        if !media.lines.iter().any(|line| named(&line)) {
            media.lines.push(general.clone());
        }
    }
}

/// The content types that a description of ours lists for the peer.
pub(crate) fn types_of(sdp: &str) -> Vec<String> {
    let description = Description::parse(sdp).ok();
    let media = description
        .as_ref()
        .and_then(|all| all.media.iter().find(|media| is_msrp(media)));
    media.map(Media::accept_types).unwrap_or_default()
}

/// Our latest description as a new offer with these content types (RFC 3264 8): same lines, same path, version raised
/// when something differs. None when the latest has no MSRP line.
pub(crate) fn reoffer(latest: &str, version: u32, types: &[String]) -> Option<(String, u32)> {
    let mut description = Description::parse(latest).ok()?;
    let media = description.media.iter_mut().find(|media| is_msrp(media))?;
    if !types.is_empty() {
        put(media, "accept-types", &types.join(" "));
    }
    // RFC 6135 4.2: an offer is never passive.
    put(media, "setup", "actpass");
    if description.to_string() == latest {
        return Some((latest.to_owned(), version));
    }
    let origin = description.lines.iter_mut().find(|line| line.kind == 'o')?;
    let mut words: Vec<String> = origin.value.split(' ').map(str::to_owned).collect();
    *words.get_mut(2)? = (version + 1).to_string();
    origin.value = words.join(" ");
    Some((description.to_string(), version + 1))
}

pub(crate) fn put(media: &mut Media, wanted: &str, value: &str) {
    for line in &mut media.lines {
        if line.kind == 'a' && name(line) == wanted {
            *line = attribute(wanted, value);
        }
    }
}

// RFC 4975 5.4, RFC 6135 4.2: the offerer connects, unless it offers to be passive.
pub(crate) fn we_connect(offered: &Media) -> bool {
    offered
        .attribute("setup")
        .is_some_and(|setup| setup.trim().eq_ignore_ascii_case("passive"))
}

fn address(uri: &str) -> Option<SocketAddr> {
    let uri = msrp::Uri::parse(uri).ok()?;
    let ip: IpAddr = uri.host.trim_matches(['[', ']']).parse().ok()?;
    Some(SocketAddr::new(ip, uri.port?))
}

pub(crate) fn session_lines(ours: SocketAddr, origin: Origin, time: &str) -> Vec<Line> {
    let family = if ours.is_ipv4() { "IP4" } else { "IP6" };
    let host = ours.ip();
    [
        ('v', "0".to_owned()),
        (
            'o',
            format!("- {} {} IN {family} {host}", origin.number, origin.version),
        ),
        ('s', "-".to_owned()),
        ('c', format!("IN {family} {host}")),
        ('t', time.to_owned()),
    ]
    .into_iter()
    .map(|(kind, value)| Line { kind, value })
    .collect()
}

/// What a switch or a participant can do in a chat room (RFC 7701 8).
const CHATROOM: &str = "chatroom";

pub(crate) fn is_ours(name: &str) -> bool {
    matches!(name, "path" | "setup" | "connection")
}

pub(crate) fn name(line: &Line) -> &str {
    line.value.split(':').next().unwrap_or_default()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

pub(crate) fn attribute(name: &str, value: &str) -> Line {
    Line {
        kind: 'a',
        value: format!("{name}:{value}"),
    }
}

fn flag(name: &str) -> Line {
    Line {
        kind: 'a',
        value: name.to_owned(),
    }
}
