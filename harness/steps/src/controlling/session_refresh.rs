//! Words of 7.2.1.11: who refreshes, and what happens when nobody does.

use std::time::Duration;

use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use trace::Exchange;
use trace::matchers::{Sip, received_requests, sip_messages};
use wire::sip::SessionExpires;
use world::Carries;

use super::session_modification::{byes, change_answer, closed, code, on_change};
use crate::Stage;
use crate::look::{inside, is, judged, response};
use crate::words::Clause;

#[given(expr = "{word} has the server refresh his session")]
async fn server_refreshes(stage: &mut Stage, chair: String) {
    let interval = stage.scene().lab.profile.session_interval;
    stage.scene().manner(&chair).session_expires = Some(format!("{interval};refresher=uac"));
}

#[when(expr = "{word} refreshes the session")]
async fn refreshes(stage: &mut Stage, chair: String) {
    stage.scene().answered(&chair).await;
    stage.scene().modify(&chair, "INVITE", Carries::Same).await;
}

#[when(expr = "{word} refreshes the session by UPDATE")]
async fn refreshes_by_update(stage: &mut Stage, chair: String) {
    stage.scene().answered(&chair).await;
    stage.scene().modify(&chair, "UPDATE", Carries::Same).await;
}

#[given(expr = "{word} loses his session before it is refreshed")]
async fn loses(stage: &mut Stage, chair: String) {
    stage.scene().lose_session(&chair);
}

#[when(expr = "the server refreshes the session of {word}")]
async fn hears_refresh(stage: &mut Stage, chair: String) {
    let interval = f64::from(stage.scene().lab.profile.session_interval);
    let refreshed = move |ex: &Exchange| (!inside(ex, &chair).is_empty()).then_some(());
    if stage
        .scene()
        .wait(Some(interval), refreshed)
        .await
        .is_none()
    {
        stage.scene().block("the server refreshed nothing");
    }
}

fn interval(message: &Sip<'_>) -> Option<SessionExpires> {
    SessionExpires::parse(&message.scan.field("Session-Expires")?.value).ok()
}

#[then(
    expr = "[{clause}] the 200 to the refresh of {word} carries Session-Expires with refresher {string}"
)]
async fn refresher(stage: &mut Stage, clause: Clause, chair: String, wanted: String, step: &Step) {
    let expected = format!("200 with Session-Expires: <seconds>;refresher={wanted}");
    let look = move |_: &Sip<'_>, m: &Sip<'_>, _: &Exchange| {
        let found = interval(m);
        let told = found.as_ref().and_then(|t| t.refresher.as_deref());
        let good = code(m) == 200 && told == Some(&wanted);
        let found = found.map_or("no Session-Expires".to_owned(), |t| t.to_string());
        is(good, found, vec![m.header("Session-Expires")])
    };
    stage
        .judge(&clause.0, step, on_change(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the 200 to the refresh of {word} requires timer")]
async fn requires_timer(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |_: &Sip<'_>, m: &Sip<'_>, _: &Exchange| {
        let tags = m.scan.values("Require");
        let good = tags.iter().any(|t| t.value == "timer");
        is(
            good,
            format!("{} tags in Require", tags.len()),
            vec![m.header("Require")],
        )
    };
    let expected = "Require: timer".to_owned();
    stage
        .judge(&clause.0, step, on_change(&chair, expected, look))
        .await;
}

/// Seconds of protocol time between two messages.
pub(crate) fn seconds(from: &Sip<'_>, to: &Sip<'_>, scale: f64) -> f64 {
    let us = to.frame.at_us.saturating_sub(from.frame.at_us);
    Duration::from_micros(us).as_secs_f64() * scale
}

#[then(
    expr = "[{clause}] {word} gets a BYE not before two thirds of the interval, and within the interval, after her refresh"
)]
async fn restarted(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let (least, scale) = wait_for_bye(stage, &chair).await;
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = change_answer(ex, &chair).and_then(|(_, granted)| {
                let all = byes(ex, &chair);
                let Some(bye) = all.first() else {
                    return closed(ex, granted.frame.index, "no BYE came");
                };
                let passed = seconds(&granted, bye, scale);
                // RFC 4028 section 10: by the lesser of 32 s and a third of the interval early.
                let early = least - (least / 3.0).min(32.0);
                let good = passed >= early * 0.95 && passed <= least * 1.1;
                let found = if good {
                    "BYE".to_owned()
                } else {
                    format!("BYE after {passed:.0} s")
                };
                Some(is(good, found, vec![granted.start(), bye.start()]))
            });
            judged(
                "a BYE by the interval that began with the refresh",
                seen,
                "no BYE came",
            )
        })
        .await;
}

async fn wait_for_bye(stage: &mut Stage, chair: &str) -> (f64, f64) {
    let interval = f64::from(stage.scene().lab.profile.session_interval);
    let seat = chair.to_owned();
    let gone = move |ex: &Exchange| (!byes(ex, &seat).is_empty()).then_some(());
    stage.scene().wait(Some(interval * 1.1), gone).await;
    (interval, stage.scene().scale)
}

#[then(expr = "[{clause}] {word} gets a BYE within the interval, and {word} none before her")]
async fn expired(stage: &mut Stage, clause: Clause, chair: String, other: String, step: &Step) {
    let (most, scale) = wait_for_bye(stage, &chair).await;
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = response(ex, &chair, 200).and_then(|accepted| {
                let all = byes(ex, &chair);
                let Some(bye) = all.first() else {
                    return closed(ex, accepted.frame.index, "no BYE came");
                };
                let others = byes(ex, &other);
                let first = others
                    .first()
                    .is_none_or(|o| o.frame.index > bye.frame.index);
                let good = first && seconds(&accepted, bye, scale) <= most * 1.1;
                Some(is(
                    good,
                    if first {
                        "BYE"
                    } else {
                        "a BYE to the other first"
                    },
                    vec![bye.start()],
                ))
            });
            judged("a BYE when the session timer runs out", seen, "no BYE came")
        })
        .await;
}

#[then(expr = "[{clause}] {word} gets a BYE after his 481")]
async fn gone(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let refusal = sip_messages(ex, trace::Direction::Sent)
                .find(|m| m.frame.chair == chair && m.scan.code() == Some(481));
            let seen = refusal.and_then(|refusal| {
                let byes = received_requests(ex, "BYE");
                let bye = byes
                    .iter()
                    .find(|m| m.frame.chair == chair && m.frame.index > refusal.frame.index);
                match bye {
                    Some(bye) => Some(is(true, "BYE", vec![refusal.start(), bye.start()])),
                    None => closed(ex, refusal.frame.index, "no BYE came"),
                }
            });
            judged("a BYE after the 481 to a refresh", seen, "no 481 was given")
        })
        .await;
}
