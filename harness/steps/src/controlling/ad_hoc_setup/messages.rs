//! Messages of a chair over its leg of the switch, and what the switch answers.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{msrp_frames, whole};
use trace::{Direction, Evidence, Exchange, Finding};
use wire::msrp::Kind;

use crate::Stage;
use crate::look::{is, judged};
use crate::words::Clause;

/// What the subject sent about the last SEND with content of a chair.
fn send_response(ex: &Exchange, chair: &str) -> Option<(u16, Vec<Evidence>, bool)> {
    let send = msrp_frames(ex, Direction::Sent)
        .filter(|m| m.frame.chair == chair && m.message.body.is_some())
        .last()?;
    let response = msrp_frames(ex, Direction::Received).find(|m| {
        m.frame.chair == chair
            && m.message.transaction == send.message.transaction
            && matches!(m.message.kind, Kind::Response(..))
    })?;
    let Kind::Response(code, _) = &response.message.kind else {
        return None;
    };
    let path = response.message.to_path == send.message.from_path[..1]
        && response.message.from_path == send.message.to_path;
    Some((*code, vec![whole(response.frame)], path))
}

/// Judges that the response to the last SEND of a chair has `code`.
fn on_send(chair: String, code: u16) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    move |ex| {
        let seen = send_response(ex, &chair)
            .map(|(got, evidence, _)| is(got == code, got.to_string(), evidence));
        judged(
            &format!("{code} to the SEND"),
            seen,
            "no response to the SEND came",
        )
    }
}

#[then(expr = "[{clause}] the switch accepts the message of {word}")]
async fn switch_accepts(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage.judge(&clause.0, step, on_send(chair, 200)).await;
}

#[then(expr = "[{clause}] the response to {word} has the transaction and the path of her SEND")]
async fn response_path(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = send_response(ex, &chair).map(|(code, evidence, path)| {
                is(
                    path && code == 200,
                    format!("{code}, paths {}", if path { "mirrored" } else { "other" }),
                    evidence,
                )
            });
            judged(
                "200, To-Path = hop of the SEND, From-Path = its target",
                seen,
                "no response to the SEND came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the last SEND of {word} is answered {int}")]
async fn send_answered(stage: &mut Stage, clause: Clause, chair: String, code: u16, step: &Step) {
    stage.judge(&clause.0, step, on_send(chair, code)).await;
}

#[then(expr = "[{clause}] the switch reports the whole message to {word}")]
async fn reported(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let send = msrp_frames(ex, Direction::Sent).find(|m| {
                m.frame.chair == chair && m.message.header("Success-Report") == Some("yes")
            });
            let report = send.and_then(|send| {
                let id = send.message.header("Message-ID")?.to_owned();
                let size = send.message.body.as_ref().map_or(0, Vec::len) as u64;
                let report = msrp_frames(ex, Direction::Received).find(|m| {
                    m.frame.chair == chair
                        && matches!(&m.message.kind, Kind::Request(r) if r == "REPORT")
                        && m.message.header("Message-ID") == Some(&id)
                })?;
                let range = report.message.byte_range();
                let status = report
                    .message
                    .header("Status")
                    .unwrap_or_default()
                    .to_owned();
                let whole_message = range.is_some_and(|r| r.start == 1 && r.end == Some(size));
                Some(is(
                    whole_message && status.starts_with("000 200"),
                    format!(
                        "Status: {status}, range {:?}",
                        report.message.header("Byte-Range")
                    ),
                    vec![whole(report.frame)],
                ))
            });
            judged("REPORT 200 over every octet", report, "no REPORT came")
        })
        .await;
}
