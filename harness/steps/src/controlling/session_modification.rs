//! Words of 7.2.1.6: what a participant asks to change, and what the server answers.

use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use trace::matchers::{Sip, received_responses, sip_messages};
use trace::{Direction, Evidence, Exchange, Finding};
use world::Carries;

use crate::Stage;
use crate::look::{Seen, branches, is, judged, sdp, tag, well_formed};
use crate::words::{Chair, Clause};

mod answer;
mod delivery;

pub(crate) use answer::foreign;
pub(crate) use delivery::{closed, paths};

/// re-INVITEs and UPDATEs that a chair sent, each once.
pub(crate) fn changes<'a>(ex: &'a Exchange, chair: &str) -> Vec<Sip<'a>> {
    let mut found: Vec<Sip<'a>> = Vec::new();
    for message in sip_messages(ex, Direction::Sent) {
        let method = message.scan.method().unwrap_or_default();
        let wanted = matches!(method.as_str(), "INVITE" | "UPDATE")
            && message.frame.chair == chair
            && tag(&message, "To").is_some();
        if wanted
            && found
                .last()
                .is_none_or(|last| last.frame.bytes != message.frame.bytes)
        {
            found.push(message);
        }
    }
    found
}

/// The last change that a chair asked for, and its final response.
pub(crate) fn change_answer<'a>(ex: &'a Exchange, chair: &str) -> Option<(Sip<'a>, Sip<'a>)> {
    let request = changes(ex, chair).pop()?;
    let mut answers = received_responses(ex, request.frame).into_iter();
    let answer = answers.find(|m| m.scan.code().is_some_and(|code| code >= 200))?;
    Some((request, answer))
}

/// Judges the final response to the last change of a chair by `look`, which also gets the request.
pub(crate) fn on_change(
    chair: &str,
    expected: String,
    look: impl Fn(&Sip<'_>, &Sip<'_>, &Exchange) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let chair = chair.to_owned();
    move |ex| {
        let seen = change_answer(ex, &chair).map(|(request, answer)| look(&request, &answer, ex));
        judged(
            &expected,
            seen,
            &format!("no final response to a change of {chair} came"),
        )
    }
}

pub(crate) fn code(message: &Sip<'_>) -> u16 {
    message.scan.code().unwrap_or_default()
}

/// BYEs that reached a chair.
pub(crate) fn byes<'a>(ex: &'a Exchange, chair: &str) -> Vec<Sip<'a>> {
    let mut all = trace::matchers::received_requests(ex, "BYE");
    all.retain(|m| m.frame.chair == chair);
    all
}

#[given(expr = "{chair} waits for the switch to connect")]
async fn waits_for_switch(stage: &mut Stage, chair: Chair) {
    stage.scene().manner(&chair.0).setup = "passive".to_owned();
}

#[when(expr = "{chair} moves to another port")]
async fn moves(stage: &mut Stage, chair: Chair) {
    let chair = chair.0;
    stage.scene().move_endpoint(&chair).await;
    stage.scene().modify(&chair, "INVITE", Carries::Offer).await;
}

#[when(expr = "{word} moves to another port as the answer in her/his ACK")]
async fn moves_in_ack(stage: &mut Stage, chair: String) {
    stage.scene().move_endpoint(&chair).await;
    stage
        .scene()
        .modify(&chair, "INVITE", Carries::Nothing)
        .await;
    // The ACK has no answer: that it took effect shows at the new port.
    stage.scene().reached(&chair).await;
}

#[when(expr = "{chair} asks for the types {string}")]
async fn asks_types(stage: &mut Stage, chair: Chair, types: String) {
    let chair = chair.0;
    stage.scene().manner(&chair).accept_types = types;
    stage.scene().modify(&chair, "INVITE", Carries::Offer).await;
}

#[when(expr = "{word} asks for the attributes {string}")]
async fn asks_attributes(stage: &mut Stage, chair: String, attributes: String) {
    let manner = stage.scene().manner(&chair);
    manner.attributes = attributes.split(", ").map(str::to_owned).collect();
    stage.scene().modify(&chair, "INVITE", Carries::Offer).await;
}

#[when(expr = "{word} says {string} as {string}")]
async fn says_as(stage: &mut Stage, chair: String, text: String, kind: String) {
    stage.scene().say_as(&chair, &kind, &text, true).await;
}

#[when(expr = "{word} loses her/his connection")]
async fn loses_connection(stage: &mut Stage, chair: String) {
    stage.scene().hang_up_msrp(&chair).await;
}

#[then(expr = "[{clause}] the change of {word} is answered 200 and she is left in the session")]
async fn granted(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let seat = chair.clone();
    let look = move |_: &Sip<'_>, m: &Sip<'_>, ex: &Exchange| {
        if let Some(bye) = byes(ex, &seat).first() {
            return Err(("a BYE".to_owned(), vec![bye.start()]));
        }
        is(code(m) == 200, m.scan.start_line(), vec![m.start()])
    };
    let expected = "200 and no BYE".to_owned();
    stage
        .judge(&clause.0, step, on_change(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the change of {word} is refused")]
async fn refused(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |_: &Sip<'_>, m: &Sip<'_>, _: &Exchange| {
        is(code(m) >= 300, m.scan.start_line(), vec![m.start()])
    };
    let expected = "a refusal".to_owned();
    stage
        .judge(&clause.0, step, on_change(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the change of {chair} is refused with {int}")]
async fn refused_with(stage: &mut Stage, clause: Clause, chair: Chair, wanted: u16, step: &Step) {
    let look = move |_: &Sip<'_>, m: &Sip<'_>, _: &Exchange| {
        is(code(m) == wanted, m.scan.start_line(), vec![m.start()])
    };
    let expected = wanted.to_string();
    stage
        .judge(&clause.0, step, on_change(&chair.0, expected, look))
        .await;
}

#[then(
    expr = "[{clause}] the change of {word} is refused with 500 and a Retry-After of 0 to 10 seconds"
)]
async fn refused_for_now(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |_: &Sip<'_>, m: &Sip<'_>, _: &Exchange| {
        let wait = m.scan.field("Retry-After").map(|f| f.value);
        let seconds = wait.as_deref().and_then(|w| {
            let digits = w.split([' ', ';', '(']).next()?;
            digits.parse::<u32>().ok()
        });
        let found = format!("{}, Retry-After: {wait:?}", m.scan.start_line());
        let good = code(m) == 500 && seconds.is_some_and(|s| s <= 10);
        is(good, found, vec![m.start(), m.header("Retry-After")])
    };
    let expected = "500 with Retry-After: 0 to 10".to_owned();
    stage
        .judge(&clause.0, step, on_change(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the 200 to the change of {chair} is built from her/its request")]
async fn built(stage: &mut Stage, clause: Clause, chair: Chair, step: &Step) {
    let look = |request: &Sip<'_>, m: &Sip<'_>, _: &Exchange| {
        well_formed(m)?;
        for name in ["From", "To", "Call-ID", "CSeq"] {
            let value = |m: &Sip<'_>| m.scan.field(name).map(|f| f.value);
            if value(request) != value(m) {
                return Err((format!("{name} is {:?}", value(m)), vec![m.header(name)]));
            }
        }
        is(code(m) == 200, m.scan.start_line(), vec![m.header("CSeq")])
    };
    let expected = "200 with From, To, Call-ID and CSeq of the request".to_owned();
    stage
        .judge(&clause.0, step, on_change(&chair.0, expected, look))
        .await;
}

#[then(expr = "[{clause}] the 200 to the change of {chair} comes by the way of her/its request")]
async fn same_way(stage: &mut Stage, clause: Clause, chair: Chair, step: &Step) {
    let look = |request: &Sip<'_>, m: &Sip<'_>, _: &Exchange| {
        let way = |m: &Sip<'_>| (m.frame.local, m.frame.transport.clone());
        let good = branches(m) == branches(request) && way(m) == way(request);
        let found = format!("{}, Via {:?}", m.scan.start_line(), branches(m));
        is(code(m) == 200 && good, found, vec![m.header("Via")])
    };
    let expected =
        "200 with the Via values of the request, at the SIP/IP core that passed it on".to_owned();
    stage
        .judge(&clause.0, step, on_change(&chair.0, expected, look))
        .await;
}

#[then(expr = "[{clause}] the 200 to the change of {chair} carries an SDP {word}")]
async fn carries_sdp(stage: &mut Stage, clause: Clause, chair: Chair, kind: String, step: &Step) {
    let expected = format!("200 with application/sdp, an {kind} with an MSRP line");
    let look = |_: &Sip<'_>, m: &Sip<'_>, _: &Exchange| {
        let media = crate::look::msrp_line(m);
        let good = code(m) == 200 && media.as_ref().is_some_and(|m| m.port != 0);
        let found = sdp(m).map_or("no description".to_owned(), |d| d.to_string());
        is(good, found, vec![m.body()])
    };
    stage
        .judge(&clause.0, step, on_change(&chair.0, expected, look))
        .await;
}

#[then(expr = "[{clause}] the server sends {word} a BYE")]
async fn lets_go(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let seat = chair.clone();
    stage
        .scene()
        .wait(Some(60.0), move |ex| {
            (!byes(ex, &seat).is_empty()).then_some(())
        })
        .await;
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = byes(ex, &chair)
                .first()
                .map(|m| is(true, "BYE", vec![m.start()]));
            let seen = seen.or_else(|| closed(ex, 0, "no BYE came"));
            judged("a BYE", seen, "no BYE came")
        })
        .await;
}

/// Evidence and words of what was found.
pub(super) fn broken(found: impl Into<String>, evidence: Vec<Evidence>) -> Option<Seen> {
    Some(Err((found.into(), evidence)))
}
