//! The document of a group on its way from the XDMS, and what follows from it.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::Exchange;
use trace::matchers::{Http, http_requests, http_responses, received_requests};

use crate::Stage;
use crate::look::{final_response, is, judged, responses};
use crate::words::Clause;

#[then(
    expr = "[{clause}] the INVITE of {word} is answered {int} after the document of the group {string} came"
)]
async fn answered_after(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    code: u16,
    name: String,
    step: &Step,
) {
    let group = stage.scene().group(&name);
    let expected = format!("GET of the document, then {code}");
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = final_response(ex, &chair).map(|m| {
                let document = delivered(ex, &group, 0, m.frame.index);
                let good = m.scan.code() == Some(code) && document.is_some();
                let mut evidence = vec![m.start()];
                let found = match &document {
                    Some((get, response)) => {
                        evidence.extend([get.start(), response.whole()]);
                        m.scan.start_line()
                    }
                    None => format!("{}, and no document before it", m.scan.start_line()),
                };
                is(good, found, evidence)
            });
            judged(&expected, seen, "the INVITE had no final response")
        })
        .await;
}

#[then(expr = "[{clause}] the INVITE of {word} fails and nobody is invited")]
async fn fails(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let expected = "a failure of any kind, and no INVITE to a member";
            if let Some(invite) = received_requests(ex, "INVITE").first() {
                let seen = Err(("a member was invited".to_owned(), vec![invite.start()]));
                return judged(expected, Some(seen), "");
            }
            if http_requests(ex).is_empty() {
                return judged(expected, None, "the XDMS was never asked for the document");
            }
            // Not to have the document is a failure of the server, so 5xx is an answer here.
            let responses = responses(ex, &chair);
            let code = |code: u16| code >= 200;
            let last = responses.iter().find(|m| m.scan.code().is_some_and(code));
            let seen = last.map(|m| {
                let failed = m.scan.code().is_some_and(|code| code >= 400);
                is(failed, m.scan.start_line(), vec![m.start()])
            });
            judged(expected, seen, "the INVITE had no final response")
        })
        .await;
}

/// The GET of a group's document and its 200, between these frames.
pub(crate) fn delivered<'a>(
    ex: &'a Exchange,
    group: &str,
    after: usize,
    before: usize,
) -> Option<(Http<'a>, Http<'a>)> {
    let asks = |get: &Http<'_>| {
        let target = get.target().unwrap_or_default().to_ascii_lowercase();
        let plain = target.replace("%3a", ":").replace("%40", "@");
        let later = get.frame.index >= after;
        later
            && get.method().as_deref() == Some("GET")
            && plain.contains(&group.to_ascii_lowercase())
    };
    let get = http_requests(ex).into_iter().find(asks)?;
    let answers = |response: &Http<'_>| {
        response.frame.remote == get.frame.remote
            && response.frame.index > get.frame.index
            && response.frame.index < before
            && response.code() == Some(200)
    };
    let response = http_responses(ex).into_iter().find(answers)?;
    Some((get, response))
}
