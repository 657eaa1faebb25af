//! Words of 6.1.2.2.4: what becomes of a client's change on its way to the controlling server.

use cucumber::gherkin::Step;
use cucumber::{then, when};
use trace::matchers::{Sip, received_requests};
use trace::{Exchange, Finding};
use wire::sip::Message;

use crate::Stage;
use crate::controlling::session_modification::{change_answer, changes, closed};
use crate::look::{
    Seen, branches, invitations, is, judged, msrp_line, responses, same_uri, tag, well_formed,
};
use crate::words::{Chair, Clause};

/// re-INVITEs and UPDATEs that reached a chair in its dialog, each once.
fn passed_on<'a>(ex: &'a Exchange, chair: &str) -> Vec<Sip<'a>> {
    let mut all = received_requests(ex, "INVITE");
    all.extend(received_requests(ex, "UPDATE"));
    all.retain(|m| m.frame.chair == chair && tag(m, "To").is_some());
    all.sort_by_key(|m| m.frame.index);
    all
}

/// Judges what reached `to` of the last change of `from` by `look`, which gets the change first. A final answer to
/// the change closes the window.
pub(super) fn on_way(
    from: &str,
    to: &str,
    expected: &str,
    look: impl Fn(&Sip<'_>, &Sip<'_>, &Exchange) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let (from, to, expected) = (from.to_owned(), to.to_owned(), expected.to_owned());
    move |ex| {
        let change = changes(ex, &from).pop();
        let asked = change.as_ref().and_then(|change| {
            let after = |m: &Sip<'_>| m.frame.index > change.frame.index;
            passed_on(ex, &to).into_iter().find(after)
        });
        let seen = match (&change, &asked) {
            (Some(change), Some(asked)) => Some(look(change, asked, ex)),
            _ => change_answer(ex, &from).map(|(_, answer)| {
                let found = format!("nothing reached {to} before {}", answer.scan.start_line());
                Err((found, vec![answer.start()]))
            }),
        };
        let seen = seen.or_else(|| closed(ex, 0, &format!("nothing reached {to}")));
        judged(&expected, seen, &format!("no change reached {to}"))
    }
}

/// The request or response that made the dialog of a chair: what the subject sent, and what the chair sent.
fn dialog<'a>(ex: &'a Exchange, chair: &str) -> Option<(Sip<'a>, String)> {
    if let Some(invitation) = invitations(ex, chair).into_iter().next() {
        let answers = trace::matchers::sent_responses(ex, invitation.frame);
        let accepted = answers.iter().find(|m| m.scan.code() == Some(200))?;
        let contact = crate::look::address(accepted, "Contact")?.uri.to_string();
        return Some((invitation, contact));
    }
    let answer = responses(ex, chair)
        .into_iter()
        .find(|m| m.scan.code() == Some(200))?;
    let call = crate::look::calls(ex, chair).pop()?;
    let contact = crate::look::address(&call, "Contact")?.uri.to_string();
    Some((answer, contact))
}

#[when(expr = "{chair} proposes the types {string}")]
async fn proposes(stage: &mut Stage, chair: Chair, types: String) {
    stage.scene().manner(&chair.0).accept_types = types;
    stage.scene().begin_change(&chair.0).await;
}

#[then(expr = "[{clause}] the change of {chair} is passed on to {chair} and answered 200")]
async fn acceptable(stage: &mut Stage, clause: Clause, from: Chair, to: Chair, step: &Step) {
    let seat = from.0.clone();
    let look = move |_: &Sip<'_>, m: &Sip<'_>, ex: &Exchange| match change_answer(ex, &seat) {
        Some((_, answer)) => is(
            answer.scan.code() == Some(200),
            answer.scan.start_line(),
            vec![m.start(), answer.start()],
        ),
        None => Err(("no answer".to_owned(), vec![m.start()])),
    };
    let matcher = on_way(&from.0, &to.0, "a request to the other end, and 200", look);
    stage.judge(&clause.0, step, matcher).await;
}

#[then(expr = "[{clause}] the change of {chair} makes a request to {chair} of its own")]
async fn own_request(stage: &mut Stage, clause: Clause, from: Chair, to: Chair, step: &Step) {
    let seat = to.0.clone();
    let look = move |change: &Sip<'_>, m: &Sip<'_>, ex: &Exchange| {
        well_formed(m)?;
        for name in [
            "Via",
            "Max-Forwards",
            "From",
            "To",
            "Call-ID",
            "CSeq",
            "Contact",
        ] {
            if m.scan.field(name).is_none() {
                return Err((format!("no {name}"), vec![m.start()]));
            }
        }
        if m.call_id() == change.call_id() {
            let found = "the Call-ID of the other leg".to_owned();
            return Err((found, vec![change.header("Call-ID"), m.header("Call-ID")]));
        }
        let number = |m: &Sip<'_>| m.cseq().map_or(0, |(number, _)| number);
        let earlier = dialog(ex, &seat).filter(|(first, _)| first.scan.is_request());
        let risen = earlier.is_none_or(|(first, _)| number(m) > number(&first));
        let method = m.scan.method();
        let named = m.cseq().map(|(_, method)| method) == method;
        let found = format!("{} {:?}", m.scan.start_line(), m.cseq());
        is(risen && named, found, vec![m.start(), m.header("CSeq")])
    };
    let expected = "a request with its own Call-ID, a higher CSeq, Max-Forwards and Contact";
    let matcher = on_way(&from.0, &to.0, expected, look);
    stage.judge(&clause.0, step, matcher).await;
}

#[then(expr = "[{clause}] the change of {chair} reaches {chair} by a method that was announced")]
async fn announced(stage: &mut Stage, clause: Clause, from: Chair, to: Chair, step: &Step) {
    let seat = to.0.clone();
    let look = move |_: &Sip<'_>, m: &Sip<'_>, ex: &Exchange| {
        let accepted = invitations(ex, &seat).into_iter().next().and_then(|first| {
            let answers = trace::matchers::sent_responses(ex, first.frame);
            answers.into_iter().find(|m| m.scan.code() == Some(200))
        });
        let Some(accepted) = accepted else {
            return Err(("no session".to_owned(), vec![m.start()]));
        };
        let allow = accepted.scan.values("Allow");
        let method = m.scan.method().unwrap_or_default();
        let good = method == "INVITE" || allow.iter().any(|one| one.value == method);
        let listed: Vec<&str> = allow.iter().map(|one| one.value.as_str()).collect();
        let found = format!("{method}, where Allow has {}", listed.join(", "));
        is(good, found, vec![m.start(), accepted.header("Allow")])
    };
    let expected = "INVITE, or UPDATE where the other end lists it in Allow";
    let matcher = on_way(&from.0, &to.0, expected, look);
    stage.judge(&clause.0, step, matcher).await;
}

#[then(expr = "[{clause}] {chair} is offered the media parameters of {chair}")]
async fn offered(stage: &mut Stage, clause: Clause, to: Chair, from: Chair, step: &Step) {
    let look = |change: &Sip<'_>, m: &Sip<'_>, _: &Exchange| same_media(change, m);
    let expected = "an SDP offer with the MSRP attributes of the change, path and setup aside";
    let matcher = on_way(&from.0, &to.0, expected, look);
    stage.judge(&clause.0, step, matcher).await;
}

/// Whether the second has an MSRP line with the attributes of the first; path and setup are each side's own.
pub(super) fn same_media(one: &Sip<'_>, other: &Sip<'_>) -> Seen {
    let attributes = |m: &Sip<'_>| {
        let media = msrp_line(m).filter(|media| media.port != 0)?;
        let mut all: Vec<String> = media
            .attributes()
            .iter()
            .filter(|(name, _)| !matches!(*name, "path" | "setup" | "connection"))
            .map(|(name, value)| format!("{name}:{}", value.unwrap_or_default().trim()))
            .map(|line| line.to_ascii_lowercase())
            .collect();
        all.sort();
        Some(all)
    };
    let (given, shown) = (attributes(one), attributes(other));
    let found = shown
        .clone()
        .map_or("no MSRP line".to_owned(), |all| all.join(", "));
    is(
        shown.is_some() && given == shown,
        found,
        vec![one.body(), other.body()],
    )
}

#[then(expr = "[{clause}] the change of {chair} reaches {chair} inside the dialog")]
async fn inside_dialog(stage: &mut Stage, clause: Clause, from: Chair, to: Chair, step: &Step) {
    let seat = to.0.clone();
    let look = move |_: &Sip<'_>, m: &Sip<'_>, ex: &Exchange| {
        let Some((first, contact)) = dialog(ex, &seat) else {
            return Err((
                "a request outside of any session".to_owned(),
                vec![m.start()],
            ));
        };
        // A response of the subject made the dialog of a caller, a request that of a callee.
        let ours = if first.scan.is_request() {
            "From"
        } else {
            "To"
        };
        let uri = Message::parse(&m.frame.bytes)
            .ok()
            .and_then(|m| m.uri().map(str::to_owned));
        let uri = uri.unwrap_or_default();
        let good = first.call_id() == m.call_id()
            && tag(&first, ours) == tag(m, "From")
            && same_uri(&uri, &contact);
        let found = format!("{uri}, {}", m.call_id());
        is(
            good,
            found,
            vec![m.start(), m.header("Call-ID"), m.header("From")],
        )
    };
    let expected = "Call-ID and tags of the dialog, and its Contact as Request-URI";
    let matcher = on_way(&from.0, &to.0, expected, look);
    stage.judge(&clause.0, step, matcher).await;
}

#[then(expr = "[{clause}] the change of {chair} is proxied to {chair}")]
async fn proxied(stage: &mut Stage, clause: Clause, from: Chair, to: Chair, step: &Step) {
    let look = |change: &Sip<'_>, m: &Sip<'_>, _: &Exchange| {
        well_formed(m)?;
        for name in ["From", "To", "Call-ID", "CSeq", "Contact"] {
            let value = |m: &Sip<'_>| m.scan.field(name).map(|field| field.value);
            if value(change) != value(m) {
                return Err((format!("{name} is {:?}", value(m)), vec![m.header(name)]));
            }
        }
        let hops = |m: &Sip<'_>| {
            m.scan
                .field("Max-Forwards")?
                .value
                .trim()
                .parse::<u32>()
                .ok()
        };
        let (sent, left) = (branches(change), branches(m));
        let way = left.len() == sent.len() + 1 && left.ends_with(&sent);
        let fewer = hops(m).is_some_and(|left| Some(left + 1) == hops(change));
        let same = change.scan.body() == m.scan.body();
        let found = format!("Via {left:?}, Max-Forwards {:?}", hops(m));
        let places = vec![m.header("Via"), m.header("Max-Forwards"), m.body()];
        is(way && fewer && same, found, places)
    };
    let expected = "the request itself, one Via more and one hop less";
    let matcher = on_way(&from.0, &to.0, expected, look);
    stage.judge(&clause.0, step, matcher).await;
}
