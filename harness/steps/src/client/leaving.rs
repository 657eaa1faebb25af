//! Words of 7.1.1.12: the BYE of a user who leaves, and what becomes of the MSRP connection.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Sip, sent_responses, whole};
use trace::{Direction, Exchange, Finding, Protocol};

use super::general_responses::identity;
use crate::Stage;
use crate::controlling::session_modification::{byes, code};
use crate::look::{Seen, calls, inside, is, judged, response, same_uri, tag, well_formed};
use crate::words::Clause;

/// Judges the BYE that reached a chair.
fn on_bye(
    chair: &str,
    expected: &str,
    look: impl Fn(&Sip<'_>, &Exchange) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let (chair, expected) = (chair.to_owned(), expected.to_owned());
    move |ex| {
        let seen = byes(ex, &chair).first().map(|m| look(m, ex));
        let none = "no BYE came";
        let seen = seen.or_else(|| crate::controlling::session_modification::closed(ex, 0, none));
        judged(&expected, seen, none)
    }
}

#[then(expr = "[{clause}] the BYE to {word} belongs to her session")]
async fn in_dialog(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &Exchange| {
        well_formed(m)?;
        let calls = calls(ex, &seat);
        let (Some(call), Some(taken)) = (calls.last(), response(ex, &seat, 200)) else {
            return Err(("no session".to_owned(), vec![m.start()]));
        };
        let same = m.call_id() == call.call_id()
            && tag(m, "To") == tag(call, "From")
            && tag(m, "From") == tag(&taken, "To");
        let number = |m: &Sip<'_>| m.cseq().map(|(number, _)| number);
        let mut earlier = inside(ex, &seat).into_iter();
        let later = earlier.all(|one| one.frame.index >= m.frame.index || number(&one) < number(m));
        let evidence = ["Call-ID", "From", "To", "CSeq"].map(|name| m.header(name));
        let found = format!("BYE of {:?} to {:?}", tag(m, "From"), tag(m, "To"));
        is(same && later, found, evidence.to_vec())
    };
    let expected = "Call-ID and tags of the session, a CSeq above those before";
    stage
        .judge(&clause.0, step, on_bye(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the BYE to {word} goes to the identity of her session")]
async fn to_identity(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &Exchange| {
        let target = m.scan.request_uri().unwrap_or_default();
        let good = identity(ex, &seat).is_some_and(|uri| same_uri(&uri, &target));
        is(good, m.scan.start_line(), vec![m.start()])
    };
    let expected = "the URI of the server's Contact as Request-URI";
    stage
        .judge(&clause.0, step, on_bye(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the BYE to {word} reaches the SIP\\/IP core")]
async fn to_core(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &Exchange| {
        let calls = calls(ex, &seat);
        let good = calls.last().is_some_and(|c| c.frame.local == m.frame.local);
        is(good, format!("at {}", m.frame.local), vec![m.start()])
    };
    let expected = "a BYE at the SIP/IP core that passed the invitation on";
    stage
        .judge(&clause.0, step, on_bye(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the BYE to {word} asks for privacy of the identity")]
async fn private(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        let value = m.scan.field("Privacy").map(|f| f.value);
        let good = value.as_deref().is_some_and(|v| {
            let mut all = v.split(';').map(str::trim);
            all.any(|one| one.eq_ignore_ascii_case("id"))
        });
        let found = value.map_or("no Privacy".to_owned(), |v| format!("Privacy: {v}"));
        is(good, found, vec![m.header("Privacy")])
    };
    stage
        .judge(&clause.0, step, on_bye(&chair, "Privacy: id", look))
        .await;
}

#[then(
    expr = "[{clause}] the client closes its MSRP connection to {word} after the 200 to its BYE"
)]
async fn closes(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = byes(ex, &chair).first().and_then(|bye| {
                let answers = sent_responses(ex, bye.frame);
                let freed = answers.iter().find(|m| code(m) == 200)?;
                let mut frames = ex.frames.iter().filter(|f| {
                    f.protocol == Protocol::Msrp
                        && f.chair == chair
                        && f.direction == Direction::Received
                });
                // The connection may go as soon as the client has left.
                let closed = frames.find(|f| f.bytes.is_empty() && f.index > bye.frame.index)?;
                let evidence = vec![freed.start(), whole(closed)];
                Some(is(true, "the connection is closed", evidence))
            });
            judged(
                "the MSRP connection closed when the BYE is answered",
                seen,
                "the MSRP connection was not closed",
            )
        })
        .await;
}
