//! Words of 7.2.2.6: what the server asks a participant to change, and when it takes effect.

use std::time::Duration;

use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use trace::matchers::{Sip, received_requests, sent_responses};
use trace::{Exchange, Finding};

use super::session_modification::{closed, code};
use crate::Stage;
use crate::look::{Seen, invitations, is, judged, msrp_line, same_uri, tag, well_formed};
use crate::words::{Chair, Clause};

/// re-INVITEs that reached a chair, each once.
fn asked<'a>(ex: &'a Exchange, chair: &str) -> Vec<Sip<'a>> {
    let mut all = received_requests(ex, "INVITE");
    all.retain(|m| m.frame.chair == chair && tag(m, "To").is_some());
    all
}

/// Judges the first re-INVITE of the server to a chair by `look`.
fn on_asked(
    chair: &str,
    expected: String,
    look: impl Fn(&Sip<'_>, &Exchange) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let chair = chair.to_owned();
    move |ex| {
        let seen = asked(ex, &chair).first().map(|m| look(m, ex));
        let seen = seen.or_else(|| closed(ex, 0, &format!("no re-INVITE reached {chair}")));
        judged(&expected, seen, &format!("no re-INVITE reached {chair}"))
    }
}

#[given(expr = "{chair} thinks about changes")]
async fn thinks(stage: &mut Stage, chair: Chair) {
    stage.scene().hold_changes(&chair.0);
}

#[when(expr = "the server asks {word} for a change")]
async fn server_asks(stage: &mut Stage, chair: String) {
    if stage.scene().held_change(&chair).await.is_none() {
        stage
            .scene()
            .block(format!("the server asked {chair} for no change"));
    }
}

#[when(expr = "{chair} hears of the change")]
async fn hears_of_it(stage: &mut Stage, chair: Chair) {
    let told = move |ex: &Exchange| asked(ex, &chair.0).first().map(drop);
    stage.scene().wait(Some(4.0), told).await;
}

#[when(expr = "{chair} accepts the change")]
async fn accepts(stage: &mut Stage, chair: Chair) {
    stage.scene().answer_change(&chair.0, 200, "OK").await;
}

#[when(expr = "{chair} accepts the change at another port")]
async fn accepts_elsewhere(stage: &mut Stage, chair: Chair) {
    let chair = chair.0;
    stage.scene().move_endpoint(&chair).await;
    stage.scene().answer_change(&chair, 200, "OK").await;
}

#[when(expr = "{chair} refuses the change with {int}")]
async fn refuses(stage: &mut Stage, chair: Chair, code: u16) {
    let chair = chair.0;
    let reason = match code {
        488 => "Not Acceptable Here",
        491 => "Request Pending",
        _ => "Refused",
    };
    stage.scene().answer_change(&chair, code, reason).await;
}

#[then(expr = "[{clause}] a re-INVITE reaches {word} in his dialog")]
async fn reinvited(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &Exchange| {
        well_formed(m)?;
        let invitations = invitations(ex, &seat);
        let first = invitations.first();
        let number = |m: &Sip<'_>| m.cseq().map_or(0, |(number, _)| number);
        let good = first.is_some_and(|first| {
            first.call_id() == m.call_id()
                && tag(first, "From") == tag(m, "From")
                && number(m) > number(first)
        });
        is(
            good,
            m.scan.start_line(),
            vec![m.header("Call-ID"), m.header("CSeq")],
        )
    };
    let expected = "an INVITE with Call-ID and tags of the dialog and a higher CSeq".to_owned();
    stage
        .judge(&clause.0, step, on_asked(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the re-INVITE to {word} offers changed media parameters")]
async fn offers(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &Exchange| {
        let types = |m: &Sip<'_>| msrp_line(m).map(|media| media.accept_types());
        let before = invitations(ex, &seat).first().and_then(types);
        let now = types(m);
        let good = now.as_ref().is_some_and(|now| !now.is_empty()) && now != before;
        is(good, format!("{now:?} after {before:?}"), vec![m.body()])
    };
    let expected = "an SDP offer whose MSRP line differs from the last".to_owned();
    stage
        .judge(&clause.0, step, on_asked(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the re-INVITE to {word} goes to his Contact")]
async fn to_contact(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &Exchange| {
        let invitations = invitations(ex, &seat);
        let contact = invitations.first().and_then(|first| {
            let answers = sent_responses(ex, first.frame);
            let answer = answers.iter().find(|m| code(m) == 200)?;
            crate::look::address(answer, "Contact")
        });
        let asked = m.scan.request_uri().unwrap_or_default();
        let good = contact.is_some_and(|c| same_uri(&c.uri.to_string(), &asked));
        is(good, asked, vec![m.start()])
    };
    let expected = "the Contact of his 200 as Request-URI".to_owned();
    stage
        .judge(&clause.0, step, on_asked(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] every 200 of {word} to a re-INVITE is acknowledged")]
async fn acknowledged(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, ex: &Exchange| {
        let acks = received_requests(ex, "ACK");
        let number = m.cseq().map(|(number, _)| number);
        let ack = acks.iter().find(|ack| {
            ack.call_id() == m.call_id() && ack.cseq().map(|(number, _)| number) == number
        });
        let evidence = ack.map_or(m.start(), Sip::start);
        is(
            ack.is_some(),
            if ack.is_some() { "ACK" } else { "no ACK" },
            vec![evidence],
        )
    };
    stage
        .judge(&clause.0, step, on_asked(&chair, "an ACK".to_owned(), look))
        .await;
}

#[then(expr = "[{clause}] the server asks {word} again 2.1 to 4 seconds after his 491")]
async fn asks_again(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let scale = stage.scene().scale;
    stage
        .judge(&clause.0, step, move |ex| {
            let requests = asked(ex, &chair);
            let refusal = requests.first().and_then(|first| {
                let mut answers = sent_responses(ex, first.frame).into_iter();
                answers.find(|m| code(m) == 491)
            });
            let seen = refusal.and_then(|refusal| {
                let Some(again) = requests.get(1) else {
                    return closed(ex, refusal.frame.index, "no second re-INVITE came");
                };
                let us = again.frame.at_us.saturating_sub(refusal.frame.at_us);
                let seconds = Duration::from_micros(us).as_secs_f64() * scale;
                // What the machine adds is real time, and counts scaled as well.
                let good = seconds >= 2.05 && seconds <= 4.0 + 0.5 * scale;
                let found = if good {
                    "in time".to_owned()
                } else {
                    format!("{seconds:.2} s")
                };
                Some(is(good, found, vec![refusal.start(), again.start()]))
            });
            judged(
                "another re-INVITE 2.1 to 4 s after the 491",
                seen,
                "no 491 was given",
            )
        })
        .await;
}
