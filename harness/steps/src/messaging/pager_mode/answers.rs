//! How the MESSAGE of a sender ends: accepted or refused, with which code, and who hears of it.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Sip, received_requests};
use trace::{Exchange, Finding};

use super::answer;
use crate::Stage;
use crate::look::{Seen, is, judged};
use crate::words::Clause;

/// Judges the final response to a chair's last MESSAGE by `look`.
fn on_answer(
    chair: &str,
    expected: String,
    look: impl Fn(&Sip<'_>, &Exchange) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let chair = chair.to_owned();
    move |ex| {
        let seen = answer(ex, &chair).map(|m| look(&m, ex));
        judged(
            &expected,
            seen,
            &format!("no final response reached {chair}"),
        )
    }
}

fn code_in(codes: &'static [u16]) -> impl Fn(&Sip<'_>, &Exchange) -> Seen + Send + Sync {
    move |m, _| {
        let good = m.scan.code().is_some_and(|code| codes.contains(&code));
        is(good, m.scan.start_line(), vec![m.start()])
    }
}

#[then(expr = "[{clause}] the MESSAGE of {word} is refused and nobody gets it")]
async fn refused(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = answer(ex, &chair).and_then(|m| {
                if let Some(copy) = received_requests(ex, "MESSAGE").first() {
                    return Some(Err(("a copy was sent".to_owned(), vec![copy.start()])));
                }
                let code = m.scan.code().unwrap_or_default();
                // A server that is out of order refuses everybody, and so shows no check.
                let failed = (500..600).contains(&code);
                (!failed).then(|| is(code >= 400, m.scan.start_line(), vec![m.start()]))
            });
            judged(
                "a refusal other than a server failure (5xx), and no MESSAGE to anybody",
                seen,
                "no final response but a server failure came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the MESSAGE of {word} is refused with 403")]
async fn forbidden(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let judge = on_answer(&chair, "403 (Forbidden)".to_owned(), code_in(&[403]));
    stage.judge(&clause.0, step, judge).await;
}

#[then(expr = "[{clause}] the MESSAGE of {word} is refused with 404 or 410")]
async fn not_found(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let judge = on_answer(&chair, "404 or 410".to_owned(), code_in(&[404, 410]));
    stage.judge(&clause.0, step, judge).await;
}

#[then(expr = "[{clause}] the MESSAGE of {word} is accepted with 202")]
async fn accepted(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let judge = on_answer(&chair, "202 (Accepted)".to_owned(), code_in(&[202]));
    stage.judge(&clause.0, step, judge).await;
}

#[then(expr = "[{clause}] the 2xx to {word} has no body and no Contact")]
async fn bare(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        let bare = m.scan.body().is_empty() && m.scan.field("Contact").is_none();
        let good = bare && m.scan.code().is_some_and(|code| code < 300);
        is(
            good,
            m.scan.start_line(),
            vec![m.header("Contact"), m.body()],
        )
    };
    let expected = "a 2xx without body and Contact".to_owned();
    stage
        .judge(&clause.0, step, on_answer(&chair, expected, look))
        .await;
}
