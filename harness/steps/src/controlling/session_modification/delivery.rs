//! Which MSRP connection a message took: the address that the chair gave first, or the one it gave later.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{
    Msrp, Sip, msrp_frames, received_responses, sent_requests, sip_messages, whole,
};
use trace::{Direction, Exchange, Finding};

use super::broken;
use crate::Stage;
use crate::look::{Seen, is, judged, msrp_line};
use crate::words::{Chair, Clause};

/// The frame of the switch that brought a text to a chair.
pub(in crate::controlling) fn heard<'a>(
    ex: &'a Exchange,
    chair: &str,
    text: &str,
) -> Option<Msrp<'a>> {
    msrp_frames(ex, Direction::Received).find(|m| {
        let body = m.message.body.as_deref().unwrap_or_default();
        m.frame.chair == chair && String::from_utf8_lossy(body).contains(text)
    })
}

/// MSRP paths that a chair gave in its descriptions, in order, each once.
pub(crate) fn paths(ex: &Exchange, chair: &str) -> Vec<Vec<String>> {
    let mut paths: Vec<Vec<String>> = Vec::new();
    for message in sip_messages(ex, Direction::Sent).filter(|m| m.frame.chair == chair) {
        let path = msrp_line(&message).map(|media| media.path());
        if let Some(path) = path.filter(|path| !paths.contains(path)) {
            paths.push(path);
        }
    }
    paths
}

/// What the window says that ends with the answer to a BYE after frame `from`: it did not happen.
pub(crate) fn closed(ex: &Exchange, from: usize, found: &str) -> Option<Seen> {
    let byes = sent_requests(ex, "BYE");
    let last = byes.iter().find_map(|bye| {
        let answer = received_responses(ex, bye.frame).into_iter().next()?;
        (answer.frame.index > from).then(|| answer.start())
    })?;
    broken(format!("{found} before the session was left"), vec![last])
}

/// Whether a text came to the address with this number among those that the chair gave.
fn at(ex: &Exchange, chair: &str, text: &str, number: usize) -> Option<Seen> {
    let paths = paths(ex, chair);
    let Some(m) = heard(ex, chair, text) else {
        return closed(ex, 0, &format!("{chair} got no \"{text}\""));
    };
    let port = |path: &Vec<String>| {
        let uri = path.first().and_then(|p| wire::msrp::Uri::parse(p).ok());
        uri.and_then(|uri| uri.port)
    };
    let wanted = paths.get(number)?;
    let local = m.frame.local.port();
    // Where the chair listens the port itself tells; where it connects only the path can.
    let listening = paths.iter().any(|path| port(path) == Some(local));
    let good = m.message.to_path == *wanted && (!listening || port(wanted) == Some(local));
    let found = format!(
        "\"{text}\" to {} at port {local}",
        m.message.to_path.join(" ")
    );
    Some(is(good, found, vec![whole(m.frame)]))
}

fn both(one: Option<Seen>, other: Option<Seen>) -> Option<Seen> {
    Some(match (one?, other?) {
        (Ok((found, mut evidence)), Ok((more, further))) => {
            evidence.extend(further);
            Ok((format!("{found}; {more}"), evidence))
        }
        (Err(broken), _) | (Ok(_), Err(broken)) => Err(broken),
    })
}

#[then(
    expr = "[{clause}] {string} reaches {chair} at her/his/its old port and {string} at the new one"
)]
async fn moved(
    stage: &mut Stage,
    clause: Clause,
    before: String,
    chair: Chair,
    after: String,
    step: &Step,
) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = both(at(ex, &chair.0, &before, 0), at(ex, &chair.0, &after, 1));
            judged(
                "each message by the path that holds when it is sent",
                seen,
                "no such messages",
            )
        })
        .await;
}

#[then(expr = "[{clause}] {string} reaches {word} at her/his old port")]
async fn stayed(stage: &mut Stage, clause: Clause, text: String, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            judged(
                "the message by the path agreed first",
                at(ex, &chair, &text, 0),
                "no message",
            )
        })
        .await;
}

#[then(expr = "[{clause}] {string} reaches {word} at her/his old port before her/his 200")]
async fn meanwhile(stage: &mut Stage, clause: Clause, text: String, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let accepted: Vec<Sip<'_>> = sip_messages(ex, Direction::Sent)
                .filter(|m| m.frame.chair == chair && m.scan.code() == Some(200))
                .filter(|m| m.cseq().is_some_and(|(_, method)| method == "INVITE"))
                .collect();
            // The first accepted the invitation, and may have been sent more than once.
            let agreed = accepted.iter().find(|m| m.cseq() != accepted[0].cseq());
            let early = agreed.and_then(|agreed| {
                let late =
                    heard(ex, &chair, &text).is_none_or(|m| m.frame.index > agreed.frame.index);
                late.then(|| broken("the 200 was there first", vec![agreed.start()]))
                    .flatten()
            });
            let seen = early.or_else(|| at(ex, &chair, &text, 0));
            judged("the message by the path agreed first", seen, "no message")
        })
        .await;
}

/// Absence of `never`, in the window that `then`, which follows it on the wire, closes.
fn withheld(ex: &Exchange, chair: &str, never: &str, then: &str) -> Finding {
    let seen = match (heard(ex, chair, never), heard(ex, chair, then)) {
        (Some(m), _) => broken(format!("{chair} got \"{never}\""), vec![whole(m.frame)]),
        (None, Some(m)) => Some(is(true, format!("\"{then}\" alone"), vec![whole(m.frame)])),
        (None, None) => closed(ex, 0, &format!("{chair} got neither")),
    };
    judged(
        &format!("\"{then}\" without \"{never}\""),
        seen,
        "neither message came",
    )
}

#[then(expr = "[{clause}] {string} does not reach {word}, {string} does")]
async fn not_reached(
    stage: &mut Stage,
    clause: Clause,
    never: String,
    chair: String,
    then: String,
    step: &Step,
) {
    stage
        .judge(&clause.0, step, move |ex| {
            withheld(ex, &chair, &never, &then)
        })
        .await;
}
