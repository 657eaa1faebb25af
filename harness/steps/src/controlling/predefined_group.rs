//! Words of 7.2.1.3: a group's document decides, its identity answers, and those who follow its session hear of it.

pub(crate) mod document;
mod state;

use cucumber::gherkin::Step;
use cucumber::then;
use trace::Exchange;
use trace::matchers::Sip;

use super::general_responses::asserting;
use crate::Stage;
use crate::look::{calls, final_response, invitations, is, judged, msrp_line, on_response};
use crate::words::Clause;

#[then(expr = "[{clause}] {word} is not invited")]
async fn not_invited(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            if let Some(invite) = invitations(ex, &chair).first() {
                let seen = Err(("an INVITE".to_owned(), vec![invite.start()]));
                return judged("no INVITE", Some(seen), "");
            }
            // The answer to the caller closes the window.
            let seen = final_response(ex, "alice").map(|m| {
                let found = format!("none up to {}", m.scan.start_line());
                Ok((found, vec![m.start()]))
            });
            judged("no INVITE", seen, "the caller had no final response")
        })
        .await;
}

#[then(expr = "[{clause}] the {int} to {word} asserts the group {string}")]
async fn asserts_group(
    stage: &mut Stage,
    clause: Clause,
    code: u16,
    chair: String,
    name: String,
    step: &Step,
) {
    let group = stage.scene().group(&name);
    stage
        .judge(&clause.0, step, asserting(&chair, code, group))
        .await;
}

fn types(message: &Sip<'_>) -> Vec<String> {
    let types = msrp_line(message).map(|media| media.accept_types());
    let lower = |one: String| one.to_ascii_lowercase();
    types.unwrap_or_default().into_iter().map(lower).collect()
}

#[then(expr = "[{clause}] the types in the answer to {word} are in her offer")]
async fn types_of_offer(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &Exchange| {
        let offered = calls(ex, &seat).last().map(types).unwrap_or_default();
        let answer = types(m);
        let good = !answer.is_empty() && answer.iter().all(|one| offered.contains(one));
        is(
            good,
            format!("accept-types: {}", answer.join(" ")),
            vec![m.body()],
        )
    };
    let expected = "types that the offer lists".to_owned();
    stage
        .judge(&clause.0, step, on_response(&chair, 200, expected, look))
        .await;
}
