//! Media beside the messages in an offer, and what becomes of them.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::Exchange;
use trace::matchers::Sip;

use super::{code_of, on_final};
use crate::Stage;
use crate::look::{calls, final_response, is, judged, on_response, sdp};
use crate::words::Clause;

fn audio_port(message: &Sip<'_>) -> Option<u16> {
    sdp(message)?
        .media
        .iter()
        .find(|m| m.kind == "audio")
        .map(|m| m.port)
}

#[then(expr = "[{clause}] the server does not take the audio")]
async fn audio_not_taken(stage: &mut Stage, clause: Clause, step: &Step) {
    stage
        .judge(&clause.0, step, |ex| {
            // A refusal for another reason than the media says nothing of them.
            let told = |m: &Sip<'_>| matches!(code_of(m), 200..300 | 488);
            let seen = final_response(ex, "alice").filter(told).map(|m| {
                let port = audio_port(&m);
                is(
                    code_of(&m) == 488 || port.is_none_or(|p| p == 0),
                    format!("{}, audio port {port:?}", m.scan.start_line()),
                    vec![m.body()],
                )
            });
            judged(
                "no port for the audio, or 488",
                seen,
                "neither a 200 nor a 488 came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the audio is refused by port 0 or the INVITE by 488")]
async fn audio_refused(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        let port = audio_port(m);
        is(
            code_of(m) == 488 || port == Some(0),
            format!("{}, audio port {port:?}", m.scan.start_line()),
            vec![m.body()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_final("alice", "m=audio 0 in the answer, or 488".to_owned(), look),
        )
        .await;
}

#[then(expr = "[{clause}] the answer to {word} has the m= lines of her offer")]
async fn same_media(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &Exchange| {
        let kinds = |m: &Sip<'_>| {
            sdp(m).map(|d| d.media.iter().map(|m| m.kind.clone()).collect::<Vec<_>>())
        };
        let offered = calls(ex, &seat).last().and_then(kinds);
        let answered = kinds(m);
        is(
            answered.is_some() && offered == answered,
            format!("{answered:?}"),
            vec![m.body()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_response(
                &chair,
                200,
                "the m= lines of the offer, in order".to_owned(),
                look,
            ),
        )
        .await;
}

#[then(expr = "[{clause}] the m= line of the audio in the answer has port 0")]
async fn port_zero(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        is(
            audio_port(m) == Some(0),
            format!("audio port {:?}", audio_port(m)),
            vec![m.body()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_response("alice", 200, "m=audio 0".to_owned(), look),
        )
        .await;
}
