//! Words of 6.2.1.5: the INVITE that makes a conference of a session of two.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Sip, received_requests, sent_responses, whole};
use trace::{Exchange, Finding};
use wire::mime::Part;
use wire::sip::{NameAddr, Uri};
use wire::xml::resource_lists::{self, Entry};
use world::Told;

use super::answering::{done, told};
use super::general_responses::identified;
use crate::Stage;
use crate::controlling::session_modification::byes;
use crate::look::{
    Seen, address, initial_requests, invitations, is, judged, msrp_line, same_uri, sdp, tag,
    well_formed,
};
use crate::words::{Chairs, Clause};

const LIST: &str = "application/resource-lists+xml";

/// Where the user asked for the conference.
fn wish(ex: &Exchange) -> Option<usize> {
    let mut asked = done(ex).filter(|(_, c)| matches!(c, world::Command::Extend { .. }));
    asked.next().map(|(frame, _)| frame.index)
}

/// The first INVITE of the client since the user asked for the conference.
fn conference(ex: &Exchange) -> Option<Sip<'_>> {
    let asked = wish(ex)?;
    let mut all = received_requests(ex, "INVITE").into_iter();
    all.find(|m| m.frame.index > asked)
}

fn on_conference(
    expected: String,
    look: impl Fn(&Sip<'_>, &Exchange) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    move |ex| {
        let seen = conference(ex).map(|m| look(&m, ex));
        judged(&expected, seen, "no INVITE for a conference came")
    }
}

fn part(m: &Sip<'_>, kind: &str) -> Option<Part> {
    let outer = m.scan.field("Content-Type")?.value;
    wire::mime::find(&outer, m.scan.body(), kind)
}

fn entries(m: &Sip<'_>) -> Vec<Entry> {
    let list = part(m, LIST).and_then(|part| resource_lists::parse(&part.body).ok());
    list.unwrap_or_default()
}

/// The address of an entry, without what stands behind it.
fn plain(uri: &str) -> Option<Uri> {
    let mut uri = Uri::parse(uri).ok()?;
    uri.headers.clear();
    Some(uri)
}

#[then(expr = "[{clause}] the INVITE to the factory keeps the general rules")]
async fn general(stage: &mut Stage, clause: Clause, step: &Step) {
    let user = stage.scene().user_address();
    let expected = "feature tag in Accept-Contact and Contact, User-Agent, Supported: timer and the user's address";
    let look = move |m: &Sip<'_>, _: &Exchange| {
        well_formed(m)?;
        let has = |name: &str, text: &str| {
            let found = m.scan.fields(name).into_iter();
            found.map(|f| f.value).any(|value| value.contains(text))
        };
        for (name, text) in [
            ("Accept-Contact", "+g.oma.sip-im"),
            ("User-Agent", "IM-client/OMA"),
            ("Contact", "+g.oma.sip-im"),
            ("Supported", "timer"),
        ] {
            if !has(name, text) {
                return Err((format!("no {text} in {name}"), vec![m.header(name)]));
            }
        }
        let own = address(m, "From").map(|from| from.uri.to_string());
        let named = identified(m, &user);
        match own.is_some_and(|own| same_uri(&own, &user)) {
            true => Ok((
                "the fields of an initial INVITE".to_owned(),
                vec![m.start()],
            )),
            false => named,
        }
    };
    stage
        .judge(&clause.0, step, on_conference(expected.to_owned(), look))
        .await;
}

#[then(expr = "[{clause}] the Request-URI of the INVITE is the conference factory")]
async fn to_factory(stage: &mut Stage, clause: Clause, step: &Step) {
    let factory = stage.scene().lab.profile.conference_factory.clone();
    let expected = format!("INVITE {factory}");
    let look = move |m: &Sip<'_>, _: &Exchange| {
        let target = m.scan.request_uri().unwrap_or_default();
        let found = m.scan.start_line();
        is(same_uri(&target, &factory), found, vec![m.start()])
    };
    stage
        .judge(&clause.0, step, on_conference(expected, look))
        .await;
}

#[then(expr = "[{clause}] the list to the factory names {chairs} and nobody else")]
async fn names(stage: &mut Stage, clause: Clause, chairs: Chairs, step: &Step) {
    let users: Vec<String> = chairs.0.iter().map(|c| stage.scene().user(c)).collect();
    let expected = format!("a list with {}", users.join(", "));
    let look = move |m: &Sip<'_>, _: &Exchange| {
        let listed: Vec<String> = entries(m)
            .iter()
            .filter_map(|entry| Some(plain(&entry.uri)?.to_string()))
            .collect();
        let has = |user: &String| listed.iter().any(|one| same_uri(one, user));
        let good = users.iter().all(has) && listed.len() == users.len();
        is(good, listed.join(", "), vec![m.body()])
    };
    stage
        .judge(&clause.0, step, on_conference(expected, look))
        .await;
}

#[then(expr = "[{clause}] the INVITE to the factory has a part with a list of users")]
async fn has_list(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        let count = entries(m).len();
        is(count > 0, format!("{count} entries"), vec![m.body()])
    };
    stage
        .judge(&clause.0, step, on_conference(LIST.to_owned(), look))
        .await;
}

#[then(expr = "[{clause}] the INVITE to the factory is multipart\\/mixed")]
async fn multipart(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        let kind = m.scan.field("Content-Type").map(|f| f.value);
        let kind = kind.unwrap_or_default();
        let main = kind.split(';').next().unwrap_or_default().trim();
        let good = main.eq_ignore_ascii_case("multipart/mixed");
        is(good, kind.clone(), vec![m.header("Content-Type")])
    };
    stage
        .judge(
            &clause.0,
            step,
            on_conference("Content-Type: multipart/mixed".to_owned(), look),
        )
        .await;
}

#[then(expr = "[{clause}] the INVITE to the factory has a part with an SDP offer")]
async fn has_offer(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        let good = sdp(m).is_some() && part(m, "application/sdp").is_some();
        let found = sdp(m).map_or("no description".to_owned(), |d| d.to_string());
        is(good, found, vec![m.body()])
    };
    stage
        .judge(
            &clause.0,
            step,
            on_conference("a part application/sdp".to_owned(), look),
        )
        .await;
}

#[then(expr = "[{clause}] the offer to the factory has an MSRP path that agrees with its m= line")]
async fn path(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        let media = msrp_line(m);
        let path = media.as_ref().and_then(|media| {
            let first = media.path().first().cloned()?;
            wire::msrp::Uri::parse(&first).ok()
        });
        let good = media.zip(path.as_ref()).is_some_and(|(media, path)| {
            (path.port == Some(media.port) || media.port == 9) && !path.session.is_empty()
        });
        let found = path.map_or("no readable a=path".to_owned(), |path| path.to_string());
        is(good, found, vec![m.body()])
    };
    let expected = "a=path with the port of m= and a session".to_owned();
    stage
        .judge(&clause.0, step, on_conference(expected, look))
        .await;
}

#[then(expr = "[{clause}] the offer to the factory lists content types")]
async fn types(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        let types = msrp_line(m).map(|media| media.accept_types());
        let types = types.unwrap_or_default();
        is(!types.is_empty(), types.join(" "), vec![m.body()])
    };
    let expected = "a message line with accept-types".to_owned();
    stage
        .judge(&clause.0, step, on_conference(expected, look))
        .await;
}

/// What Replaces says behind the peer's entry, or in a header of the INVITE.
fn replaces(m: &Sip<'_>, peer: &str) -> Option<String> {
    let listed = entries(m).into_iter().find_map(|entry| {
        let uri = Uri::parse(&entry.uri).ok()?;
        let own = same_uri(&plain(&entry.uri)?.to_string(), peer);
        let mut headers = uri.headers.into_iter().filter(|_| own);
        headers.find(|(name, _)| name.eq_ignore_ascii_case("Replaces"))
    });
    // The value has the escapes of a URI's header (RFC 3261 19.1.1).
    let plain = |value: String| wire::percent::decode(value.as_bytes());
    let listed = listed.map(|(_, value)| String::from_utf8_lossy(&plain(value)).into_owned());
    listed.or_else(|| m.scan.field("Replaces").map(|f| f.value))
}

#[then(expr = "[{clause}] the list to the factory replaces the session with {word}")]
async fn replaced(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let peer = stage.scene().user(&chair);
    let expected = format!("Replaces for {peer} with the Call-ID and tags of the session");
    let look = move |m: &Sip<'_>, ex: &Exchange| {
        let invites = invitations(ex, &chair);
        let Some(call) = invites.first() else {
            return Err(("no session".to_owned(), vec![m.start()]));
        };
        let answers = sent_responses(ex, call.frame);
        let peers = answers.iter().find_map(|answer| tag(answer, "To"));
        let value = replaces(m, &peer).unwrap_or_default();
        let words: Vec<&str> = value.split(';').map(str::trim).collect();
        // The recipient is the peer: its own tag is to-tag, the client's is from-tag.
        let to = peers.map(|tag| format!("to-tag={tag}"));
        let from = tag(call, "From").map(|tag| format!("from-tag={tag}"));
        let has = |wanted: &Option<String>| wanted.as_deref().is_some_and(|w| words.contains(&w));
        let good = words.first() == Some(&call.call_id().as_str()) && has(&to) && has(&from);
        let found = match value.is_empty() {
            true => "no Replaces for the peer".to_owned(),
            false => format!("Replaces: {value}"),
        };
        is(good, found, vec![m.body(), call.header("Call-ID")])
    };
    stage
        .judge(&clause.0, step, on_conference(expected, look))
        .await;
}

#[then(expr = "[{clause}] the INVITE to the factory starts a new dialog at the SIP\\/IP core")]
async fn new_dialog(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>, ex: &Exchange| {
        let others = initial_requests(received_requests(ex, "INVITE"));
        let mut earlier = others.iter().filter(|o| o.frame.index < m.frame.index);
        let known = earlier.any(|other| other.call_id() == m.call_id());
        let to = m.scan.field("To").map(|f| f.value).unwrap_or_default();
        let fresh = NameAddr::parse(&to).is_ok_and(|to| to.tag().is_none());
        let found = format!("To: {to}");
        is(
            fresh && !known,
            found,
            vec![m.header("To"), m.header("Call-ID")],
        )
    };
    let expected = "no tag in To, and a Call-ID of its own".to_owned();
    stage
        .judge(&clause.0, step, on_conference(expected, look))
        .await;
}

#[then(expr = "[{clause}] an INVITE with all of them reaches the factory")]
async fn within_limit(stage: &mut Stage, clause: Clause, step: &Step) {
    let most = stage.scene().lab.profile.max_participants;
    let expected = format!("an INVITE with {} entries", most - 1);
    let look = move |m: &Sip<'_>, _: &Exchange| {
        let count = entries(m).len();
        is(
            count == most - 1,
            format!("{count} entries"),
            vec![m.body()],
        )
    };
    stage
        .judge(&clause.0, step, on_conference(expected, look))
        .await;
}

#[then(expr = "[{clause}] no INVITE reaches the factory before the session with {word} ends")]
async fn beyond_limit(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = match (conference(ex), byes(ex, &chair).first()) {
                (Some(m), _) => Some(Err((m.scan.start_line(), vec![m.start()]))),
                (None, Some(bye)) => Some(is(true, "a BYE and no INVITE", vec![bye.start()])),
                (None, None) => None,
            };
            let expected = "no INVITE with more entries than the limit";
            judged(expected, seen, "the session did not end")
        })
        .await;
}

#[then(expr = "[{clause}] the client tells the user about it before the session with {word} ends")]
async fn notices(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let asked = wish(ex);
            let mut notices = told(ex).filter_map(|(frame, event)| match event {
                Told::Notice { text } => Some((frame, text)),
                Told::Refused { text, .. } => Some((frame, text)),
                _ => None,
            });
            let notice = notices.find(|(frame, _)| asked.is_some_and(|at| frame.index > at));
            let ended = byes(ex, &chair).into_iter().next();
            let seen = match (notice, ended) {
                (Some((frame, text)), _) => Some(is(true, text, vec![whole(frame)])),
                (None, Some(bye)) => {
                    let nothing = "nothing was told before the BYE".to_owned();
                    Some(Err((nothing, vec![bye.start()])))
                }
                (None, None) => None,
            };
            judged("a notice for the user", seen, "the session did not end")
        })
        .await;
}
