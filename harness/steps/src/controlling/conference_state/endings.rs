//! How a subscription ends: with the session, by the subscriber, by its time, by a NOTIFY that fails.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Sip, sent_responses};
use trace::{Evidence, Exchange};
use wire::sip::SubscriptionState;

use super::{accepted, answer, asked, document, is_success, notifies, state};
use crate::Stage;
use crate::look::{is, judged};
use crate::words::Clause;

/// What is wrong, and where.
type Broken = (String, Vec<Evidence>);

fn reason(notify: &Sip<'_>) -> Option<String> {
    let value = notify.scan.field("Subscription-State")?.value;
    let state = SubscriptionState::parse(&value).ok()?;
    state.params.value("reason").map(str::to_owned)
}

/// Judges the last NOTIFY of a subscription: after `after`, it must say that this was the end.
fn last<'a>(ex: &'a Exchange, chair: &str, after: usize) -> Option<Result<Sip<'a>, Broken>> {
    let all = notifies(ex, chair);
    let place = all
        .iter()
        .position(|m| state(m).as_deref() == Some("terminated"))?;
    if let Some(late) = all.get(place + 1) {
        let found = "a NOTIFY after the last one".to_owned();
        return Some(Err((found, vec![late.start()])));
    }
    let end = all.into_iter().nth(place)?;
    if end.frame.index < after {
        let found = "the subscription ended too soon".to_owned();
        return Some(Err((found, vec![end.header("Subscription-State")])));
    }
    Some(Ok(end))
}

/// The BYE that the first of the session's participants left by.
fn first_bye(ex: &Exchange) -> Option<usize> {
    let byes = trace::matchers::sent_requests(ex, "BYE");
    byes.first().map(|m| m.frame.index)
}

#[then(expr = "[{clause}] the end of the session ends the subscription of {word}")]
async fn with_session(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = first_bye(ex).and_then(|bye| {
                Some(match last(ex, &chair, bye)? {
                    Ok(end) => is(
                        true,
                        "terminated after the BYE",
                        vec![end.header("Subscription-State")],
                    ),
                    Err(broken) => Err(broken),
                })
            });
            judged(
                "a last NOTIFY with Subscription-State: terminated after the BYE",
                seen,
                "no NOTIFY ended the subscription",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the subscription of {word} ends for the reason {string}")]
async fn for_reason(stage: &mut Stage, clause: Clause, chair: String, word: String, step: &Step) {
    let expected = format!("Subscription-State: terminated;reason={word}");
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = last(ex, &chair, 0).map(|end| {
                let end = end?;
                let found = reason(&end);
                is(
                    found.as_deref() == Some(&word),
                    format!("reason {found:?}"),
                    vec![end.header("Subscription-State")],
                )
            });
            judged(&expected, seen, "no NOTIFY ended the subscription")
        })
        .await;
}

#[then(expr = "[{clause}] the last document to {word} says that the conference is gone")]
async fn deleted(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = last(ex, &chair, 0).map(|end| {
                let end = end?;
                let state = document(&end).map(|info| info.state);
                is(
                    state.as_deref() == Some("deleted"),
                    format!("state {state:?}"),
                    vec![end.body()],
                )
            });
            judged(
                "a document with state deleted",
                seen,
                "no NOTIFY ended the subscription",
            )
        })
        .await;
}

/// The SUBSCRIBE of a chair that ended its subscription, when it was accepted.
fn unsubscribe<'a>(ex: &'a Exchange, chair: &str) -> Option<Sip<'a>> {
    let ends = |m: &Sip<'_>| m.scan.field("Expires").is_some_and(|f| f.value == "0");
    asked(ex, chair)
        .into_iter()
        .find(|m| ends(m) && answer(ex, m).is_some_and(|a| is_success(&a)))
}

#[then(expr = "[{clause}] the SUBSCRIBE of {word} with Expires 0 is followed by the last NOTIFY")]
async fn by_subscriber(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = unsubscribe(ex, &chair).and_then(|asked| {
                Some(match last(ex, &chair, asked.frame.index)? {
                    Ok(end) => is(
                        true,
                        "terminated after the SUBSCRIBE",
                        vec![asked.header("Expires"), end.header("Subscription-State")],
                    ),
                    Err(broken) => Err(broken),
                })
            });
            judged(
                "terminated after the SUBSCRIBE with Expires 0, and nothing after it",
                seen,
                "no NOTIFY ended the subscription",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the subscription of {word} ends when its time is over")]
async fn by_time(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let scale = stage.scene().scale;
    stage
        .judge(&clause.0, step, move |ex| {
            let begun = accepted(ex, &chair).and_then(|m| answer(ex, &m));
            let seen = begun.and_then(|begun| {
                let granted: f64 = begun.scan.field("Expires")?.value.parse().ok()?;
                let end = match last(ex, &chair, 0)? {
                    Ok(end) => end,
                    Err(broken) => return Some(Err(broken)),
                };
                let us = end.frame.at_us.saturating_sub(begun.frame.at_us);
                let seconds = us as f64 / 1e6 * scale;
                // Somewhat early is lost on the way; late only costs the server.
                let good = seconds >= granted * 0.8;
                let found = format!("terminated {seconds:.0} s after a grant of {granted:.0} s");
                Some(is(good, found, vec![end.header("Subscription-State")]))
            });
            judged(
                "terminated, not before the granted time is over",
                seen,
                "no NOTIFY ended the subscription",
            )
        })
        .await;
}

#[then(expr = "[{clause}] {word} is told nothing more after her 481, while {word} is")]
async fn by_failure(stage: &mut Stage, clause: Clause, chair: String, other: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let all = notifies(ex, &chair);
            let refused = all.iter().position(|m| {
                let answers = sent_responses(ex, m.frame);
                answers.iter().any(|a| a.scan.code() == Some(481))
            });
            let seen = refused.and_then(|place| {
                let refusal = &all[place];
                // What the other is told afterwards closes the window.
                let later = notifies(ex, &other)
                    .into_iter()
                    .filter(|m| m.frame.index > refusal.frame.index)
                    .nth(2)?;
                // One may be on its way already.
                let more = all.get(place + 2);
                let evidence = vec![refusal.start(), more.unwrap_or(&later).start()];
                let found = format!("{} NOTIFYs after it", all.len() - place - 1);
                Some(is(more.is_none(), found, evidence))
            });
            judged(
                "no NOTIFY in the dialog whose NOTIFY was answered 481",
                seen,
                "no NOTIFY was answered 481, or nothing happened afterwards",
            )
        })
        .await;
}
