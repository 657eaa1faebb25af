//! Words of 6.1.1: what a third-party REGISTER of the core is answered.

use cucumber::gherkin::Step;
use cucumber::{then, when};
use trace::matchers::{Sip, received_requests, received_responses, sent_requests};
use trace::{Exchange, Finding};

use crate::Stage;
use crate::look::{Seen, is, judged, well_formed};
use crate::words::{Chair, Clause};

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

#[when(expr = "{chair} sends {word} the message {string}")]
async fn sends_message(stage: &mut Stage, chair: Chair, other: String, text: String) {
    stage.scene().message_user(&chair.0, &other, &text).await;
}

#[when(expr = "{word} gets the message {string}")]
async fn gets_message(stage: &mut Stage, chair: String, text: String) {
    // As long as a transaction may take; one that never comes is judged by the Then lines.
    let got = move |ex: &Exchange| delivered(ex, &chair, &text).map(|_| ());
    stage.scene().wait(Some(32.0), got).await;
}

/// The MESSAGE that brought a text to a chair.
fn delivered<'a>(ex: &'a Exchange, chair: &str, text: &str) -> Option<Sip<'a>> {
    let all = received_requests(ex, "MESSAGE").into_iter();
    let body = |m: &Sip<'_>| String::from_utf8_lossy(m.scan.body()).into_owned();
    all.into_iter()
        .find(|m| m.frame.chair == chair && body(m).contains(text))
}

#[then(expr = "[{clause}] {string} reaches {word} between two REGISTERs, and not before")]
async fn delivers(stage: &mut Stage, clause: Clause, text: String, chair: String, step: &Step) {
    let user = chair.clone();
    let matcher = move |ex: &Exchange| {
        let all = registrations(ex, &user);
        let came = all.iter().filter(|(request, _)| {
            let expires = request.scan.field("Expires").map(|field| field.value);
            expires.is_some_and(|value| value.trim() != "0")
        });
        let mut came = came.filter_map(|(request, answer)| Some((request, answer.as_ref()?)));
        let (first, last) = (came.next(), came.next_back());
        let message = delivered(ex, &chair, &text);
        let seen = match (first, last, message) {
            (Some((first, _)), _, Some(m)) => {
                let good = m.frame.index > first.frame.index;
                Some(is(
                    good,
                    m.scan.start_line(),
                    vec![first.start(), m.whole()],
                ))
            }
            (Some(_), Some((_, answer)), None) => {
                let found = format!("{chair} got nothing before the answer to the next REGISTER");
                Some(Err((found, vec![answer.start()])))
            }
            _ => None,
        };
        judged(
            "the message, once the user is registered",
            seen,
            "no REGISTER was answered",
        )
    };
    stage.judge(&clause.0, step, matcher).await;
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
