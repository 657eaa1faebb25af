//! Words of 6.1.1: what a third-party REGISTER of the core is answered.

use cucumber::gherkin::Step;
use cucumber::{then, when};
use trace::matchers::{Sip, received_responses, sent_requests};
use trace::{Exchange, Finding};

use crate::Stage;
use crate::look::{Seen, is, judged, well_formed};
use crate::words::Clause;

/// Each REGISTER about a user with its final answer, in order.
fn registrations<'a>(ex: &'a Exchange, user: &str) -> Vec<(Sip<'a>, Option<Sip<'a>>)> {
    let about = |m: &Sip<'_>| {
        let to = m.scan.field("To").map(|to| to.value).unwrap_or_default();
        to.contains(&format!("sip:{user}"))
    };
    let mut all = sent_requests(ex, "REGISTER");
    all.retain(about);
    let answer = |request: Sip<'a>| {
        let mut answers = received_responses(ex, request.frame).into_iter();
        let last = answers.find(|m| m.scan.code().is_some_and(|code| code >= 200));
        (request, last)
    };
    all.into_iter().map(answer).collect()
}

fn any(_: &Sip<'_>) -> bool {
    true
}

/// Judges each answer of this sort to a REGISTER about a user by `look`, which also gets the request.
fn on_each(
    user: &str,
    expected: &str,
    of: impl Fn(&Sip<'_>) -> bool + Send + Sync + 'static,
    look: impl Fn(&Sip<'_>, &Sip<'_>) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let (user, expected) = (user.to_owned(), expected.to_owned());
    move |ex| {
        let mut whole: Option<(Vec<String>, Vec<trace::Evidence>)> = None;
        for (request, answer) in registrations(ex, &user) {
            let Some(answer) = answer else {
                return judged(&expected, None, "a REGISTER was not answered");
            };
            if !of(&answer) {
                continue;
            }
            match look(&request, &answer) {
                Ok((found, evidence)) => {
                    let all = whole.get_or_insert_default();
                    all.0.push(found);
                    all.1.extend(evidence);
                }
                broken => return judged(&expected, Some(broken), ""),
            }
        }
        let seen = whole.map(|(found, evidence)| Ok((found.join("; "), evidence)));
        judged(&expected, seen, "no REGISTER has such an answer")
    }
}

#[when(expr = "the core tells that {word} is registered for {int} seconds")]
async fn registered(stage: &mut Stage, chair: String, seconds: u32) {
    let user = stage.scene().address(&chair);
    stage.scene().register(&user, seconds).await;
}

#[when(expr = "the core tells that {word} is registered no longer")]
async fn unregistered(stage: &mut Stage, chair: String) {
    let user = stage.scene().address(&chair);
    stage.scene().register(&user, 0).await;
}

#[when(expr = "the core tells that somebody of another domain is registered")]
async fn stranger(stage: &mut Stage) {
    stage
        .scene()
        .register("sip:stranger@elsewhere.invalid", 600)
        .await;
}

#[then(expr = "[{clause}] the REGISTER about {word} is accepted")]
async fn accepted(stage: &mut Stage, clause: Clause, user: String, step: &Step) {
    let look = |_: &Sip<'_>, m: &Sip<'_>| {
        is(
            m.scan.code() == Some(200),
            m.scan.start_line(),
            vec![m.start()],
        )
    };
    stage
        .judge(&clause.0, step, on_each(&user, "200", any, look))
        .await;
}

#[then(expr = "[{clause}] each REGISTER about {word} is answered 200 or refused")]
async fn answered(stage: &mut Stage, clause: Clause, user: String, step: &Step) {
    let look = |request: &Sip<'_>, m: &Sip<'_>| {
        well_formed(m)?;
        for name in ["From", "Call-ID", "CSeq"] {
            let value = |m: &Sip<'_>| m.scan.field(name).map(|field| field.value);
            if value(request) != value(m) {
                return Err((format!("{name} is {:?}", value(m)), vec![m.header(name)]));
            }
        }
        let code = m.scan.code().unwrap_or_default();
        // F111: a suitable failure is any of the client's or a global one; 5xx says only that something is amiss.
        let good = code == 200 || (400..500).contains(&code) || code >= 600;
        is(good, m.scan.start_line(), vec![m.start()])
    };
    let expected = "200, 4xx or 6xx with From, Call-ID and CSeq of the request";
    stage
        .judge(&clause.0, step, on_each(&user, expected, any, look))
        .await;
}

#[then(expr = "[{clause}] each 200 to a REGISTER about {word} repeats its Expires")]
async fn expires(stage: &mut Stage, clause: Clause, user: String, step: &Step) {
    let look = |request: &Sip<'_>, m: &Sip<'_>| {
        let seconds = |m: &Sip<'_>| {
            let value = m.scan.field("Expires")?.value;
            value.trim().parse::<u32>().ok()
        };
        let (asked, given) = (seconds(request), seconds(m));
        let good = asked.is_some() && asked == given;
        let found = format!("{}, Expires {given:?} for {asked:?}", m.scan.start_line());
        is(good, found, vec![m.header("Expires")])
    };
    let expected = "200 with the Expires of the request";
    let accepted = |m: &Sip<'_>| m.scan.code() == Some(200);
    stage
        .judge(&clause.0, step, on_each(&user, expected, accepted, look))
        .await;
}
