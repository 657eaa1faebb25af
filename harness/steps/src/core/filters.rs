//! Words of Appendix C.1: to whom the core gives a request, by its method and its Accept-Contact.

use cucumber::gherkin::Step;
use cucumber::then;

use super::{SERVER, arrivals, on_arrival};
use crate::Stage;
use crate::look::is;
use crate::words::Clause;

#[then(expr = "[{clause}] the {word} of {word} reaches the server before anybody else")]
async fn reaches_server(
    stage: &mut Stage,
    clause: Clause,
    method: String,
    chair: String,
    step: &Step,
) {
    let expected = format!("the {method} of {chair} at the originating port of the IM server");
    let matcher = on_arrival((&chair, &method, SERVER), expected, |asked, there, ex| {
        let first = arrivals(ex, asked).first().map(|one| one.frame.index);
        let found = format!("it came to {} at {}", there.frame.chair, there.frame.local);
        is(first == Some(there.frame.index), found, vec![there.whole()])
    });
    stage.judge(&clause.0, step, matcher).await;
}

#[then(expr = "[{clause}] the {word} of {word} reaches {word} and not the server")]
async fn passes_server(
    stage: &mut Stage,
    clause: Clause,
    method: String,
    chair: String,
    other: String,
    step: &Step,
) {
    let expected = format!("the {method} of {chair} at {other}, and not at the IM server before");
    let matcher = on_arrival((&chair, &method, &other), expected, |asked, there, ex| {
        let all = arrivals(ex, asked);
        let server = all.iter().find(|one| one.frame.chair == SERVER);
        match server.filter(|one| one.frame.index < there.frame.index) {
            Some(one) => Err(("it came to the IM server".to_owned(), vec![one.start()])),
            None => Ok((there.scan.start_line(), vec![there.whole()])),
        }
    });
    stage.judge(&clause.0, step, matcher).await;
}
