//! Features whose subject is a SIP/IP core, and what their steps share.

mod acts;
mod filters;
mod proxy;
mod registrar;

use trace::matchers::{Sip, received_requests, received_responses, sent_requests};
use trace::{Exchange, Finding};

use crate::look::{Seen, initial_requests, judged};

/// The chair of the IM server at its originating port.
const SERVER: &str = "server";

/// The latest request of this method that a chair sent outside of dialogs.
fn asked<'a>(exchange: &'a Exchange, chair: &str, method: &str) -> Option<Sip<'a>> {
    let mut all = initial_requests(sent_requests(exchange, method));
    all.retain(|request| request.frame.chair == chair);
    all.pop()
}

/// Where that request came to, in order.
fn arrivals<'a>(exchange: &'a Exchange, asked: &Sip<'_>) -> Vec<Sip<'a>> {
    let method = asked.scan.method().unwrap_or_default();
    let mut all = initial_requests(received_requests(exchange, &method));
    all.retain(|request| request.call_id() == asked.call_id());
    all
}

/// Its final answer.
fn answer<'a>(exchange: &'a Exchange, asked: &Sip<'_>) -> Option<Sip<'a>> {
    let mut all = received_responses(exchange, asked.frame).into_iter();
    all.find(|response| response.scan.code().is_some_and(|code| code >= 200))
}

/// Judges a request of `chair` where it comes to `place`, by `look`; that it came to somebody else, or was answered,
/// shows that it did not.
fn on_arrival(
    (chair, method, place): (&str, &str, &str),
    expected: impl Into<String>,
    look: impl Fn(&Sip<'_>, &Sip<'_>, &Exchange) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let [chair, method, place] = [chair, method, place].map(str::to_owned);
    let expected = expected.into();
    move |exchange| {
        let Some(asked) = asked(exchange, &chair, &method) else {
            return judged(&expected, None, &format!("{chair} sent no {method}"));
        };
        let all = arrivals(exchange, &asked);
        let there = all.iter().find(|request| request.frame.chair == place);
        let elsewhere = || {
            let other = all.first()?;
            let found = format!("it came to {} and not to {place}", other.frame.chair);
            Some(Err((found, vec![other.start()])))
        };
        let refused = || {
            let answer = answer(exchange, &asked)?;
            let found = format!("{} before it came to {place}", answer.scan.start_line());
            Some(Err((found, vec![answer.start()])))
        };
        let seen = there.map(|request| look(&asked, request, exchange));
        let seen = seen.or_else(refused).or_else(elsewhere);
        judged(&expected, seen, &format!("the {method} came to nobody"))
    }
}

/// Judges the final answer to the latest request of a chair.
fn on_answer(
    (chair, method): (&str, &str),
    expected: impl Into<String>,
    look: impl Fn(&Sip<'_>, &Sip<'_>, &Exchange) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let [chair, method] = [chair, method].map(str::to_owned);
    let expected = expected.into();
    move |exchange| {
        let asked = asked(exchange, &chair, &method);
        let seen = asked.and_then(|asked| {
            let answer = answer(exchange, &asked)?;
            Some(look(&asked, &answer, exchange))
        });
        judged(
            &expected,
            seen,
            &format!("no answer to a {method} of {chair}"),
        )
    }
}
