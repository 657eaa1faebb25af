//! Words of the proxy and of the trust boundary: what a request and its responses are when they have crossed the core.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Sip, received_requests, received_responses, sent_requests};
use trace::{Direction, Exchange, matchers::sip_messages};
use wire::sip::NameAddr;

use super::{asked, on_answer, on_arrival};
use crate::Stage;
use crate::look::{branches, is, judged, same_uri};
use crate::words::Clause;

/// The URIs of P-Asserted-Identity.
fn asserted(message: &Sip<'_>) -> Vec<String> {
    let fields = message.scan.values("P-Asserted-Identity").into_iter();
    let uri = |value: &str| NameAddr::parse(value).ok().map(|it| it.uri.to_string());
    fields.filter_map(|field| uri(&field.value)).collect()
}

#[then(expr = "[{clause}] the {word} of {word} says at the server that it is from {word}")]
async fn says_sender(
    stage: &mut Stage,
    clause: Clause,
    method: String,
    chair: String,
    whose: String,
    step: &Step,
) {
    let address = stage.scene().user(&whose);
    let expected = format!("P-Asserted-Identity of {whose}, and of nobody else");
    let matcher = on_arrival(
        (&chair, &method, super::SERVER),
        expected,
        move |_, there, _| {
            let found = asserted(there);
            let good = !found.is_empty() && found.iter().all(|one| same_uri(one, &address));
            let said = format!("P-Asserted-Identity: {}", found.join(", "));
            is(good, said, vec![there.header("P-Asserted-Identity")])
        },
    );
    stage.judge(&clause.0, step, matcher).await;
}

#[then(expr = "[{clause}] the {word} of {word} does not say to {word} whom the core knows")]
async fn says_nothing(
    stage: &mut Stage,
    clause: Clause,
    method: String,
    chair: String,
    other: String,
    step: &Step,
) {
    let expected = format!("no P-Asserted-Identity at {other}");
    let matcher = on_arrival((&chair, &method, &other), expected, |_, there, _| {
        let found = asserted(there);
        let said = format!("P-Asserted-Identity: {}", found.join(", "));
        is(
            found.is_empty(),
            said,
            vec![there.header("P-Asserted-Identity")],
        )
    });
    stage.judge(&clause.0, step, matcher).await;
}

#[then(
    expr = "[{clause}] the {word} of {word} has one hop less for each proxy when it is at {word}"
)]
async fn counts_hops(
    stage: &mut Stage,
    clause: Clause,
    method: String,
    chair: String,
    other: String,
    step: &Step,
) {
    let expected = "Max-Forwards lowered by one for each Via that was added";
    let matcher = on_arrival((&chair, &method, &other), expected, |asked, there, _| {
        let hops = |one: &Sip<'_>| {
            one.scan
                .field("Max-Forwards")?
                .value
                .trim()
                .parse::<usize>()
                .ok()
        };
        let added = branches(there).len().saturating_sub(branches(asked).len());
        let lowered = hops(asked)
            .zip(hops(there))
            .map(|(one, other)| one.saturating_sub(other));
        let found = format!("lowered by {lowered:?}, {added} Vias added");
        let evidence = vec![there.header("Max-Forwards"), there.header("Via")];
        is(added > 0 && lowered == Some(added), found, evidence)
    });
    stage.judge(&clause.0, step, matcher).await;
}

#[then(expr = "[{clause}] the answer to the {word} of {word} comes back by her own Via alone")]
async fn comes_back(stage: &mut Stage, clause: Clause, method: String, chair: String, step: &Step) {
    let expected = "the Via of the request and no other";
    let matcher = on_answer((&chair, &method), expected, |asked, answer, _| {
        let good = branches(answer) == branches(asked);
        let found = format!(
            "{} with {} Vias",
            answer.scan.start_line(),
            branches(answer).len()
        );
        is(good, found, vec![answer.start(), answer.header("Via")])
    });
    stage.judge(&clause.0, step, matcher).await;
}

#[then(expr = "[{clause}] the BYE of {word} reaches {word} by the Route that the core asked for")]
async fn bye_reaches(stage: &mut Stage, clause: Clause, chair: String, other: String, step: &Step) {
    let expected =
        format!("a Record-Route of the core at {other}, and the BYE there without a Route");
    let matcher = move |ex: &Exchange| {
        let call = asked(ex, &chair, "INVITE");
        let sent = sent_requests(ex, "BYE")
            .into_iter()
            .find(|one| one.frame.chair == chair);
        let seen = call.zip(sent).and_then(|(call, sent)| {
            let all = super::arrivals(ex, &call);
            let invited = all.iter().find(|one| one.frame.chair == other)?;
            let recorded = !invited.scan.values("Record-Route").is_empty();
            let bye = received_requests(ex, "BYE")
                .into_iter()
                .find(|one| one.frame.chair == other && one.call_id() == call.call_id());
            let answered = || received_responses(ex, sent.frame).into_iter().next();
            Some(match (bye, answered()) {
                (Some(bye), _) => {
                    let left = bye.scan.values("Route").len();
                    let found = format!("Record-Route at {other}: {recorded}; {left} Routes left");
                    let evidence = vec![invited.header("Record-Route"), bye.whole()];
                    is(recorded && left == 0, found, evidence)
                }
                (None, Some(answer)) => {
                    let found = format!("{}, and no BYE at {other}", answer.scan.start_line());
                    Err((found, vec![answer.start()]))
                }
                (None, None) => return None,
            })
        });
        judged(&expected, seen, "no BYE")
    };
    stage.judge(&clause.0, step, matcher).await;
}

#[then(expr = "[{clause}] the core answers the {word} of {word} with {int} itself")]
async fn answers_itself(
    stage: &mut Stage,
    clause: Clause,
    method: String,
    chair: String,
    code: u16,
    step: &Step,
) {
    let expected = format!("{code} to the {method} of {chair}, which comes to nobody");
    let matcher = on_answer((&chair, &method), expected, move |asked, answer, ex| {
        let first = super::arrivals(ex, asked).into_iter().next();
        let before = first.filter(|one| one.frame.index < answer.frame.index);
        let good = answer.scan.code() == Some(code) && before.is_none();
        is(good, answer.scan.start_line(), vec![answer.start()])
    });
    stage.judge(&clause.0, step, matcher).await;
}

#[then(expr = "[{clause}] what the server gives back is refused with {int}")]
async fn refuses_server(stage: &mut Stage, clause: Clause, code: u16, step: &Step) {
    let expected = format!("{code} to the request of the server");
    let matcher = move |ex: &Exchange| {
        let given = sip_messages(ex, Direction::Sent)
            .filter(|one| one.frame.chair == super::SERVER && one.scan.is_request())
            .last();
        let own = given.as_ref().map(branches);
        let answer = own.and_then(|own| {
            let mut all = sip_messages(ex, Direction::Received);
            all.find(|one| branches(one) == own && one.scan.code().is_some_and(|it| it >= 200))
        });
        let seen = answer.map(|answer| {
            let good = answer.scan.code() == Some(code);
            is(good, answer.scan.start_line(), vec![answer.start()])
        });
        judged(&expected, seen, "no answer")
    };
    stage.judge(&clause.0, step, matcher).await;
}
