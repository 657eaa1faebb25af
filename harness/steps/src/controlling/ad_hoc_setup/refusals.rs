//! How the INVITE of an inviter ends: accepted or refused, with which code and which words.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Sip, received_requests, sent_responses};
use trace::{Exchange, Finding};
use wire::sip::Warning;

use super::{code_of, on_final};
use crate::Stage;
use crate::look::{final_response, is, judged};
use crate::words::Clause;

/// Judges that the final response to a chair's INVITE has one of `codes`.
fn ends_with(
    chair: &str,
    expected: String,
    codes: Vec<u16>,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    on_final(chair, expected, move |m, _| {
        is(
            codes.contains(&code_of(m)),
            m.scan.start_line(),
            vec![m.start()],
        )
    })
}

#[then(expr = "[{clause}] the INVITE of {word} is answered {int}")]
async fn answered(stage: &mut Stage, clause: Clause, chair: String, code: u16, step: &Step) {
    stage
        .judge(
            &clause.0,
            step,
            ends_with(&chair, format!("final response {code}"), vec![code]),
        )
        .await;
}

#[then(expr = "[{clause}] the INVITE of {word} is refused and nobody is invited")]
async fn refused(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = final_response(ex, &chair).and_then(|m| {
                if let Some(invite) = received_requests(ex, "INVITE").first() {
                    return Some(Err((
                        "a guest was invited".to_owned(),
                        vec![invite.start()],
                    )));
                }
                // A server that is out of order refuses everybody, and so shows no check.
                let failed = (500..600).contains(&code_of(&m));
                (!failed).then(|| is(code_of(&m) >= 400, m.scan.start_line(), vec![m.start()]))
            });
            judged(
                "a refusal other than a server failure (5xx), and no INVITE to a guest",
                seen,
                "no final response but a server failure came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the INVITE of {word} is refused with {int}")]
async fn refused_with(stage: &mut Stage, clause: Clause, chair: String, code: u16, step: &Step) {
    stage
        .judge(
            &clause.0,
            step,
            ends_with(&chair, format!("refusal with {code}"), vec![code]),
        )
        .await;
}

#[then(expr = "[{clause}] the INVITE of {word} is refused with {int} or {int}")]
async fn refused_with_either(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    one: u16,
    other: u16,
    step: &Step,
) {
    stage
        .judge(
            &clause.0,
            step,
            ends_with(
                &chair,
                format!("refusal with {one} or {other}"),
                vec![one, other],
            ),
        )
        .await;
}

#[then(expr = "[{clause}] the INVITE of {word} is refused with {int} and the warning {string}")]
async fn refused_with_warning(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    code: u16,
    text: String,
    step: &Step,
) {
    let expected = format!("{code} with Warning text {text:?}");
    let look = move |m: &Sip<'_>, _: &Exchange| {
        let values = m.scan.values("Warning");
        // The change request fixes the text, not the warn-code (F139).
        let warned = values
            .iter()
            .filter_map(|v| Warning::parse(&v.value).ok())
            .any(|w| w.text.eq_ignore_ascii_case(&text));
        let found = format!("{} with {} warnings", m.scan.start_line(), values.len());
        is(
            code_of(m) == code && warned,
            found,
            vec![m.start(), m.header("Warning")],
        )
    };
    stage
        .judge(&clause.0, step, on_final(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the INVITE of {word} is refused with {int} and names {string}")]
async fn refused_unsupported(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    code: u16,
    tag: String,
    step: &Step,
) {
    let expected = format!("{code} with Unsupported: {tag}");
    let look = move |m: &Sip<'_>, _: &Exchange| {
        let named = m.scan.values("Unsupported").iter().any(|v| v.value == tag);
        is(
            code_of(m) == code && named,
            m.scan.start_line(),
            vec![m.start(), m.header("Unsupported")],
        )
    };
    stage
        .judge(&clause.0, step, on_final(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] {word} gets a final response after the last guest declined")]
async fn after_all(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &Exchange| {
        let invites = received_requests(ex, "INVITE");
        let declined: Vec<usize> = invites
            .iter()
            .flat_map(|i| sent_responses(ex, i.frame))
            .filter(|m| code_of(m) >= 400)
            .map(|m| m.frame.index)
            .collect();
        let last = declined.iter().max().copied();
        let good =
            code_of(m) >= 400 && declined.len() >= 2 && last.is_some_and(|l| l < m.frame.index);
        is(
            good,
            format!(
                "{} to {seat} at frame {}",
                m.scan.start_line(),
                m.frame.index
            ),
            vec![m.start()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_final(
                &chair,
                "a refusal once every guest has refused".to_owned(),
                look,
            ),
        )
        .await;
}
