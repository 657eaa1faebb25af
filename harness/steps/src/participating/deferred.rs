//! Words of 12.4.2.2: what is left for a user who is away, and what reaches the user after a REGISTER.

use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use trace::Exchange;
use trace::matchers::{Sip, sent_requests};

use crate::Stage;
use crate::look::{address, judged, same_uri};
use crate::messaging::pager_mode::{copies, message};
use crate::words::Clause;

#[given(expr = "{word} wrote in {int} what was good for {int} seconds")]
async fn wrote(stage: &mut Stage, chair: String, year: u32, seconds: u32) {
    // The day of the week tells nothing here.
    let date = format!("Wed, 01 Dec {year} 12:00:00 GMT");
    stage.scene().manner(&chair).validity = Some((date, seconds));
}

#[when(expr = "{word} leaves a message for {word}")]
async fn leaves(stage: &mut Stage, chair: String, other: String) {
    let target = stage.scene().user(&other);
    stage.scene().message(&chair, &target).await;
}

fn is_of(message: &Sip<'_>, header: &str, user: &str) -> bool {
    address(message, header).is_some_and(|found| same_uri(&found.uri.to_string(), user))
}

/// The first REGISTER that told of a user who is there.
fn registered<'a>(ex: &'a Exchange, user: &str) -> Option<Sip<'a>> {
    let mut all = sent_requests(ex, "REGISTER");
    all.retain(|m| {
        let there = m.scan.field("Expires").is_some_and(|it| it.value != "0");
        there && is_of(m, "To", user)
    });
    all.into_iter().next()
}

#[then(expr = "[{clause}] what {word} left reaches {word} once he is registered")]
async fn reaches(stage: &mut Stage, clause: Clause, from: String, to: String, step: &Step) {
    let user = stage.scene().user(&to);
    let judge = move |ex: &Exchange| {
        let got = copies(ex, &to).into_iter().next();
        let seen = match (message(ex, &from), registered(ex, &user), got) {
            (Some(left), Some(register), Some(got)) => {
                let after = got.frame.index > register.frame.index;
                let same = got.scan.body() == left.scan.body();
                let evidence = vec![got.start(), got.body()];
                let found = match (after, same) {
                    (true, true) => "the message, after the REGISTER",
                    (true, false) => "another body than was left",
                    (false, _) => "a message before the REGISTER",
                };
                Some(match after && same {
                    true => Ok((found.to_owned(), evidence)),
                    false => Err((found.to_owned(), evidence)),
                })
            }
            _ => None,
        };
        judged(
            "the message that was left, after the REGISTER",
            seen,
            &format!("no MESSAGE reached {to}"),
        )
    };
    stage.judge(&clause.0, step, judge).await;
}

#[then(expr = "[{clause}] {word} gets the message of {word} and none of {word}")]
async fn only(
    stage: &mut Stage,
    clause: Clause,
    to: String,
    from: String,
    other: String,
    step: &Step,
) {
    let (wanted, unwanted) = (stage.scene().user(&from), stage.scene().user(&other));
    let judge = move |ex: &Exchange| {
        let all = copies(ex, &to);
        let of = |user: &str| all.iter().find(|m| is_of(m, "From", user));
        let seen = match (of(&unwanted), of(&wanted)) {
            (Some(m), _) => Some(Err((
                format!("a message of {other}"),
                vec![m.start(), m.header("From")],
            ))),
            (None, Some(m)) => Some(Ok((
                format!("the message of {from} and no other"),
                vec![m.start(), m.header("From")],
            ))),
            (None, None) => None,
        };
        judged(
            &format!("the message of {from} and none of {other}"),
            seen,
            &format!("no MESSAGE reached {to}"),
        )
    };
    stage.judge(&clause.0, step, judge).await;
}
