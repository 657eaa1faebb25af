//! How fast and by what way the copies go: one at a time to each receiver, the long ones not by UDP.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Sip, received_requests, sent_responses};

use super::copies;
use crate::Stage;
use crate::look::{is, judged};
use crate::words::Clause;

#[then(expr = "[{clause}] {word} gets {int} messages, each after the answer to the one before")]
async fn one_by_one(stage: &mut Stage, clause: Clause, chair: String, count: usize, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let all = copies(ex, &chair);
            let answered = |m: &Sip<'_>| {
                let answers = sent_responses(ex, m.frame);
                answers.iter().map(|answer| answer.frame.index).min()
            };
            let in_turn = |pair: &[Sip<'_>]| {
                answered(&pair[0]).is_some_and(|answer| answer < pair[1].frame.index)
            };
            let early = all.windows(2).any(|pair| !in_turn(pair));
            let seen = (early || all.len() >= count).then(|| {
                is(
                    !early && all.len() == count,
                    format!(
                        "{} MESSAGEs at {:?}",
                        all.len(),
                        all.iter().map(|m| m.frame.index).collect::<Vec<_>>()
                    ),
                    all.iter().map(Sip::start).collect(),
                )
            });
            judged(
                "the next MESSAGE after the final response to the one before",
                seen,
                "not every MESSAGE came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] no copy over 1300 octets comes by UDP")]
async fn not_by_udp(stage: &mut Stage, clause: Clause, step: &Step) {
    stage
        .judge(&clause.0, step, |ex| {
            let all = received_requests(ex, "MESSAGE");
            let long = |m: &&Sip<'_>| m.frame.bytes.len() > 1300;
            let wrong = all.iter().find(|m| long(m) && m.frame.transport == "udp");
            let seen = match (wrong, all.iter().find(long)) {
                (Some(m), _) => Some(is(
                    false,
                    format!("{} octets by UDP", m.frame.bytes.len()),
                    vec![m.whole()],
                )),
                (None, Some(m)) => Some(is(
                    true,
                    format!("{} octets by {}", m.frame.bytes.len(), m.frame.transport),
                    vec![m.whole()],
                )),
                (None, None) => None,
            };
            judged(
                "MESSAGEs over 1300 octets by a transport with congestion control",
                seen,
                "no copy is that long",
            )
        })
        .await;
}
