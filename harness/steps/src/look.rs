//! Looking at an exchange: the messages a Then line speaks of, and the findings they give.

use trace::matchers::{
    Sip, held, missing, not_held, received_requests, received_responses, sent_requests,
};
use trace::{Evidence, Exchange, Finding};
use wire::sdp::{Description, Media};
use wire::sip::{NameAddr, Via};

/// What was found, and where: kept or broken.
pub(crate) type Seen = Result<(String, Vec<Evidence>), (String, Vec<Evidence>)>;

pub(crate) fn judged(expected: &str, seen: Option<Seen>, absent: &str) -> Finding {
    match seen {
        Some(Ok((found, evidence))) => held(expected, found, evidence),
        Some(Err((found, evidence))) => not_held(expected, found, evidence),
        None => missing(expected, absent),
    }
}

/// Kept when `good`, else broken, with the same words and place.
pub(crate) fn is(good: bool, found: impl Into<String>, evidence: Vec<Evidence>) -> Seen {
    if good {
        Ok((found.into(), evidence))
    } else {
        Err((found.into(), evidence))
    }
}

/// Initial INVITEs that a chair sent.
pub(crate) fn calls<'a>(exchange: &'a Exchange, chair: &str) -> Vec<Sip<'a>> {
    initial(sent_requests(exchange, "INVITE"), chair)
}

/// Initial INVITEs that reached a chair.
pub(crate) fn invitations<'a>(exchange: &'a Exchange, chair: &str) -> Vec<Sip<'a>> {
    initial(received_requests(exchange, "INVITE"), chair)
}

fn initial<'a>(requests: Vec<Sip<'a>>, chair: &str) -> Vec<Sip<'a>> {
    let mut all = initial_requests(requests);
    all.retain(|r| r.frame.chair == chair);
    all
}

/// Those that stand outside of dialogs.
pub(crate) fn initial_requests(mut requests: Vec<Sip<'_>>) -> Vec<Sip<'_>> {
    requests.retain(|r| tag(r, "To").is_none());
    requests
}

/// Responses to the last initial INVITE of a chair, 100 left out.
pub(crate) fn responses<'a>(exchange: &'a Exchange, chair: &str) -> Vec<Sip<'a>> {
    let calls = calls(exchange, chair);
    let Some(call) = calls.last() else {
        return Vec::new();
    };
    let mut found = received_responses(exchange, call.frame);
    found.retain(|r| r.scan.code().is_some_and(|code| code > 100));
    found
}

pub(crate) fn response<'a>(exchange: &'a Exchange, chair: &str, code: u16) -> Option<Sip<'a>> {
    responses(exchange, chair)
        .into_iter()
        .find(|r| r.scan.code() == Some(code))
}

/// The final response to the last initial INVITE of a chair.
pub(crate) fn final_response<'a>(exchange: &'a Exchange, chair: &str) -> Option<Sip<'a>> {
    responses(exchange, chair)
        .into_iter()
        .find(|r| r.scan.code().is_some_and(|code| code >= 200))
}

/// Requests in a dialog of the INVITEs that reached `chair`, or that it sent; ACK left out.
pub(crate) fn inside<'a>(exchange: &'a Exchange, chair: &str) -> Vec<Sip<'a>> {
    let calls: Vec<String> = calls(exchange, chair)
        .iter()
        .chain(&invitations(exchange, chair))
        .map(Sip::call_id)
        .collect();
    trace::matchers::sip_messages(exchange, trace::Direction::Received)
        .filter(|m| m.scan.is_request() && m.frame.chair == chair && tag(m, "To").is_some())
        .filter(|m| calls.contains(&m.call_id()) && m.scan.method().as_deref() != Some("ACK"))
        .collect()
}

pub(crate) fn tag(message: &Sip<'_>, header: &str) -> Option<String> {
    let value = message.scan.field(header)?.value;
    NameAddr::parse(&value).ok()?.tag().map(str::to_owned)
}

pub(crate) fn address(message: &Sip<'_>, header: &str) -> Option<NameAddr> {
    NameAddr::parse(&message.scan.values(header).first()?.value).ok()
}

pub(crate) fn sdp(message: &Sip<'_>) -> Option<Description> {
    let kind = message.scan.field("Content-Type")?.value;
    let part = wire::mime::find(&kind, message.scan.body(), "application/sdp")?;
    Description::parse(std::str::from_utf8(&part.body).ok()?).ok()
}

/// The media of the first `m=message` line.
pub(crate) fn msrp_line(message: &Sip<'_>) -> Option<Media> {
    let mut media = sdp(message)?.media.into_iter();
    media.find(|m| m.kind == "message")
}

/// Kept when the MSRP line has every attribute of `names`, which commas part.
pub(crate) fn has_attributes(message: &Sip<'_>, names: &str) -> Seen {
    let media = msrp_line(message);
    let found: Vec<&str> = media
        .iter()
        .flat_map(|m| m.attributes())
        .map(|(name, _)| name)
        .collect();
    is(
        names.split(", ").all(|name| found.contains(&name)),
        found.join(", "),
        vec![message.body()],
    )
}

/// Broken at the first defect of the message's form.
pub(crate) fn well_formed(message: &Sip<'_>) -> Seen {
    match message.scan.defects.first() {
        Some(defect) => Err((
            format!("the message is malformed: {:?}", defect.kind),
            vec![message.start()],
        )),
        None => Ok(("a well-formed message".to_owned(), Vec::new())),
    }
}

/// The branch of each Via, from the top.
pub(crate) fn branches(message: &Sip<'_>) -> Vec<Option<String>> {
    let vias = message.scan.values("Via");
    vias.iter()
        .map(|v| Via::parse(&v.value).ok()?.branch().map(str::to_owned))
        .collect()
}

pub(crate) fn same_uri(left: &str, right: &str) -> bool {
    match (wire::sip::Uri::parse(left), wire::sip::Uri::parse(right)) {
        (Ok(left), Ok(right)) => left.same_as(&right),
        _ => left == right,
    }
}

/// Judges a response of the subject to a chair's INVITE by `look`.
pub(crate) fn on_response(
    chair: &str,
    code: u16,
    expected: String,
    look: impl Fn(&Sip<'_>, &Exchange) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let chair = chair.to_owned();
    move |exchange| {
        let seen = response(exchange, &chair, code).map(|message| look(&message, exchange));
        judged(&expected, seen, &format!("no {code} reached {chair}"))
    }
}

/// Judges the first invitation that reaches a chair by `look`.
pub(crate) fn on_invitation(
    chair: &str,
    expected: String,
    look: impl Fn(&Sip<'_>, &Exchange) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let chair = chair.to_owned();
    move |exchange| {
        let seen = invitations(exchange, &chair)
            .first()
            .map(|message| look(message, exchange));
        // A final answer to the inviter closes the window for invitations.
        let closed = final_response(exchange, "alice").filter(|_| seen.is_none());
        let seen = seen.or_else(|| {
            closed.map(|last| {
                Err((
                    format!("{chair} was not invited before {}", last.scan.start_line()),
                    vec![last.start()],
                ))
            })
        });
        judged(&expected, seen, &format!("no INVITE reached {chair}"))
    }
}
