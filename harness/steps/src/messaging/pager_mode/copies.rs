//! The copies: who gets one, how it is built, whom it names as sender and receiver.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Sip, received_requests};
use trace::{Exchange, Finding};
use wire::sip::{AcceptContact, Message};

use super::{copies, message};
use crate::Stage;
use crate::controlling::predefined_group::document::delivered;
use crate::look::{Seen, address, is, judged, same_uri, tag, well_formed};
use crate::words::{Chairs, Clause};

/// Judges the first copy that reaches a chair by `look`, beside what `sender` sent last.
pub(super) fn on_copy(
    chair: &str,
    sender: &str,
    expected: &str,
    look: impl Fn(&Sip<'_>, &Sip<'_>) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let (chair, sender, expected) = (chair.to_owned(), sender.to_owned(), expected.to_owned());
    move |ex| {
        let pair = copies(ex, &chair)
            .into_iter()
            .next()
            .zip(message(ex, &sender));
        let seen = pair.map(|(copy, original)| look(&copy, &original));
        judged(&expected, seen, &format!("no MESSAGE reached {chair}"))
    }
}

#[then(expr = "[{clause}] a MESSAGE goes to each of {chairs}")]
async fn reaches(stage: &mut Stage, clause: Clause, others: Chairs, step: &Step) {
    let addresses: Vec<String> = others.0.iter().map(|g| stage.scene().user(g)).collect();
    stage
        .judge(&clause.0, step, move |ex| {
            let sent = received_requests(ex, "MESSAGE");
            let is_for = |m: &Sip<'_>, address: &String| {
                m.scan
                    .request_uri()
                    .is_some_and(|uri| same_uri(&uri, address))
            };
            let reached = addresses
                .iter()
                .filter(|address| sent.iter().any(|m| is_for(m, address)));
            let seen = (reached.count() == addresses.len()).then(|| {
                let evidence = sent.iter().map(Sip::start).collect();
                Ok((format!("{} MESSAGEs", sent.len()), evidence))
            });
            judged(
                "a MESSAGE to the address of each",
                seen,
                "not everybody got one",
            )
        })
        .await;
}

/// Judges that each of `chairs` gets one copy of the last message of `sender`, and nobody else any but `free`.
fn one_each(
    chairs: Vec<String>,
    sender: String,
    free: Option<String>,
    expected: &'static str,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    move |ex| {
        let body = |m: &Sip<'_>| m.scan.body().to_vec();
        let all = received_requests(ex, "MESSAGE");
        let count = |chair: &String| copies(ex, chair).len();
        let complete = chairs.iter().all(|chair| count(chair) > 0);
        let strange = |m: &Sip<'_>| {
            let chair = &m.frame.chair;
            !chairs.contains(chair) && free.as_ref() != Some(chair)
        };
        let strangers = all.iter().any(strange);
        let same = all.iter().all(|m| body(m) == body(&all[0]));
        let seen = (complete && message(ex, &sender).is_some()).then(|| {
            is(
                !strangers && same && chairs.iter().all(|chair| count(chair) == 1),
                format!("{} MESSAGEs", all.len()),
                all.iter().map(Sip::start).collect(),
            )
        });
        judged(expected, seen, "not everybody got one")
    }
}

#[then(expr = "[{clause}] the list of {word} becomes one MESSAGE for each of {chairs}")]
async fn of_list(stage: &mut Stage, clause: Clause, chair: String, others: Chairs, step: &Step) {
    let expected = "one MESSAGE for each entry of the list";
    let judge = one_each(others.0, chair, None, expected);
    stage.judge(&clause.0, step, judge).await;
}

#[then(
    expr = "[{clause}] the message of {word} to the session becomes one MESSAGE for each of {chairs}"
)]
async fn of_session(stage: &mut Stage, clause: Clause, chair: String, others: Chairs, step: &Step) {
    let expected = "one MESSAGE for each other participant";
    let judge = one_each(others.0, chair.clone(), Some(chair), expected);
    stage.judge(&clause.0, step, judge).await;
}

#[then(
    expr = "[{clause}] the message of {word} to the group becomes one MESSAGE for each of {chairs}"
)]
async fn of_group(stage: &mut Stage, clause: Clause, chair: String, others: Chairs, step: &Step) {
    let expected = "one MESSAGE for each other member";
    let judge = one_each(others.0, chair.clone(), Some(chair), expected);
    stage.judge(&clause.0, step, judge).await;
}

#[then(expr = "[{clause}] the members of the group {string} are fetched before any copy goes out")]
async fn fetched(stage: &mut Stage, clause: Clause, name: String, step: &Step) {
    let group = stage.scene().group(&name);
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = received_requests(ex, "MESSAGE").first().map(|copy| {
                match delivered(ex, &group, 0, copy.frame.index) {
                    Some((get, response)) => Ok((
                        response.scan.start_line(),
                        vec![get.start(), response.whole(), copy.start()],
                    )),
                    None => Err((
                        "a copy, and no document before it".to_owned(),
                        vec![copy.start()],
                    )),
                }
            });
            judged(
                "GET and 200 of the group's document, then the first MESSAGE",
                seen,
                "no MESSAGE came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] all copies of the message name one and the same sender")]
async fn one_way(stage: &mut Stage, clause: Clause, step: &Step) {
    stage
        .judge(&clause.0, step, |ex| {
            let all = received_requests(ex, "MESSAGE");
            let from = |m: &Sip<'_>| address(m, "From").map(|from| from.uri);
            let seen = (all.len() > 1).then(|| {
                let first = from(&all[0]);
                let same = |m: &Sip<'_>| match (&first, from(m)) {
                    (Some(first), Some(found)) => first.same_as(&found),
                    _ => false,
                };
                is(
                    all.iter().all(same),
                    format!(
                        "{} copies, the first from {:?}",
                        all.len(),
                        first.as_ref().map(ToString::to_string)
                    ),
                    all.iter().map(|m| m.header("From")).collect(),
                )
            });
            judged(
                "copies of one way of expansion: the same From in all of them",
                seen,
                "fewer than two copies came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the copy of {word} to {word} is a request of its own")]
async fn built(stage: &mut Stage, clause: Clause, sender: String, chair: String, step: &Step) {
    let look = |copy: &Sip<'_>, original: &Sip<'_>| {
        well_formed(copy)?;
        let sound = Message::parse(&copy.frame.bytes).and_then(|m| m.validate());
        let fault = match sound {
            Err(violation) => violation.to_string(),
            Ok(()) if tag(copy, "From").is_none() => "From has no tag".to_owned(),
            Ok(()) if tag(copy, "To").is_some() => "To has a tag".to_owned(),
            Ok(()) if copy.call_id() == original.call_id() => {
                "the Call-ID of the original".to_owned()
            }
            Ok(()) => {
                let evidence = ["From", "To", "Call-ID", "CSeq"].map(|name| copy.header(name));
                return Ok((copy.scan.start_line(), evidence.to_vec()));
            }
        };
        Err((fault, vec![copy.whole()]))
    };
    let expected = "a well-formed MESSAGE outside any dialog, with a Call-ID of its own";
    stage
        .judge(&clause.0, step, on_copy(&chair, &sender, expected, look))
        .await;
}

#[then(expr = "[{clause}] the copy of {word} to {word} has no Contact")]
async fn no_contact(stage: &mut Stage, clause: Clause, sender: String, chair: String, step: &Step) {
    let look = |copy: &Sip<'_>, _: &Sip<'_>| {
        let none = copy.scan.field("Contact").is_none();
        is(none, copy.scan.start_line(), vec![copy.header("Contact")])
    };
    let judge = on_copy(&chair, &sender, "a MESSAGE without Contact", look);
    stage.judge(&clause.0, step, judge).await;
}

#[then(expr = "[{clause}] the copy of {word} to {word} asks for the feature tag {string}")]
async fn accepts(
    stage: &mut Stage,
    clause: Clause,
    sender: String,
    chair: String,
    feature: String,
    step: &Step,
) {
    let expected = format!("Accept-Contact with {feature}");
    let look = move |copy: &Sip<'_>, _: &Sip<'_>| {
        let values = copy.scan.values("Accept-Contact");
        let asked = values
            .iter()
            .filter_map(|v| AcceptContact::parse(&v.value).ok())
            .any(|v| v.params.has(&feature));
        let found = format!("{} Accept-Contact values", values.len());
        is(asked, found, vec![copy.header("Accept-Contact")])
    };
    stage
        .judge(&clause.0, step, on_copy(&chair, &sender, &expected, look))
        .await;
}

#[then(expr = "[{clause}] the copy of {word} to {word} asserts the address of the sender")]
async fn asserts(stage: &mut Stage, clause: Clause, sender: String, chair: String, step: &Step) {
    let user = stage.scene().user(&sender);
    let expected = format!("P-Asserted-Identity <{user}>");
    let look = move |copy: &Sip<'_>, _: &Sip<'_>| {
        let found = address(copy, "P-Asserted-Identity").map(|one| one.uri.to_string());
        let good = found.as_ref().is_some_and(|uri| same_uri(uri, &user));
        is(
            good,
            format!("{found:?}"),
            vec![copy.header("P-Asserted-Identity")],
        )
    };
    stage
        .judge(&clause.0, step, on_copy(&chair, &sender, &expected, look))
        .await;
}

#[then(expr = "[{clause}] the copy of {word} to {word} is addressed to its receiver")]
async fn addressed(stage: &mut Stage, clause: Clause, sender: String, chair: String, step: &Step) {
    let user = stage.scene().user(&chair);
    let expected = format!("Request-URI {user}");
    let look = move |copy: &Sip<'_>, _: &Sip<'_>| {
        let uri = copy.scan.request_uri().unwrap_or_default();
        is(same_uri(&uri, &user), uri, vec![copy.start()])
    };
    stage
        .judge(&clause.0, step, on_copy(&chair, &sender, &expected, look))
        .await;
}

#[then(expr = "[{clause}] the copy of {word} to {word} reaches the SIP\\/IP core")]
async fn by_core(stage: &mut Stage, clause: Clause, sender: String, chair: String, step: &Step) {
    let look = |copy: &Sip<'_>, _: &Sip<'_>| {
        let found = format!("received at {}", copy.frame.local);
        Ok((found, vec![copy.start()]))
    };
    let judge = on_copy(&chair, &sender, "a MESSAGE at the tester's core", look);
    stage.judge(&clause.0, step, judge).await;
}

#[then(expr = "[{clause}] the copy of {word} to {word} comes from the sender")]
async fn from_sender(
    stage: &mut Stage,
    clause: Clause,
    sender: String,
    chair: String,
    step: &Step,
) {
    let look = |copy: &Sip<'_>, original: &Sip<'_>| {
        let (found, wanted) = (address(copy, "From"), address(original, "From"));
        let good = match (&found, &wanted) {
            // The tag is that of another request (RFC 3261 8.1.1.3).
            (Some(found), Some(wanted)) => {
                found.uri.same_as(&wanted.uri) && found.display == wanted.display
            }
            _ => false,
        };
        let found = copy.scan.field("From").map(|field| field.value);
        is(good, found.unwrap_or_default(), vec![copy.header("From")])
    };
    let expected = "From as in the original, its tag aside";
    stage
        .judge(&clause.0, step, on_copy(&chair, &sender, expected, look))
        .await;
}

#[then(expr = "[{clause}] the copy of {word} to {word} comes from the session")]
async fn from_session(
    stage: &mut Stage,
    clause: Clause,
    sender: String,
    chair: String,
    step: &Step,
) {
    let look = |copy: &Sip<'_>, original: &Sip<'_>| {
        let session = original.scan.request_uri().unwrap_or_default();
        let found = address(copy, "From").map(|from| from.uri.to_string());
        let good = found.as_ref().is_some_and(|uri| same_uri(uri, &session));
        is(good, format!("{found:?}"), vec![copy.header("From")])
    };
    let expected = "the IM Session Identity in From";
    stage
        .judge(&clause.0, step, on_copy(&chair, &sender, expected, look))
        .await;
}
