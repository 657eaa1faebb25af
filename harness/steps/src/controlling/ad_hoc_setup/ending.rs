//! Leaving the session: the BYE of a chair and its answer.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::Exchange;
use trace::matchers::{Sip, received_responses, sent_requests};

use super::code_of;
use crate::Stage;
use crate::look::{inside, is, judged};
use crate::words::Clause;

/// What the subject answered to the first BYE of a chair.
fn bye_answers<'a>(ex: &'a Exchange, chair: &str) -> Vec<Sip<'a>> {
    let bye = sent_requests(ex, "BYE")
        .into_iter()
        .find(|m| m.frame.chair == chair);
    bye.map(|b| received_responses(ex, b.frame))
        .unwrap_or_default()
}

#[then(expr = "[{clause}] the BYE of {word} is answered {int}")]
async fn bye_answered(stage: &mut Stage, clause: Clause, chair: String, code: u16, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = bye_answers(ex, &chair)
                .iter()
                .find(|m| code_of(m) >= 200)
                .map(|m| is(code_of(m) == code, m.scan.start_line(), vec![m.start()]));
            judged(
                &format!("{code} to the BYE"),
                seen,
                "no answer to the BYE came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] {word} is left in the session until she leaves")]
async fn left_alone(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            if let Some(bye) = inside(ex, &chair)
                .into_iter()
                .find(|m| m.scan.method().as_deref() == Some("BYE"))
            {
                return judged(
                    "no BYE while a guest is in",
                    Some(Err(("BYE".to_owned(), vec![bye.start()]))),
                    "",
                );
            }
            // The answer to her own BYE closes the window.
            let seen = bye_answers(ex, &chair)
                .first()
                .map(|m| is(code_of(m) == 200, m.scan.start_line(), vec![m.start()]));
            judged(
                "no BYE while a guest is in, and 200 to her own",
                seen,
                "her BYE was not answered",
            )
        })
        .await;
}
