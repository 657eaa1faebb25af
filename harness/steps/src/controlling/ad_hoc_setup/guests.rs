//! The guests of the list: who is invited, what their answers set off, and their ACKs.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::Exchange;
use trace::matchers::{Sip, received_requests, sent_responses};

use super::code_of;
use crate::Stage;
use crate::look::{Seen, branches, final_response, invitations, is, judged, response, responses};
use crate::words::{Chairs, Clause};

#[then(expr = "[{clause}] {chairs} are invited")]
async fn are_invited(stage: &mut Stage, clause: Clause, guests: Chairs, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let found: Vec<Option<Sip<'_>>> = guests
                .0
                .iter()
                .map(|g| invitations(ex, g).into_iter().next())
                .collect();
            let evidence = found.iter().flatten().map(Sip::start).collect();
            let closed = final_response(ex, "alice").is_some();
            let all = found.iter().all(Option::is_some);
            let seen = (all || closed).then(|| {
                is(
                    all,
                    format!(
                        "{} of {} invited",
                        found.iter().flatten().count(),
                        guests.0.len()
                    ),
                    evidence,
                )
            });
            judged(
                "an INVITE to everybody on the list",
                seen,
                "not everybody was invited",
            )
        })
        .await;
}

/// Frame in which a guest of the tester first answered with `code`.
fn first_guest_answer(ex: &Exchange, code: u16) -> Option<usize> {
    let invites = received_requests(ex, "INVITE");
    invites
        .iter()
        .flat_map(|i| sent_responses(ex, i.frame))
        .filter(|m| code_of(m) == code)
        .map(|m| m.frame.index)
        .min()
}

#[then(expr = "[{clause}] one 180 reaches {word} after the first guest rings")]
async fn one_ringing(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let all: Vec<Sip<'_>> = responses(ex, &chair)
                .into_iter()
                .filter(|m| code_of(m) == 180)
                .collect();
            let rang = first_guest_answer(ex, 180);
            let seen = all.first().map(|first| {
                let good = all.len() == 1 && rang.is_some_and(|r| r < first.frame.index);
                is(
                    good,
                    format!("{} of them", all.len()),
                    all.iter().map(Sip::start).collect(),
                )
            });
            let lost = || {
                final_response(ex, &chair).map(|m| {
                    Err((
                        format!("{} without it", m.scan.start_line()),
                        vec![m.start()],
                    ))
                })
            };
            judged(
                "one 180, after a guest rang",
                seen.or_else(lost),
                "no 180 came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the 200 to {word} follows the first 200 of a guest")]
async fn follows(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let first = first_guest_answer(ex, 200);
            let seen = response(ex, &chair, 200).map(|m| {
                is(
                    first.is_some_and(|f| f < m.frame.index),
                    format!("frame {} after {first:?}", m.frame.index),
                    vec![m.start(), m.header("Contact")],
                )
            });
            judged("a 200 after the first guest's 200", seen, "no 200 came")
        })
        .await;
}

#[then(expr = "[{clause}] {word} gets one final response to her INVITE")]
async fn one_final(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let finals: Vec<Sip<'_>> = responses(ex, &chair)
                .into_iter()
                .filter(|m| code_of(m) >= 200)
                .collect();
            let accepted = first_guest_answer(ex, 200).is_some();
            let seen = (accepted && !finals.is_empty()).then(|| {
                is(
                    finals.len() == 1,
                    format!("{} final responses", finals.len()),
                    finals.iter().map(Sip::start).collect(),
                )
            });
            judged(
                "one final response, retransmissions aside",
                seen,
                "no guest accepted, or no final response came",
            )
        })
        .await;
}

/// The ACK that belongs to a guest's final answer, once the answer is given.
fn acknowledged(ex: &Exchange, wanted: impl Fn(u16) -> bool, same_branch: bool) -> Option<Seen> {
    let acks = received_requests(ex, "ACK");
    let branch = |m: &Sip<'_>| branches(m).into_iter().next().flatten();
    let mut evidence = Vec::new();
    let mut answers = 0;
    for invite in received_requests(ex, "INVITE") {
        if !sent_responses(ex, invite.frame)
            .iter()
            .any(|m| wanted(code_of(m)))
        {
            continue;
        }
        answers += 1;
        let own: Vec<&Sip<'_>> = acks
            .iter()
            .filter(|a| a.call_id() == invite.call_id())
            .collect();
        let ack = own.first()?;
        let number = ack.cseq() == invite.cseq().map(|(n, _)| (n, "ACK".to_owned()));
        if !number || (branch(ack) == branch(&invite)) != same_branch {
            return Some(Err((
                format!("{:?}", ack.cseq()),
                vec![ack.header("Via"), ack.header("CSeq")],
            )));
        }
        evidence.extend([ack.header("Via"), ack.header("CSeq")]);
    }
    (answers > 0).then(|| Ok((format!("{answers} acknowledged"), evidence)))
}

#[then(expr = "[{clause}] every 200 of a guest is acknowledged")]
async fn acknowledges(stage: &mut Stage, clause: Clause, step: &Step) {
    stage
        .judge(&clause.0, step, |ex| {
            judged(
                "an ACK with the INVITE's number and a branch of its own",
                acknowledged(ex, |c| c == 200, false),
                "an ACK did not come",
            )
        })
        .await;
}

#[then(expr = "[{clause}] every refusal of a guest is acknowledged in its transaction")]
async fn acknowledges_refusal(stage: &mut Stage, clause: Clause, step: &Step) {
    stage
        .judge(&clause.0, step, |ex| {
            judged(
                "an ACK with the INVITE's number and branch",
                acknowledged(ex, |c| c >= 300, true),
                "an ACK did not come",
            )
        })
        .await;
}
