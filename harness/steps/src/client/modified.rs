//! Words of 7.1.2.2: what the client answers to a re-INVITE, and when it refreshes after that.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::Exchange;
use trace::matchers::Sip;

use crate::Stage;
use crate::controlling::session_modification::{
    byes, change_answer, closed, code, foreign, on_change,
};
use crate::controlling::session_refresh::seconds;
use crate::look::{Seen, inside, is, judged, msrp_line};
use crate::words::Clause;

/// The content types of an answer with 200, if all of them were offered.
fn taken(request: &Sip<'_>, m: &Sip<'_>) -> Result<Vec<String>, Seen> {
    let (Some(offer), Some(answer)) = (msrp_line(request), msrp_line(m)) else {
        let found = format!("{} without MSRP", m.scan.start_line());
        return Err(Err((found, vec![m.body()])));
    };
    match foreign(&offer, &answer) {
        Some(what) => Err(Err((format!("{what} was not offered"), vec![m.body()]))),
        None => Ok(answer.accept_types()),
    }
}

#[then(expr = "[{clause}] the answer to the change of {word} takes types of her offer")]
async fn takes(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |request: &Sip<'_>, m: &Sip<'_>, _: &Exchange| match taken(request, m) {
        Ok(types) => {
            let good = code(m) == 200 && !types.is_empty();
            is(good, types.join(" "), vec![m.body()])
        }
        Err(seen) => seen,
    };
    let expected = "200 with an MSRP line whose accept-types were offered".to_owned();
    stage
        .judge(&clause.0, step, on_change(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the answer to the change of {word} takes {string}")]
async fn takes_type(stage: &mut Stage, clause: Clause, chair: String, kind: String, step: &Step) {
    let expected = format!("200 with {kind} in accept-types");
    let look = move |_: &Sip<'_>, m: &Sip<'_>, _: &Exchange| {
        let types = msrp_line(m).map(|media| media.accept_types());
        let types = types.unwrap_or_default();
        let has = |one: &String| one == "*" || one.eq_ignore_ascii_case(&kind);
        let good = code(m) == 200 && types.iter().any(has);
        is(good, types.join(" "), vec![m.body()])
    };
    stage
        .judge(&clause.0, step, on_change(&chair, expected, look))
        .await;
}

#[then(
    expr = "[{clause}] the change of {word} is answered with a part of her types, or with {int}"
)]
async fn subset(stage: &mut Stage, clause: Clause, chair: String, wanted: u16, step: &Step) {
    let look = move |request: &Sip<'_>, m: &Sip<'_>, _: &Exchange| {
        if code(m) != 200 {
            return is(code(m) == wanted, m.scan.start_line(), vec![m.start()]);
        }
        match taken(request, m) {
            Ok(types) => {
                let offered = msrp_line(request).map_or(0, |media| media.accept_types().len());
                let part = !types.is_empty() && types.len() < offered;
                is(part, types.join(" "), vec![m.body()])
            }
            Err(seen) => seen,
        }
    };
    let expected = format!("200 with some of the types, or {wanted}");
    stage
        .judge(&clause.0, step, on_change(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the 200 to the change of {word} supports {string}")]
async fn supports(stage: &mut Stage, clause: Clause, chair: String, tag: String, step: &Step) {
    let expected = format!("200 with Supported: {tag}");
    let look = move |_: &Sip<'_>, m: &Sip<'_>, _: &Exchange| {
        let listed = m.scan.values("Supported").into_iter().map(|f| f.value);
        let listed: Vec<String> = listed.collect();
        let good = code(m) == 200 && listed.contains(&tag);
        let found = format!("Supported: {}", listed.join(", "));
        is(good, found, vec![m.header("Supported")])
    };
    stage
        .judge(&clause.0, step, on_change(&chair, expected, look))
        .await;
}

/// Requests of the client in its dialog with a chair after its answer to the chair's last change.
fn since<'a>(ex: &'a Exchange, chair: &str) -> Option<(Sip<'a>, Option<Sip<'a>>)> {
    let (_, granted) = change_answer(ex, chair)?;
    let mut later = inside(ex, chair).into_iter();
    let first = later.find(|m| m.frame.index > granted.frame.index);
    Some((granted, first))
}

#[then(
    expr = "[{clause}] the client refreshes the session of {word} within the interval after her change"
)]
async fn restarted(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let interval = f64::from(stage.scene().lab.profile.session_interval);
    let scale = stage.scene().scale;
    let seat = chair.clone();
    let refreshed = move |ex: &Exchange| since(ex, &seat)?.1.map(|_| ());
    stage.scene().wait(Some(interval), refreshed).await;
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = since(ex, &chair).and_then(|(granted, first)| {
                let Some(m) = first.filter(|_| byes(ex, &chair).is_empty()) else {
                    return closed(ex, granted.frame.index, "no refresh came");
                };
                let passed = seconds(&granted, &m, scale);
                let method = m.scan.method().unwrap_or_default();
                let known = matches!(method.as_str(), "INVITE" | "UPDATE");
                let good = known && passed <= interval * 1.1;
                let found = match good {
                    true => method,
                    false => format!("{method} after {passed:.0} s"),
                };
                Some(is(good, found, vec![granted.start(), m.start()]))
            });
            judged(
                "a re-INVITE or UPDATE before the new interval ends",
                seen,
                "no refresh came",
            )
        })
        .await;
}
