//! Whether an INVITE may set up a session or join one (7.2.1.2 and 7.2.1.3, on-invite), and what it asks for.

use machines::session_timer::{self, Refresher, Settings};
use wire::mime;
use wire::sdp::Description;
use wire::sip::{ContentType, Message, NameAddr, SessionExpires, Uri, same_name};
use wire::xml::resource_lists::Entry;

use super::general::{ACCEPT, Refusal};
use super::recipients;
use crate::Config;
use crate::media::Offered;

/// A request that may set up a session.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// Who speaks in our responses: the conference factory or the group (7.2.1.1).
    pub(crate) asserted: String,
    /// The Authenticated Originator's IM Address with its nickname.
    pub(crate) inviter: NameAddr,
    pub(crate) caller: Caller,
    /// Whom to invite.
    pub(crate) entries: Vec<Entry>,
}

/// What somebody who calls has asked for.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// Its INVITE, without the body.
    pub(crate) invite: Message,
    pub(crate) offered: Offered,
    /// Interval in seconds, who refreshes, whether the answer says `Require: timer`.
    pub(crate) interval: (u32, Refresher, bool),
}

impl Caller {
    /// Forgets what only the responses to its INVITE needed; invitations still name the caller and its wish for privacy.
    pub(crate) fn answered(&mut self) {
        let kept = ["From", "Privacy"];
        let headers = &mut self.invite.headers;
        headers.retain(|header| kept.iter().any(|name| same_name(name, &header.name)));
        headers.shrink_to_fit();
    }
}

/// Examines an INVITE to a conference factory in the order of the clauses.
pub(crate) fn examine(config: &Config, invite: &Message) -> Result<Admitted, Refusal> {
    let factory = factory(config, invite)?;
    let inviter = originator(config, invite)?;
    // 7.2.1.2/on-invite/4
    let (caller, list) = caller(config, invite)?;
    let list = list.ok_or_else(|| Refusal::new(400))?;
    let entries = recipients::read(&list, &inviter.uri, config.max_participants, &config.domain)?;
    Ok(Admitted {
        asserted: factory,
        inviter,
        caller,
        entries,
    })
}

/// What an INVITE asks for, if we can do it and its media are acceptable; and its list, if it has one.
pub(crate) fn caller(
    config: &Config,
    invite: &Message,
) -> Result<(Caller, Option<Vec<u8>>), Refusal> {
    extensions(invite)?;
    let interval = session_interval(config, invite)?;
    let Bodies { sdp, list } = bodies(invite)?;
    let sdp = sdp.ok_or_else(|| Refusal::new(488))?;
    let text = String::from_utf8(sdp).map_err(|_| Refusal::new(400))?;
    let description = Description::parse(&text).map_err(|_| Refusal::new(400))?;
    let offered =
        Offered::select(description, &config.accept_types).ok_or_else(|| Refusal::new(488))?;
    let invite = Message {
        body: Vec::new(),
        ..invite.clone()
    };
    let caller = Caller {
        invite,
        offered,
        interval,
    };
    Ok((caller, list))
}

// 7.2.1.2/on-invite/1
fn factory(config: &Config, invite: &Message) -> Result<String, Refusal> {
    let asked = invite
        .uri()
        .and_then(|uri| Uri::parse(uri).ok())
        .ok_or_else(|| Refusal::new(400))?;
    let same = |known: &&String| Uri::parse(known).is_ok_and(|known| known.same_as(&asked));
    // 7.2.1.2/on-invite/1.2
    config
        .factories()
        .find(same)
        .cloned()
        .ok_or_else(|| Refusal::new(404))
}

/// The Authenticated Originator's IM Address; only P-Asserted-Identity is proof (RFC 3325 9.1).
pub(crate) fn originator(config: &Config, request: &Message) -> Result<NameAddr, Refusal> {
    // 7.2.1.2/on-invite/2
    let asserted: Vec<NameAddr> = request
        .values("P-Asserted-Identity")
        .iter()
        .filter_map(|value| NameAddr::parse(value).ok())
        .collect();
    let barred = |address: &NameAddr| {
        config
            .barred
            .iter()
            .any(|barred| Uri::parse(barred).is_ok_and(|barred| barred.same_as(&address.uri)))
    };
    let sip = asserted
        .iter()
        .find(|address| address.uri.scheme.starts_with("sip"));
    match sip.or(asserted.first()) {
        Some(address) if !asserted.iter().any(barred) => {
            let mut address = address.clone();
            // 7.2.2.2/server-invites/2.2
            if address.display.is_none() {
                address.display = request.from().and_then(|from| from.display);
            }
            Ok(address)
        }
        // 7.2.1.2/on-invite/2.2
        _ => Err(Refusal::new(403)),
    }
}

/// Refuses what we cannot do and are required to (RFC 3261 8.2.2.3).
pub(crate) fn extensions(request: &Message) -> Result<(), Refusal> {
    extensions_among(&SUPPORTED, request)
}

/// Refuses what is none of these and required.
pub(crate) fn extensions_among(known: &[&str], request: &Message) -> Result<(), Refusal> {
    let unknown: Vec<String> = request
        .values("Require")
        .into_iter()
        .filter(|tag| !known.contains(&tag.to_ascii_lowercase().as_str()))
        .collect();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(Refusal::new(420).with("Unsupported", unknown.join(", ")))
    }
}

/// The session interval by RFC 4028 9.
pub(crate) fn session_interval(
    config: &Config,
    request: &Message,
) -> Result<(u32, Refresher, bool), Refusal> {
    interval(&settings(config), request)
}

/// The same for anybody who wants something of session timers.
pub(crate) fn interval(
    settings: &Settings,
    request: &Message,
) -> Result<(u32, Refresher, bool), Refusal> {
    if request
        .header("Session-Expires")
        .is_some_and(|value| SessionExpires::parse(value).is_err())
    {
        return Err(Refusal::new(400));
    }
    match session_timer::answer(request, settings) {
        session_timer::Answer::TooSmall { min_se } => {
            Err(Refusal::new(422).with("Min-SE", min_se.to_string()))
        }
        session_timer::Answer::Agreed {
            interval,
            refresher,
            require,
        } => Ok((interval, refresher, require)),
    }
}

/// What the server wants of session timers: the other side refreshes (7.2.1.1/server-sends-200/3).
pub(crate) fn settings(config: &Config) -> Settings {
    Settings {
        session_expires: config.session_expires,
        min_se: config.min_se,
        prefer: Refresher::Uac,
    }
}

#[derive(Debug)]
struct Bodies {
    sdp: Option<Vec<u8>>,
    list: Option<Vec<u8>>,
}

fn bodies(invite: &Message) -> Result<Bodies, Refusal> {
    let unknown = || Refusal::new(415).with("Accept", ACCEPT);
    if invite
        .header("Content-Encoding")
        .is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"))
    {
        return Err(unknown().with("Accept-Encoding", "identity"));
    }
    let Some(kind) = invite.header("Content-Type") else {
        return Err(Refusal::new(400));
    };
    let kind_value = ContentType::parse(kind)
        .map_err(|_| Refusal::new(400))?
        .value
        .to_ascii_lowercase();
    match kind_value.as_str() {
        SDP => Ok(Bodies {
            sdp: Some(invite.body.clone()),
            list: None,
        }),
        LISTS => Ok(Bodies {
            sdp: None,
            list: Some(invite.body.clone()),
        }),
        "multipart/mixed" => {
            mime::parse(kind, &invite.body).map_err(|_| Refusal::new(400))?;
            let part = |wanted| mime::find(kind, &invite.body, wanted).map(|part| part.body);
            Ok(Bodies {
                sdp: part(SDP),
                list: part(LISTS),
            })
        }
        _ => Err(unknown()),
    }
}

/// The SDP of a message, alone or in a part.
pub(crate) fn description(message: &Message) -> Option<Description> {
    let part = mime::find(message.header("Content-Type")?, &message.body, SDP)?;
    Description::parse(std::str::from_utf8(&part.body).ok()?).ok()
}

/// Option tags that a request may require.
const SUPPORTED: [&str; 2] = ["recipient-list-invite", "timer"];

pub(crate) const SDP: &str = "application/sdp";
pub(crate) const LISTS: &str = "application/resource-lists+xml";
