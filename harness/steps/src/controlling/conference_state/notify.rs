//! The NOTIFYs of a subscription as SIP requests: where they go, what they carry, when they come.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::Sip;
use trace::{Exchange, Finding};
use wire::sip::{SubscriptionState, Uri};

use super::{accepted, answer, asked, document, is_success, notifies, state};
use crate::Stage;
use crate::look::{Seen, address, is, judged, tag};
use crate::words::Clause;

/// Judges the first NOTIFY of a chair's subscription by `look`.
fn on_first(
    chair: &str,
    expected: String,
    look: impl Fn(&Sip<'_>, &Sip<'_>) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let chair = chair.to_owned();
    move |ex| {
        let subscribe = accepted(ex, &chair);
        let first = notifies(ex, &chair).into_iter().next();
        let seen = subscribe.zip(first).map(|(s, m)| look(&m, &s));
        judged(&expected, seen, "no NOTIFY came")
    }
}

#[then(expr = "[{clause}] the NOTIFYs to {word} come in the dialog of her SUBSCRIBE")]
async fn in_dialog(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let all = notifies(ex, &chair);
            let subscribe = accepted(ex, &chair);
            let ours = subscribe.as_ref().and_then(|m| answer(ex, m));
            let seen = subscribe.zip(ours).filter(|_| !all.is_empty());
            let seen = seen.map(|(subscribe, ours)| {
                let (mine, theirs) = (tag(&subscribe, "From"), tag(&ours, "To"));
                let stray = all
                    .iter()
                    .find(|m| tag(m, "To") != mine || tag(m, "From") != theirs);
                let first = state(&all[0]).unwrap_or_default();
                let alive = ["active", "pending"].contains(&first.as_str());
                is(
                    stray.is_none() && alive,
                    format!("{} NOTIFYs, the first {first}", all.len()),
                    vec![stray.unwrap_or(&all[0]).start()],
                )
            });
            judged(
                "NOTIFYs with the tags of the dialog, the first active or pending",
                seen,
                "no NOTIFY came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the first NOTIFY to {word} is one of a conference state")]
async fn first(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, _: &Sip<'_>| {
        let starts = |name: &str, text: &str| {
            let value = m.scan.field(name).map(|f| f.value.to_ascii_lowercase());
            value.is_some_and(|value| value.starts_with(text))
        };
        let event = starts("Event", "conference");
        let kind = starts("Content-Type", "application/conference-info+xml");
        let contact = address(m, "Contact").is_some();
        let good = event && kind && contact && state(m).is_some() && document(m).is_some();
        let found = format!(
            "event {event}, type {kind}, Contact {contact}, {:?}",
            state(m)
        );
        let evidence = ["Event", "Subscription-State", "Content-Type"].map(|name| m.header(name));
        is(good, found, evidence.to_vec())
    };
    let expected =
        "Event: conference, Subscription-State, Contact and a conference-info document".to_owned();
    stage
        .judge(&clause.0, step, on_first(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the first NOTIFY to {word} goes to her Contact")]
async fn target(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, subscribe: &Sip<'_>| {
        let found = m.scan.request_uri().unwrap_or_default();
        let wanted = address(subscribe, "Contact").map(|a| a.uri);
        let good = Uri::parse(&found)
            .ok()
            .zip(wanted)
            .is_some_and(|(found, wanted)| found.same_as(&wanted));
        is(good, found, vec![m.start()])
    };
    let expected = "a NOTIFY whose Request-URI is the Contact of the SUBSCRIBE".to_owned();
    stage
        .judge(&clause.0, step, on_first(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] each NOTIFY to {word} says what becomes of the subscription")]
async fn states(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let all = notifies(ex, &chair);
            let silent = all.iter().find(|m| {
                let word = state(m).unwrap_or_default();
                !["active", "pending", "terminated"].contains(&word.as_str())
            });
            let seen = all.first().map(|first| {
                let shown = silent.unwrap_or(first);
                is(
                    silent.is_none(),
                    format!("{:?}", state(shown)),
                    vec![shown.header("Subscription-State")],
                )
            });
            judged(
                "Subscription-State: active, pending or terminated in each",
                seen,
                "no NOTIFY came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] no NOTIFY to {word} promises more time than was granted")]
async fn time_left(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let granted = asked(ex, &chair).into_iter().filter_map(|m| {
                let answer = answer(ex, &m).filter(is_success)?;
                answer.scan.field("Expires")?.value.parse::<u32>().ok()
            });
            let most = granted.max();
            let promised = |m: &Sip<'_>| -> Option<u32> {
                let value = m.scan.field("Subscription-State")?.value;
                let state = SubscriptionState::parse(&value).ok()?;
                state.params.value("expires")?.parse().ok()
            };
            let all = notifies(ex, &chair);
            let first = all.iter().find(|m| promised(m).is_some());
            let seen = first.zip(most).map(|(first, most)| {
                let worst = all.iter().max_by_key(|m| promised(m)).unwrap_or(first);
                is(
                    promised(worst) <= Some(most),
                    format!("{:?} seconds of {most}", promised(worst)),
                    vec![worst.header("Subscription-State")],
                )
            });
            judged(
                "expires in Subscription-State up to Expires of the answer",
                seen,
                "no NOTIFY says how much time is left",
            )
        })
        .await;
}

#[then(expr = "[{clause}] every accepted SUBSCRIBE of {word} is followed by a NOTIFY of its own")]
async fn at_once(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let requests: Vec<usize> = asked(ex, &chair)
                .iter()
                .filter(|m| answer(ex, m).is_some_and(|a| is_success(&a)))
                .map(|m| m.frame.index)
                .collect();
            let all = notifies(ex, &chair);
            let mut at = 0;
            let mut evidence = Vec::new();
            for (number, from) in requests.iter().enumerate() {
                let until = requests.get(number + 1).copied().unwrap_or(usize::MAX);
                let mut rest = all.iter().skip(at);
                let Some(step) = rest.position(|m| (*from..until).contains(&m.frame.index)) else {
                    break;
                };
                at += step + 1;
                evidence.push(all[at - 1].start());
            }
            let served = evidence.len();
            let complete = !requests.is_empty() && served == requests.len();
            // A later SUBSCRIBE closes the window of the one before.
            let closed = served + 1 < requests.len();
            let seen = (complete || closed).then(|| {
                is(
                    complete,
                    format!("{served} of {}", requests.len()),
                    evidence,
                )
            });
            judged(
                "a NOTIFY after each SUBSCRIBE that was accepted",
                seen,
                "a NOTIFY is outstanding",
            )
        })
        .await;
}

#[then(expr = "[{clause}] {word} is told of changes no more often than every 5 seconds")]
async fn rate(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let scale = stage.scene().scale;
    stage
        .judge(&clause.0, step, move |ex| {
            let asked: Vec<usize> = asked(ex, &chair).iter().map(|m| m.frame.index).collect();
            // What answers a SUBSCRIBE or ends the subscription is not held back.
            let mut changes = notifies(ex, &chair);
            changes.retain(|m| state(m).as_deref() == Some("active"));
            let answers = asked.len().min(changes.len());
            changes.drain(..answers);
            let seconds = |pair: &[Sip<'_>]| {
                let us = pair[1].frame.at_us.saturating_sub(pair[0].frame.at_us);
                us as f64 / 1e6 * scale
            };
            let gaps: Vec<f64> = changes.windows(2).map(seconds).collect();
            let seen = gaps.iter().copied().reduce(f64::min).map(|least| {
                // The clocks of the two ends are not one: half of it is plainly too soon.
                let found = format!("{} NOTIFYs, {least:.1} s apart at least", changes.len());
                let all = changes.iter().map(Sip::start).collect();
                is(least >= 2.5, found, all)
            });
            judged(
                "5 s between NOTIFYs of changes",
                seen,
                "fewer than two NOTIFYs of changes came",
            )
        })
        .await;
}
