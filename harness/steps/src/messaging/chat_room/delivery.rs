//! Who got which message, and which were refused.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Msrp, msrp_frames, whole};
use trace::{Direction, Evidence, Exchange, Finding};
use wire::msrp::{Flag, Kind};

use crate::Stage;
use crate::look::{Seen, has_attributes, is, judged, on_invitation, on_response};
use crate::words::{Chairs, Clause};

/// SENDs with content that hold a text.
pub(super) fn sends<'a>(ex: &'a Exchange, way: Direction, text: &str) -> Vec<Msrp<'a>> {
    let wanted = |m: &Msrp<'_>| {
        let body = m.message.body.as_deref().unwrap_or_default();
        matches!(&m.message.kind, Kind::Request(method) if method == "SEND")
            && body
                .windows(text.len().max(1))
                .any(|part| part == text.as_bytes())
    };
    msrp_frames(ex, way).filter(wanted).collect()
}

/// What the subject answered to a request of a chair.
pub(super) fn answer(ex: &Exchange, request: &Msrp<'_>) -> Option<(u16, Evidence)> {
    msrp_frames(ex, Direction::Received).find_map(|m| match m.message.kind {
        Kind::Response(code, _)
            if m.frame.chair == request.frame.chair
                && m.message.transaction == request.message.transaction =>
        {
            Some((code, whole(m.frame)))
        }
        _ => None,
    })
}

/// The first SEND with `text` that reached a chair.
fn heard<'a>(ex: &'a Exchange, chair: &str, text: &str) -> Option<Msrp<'a>> {
    let mut all = sends(ex, Direction::Received, text).into_iter();
    all.find(|m| m.frame.chair == chair)
}

fn delivery(ex: &Exchange, to: &[String], text: &str, other: (&str, &str)) -> Option<Seen> {
    if let Some(stray) = heard(ex, other.0, text) {
        let found = format!("{} got {text:?} too", other.0);
        return Some(Err((found, vec![whole(stray.frame)])));
    }
    // A later message that does reach the one left out closes the window.
    let closing = heard(ex, other.0, other.1);
    let got: Vec<_> = to.iter().map(|chair| heard(ex, chair, text)).collect();
    if let (Some(closing), Some(at)) = (&closing, got.iter().position(Option::is_none)) {
        let found = format!("{} did not get {text:?}", to[at]);
        return Some(Err((found, vec![whole(closing.frame)])));
    }
    let got: Option<Vec<_>> = got.into_iter().collect();
    let mut evidence: Vec<Evidence> = got?.iter().map(|m| whole(m.frame)).collect();
    evidence.push(whole(closing?.frame));
    Some(Ok((format!("{} got it", to.join(", ")), evidence)))
}

#[then(expr = "[{clause}] {chairs} get {string}, and {word} only {string}")]
async fn delivered(
    stage: &mut Stage,
    clause: Clause,
    chairs: Chairs,
    text: String,
    other: String,
    later: String,
    step: &Step,
) {
    let expected = format!("{text:?} for {} and not for {other}", chairs.0.join(", "));
    let look = move |ex: &Exchange| {
        let seen = delivery(ex, &chairs.0, &text, (&other, &later));
        judged(&expected, seen, "not every message came")
    };
    stage.judge(&clause.0, step, look).await;
}

#[then(expr = "[{clause}] {word} gets {string} and {word} gets {string}")]
async fn both_hear(
    stage: &mut Stage,
    clause: Clause,
    one: String,
    first: String,
    other: String,
    second: String,
    step: &Step,
) {
    let look = move |ex: &Exchange| -> Finding {
        let (one, other) = (heard(ex, &one, &first), heard(ex, &other, &second));
        let seen = one.zip(other).map(|(one, other)| {
            let evidence = vec![whole(one.frame), whole(other.frame)];
            Ok(("both messages".to_owned(), evidence))
        });
        judged("messages go on both ways", seen, "a message did not come")
    };
    stage.judge(&clause.0, step, look).await;
}

#[then(expr = "[{clause}] {string} of {word} is refused with {int} and reaches nobody")]
async fn refused(
    stage: &mut Stage,
    clause: Clause,
    text: String,
    chair: String,
    code: u16,
    step: &Step,
) {
    let look = move |ex: &Exchange| {
        let sent = sends(ex, Direction::Sent, &text);
        let sent = sent.iter().find(|m| m.frame.chair == chair);
        let answer = sent.and_then(|sent| answer(ex, sent));
        // The refusal closes the window: what is refused was not passed on before.
        let seen = answer.map(|(got, evidence)| {
            let stray = sends(ex, Direction::Received, &text);
            match stray.first() {
                Some(stray) => Err((
                    format!("{got}, and {} got it", stray.frame.chair),
                    vec![evidence, whole(stray.frame)],
                )),
                None => is(got == code, got.to_string(), vec![evidence]),
            }
        });
        judged(
            &format!("{code}, passed on to nobody"),
            seen,
            "no answer to the SEND came",
        )
    };
    stage.judge(&clause.0, step, look).await;
}

#[then(expr = "[{clause}] {word} is told that {string} has no end")]
async fn given_up(stage: &mut Stage, clause: Clause, chair: String, text: String, step: &Step) {
    let look = move |ex: &Exchange| {
        let begun = heard(ex, &chair, &text);
        let end = begun.and_then(|begun| {
            let id = begun.message.header("Message-ID")?.to_owned();
            let mut later = msrp_frames(ex, Direction::Received);
            later.find(|m| {
                m.frame.chair == chair
                    && m.frame.index > begun.frame.index
                    && m.message.header("Message-ID") == Some(id.as_str())
                    && m.message.flag != Flag::More
            })
        });
        let seen = end.map(|m| {
            let found = format!("{:?}", m.message.flag);
            is(m.message.flag == Flag::Abort, found, vec![whole(m.frame)])
        });
        judged(
            "a SEND of the message with #",
            seen,
            "no end of the message came",
        )
    };
    stage.judge(&clause.0, step, look).await;
}

#[then(expr = "[{clause}] the messages between {word} and {word} arrive as they were sent")]
async fn unchanged(stage: &mut Stage, clause: Clause, one: String, other: String, step: &Step) {
    let look = move |ex: &Exchange| {
        let pair = |from: &str, to: &str| {
            let sent = sends(ex, Direction::Sent, "imdn.Message-ID");
            let sent = sent.into_iter().find(|m| m.frame.chair == from)?;
            let got = heard(ex, to, "imdn.Message-ID")?;
            let same = sent.message.body == got.message.body;
            Some((same, whole(got.frame)))
        };
        let seen = pair(&one, &other)
            .zip(pair(&other, &one))
            .map(|(there, back)| {
                let found = match (there.0, back.0) {
                    (true, true) => "octet for octet",
                    (false, _) => "the request for a notification was changed",
                    (_, false) => "the notification was changed",
                };
                is(there.0 && back.0, found, vec![there.1, back.1])
            });
        judged("the same octets", seen, "a message did not come")
    };
    stage.judge(&clause.0, step, look).await;
}

#[then(expr = "[{clause}] the INVITE to {word} offers a chat room")]
async fn offered(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let expected = "a=chatroom on the MSRP line".to_owned();
    let look = on_invitation(&chair, expected, |m, _| has_attributes(m, "chatroom"));
    stage.judge(&clause.0, step, look).await;
}

#[then(expr = "[{clause}] the 200 to {word} answers with a chat room")]
async fn answered(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let expected = "a=chatroom on the MSRP line".to_owned();
    let look = on_response(&chair, 200, expected, |m, _| has_attributes(m, "chatroom"));
    stage.judge(&clause.0, step, look).await;
}
