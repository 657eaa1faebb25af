//! Words of 13.1.1.1: the history function opens a session and delivers what was recorded.

use cucumber::gherkin::Step;
use cucumber::{then, when};
use trace::matchers::{Msrp, Sip, msrp_frames, octets};
use trace::{Direction, Exchange};
use world::{Command, Told};

use crate::Stage;
use crate::client::acts::{TELLING, next_call};
use crate::client::answering::told;
use crate::client::general_requests::general_of_function;
use crate::client::look::{identity, on_call};
use crate::look::{address, is, judged, same_uri};
use crate::words::{Chair, Clause};

/// A SEND with this text, and where it is in its row.
pub(super) fn sends<'a>(ex: &'a Exchange, direction: Direction, text: &str) -> Option<Msrp<'a>> {
    msrp_frames(ex, direction).find(|m| {
        let body = m.message.body.as_deref().unwrap_or_default();
        m.message.method() == Some("SEND") && String::from_utf8_lossy(body).contains(text)
    })
}

/// Waits for the state of the session and for the answer, so that nothing is under way when the next thing happens.
#[when(expr = "{word} tells the function {string}")]
async fn tells(stage: &mut Stage, chair: String, text: String) {
    let followed = |ex: &Exchange| {
        let mut all = told(ex).map(|(_, event)| event);
        all.find(|event| matches!(event, Told::Participants { .. }))
            .filter(|_| trace::settled(ex))
            .map(drop)
    };
    stage.scene().wait(Some(TELLING), followed).await;
    stage.scene().say(&chair, &text, true).await;
    let taken = move |ex: &Exchange| {
        let sent = sends(ex, Direction::Sent, &text)?.message.transaction;
        let mut answers = msrp_frames(ex, Direction::Received);
        answers.find(|m| m.message.transaction == sent).map(drop)
    };
    stage.scene().wait(None, taken).await;
}

#[when(expr = "the function delivers what was recorded")]
async fn delivers(stage: &mut Stage) {
    let call = next_call(stage);
    let deliver = Command::Deliver {
        call,
        recording: None,
    };
    stage.scene().user_does(deliver).await;
}

#[then(expr = "[{clause}] the function's INVITE keeps the general rules")]
async fn keeps_rules(stage: &mut Stage, clause: Clause, step: &Step) {
    let expected =
        "an INVITE with Accept-Contact, User-Agent, Contact and Supported by the general rules";
    stage
        .judge(&clause.0, step, on_call(expected, general_of_function))
        .await;
}

#[then(expr = "[{clause}] the function's INVITE is from the one whose history it is")]
async fn is_from_owner(stage: &mut Stage, clause: Clause, step: &Step) {
    let owner = stage.scene().owner();
    let expected = format!("From with {owner}");
    let look = move |m: &Sip<'_>| {
        let found = address(m, "From");
        let good = found
            .as_ref()
            .is_some_and(|from| same_uri(&from.uri.to_string(), &owner));
        let shown = found.map_or_else(|| "no readable From".to_owned(), |f| format!("From: {f}"));
        is(good, shown, vec![m.header("From")])
    };
    stage.judge(&clause.0, step, on_call(expected, look)).await;
}

#[then(expr = "[{clause}] {chair} gets {string} and then {string} once it has answered")]
async fn gets_both(
    stage: &mut Stage,
    clause: Clause,
    chair: Chair,
    first: String,
    second: String,
    step: &Step,
) {
    stage
        .judge(&clause.0, step, move |ex| {
            let Some((_, answer)) = identity(ex) else {
                return judged("a delivery", None, "no 200 was given");
            };
            let got = |text: &str| {
                sends(ex, Direction::Received, text).filter(|m| m.frame.chair == chair.0)
            };
            let all = [got(&first), got(&second)];
            let places: Vec<_> = all.iter().flatten().map(|m| m.frame.index).collect();
            let ordered = matches!(places[..], [one, two] if answer.frame.index < one && one < two);
            let mut evidence = vec![answer.start()];
            evidence.extend(
                all.iter()
                    .flatten()
                    .map(|m| octets(m.frame, &(0..m.frame.bytes.len()))),
            );
            let found = match &all {
                [Some(_), Some(_)] if ordered => "both, in order".to_owned(),
                [Some(_), Some(_)] => "both, but not in this order after the 200".to_owned(),
                [None, _] => format!("no SEND with {first:?}"),
                [_, None] => format!("no SEND with {second:?}"),
            };
            let expected = format!("SENDs with {first:?} and then {second:?} after the 200");
            judged(&expected, Some(is(ordered, found, evidence)), "")
        })
        .await;
}
