//! The answer to a SUBSCRIBE: its code, its fields, and that a refusal starts nothing.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::Sip;
use trace::{Exchange, Finding};

use super::{accepted, answer, asked, is_success, told};
use crate::Stage;
use crate::controlling::predefined_group::document::delivered;
use crate::look::{Seen, address, branches, is, judged, same_uri, tag, well_formed};
use crate::words::Clause;

/// Judges the answer that accepts the first SUBSCRIBE of a chair by `look`.
fn on_success(
    chair: &str,
    expected: String,
    look: impl Fn(&Sip<'_>, &Sip<'_>) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let chair = chair.to_owned();
    move |ex| {
        let request = accepted(ex, &chair);
        let seen = request.and_then(|request| Some(look(&answer(ex, &request)?, &request)));
        judged(&expected, seen, "no SUBSCRIBE was accepted")
    }
}

/// Judges the final answer to the latest SUBSCRIBE by which a chair wanted a subscription, by `look`.
fn on_answer(
    chair: &str,
    expected: String,
    look: impl Fn(&Sip<'_>, &Sip<'_>, &Exchange) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let chair = chair.to_owned();
    move |ex| {
        let request = asked(ex, &chair)
            .into_iter()
            .rfind(|m| tag(m, "To").is_none());
        let seen = request.and_then(|request| Some(look(&answer(ex, &request)?, &request, ex)));
        judged(&expected, seen, "no answer to the SUBSCRIBE came")
    }
}

#[then(expr = "[{clause}] the SUBSCRIBE of {word} is answered {int} or {int}")]
async fn answered(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    one: u16,
    other: u16,
    step: &Step,
) {
    let look = move |m: &Sip<'_>, _: &Sip<'_>, _: &Exchange| {
        let good = [Some(one), Some(other)].contains(&m.scan.code());
        is(good, m.scan.start_line(), vec![m.start()])
    };
    let expected = format!("final response {one} or {other}");
    stage
        .judge(&clause.0, step, on_answer(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the SUBSCRIBE of {word} is answered {int}")]
async fn answered_with(stage: &mut Stage, clause: Clause, chair: String, code: u16, step: &Step) {
    let look = move |m: &Sip<'_>, _: &Sip<'_>, _: &Exchange| {
        let good = m.scan.code() == Some(code);
        is(good, m.scan.start_line(), vec![m.start()])
    };
    let expected = format!("final response {code}");
    stage
        .judge(&clause.0, step, on_answer(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the SUBSCRIBE of {word} is refused and starts no subscription")]
async fn refused(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = move |m: &Sip<'_>, request: &Sip<'_>, ex: &Exchange| {
        if let Some(notify) = told(ex, request).first() {
            return Err(("a NOTIFY was sent".to_owned(), vec![notify.start()]));
        }
        // A server that is out of order refuses everybody, and so shows no check.
        let good = m
            .scan
            .code()
            .is_some_and(|code| (400..500).contains(&code) || code >= 600);
        is(good, m.scan.start_line(), vec![m.start()])
    };
    let expected = "a refusal other than a server failure (5xx), and no NOTIFY".to_owned();
    stage
        .judge(&clause.0, step, on_answer(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the answer to the SUBSCRIBE of {word} names the server in Contact")]
async fn contact(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, request: &Sip<'_>| {
        let uri = |m: &Sip<'_>| address(m, "Contact").map(|a| a.uri);
        let (found, mine) = (uri(m), uri(request));
        let good = found.as_ref().is_some_and(|uri| {
            let sip = matches!(uri.scheme.as_str(), "sip" | "sips");
            sip && mine.is_none_or(|mine| !uri.same_as(&mine))
        });
        let found = found.map_or_else(|| "no readable Contact".to_owned(), |uri| uri.to_string());
        is(good, found, vec![m.header("Contact")])
    };
    let expected = "Contact with a SIP URI that is not the subscriber's".to_owned();
    stage
        .judge(&clause.0, step, on_success(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the answer to the SUBSCRIBE of {word} carries P-Asserted-Identity")]
async fn asserts(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, _: &Sip<'_>| {
        let found = m.scan.field("P-Asserted-Identity").map(|f| f.value);
        let good = address(m, "P-Asserted-Identity").is_some();
        let found = found.unwrap_or_else(|| "no P-Asserted-Identity".to_owned());
        is(good, found, vec![m.header("P-Asserted-Identity")])
    };
    let expected = "P-Asserted-Identity with an address".to_owned();
    stage
        .judge(&clause.0, step, on_success(&chair, expected, look))
        .await;
}

fn asserted(uri: String) -> impl Fn(&Sip<'_>, &Sip<'_>) -> Seen + Send + Sync {
    move |m, _| {
        let found = address(m, "P-Asserted-Identity").map(|a| a.uri.to_string());
        let good = found.as_deref().is_some_and(|found| same_uri(found, &uri));
        let found = found.unwrap_or_else(|| "no P-Asserted-Identity".to_owned());
        is(good, found, vec![m.header("P-Asserted-Identity")])
    }
}

#[then(expr = "[{clause}] the answer to the SUBSCRIBE of {word} asserts the conference factory")]
async fn asserts_factory(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let factory = stage.scene().lab.profile.conference_factory.clone();
    let expected = format!("P-Asserted-Identity: <{factory}>");
    let look = asserted(factory);
    stage
        .judge(&clause.0, step, on_success(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the answer to the SUBSCRIBE of {word} supports {string}")]
async fn supports(stage: &mut Stage, clause: Clause, chair: String, option: String, step: &Step) {
    let expected = format!("Supported: {option}");
    let look = move |m: &Sip<'_>, _: &Sip<'_>| {
        let found: Vec<String> = m
            .scan
            .values("Supported")
            .into_iter()
            .map(|f| f.value)
            .collect();
        is(
            found.contains(&option),
            format!("Supported: {}", found.join(", ")),
            vec![m.header("Supported")],
        )
    };
    stage
        .judge(&clause.0, step, on_success(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the answer to the SUBSCRIBE of {word} is built from her request")]
async fn built(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, request: &Sip<'_>| {
        well_formed(m)?;
        let same = |name: &str| {
            let of = |m: &Sip<'_>| m.scan.field(name).map(|f| f.value);
            of(m) == of(request)
        };
        let wrong = ["From", "Call-ID", "CSeq"].into_iter().find(|n| !same(n));
        let good = wrong.is_none() && branches(m) == branches(request) && tag(m, "To").is_some();
        let found = wrong.map_or_else(
            || "From, Call-ID and CSeq as asked".to_owned(),
            |name| format!("another {name}"),
        );
        is(
            good,
            found,
            vec![m.header("Via"), m.header(wrong.unwrap_or("To"))],
        )
    };
    let expected = "Via, From, Call-ID and CSeq of the SUBSCRIBE, and a tag in To".to_owned();
    stage
        .judge(&clause.0, step, on_success(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the 200 to the SUBSCRIBE of {word} carries Expires")]
async fn expires(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, request: &Sip<'_>| {
        let seconds =
            |m: &Sip<'_>| -> Option<u32> { m.scan.field("Expires")?.value.trim().parse().ok() };
        let (asked, granted) = (seconds(request), seconds(m));
        let good = granted
            .is_some_and(|granted| granted > 0 && asked.is_none_or(|asked| granted <= asked));
        let found = format!("Expires {granted:?} where {asked:?} was asked for");
        is(good, found, vec![m.start(), m.header("Expires")])
    };
    let expected = "Expires, not above what was asked for".to_owned();
    stage
        .judge(&clause.0, step, on_success(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] {word} is refused the short subscription with Min-Expires, or gets it")]
async fn too_brief(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, request: &Sip<'_>, _: &Exchange| {
        let number = |m: &Sip<'_>, name: &str| -> Option<u32> {
            m.scan.field(name)?.value.trim().parse().ok()
        };
        let wanted = number(request, "Expires");
        let least = number(m, "Min-Expires");
        let good = match m.scan.code() {
            Some(423) => least.is_some_and(|least| wanted.is_some_and(|w| w < least)),
            _ => is_success(m) && number(m, "Expires") <= wanted,
        };
        let found = format!("{}, Min-Expires {least:?}", m.scan.start_line());
        is(good, found, vec![m.start(), m.header("Min-Expires")])
    };
    let expected = "423 with a Min-Expires above what was asked for, or 200".to_owned();
    stage
        .judge(&clause.0, step, on_answer(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the SUBSCRIBE of {word} is refused with 489 and the event {string}")]
async fn bad_event(stage: &mut Stage, clause: Clause, chair: String, event: String, step: &Step) {
    let expected = format!("489 with Allow-Events: {event}");
    let look = move |m: &Sip<'_>, _: &Sip<'_>, _: &Exchange| {
        let named = m.scan.values("Allow-Events");
        let good = m.scan.code() == Some(489) && named.iter().any(|v| v.value == event);
        is(
            good,
            m.scan.start_line(),
            vec![m.start(), m.header("Allow-Events")],
        )
    };
    stage
        .judge(&clause.0, step, on_answer(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] every SUBSCRIBE of {word} is answered")]
async fn each_answered(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let all = asked(ex, &chair);
            let answers: Vec<Sip<'_>> = all.iter().filter_map(|m| answer(ex, m)).collect();
            let last = answers.last().filter(|_| answers.len() == all.len());
            let seen = last.map(|last| {
                let codes: Vec<u16> = answers.iter().filter_map(|m| m.scan.code()).collect();
                // Too many may be refused; nobody else may suffer from it.
                let sound = codes
                    .iter()
                    .all(|code| (200..500).contains(code) || *code == 503);
                is(sound, format!("{codes:?}"), vec![last.start()])
            });
            judged(
                "200, a refusal, or 503 to each",
                seen,
                "not every SUBSCRIBE was answered",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the answer to the SUBSCRIBE of {word} asserts the group {string}")]
async fn asserts_group(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    name: String,
    step: &Step,
) {
    let group = stage.scene().group(&name);
    let expected = format!("P-Asserted-Identity: <{group}>");
    let look = asserted(group);
    stage
        .judge(&clause.0, step, on_success(&chair, expected, look))
        .await;
}

#[then(
    expr = "[{clause}] the SUBSCRIBE of {word} is answered after the document of the group {string} came"
)]
async fn looked_up(stage: &mut Stage, clause: Clause, chair: String, name: String, step: &Step) {
    let group = stage.scene().group(&name);
    let expected = "GET of the document, then the answer".to_owned();
    let look = move |m: &Sip<'_>, request: &Sip<'_>, ex: &Exchange| match delivered(
        ex,
        &group,
        request.frame.index,
        m.frame.index,
    ) {
        Some((get, document)) => {
            let evidence = vec![get.start(), document.whole(), m.start()];
            Ok((m.scan.start_line(), evidence))
        }
        None => {
            let found = format!("{}, and no document before it", m.scan.start_line());
            Err((found, vec![m.start()]))
        }
    };
    stage
        .judge(&clause.0, step, on_answer(&chair, expected, look))
        .await;
}
