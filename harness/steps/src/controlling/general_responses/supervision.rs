//! How the server supervises the session: the interval it announces, its refreshes, its BYE.

use std::time::Duration;

use cucumber::gherkin::Step;
use cucumber::{given, then};
use trace::matchers::{Sip, sent_responses};
use wire::sip::SessionExpires;

use crate::Stage;
use crate::look::{
    Seen, calls, final_response, inside, invitations, is, judged, on_response, response,
};
use crate::words::Clause;

fn interval(message: &Sip<'_>) -> Option<SessionExpires> {
    SessionExpires::parse(&message.scan.field("Session-Expires")?.value).ok()
}

#[then(expr = "[{clause}] the {int} to {word} carries Session-Expires with refresher {string}")]
async fn refresher(
    stage: &mut Stage,
    clause: Clause,
    code: u16,
    chair: String,
    wanted: String,
    step: &Step,
) {
    let expected = format!("Session-Expires: <seconds>;refresher={wanted}");
    let look = move |m: &Sip<'_>, _: &trace::Exchange| {
        let found = interval(m);
        let good = found
            .as_ref()
            .is_some_and(|t| t.refresher.as_deref() == Some(&wanted));
        is(
            good,
            found.map_or_else(
                || "no Session-Expires".to_owned(),
                |t| format!("Session-Expires: {t}"),
            ),
            vec![m.header("Session-Expires")],
        )
    };
    stage
        .judge(&clause.0, step, on_response(&chair, code, expected, look))
        .await;
}

#[then(expr = "[{clause}] the {int} to {word} requires timer")]
async fn requires_timer(stage: &mut Stage, clause: Clause, code: u16, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, _: &trace::Exchange| {
        let tags = m.scan.values("Require");
        is(
            tags.iter().any(|t| t.value == "timer"),
            format!("{} tags in Require", tags.len()),
            vec![m.header("Require")],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_response(&chair, code, "Require: timer".to_owned(), look),
        )
        .await;
}

#[then(expr = "[{clause}] the {int} to {word} does not raise the session interval")]
async fn not_raised(stage: &mut Stage, clause: Clause, code: u16, chair: String, step: &Step) {
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &trace::Exchange| {
        let asked = calls(ex, &seat).last().and_then(interval).map(|t| t.delta);
        let found = interval(m).map(|t| t.delta);
        let good = found.is_some_and(|s| s >= 90 && asked.is_none_or(|asked| s <= asked));
        let found = format!("{found:?} seconds where {asked:?} were asked for");
        is(good, found, vec![m.header("Session-Expires")])
    };
    let expected = "90 seconds or more, and not more than the INVITE asked for".to_owned();
    stage
        .judge(&clause.0, step, on_response(&chair, code, expected, look))
        .await;
}

#[then(expr = "[{clause}] the server sends {word} a BYE before the session interval is over")]
async fn supervised(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let (interval, scale) = (
        f64::from(stage.scene().lab.profile.session_interval),
        stage.scene().scale,
    );
    let seat = chair.clone();
    // RFC 4028 section 10 lets the side that waits give up shortly before the end.
    stage
        .scene()
        .wait(Some(interval * 1.1), move |ex| {
            inside(ex, &seat)
                .iter()
                .any(|m| m.scan.method().as_deref() == Some("BYE"))
                .then_some(())
        })
        .await;
    stage
        .judge(&clause.0, step, move |ex| {
            let accepted = response(ex, &chair, 200);
            let seen = accepted.and_then(|accepted| {
                let byes = inside(ex, &chair);
                let bye = byes
                    .iter()
                    .find(|m| m.scan.method().as_deref() == Some("BYE"))?;
                let us = bye.frame.at_us.saturating_sub(accepted.frame.at_us);
                let seconds = Duration::from_micros(us).as_secs_f64() * scale;
                // A third of the interval, or 32 s, before its end; a BYE much sooner has another reason.
                let sound = (interval * 0.6..=interval * 1.1).contains(&seconds);
                let found = format!("BYE {seconds:.0} s after the 200");
                Some(is(sound, found, vec![bye.start()]))
            });
            judged(
                &format!(
                    "a BYE {:.0} to {:.0} s after the 200",
                    interval * 0.6,
                    interval * 1.1
                ),
                seen,
                "no BYE came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the server refreshes the session of {word} by a method in her Allow")]
async fn refreshes(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    await_request(stage, &chair).await;
    stage
        .judge(&clause.0, step, move |ex| {
            let inside = inside(ex, &chair);
            // A BYE ends the session and refreshes nothing.
            let refresh = inside
                .first()
                .filter(|m| m.scan.method().as_deref() != Some("BYE"));
            let seen = refresh.map(|m| allowed_method(m, ex, &chair));
            judged(
                "a refresh by a method that the chair's last Allow lists",
                seen,
                "no refresh came before the end of the session",
            )
        })
        .await;
}

/// Waits for a request inside the dialog of a chair, as long as its session may last.
async fn await_request(stage: &mut Stage, chair: &str) {
    let interval = f64::from(stage.scene().lab.profile.session_interval);
    let seat = chair.to_owned();
    let asked = move |ex: &trace::Exchange| (!inside(ex, &seat).is_empty()).then_some(());
    stage.scene().wait(Some(interval), asked).await;
}

pub(crate) fn allowed_method(request: &Sip<'_>, ex: &trace::Exchange, chair: &str) -> Seen {
    let method = request.scan.method().unwrap_or_default();
    let allowed = listed_methods(ex, chair);
    let found = format!("{method}, where {} are allowed", allowed.join(", "));
    is(allowed.contains(&method), found, vec![request.start()])
}

#[then(expr = "[{clause}] the first request to {word} in the dialog is of a method in his Allow")]
async fn known_method(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    await_request(stage, &chair).await;
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = inside(ex, &chair)
                .first()
                .map(|m| allowed_method(m, ex, &chair));
            judged(
                "a method that the chair's last Allow lists",
                seen,
                "no request came in the dialog",
            )
        })
        .await;
}

/// Methods in the last Allow that a chair sent in its INVITE or in a response to one.
fn listed_methods(exchange: &trace::Exchange, chair: &str) -> Vec<String> {
    let invited = invitations(exchange, chair);
    let answers = invited
        .iter()
        .flat_map(|i| sent_responses(exchange, i.frame));
    let said: Vec<Sip<'_>> = calls(exchange, chair).into_iter().chain(answers).collect();
    let list = said
        .iter()
        .map(|m| m.scan.values("Allow"))
        .rfind(|list| !list.is_empty());
    let methods = list.unwrap_or_default().into_iter();
    methods.map(|field| field.value).collect()
}

#[given(expr = "{word} asks for a session interval of {int} seconds")]
async fn asks_for_seconds(stage: &mut Stage, chair: String, seconds: u32) {
    stage.scene().manner(&chair).session_expires = Some(format!("{seconds};refresher=uac"));
}

#[then(
    expr = "[{clause}] the INVITE of {word} is refused with 422 and a Min-SE of {int} seconds or more"
)]
async fn too_small(stage: &mut Stage, clause: Clause, chair: String, least: u32, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = final_response(ex, &chair).map(|m| {
                let minimum = m.scan.field("Min-SE").map(|f| f.value);
                let seconds = minimum
                    .as_deref()
                    .and_then(|v| v.split(';').next()?.trim().parse::<u32>().ok());
                let good = m.scan.code() == Some(422) && seconds.is_some_and(|s| s >= least);
                let found = format!("{} with Min-SE {minimum:?}", m.scan.start_line());
                is(good, found, vec![m.start(), m.header("Min-SE")])
            });
            judged(
                &format!("422 with a Min-SE of {least} or more"),
                seen,
                "no final response came",
            )
        })
        .await;
}
