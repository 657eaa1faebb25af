//! Words of 13.2.5: a recorded session ends, and the XDMS learns of it.

use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use trace::matchers::{Http, Sip, http_requests, received_responses, sent_requests, whole};
use trace::{Direction, Exchange, Frame, Protocol};
use wire::xml::history;
use world::Served;

use crate::Stage;
use crate::look::{Seen, is, judged};
use crate::words::Clause;

const AUID: &str = "/org.openmobilealliance.conv-history/users/";
const TYPE: &str = "application/vnd.oma.im.history-list+xml";

#[given(expr = "the XDMS answers {int} to metadata")]
async fn answers(stage: &mut Stage, status: u16) {
    stage.scene().answer_documents(Served::status(status));
}

#[given(expr = "the XDMS does not answer to metadata")]
async fn is_silent(stage: &mut Stage) {
    stage.scene().answer_documents(Served::Never);
}

/// The BYE of a chair.
fn bye<'a>(ex: &'a Exchange, chair: &str) -> Option<Sip<'a>> {
    let all = sent_requests(ex, "BYE");
    all.into_iter().find(|m| m.frame.chair == chair)
}

/// The final answer to the BYE of a chair, behind it.
fn freed<'a>(ex: &'a Exchange, chair: &str) -> Option<(Sip<'a>, Sip<'a>)> {
    let bye = bye(ex, chair)?;
    let mut answers = received_responses(ex, bye.frame).into_iter();
    let answer = answers.find(|m| m.scan.code().is_some_and(|code| code >= 200))?;
    Some((bye, answer))
}

/// The end of the MSRP connection of a chair after her BYE.
fn closed<'a>(ex: &'a Exchange, chair: &str) -> Option<&'a Frame> {
    let bye = bye(ex, chair)?;
    ex.frames.iter().find(|f| {
        f.protocol == Protocol::Msrp
            && f.chair == chair
            && f.direction == Direction::Received
            && f.bytes.is_empty()
            && f.index > bye.frame.index
    })
}

#[when(expr = "the connection of {word} is closed")]
async fn is_closed(stage: &mut Stage, chair: String) {
    // The answer to the BYE has come; a connection that stays is for the Then line.
    let gone = move |ex: &Exchange| closed(ex, &chair).map(drop);
    stage.scene().wait(Some(4.0), gone).await;
}

#[then(expr = "[{clause}] the function closes its MSRP connection to {word} when she leaves")]
async fn closes(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = freed(ex, &chair).map(|(bye, answer)| match closed(ex, &chair) {
                Some(end) => Ok((
                    "the connection is closed".to_owned(),
                    vec![bye.start(), whole(end)],
                )),
                None => Err((
                    "the connection is open after the BYE was answered".to_owned(),
                    vec![bye.start(), answer.start()],
                )),
            });
            judged(
                "the MSRP connection closed after the BYE",
                seen,
                "the BYE was not answered",
            )
        })
        .await;
}

/// The list that a PUT carries, whole or one element of it.
fn list(put: &Http<'_>) -> Result<Vec<history::History>, String> {
    let kind = put.scan.field("Content-Type").map(|f| f.value);
    let kind = kind.as_deref().and_then(|kind| kind.split(';').next());
    let text = String::from_utf8_lossy(put.scan.body());
    let document = match kind.map(str::trim) {
        Some(TYPE) => text.into_owned(),
        Some("application/xcap-el+xml") => format!(
            "<history-list xmlns=\"{}\">{text}</history-list>",
            history::SPACE
        ),
        other => return Err(format!("a document of type {other:?}")),
    };
    history::parse(document.as_bytes()).map_err(|violation| violation.to_string())
}

/// Kept when the PUT brings one set of metadata with its reference.
fn brings_metadata(put: &Http<'_>) -> Seen {
    let evidence = vec![put.start()];
    let target = put.target().unwrap_or_default();
    if !target.contains(AUID) {
        return Err((format!("PUT {target}"), evidence));
    }
    match list(put) {
        Err(why) => Err((why, evidence)),
        Ok(list) => {
            let found = format!("metadata of {} session", list.len());
            is(list.len() == 1, found, evidence)
        }
    }
}

#[then(
    expr = "[{clause}] the XDMS gets the metadata of the session of {word} before her BYE is answered"
)]
async fn writes(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = freed(ex, &chair).map(|(bye, answer)| {
                let puts = http_requests(ex).into_iter();
                let mut puts = puts.filter(|m| m.method().as_deref() == Some("PUT"));
                let put = puts.find(|m| m.frame.index > bye.frame.index);
                match put {
                    Some(put) if put.frame.index < answer.frame.index => brings_metadata(&put),
                    Some(put) => Err((
                        "metadata after the answer".to_owned(),
                        vec![answer.start(), put.start()],
                    )),
                    None => Err((
                        "no PUT before the answer".to_owned(),
                        vec![bye.start(), answer.start()],
                    )),
                }
            });
            let expected = format!("PUT …{AUID}… of one history with its reference");
            judged(&expected, seen, "the BYE was not answered")
        })
        .await;
}

#[then(expr = "[{clause}] the BYE of {word} is answered with 200")]
async fn is_answered(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = freed(ex, &chair).map(|(bye, answer)| {
                let good = answer.scan.code() == Some(200);
                let evidence = vec![bye.start(), answer.start()];
                is(good, answer.scan.start_line(), evidence)
            });
            judged("200 to the BYE", seen, "the BYE was not answered")
        })
        .await;
}
