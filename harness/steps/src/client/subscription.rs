//! Words of 7.1.1.11: how the client follows who is in its session.

use cucumber::gherkin::Step;
use cucumber::{given, then};
use trace::Exchange;
use trace::matchers::{Sip, received_requests, received_responses, sent_requests, sent_responses};

use super::look::openings;
use crate::Stage;
use crate::controlling::session_modification::{closed, code};
use crate::controlling::session_refresh::seconds;
use crate::look::{is, judged, tag};
use crate::words::Clause;

const DOCUMENT: &str = "application/conference-info+xml";

#[given(expr = "the server grants subscriptions of {int} seconds")]
async fn grants(stage: &mut Stage, most: u32) {
    stage.scene().grant_subscriptions(most);
}

#[then(expr = "[{clause}] the client subscribes to the event {string} and takes its documents")]
async fn subscribes(stage: &mut Stage, clause: Clause, event: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = openings(ex, "SUBSCRIBE").first().map(|m| {
                let named: Vec<String> = m
                    .scan
                    .fields("Event")
                    .into_iter()
                    .map(|f| f.value)
                    .collect();
                let package =
                    |value: &String| value.split(';').next().map(str::trim) == Some(&event);
                let taken: Vec<String> = m
                    .scan
                    .values("Accept")
                    .into_iter()
                    .map(|f| f.value)
                    .collect();
                let takes = taken.is_empty() || taken.iter().any(|one| one.contains(DOCUMENT));
                let good = named.len() == 1 && named.iter().all(package) && takes;
                let found = format!("Event: {}; Accept: {}", named.join(", "), taken.join(", "));
                is(good, found, vec![m.header("Event"), m.header("Accept")])
            });
            let expected = format!("Event: {event}, and {DOCUMENT} in Accept or no Accept");
            judged(&expected, seen, "no SUBSCRIBE came")
        })
        .await;
}

#[then(expr = "[{clause}] the client answers each NOTIFY with {int}")]
async fn answers(stage: &mut Stage, clause: Clause, wanted: u16, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let asked = sent_requests(ex, "NOTIFY");
            let answer = |m: &Sip<'_>| received_responses(ex, m.frame).into_iter().next();
            let all: Option<Vec<Sip<'_>>> = asked.iter().map(answer).collect();
            let seen = all.filter(|all| !all.is_empty()).map(|all| {
                let other = all.iter().find(|m| code(m) != wanted);
                let found = other.unwrap_or(&all[0]).scan.start_line();
                is(other.is_none(), found, all.iter().map(Sip::start).collect())
            });
            judged(
                &format!("{wanted} to every NOTIFY"),
                seen,
                "a NOTIFY was not answered",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the client renews its subscription within {int} seconds")]
async fn renews(stage: &mut Stage, clause: Clause, limit: u32, step: &Step) {
    let scale = stage.scene().scale;
    let limit = f64::from(limit);
    let renewal = |ex: &Exchange| {
        let again = |m: &Sip<'_>| tag(m, "To").is_some();
        received_requests(ex, "SUBSCRIBE")
            .into_iter()
            .any(|m| again(&m))
            .then_some(())
    };
    stage.scene().wait(Some(limit), renewal).await;
    stage
        .judge(&clause.0, step, move |ex| {
            let all = received_requests(ex, "SUBSCRIBE");
            let seen = all.first().and_then(|first| {
                let granted = sent_responses(ex, first.frame)
                    .into_iter()
                    .find(|m| code(m) == 200)?;
                let Some(next) = all.iter().find(|m| tag(m, "To").is_some()) else {
                    return closed(ex, granted.frame.index, "no second SUBSCRIBE came");
                };
                let passed = seconds(&granted, next, scale);
                let same =
                    next.call_id() == first.call_id() && tag(next, "To") == tag(&granted, "To");
                let found = format!("SUBSCRIBE after {passed:.0} s");
                Some(is(
                    same && passed <= limit,
                    found,
                    vec![granted.start(), next.start()],
                ))
            });
            let expected = "a SUBSCRIBE in the same dialog before the subscription runs out";
            judged(expected, seen, "no SUBSCRIBE came")
        })
        .await;
}
