//! The requests of the client that a Then line speaks of.

use trace::matchers::{Sip, received_requests, sent_responses, sip_messages};
use trace::{Direction, Exchange, Finding};
use wire::sip::NameAddr;

use crate::look::{Seen, is, judged, tag};

/// Requests of this method that the client sent outside of dialogs.
pub(super) fn openings<'a>(exchange: &'a Exchange, method: &str) -> Vec<Sip<'a>> {
    let mut all = received_requests(exchange, method);
    all.retain(|request| tag(request, "To").is_none());
    all
}

/// Judges the client's latest initial INVITE by `look`.
pub(crate) fn on_call(
    expected: impl Into<String>,
    look: impl Fn(&Sip<'_>) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let expected = expected.into();
    move |exchange| {
        let calls = openings(exchange, "INVITE");
        judged(
            &expected,
            calls.last().map(&look),
            "no INVITE of the client came",
        )
    }
}

/// Requests inside dialogs of the client's calls, in order; ACK and CANCEL left out.
pub(super) fn later<'a>(exchange: &'a Exchange) -> Vec<Sip<'a>> {
    let calls: Vec<String> = openings(exchange, "INVITE")
        .iter()
        .map(Sip::call_id)
        .collect();
    sip_messages(exchange, Direction::Received)
        .filter(|m| m.scan.is_request() && tag(m, "To").is_some() && calls.contains(&m.call_id()))
        .filter(|m| !matches!(m.scan.method().as_deref(), Some("ACK" | "CANCEL")))
        .collect()
}

/// The URI of the latest Contact that the tester gave to the client's latest call, and its frame.
pub(crate) fn identity<'a>(exchange: &'a Exchange) -> Option<(String, Sip<'a>)> {
    let call = openings(exchange, "INVITE").pop()?;
    let mut answers = sent_responses(exchange, call.frame).into_iter().rev();
    answers.find_map(|answer| {
        let value = answer.scan.values("Contact").first()?.value.clone();
        let uri = NameAddr::parse(&value).ok()?.uri.to_string();
        Some((uri, answer))
    })
}

/// The Request-URI as it was written.
pub(super) fn target(request: &Sip<'_>) -> String {
    let line = request.scan.start_line();
    line.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// Kept when a list header has this value, parameters aside.
pub(super) fn lists(request: &Sip<'_>, header: &str, wanted: &[&str]) -> Seen {
    let all = request.scan.values(header);
    let bare = |value: &str| {
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let found: Vec<String> = all.iter().map(|field| bare(&field.value)).collect();
    let good = wanted.iter().all(|w| found.iter().any(|f| f == w));
    let said = match found.is_empty() {
        true => format!("no {header}"),
        false => format!("{header}: {}", found.join(", ")),
    };
    is(good, said, vec![request.header(header)])
}
