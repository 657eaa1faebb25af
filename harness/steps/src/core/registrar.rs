//! Words of the registrar: challenges, refusals, bindings, and what servers are told.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::Exchange;
use trace::matchers::{Sip, received_requests, sent_requests};
use wire::sip::NameAddr;
use world::Parameters;

use super::{SERVER, answer, asked, on_answer};
use crate::Stage;
use crate::look::{Seen, is, judged};
use crate::words::Clause;

fn challenges(answer: &Sip<'_>) -> Vec<Parameters> {
    let fields = answer.scan.fields("WWW-Authenticate").into_iter();
    fields
        .filter_map(|field| Parameters::read(&field.value))
        .collect()
}

/// Judges the answer to a chair's latest REGISTER by `look`.
async fn judge_answer(
    stage: &mut Stage,
    clause: &Clause,
    step: &Step,
    chair: &str,
    expected: impl Into<String>,
    look: impl Fn(&Sip<'_>, &Sip<'_>, &Exchange) -> Seen + Send + Sync + 'static,
) {
    let matcher = on_answer((chair, "REGISTER"), expected, look);
    stage.judge(&clause.0, step, matcher).await;
}

#[then(expr = "[{clause}] the REGISTER of {word} is challenged for qop auth with a fresh nonce")]
async fn is_challenged(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |_: &Sip<'_>, answer: &Sip<'_>, ex: &Exchange| {
        let good = |one: &Parameters| {
            let qop = one.get("qop").unwrap_or_default();
            let nonce = one.get("nonce").unwrap_or_default();
            let earlier = received_before(ex, answer, nonce);
            one.get("realm").is_some() && qop.contains("auth") && !nonce.is_empty() && !earlier
        };
        let all = challenges(answer);
        let kept = answer.scan.code() == Some(401) && !all.is_empty() && all.iter().all(good);
        let evidence = vec![answer.start(), answer.header("WWW-Authenticate")];
        is(kept, answer.scan.start_line(), evidence)
    };
    let expected = "401 whose every challenge has realm, qop auth, and a nonce not used before";
    judge_answer(stage, &clause, step, &chair, expected, look).await;
}

/// Whether an earlier answer of the subject has this nonce.
fn received_before(exchange: &Exchange, answer: &Sip<'_>, nonce: &str) -> bool {
    let frames = exchange
        .received()
        .filter(|frame| frame.index < answer.frame.index);
    let quoted = format!("nonce=\"{nonce}\"");
    frames
        .filter(|frame| frame.bytes != answer.frame.bytes)
        .any(|frame| String::from_utf8_lossy(&frame.bytes).contains(&quoted))
}

#[then(expr = "[{clause}] the challenge of {word} can be answered by SHA-256 and by MD5")]
async fn offers_both(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |_: &Sip<'_>, answer: &Sip<'_>, _: &Exchange| {
        let all = challenges(answer);
        let names: Vec<&str> = all
            .iter()
            .map(|one| one.get("algorithm").unwrap_or("MD5"))
            .collect();
        let first = names.first() == Some(&"SHA-256");
        let found = format!("challenges for {}", names.join(", "));
        is(
            first && names.contains(&"MD5"),
            found,
            vec![answer.header("WWW-Authenticate")],
        )
    };
    let expected = "a challenge for SHA-256 above one for MD5";
    judge_answer(stage, &clause, step, &chair, expected, look).await;
}

#[then(expr = "[{clause}] the REGISTER of {word} is turned away with {int} or {int}")]
async fn is_turned_away(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    code: u16,
    other: u16,
    step: &Step,
) {
    let look = move |_: &Sip<'_>, answer: &Sip<'_>, _: &Exchange| {
        let found = answer.scan.code().unwrap_or_default();
        let good = [code, other].contains(&found);
        is(good, answer.scan.start_line(), vec![answer.start()])
    };
    let expected = format!("{code} or {other} to the latest REGISTER of {chair}");
    judge_answer(stage, &clause, step, &chair, expected, look).await;
}

#[then(expr = "[{clause}] the REGISTER of {word} is found too brief, and what would do is said")]
async fn is_too_brief(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |_: &Sip<'_>, answer: &Sip<'_>, _: &Exchange| {
        let least = answer.scan.field("Min-Expires").map(|field| field.value);
        let good = answer.scan.code() == Some(423)
            && least
                .as_ref()
                .is_some_and(|least| least.trim().parse::<u32>().is_ok());
        let found = format!("{}, Min-Expires {least:?}", answer.scan.start_line());
        is(
            good,
            found,
            vec![answer.start(), answer.header("Min-Expires")],
        )
    };
    let expected = "423 with Min-Expires";
    judge_answer(stage, &clause, step, &chair, expected, look).await;
}

#[then(
    expr = "[{clause}] the 200 to the REGISTER of {word} lists her contact and how long it holds"
)]
async fn lists_contact(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |asked: &Sip<'_>, answer: &Sip<'_>, _: &Exchange| {
        let own = uris(asked);
        let listed = contacts(answer);
        let held = |uri: &wire::sip::Uri| {
            let mut same = listed.iter().filter(|one| one.uri.same_as(uri));
            same.any(|one| {
                one.params
                    .value("expires")
                    .is_some_and(|it| it.parse::<u32>().is_ok_and(|it| it > 0))
            })
        };
        let good = answer.scan.code() == Some(200) && !own.is_empty() && own.iter().all(held);
        let found = format!(
            "{} with {} contacts",
            answer.scan.start_line(),
            listed.len()
        );
        is(good, found, vec![answer.start(), answer.header("Contact")])
    };
    let expected = "200 with the registered contact and its `expires`";
    judge_answer(stage, &clause, step, &chair, expected, look).await;
}

#[then(expr = "[{clause}] the 200 to the REGISTER of {word} lists no contact")]
async fn lists_none(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |_: &Sip<'_>, answer: &Sip<'_>, _: &Exchange| {
        let good = answer.scan.code() == Some(200) && contacts(answer).is_empty();
        let found = format!(
            "{} with {} contacts",
            answer.scan.start_line(),
            contacts(answer).len()
        );
        is(good, found, vec![answer.start(), answer.header("Contact")])
    };
    let expected = "200 without a Contact";
    judge_answer(stage, &clause, step, &chair, expected, look).await;
}

fn contacts(message: &Sip<'_>) -> Vec<NameAddr> {
    let fields = message.scan.values("Contact").into_iter();
    fields
        .filter_map(|field| NameAddr::parse(&field.value).ok())
        .collect()
}

fn uris(message: &Sip<'_>) -> Vec<wire::sip::Uri> {
    contacts(message)
        .into_iter()
        .map(|contact| contact.uri)
        .collect()
}

/// Judges what the server is told when a chair has registered, or is registered no more.
fn told(
    exchange: &Exchange,
    chair: &str,
    expected: &str,
    good: impl Fn(u64) -> bool,
) -> trace::Finding {
    let own = asked(exchange, chair, "REGISTER");
    let done = own.as_ref().and_then(|own| answer(exchange, own));
    let address = |message: &Sip<'_>| crate::look::address(message, "To").map(|to| to.uri);
    let mut proven = sent_requests(exchange, "REGISTER");
    proven.retain(|one| one.frame.chair == chair);
    let user = proven.last().and_then(address);
    let news = received_requests(exchange, "REGISTER");
    let fits = |one: &&Sip<'_>| {
        let about = address(one).zip(user.clone());
        // What an earlier registration made the core tell says nothing of this one.
        let since = own
            .as_ref()
            .is_some_and(|own| own.frame.index < one.frame.index);
        since && one.frame.chair == SERVER && about.is_some_and(|(one, user)| one.same_as(&user))
    };
    let latest = news.iter().rev().find(fits);
    let seen: Option<Seen> = latest.filter(|_| done.is_some()).map(|one| {
        let expires = one
            .scan
            .field("Expires")
            .and_then(|it| it.value.trim().parse().ok());
        let found = format!("a REGISTER for the user with Expires {expires:?}");
        let evidence = vec![one.start(), one.header("To"), one.header("Expires")];
        is(expires.is_some_and(&good), found, evidence)
    });
    judged(expected, seen, "the server was told nothing")
}

#[then(expr = "[{clause}] the server is told that {word} is registered")]
async fn tells_registered(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let expected = "a third-party REGISTER for the user, with the seconds that are left";
    let matcher = move |ex: &Exchange| told(ex, &chair, expected, |seconds| seconds > 0);
    stage.judge(&clause.0, step, matcher).await;
}

#[then(expr = "[{clause}] the server is told that {word} is registered no more")]
async fn tells_gone(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let expected = "a third-party REGISTER for the user, with Expires 0";
    let matcher = move |ex: &Exchange| told(ex, &chair, expected, |seconds| seconds == 0);
    stage.judge(&clause.0, step, matcher).await;
}
