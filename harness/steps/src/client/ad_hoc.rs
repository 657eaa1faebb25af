//! 6.2.1.3: the client starts a conference with several users.

use cucumber::gherkin::Step;
use cucumber::{then, when};
use trace::matchers::{Sip, octets, user_lines, whole};
use trace::{Direction, Exchange};
use wire::xml::resource_lists;
use world::Told;

use super::acts::{TELLING, calls};
use super::look::{on_call, openings, target};
use super::one_to_one::is_for;
use crate::Stage;
use crate::look::{Seen, is, judged, same_uri};
use crate::words::{Chairs, Clause};

fn guests(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("guest{n}")).collect()
}

#[when(expr = "the user starts a conference with one user more than the client may invite")]
async fn one_too_many(stage: &mut Stage) {
    let most = stage.scene().lab.profile.max_participants;
    calls(stage, &guests(most + 1), None, false).await;
    // A client need not say anything; the next call would not wait for it either.
    let told = |ex: &Exchange| user_lines(ex, Direction::Received).nth(1).map(drop);
    stage.scene().wait(Some(TELLING), told).await;
}

#[when(expr = "the user starts a conference with one user less than the client may invite")]
async fn one_less(stage: &mut Stage) {
    let most = stage.scene().lab.profile.max_participants;
    calls(stage, &guests(most - 1), None, false).await;
}

#[then(expr = "[{clause}] the client's/function's INVITE is for the conference factory")]
async fn is_for_factory(stage: &mut Stage, clause: Clause, step: &Step) {
    let uri = stage.scene().lab.profile.conference_factory.clone();
    let expected = format!("INVITE {uri}");
    let look = move |m: &Sip<'_>| is_for(m, &uri);
    stage.judge(&clause.0, step, on_call(expected, look)).await;
}

/// Kept when the list of the body names these users and nobody else.
fn invites(request: &Sip<'_>, wanted: &[String]) -> Seen {
    const LIST: &str = "application/resource-lists+xml";
    let kind = request.scan.field("Content-Type").map(|f| f.value);
    let part = kind.and_then(|kind| wire::mime::find(&kind, request.scan.body(), LIST));
    let evidence = vec![request.body()];
    let Some(part) = part else {
        return Err((format!("no {LIST} in the body"), evidence));
    };
    let entries = match resource_lists::parse(&part.body) {
        Ok(entries) => entries,
        Err(fault) => return Err((fault.to_string(), evidence)),
    };
    let listed = |user: &String| entries.iter().any(|e| same_uri(&e.uri, user));
    let good = wanted.iter().all(listed) && entries.len() == wanted.len();
    let found: Vec<String> = entries.into_iter().map(|e| e.uri).collect();
    is(good, format!("a list of {}", found.join(", ")), evidence)
}

async fn judge_list(stage: &mut Stage, clause: &Clause, chairs: &[String], step: &Step) {
    let users: Vec<String> = chairs
        .iter()
        .map(|chair| stage.scene().user(chair))
        .collect();
    let look = move |m: &Sip<'_>| invites(m, &users);
    let expected = format!("a list of {}", chairs.join(", "));
    stage.judge(&clause.0, step, on_call(expected, look)).await;
}

#[then(expr = "[{clause}] the client's INVITE lists {chairs}")]
async fn lists_users(stage: &mut Stage, clause: Clause, chairs: Chairs, step: &Step) {
    judge_list(stage, &clause, &chairs.0, step).await;
}

#[then(expr = "[{clause}] the client's INVITE lists one user less than it may")]
async fn lists_many(stage: &mut Stage, clause: Clause, step: &Step) {
    let most = stage.scene().lab.profile.max_participants;
    judge_list(stage, &clause, &guests(most - 1), step).await;
}

#[then(expr = "[{clause}] the client sends no INVITE to the conference factory")]
async fn sends_none(stage: &mut Stage, clause: Clause, step: &Step) {
    let factory = stage.scene().lab.profile.conference_factory.clone();
    stage
        .judge(&clause.0, step, move |ex| {
            let calls = openings(ex, "INVITE");
            let to_factory = |m: &&Sip<'_>| same_uri(&target(m), &factory);
            let broken = calls.iter().find(to_factory);
            // The next call of the user closes the window.
            let seen = match (broken, calls.first()) {
                (Some(call), _) => Some(Err((format!("INVITE {factory}"), vec![call.start()]))),
                (None, Some(next)) => Some(Ok((
                    "the next call, and none to the factory".to_owned(),
                    vec![octets(next.frame, &next.scan.start)],
                ))),
                (None, None) => None,
            };
            judged("no INVITE to the factory", seen, "the next call never came")
        })
        .await;
}

#[then(expr = "[{clause}] the client tells the user of the limit")]
async fn tells_limit(stage: &mut Stage, clause: Clause, step: &Step) {
    stage
        .judge(&clause.0, step, |ex| {
            let told = user_lines(ex, Direction::Received).find_map(|frame| {
                match Told::read(&String::from_utf8_lossy(&frame.bytes)) {
                    Ok(Told::Notice { text }) => Some((frame, text)),
                    _ => None,
                }
            });
            let next = || openings(ex, "INVITE").into_iter().next();
            let seen = match told {
                Some((frame, text)) => Some(Ok((text, vec![whole(frame)]))),
                None => next()
                    .map(|m| Err(("nothing before the next call".to_owned(), vec![m.start()]))),
            };
            judged("a notice to the user", seen, "the next call never came")
        })
        .await;
}
