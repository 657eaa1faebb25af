//! The 200 to the inviter: the identity of the session and the SDP answer.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::Exchange;
use trace::matchers::{Sip, received_responses, sent_responses};

use super::code_of;
use crate::Stage;
use crate::look::{
    address, calls, has_attributes, invitations, is, judged, msrp_line, on_response, same_uri, sdp,
};
use crate::words::Clause;

#[then(expr = "[{clause}] the two sessions of {word} have different identities")]
async fn identities(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let factory = stage.scene().lab.profile.conference_factory.clone();
    stage
        .judge(&clause.0, step, move |ex| {
            let accepted: Vec<Sip<'_>> = calls(ex, &chair)
                .iter()
                .flat_map(|c| received_responses(ex, c.frame))
                .filter(|m| code_of(m) == 200)
                .collect();
            let seen = (accepted.len() >= 2).then(|| {
                let uris: Vec<String> = accepted
                    .iter()
                    .filter_map(|m| address(m, "Contact"))
                    .map(|a| a.uri.to_string())
                    .collect();
                let good = uris.len() >= 2
                    && !same_uri(&uris[0], &uris[1])
                    && !uris.iter().any(|u| same_uri(u, &factory));
                is(
                    good,
                    uris.join(" and "),
                    accepted.iter().map(|m| m.header("Contact")).collect(),
                )
            });
            judged(
                "a new session identity in the Contact of each 200",
                seen,
                "fewer than two sessions were set up",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the 200 to {word} carries an SDP answer")]
async fn sdp_answer(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        let media = sdp(m).map(|d| {
            d.media
                .iter()
                .filter(|m| m.kind == "message" && m.port > 0)
                .count()
        });
        is(
            media == Some(1),
            format!("{media:?} MSRP lines"),
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
                "an SDP answer with one MSRP line".to_owned(),
                look,
            ),
        )
        .await;
}

fn types(message: &Sip<'_>) -> Vec<String> {
    msrp_line(message)
        .map(|m| {
            m.accept_types()
                .iter()
                .map(|t| t.to_ascii_lowercase())
                .collect()
        })
        .unwrap_or_default()
}

#[then(expr = "[{clause}] the types in the answer to {word} are offered by {word} and {word}")]
async fn chosen_types(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    one: String,
    other: String,
    step: &Step,
) {
    let look = move |m: &Sip<'_>, ex: &Exchange| {
        let offered = calls(ex, &one).last().map(types).unwrap_or_default();
        let invites = invitations(ex, &other);
        let guest: Vec<String> = invites
            .iter()
            .flat_map(|i| sent_responses(ex, i.frame))
            .filter(|m| code_of(m) == 200)
            .flat_map(|m| types(&m))
            .collect();
        let answer = types(m);
        let good = !answer.is_empty()
            && answer
                .iter()
                .all(|t| offered.contains(t) && guest.contains(t));
        is(
            good,
            format!("accept-types: {}", answer.join(" ")),
            vec![m.body()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_response(&chair, 200, "types that both sides listed".to_owned(), look),
        )
        .await;
}

#[then(expr = "[{clause}] the answer to {word} has the attributes {string}")]
async fn answer_attributes(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    names: String,
    step: &Step,
) {
    let expected = format!("the attributes {names}");
    let look = move |m: &Sip<'_>, _: &Exchange| has_attributes(m, &names);
    stage
        .judge(&clause.0, step, on_response(&chair, 200, expected, look))
        .await;
}

#[then(expr = "[{clause}] the answer to {word} has an MSRP path that agrees with its m= line")]
async fn path(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        let media = msrp_line(m);
        let path = media.as_ref().and_then(|m| {
            m.path()
                .first()
                .and_then(|p| wire::msrp::Uri::parse(p).ok())
        });
        // The active side may write port 9, where nobody listens (RFC 6135 4.2.2).
        let good = media.zip(path.clone()).is_some_and(|(m, p)| {
            (p.port == Some(m.port) || m.port == 9)
                && !p.session.is_empty()
                && p.transport.eq_ignore_ascii_case("tcp")
        });
        is(
            good,
            path.map_or_else(|| "no readable a=path".to_owned(), |p| p.to_string()),
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
                "a=path with host, the port of m=, session and ;tcp".to_owned(),
                look,
            ),
        )
        .await;
}

#[then(expr = "[{clause}] the answer to {word} has accept-types")]
async fn accept_types(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look =
        |m: &Sip<'_>, _: &Exchange| is(!types(m).is_empty(), types(m).join(" "), vec![m.body()]);
    stage
        .judge(
            &clause.0,
            step,
            on_response(&chair, 200, "a=accept-types with a type".to_owned(), look),
        )
        .await;
}
