//! Words of the service settings: what a user publishes, and what follows for whoever calls.

use cucumber::gherkin::Step;
use cucumber::{then, when};
use trace::Exchange;
use trace::matchers::{Sip, received_responses, sent_requests};
use world::Publication;

use crate::Stage;
use crate::look::{Seen, is, judged};
use crate::words::Clause;

const PACKAGE: &str = "poc-settings";

/// Settings with incoming session barring.
fn barring(active: bool) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n\
         <poc-settings xmlns=\"urn:oma:params:xml:ns:poc:poc-settings\">\r\n  <entity id=\"one\">\r\n    \
         <isb-settings><incoming-session-barring active=\"{active}\"/></isb-settings>\r\n  \
         </entity>\r\n</poc-settings>\r\n"
    )
}

fn settings(expires: u32, document: Option<String>, tag: Option<String>) -> Publication {
    let event = PACKAGE.to_owned();
    Publication {
        event,
        expires,
        tag,
        document,
    }
}

#[when(expr = "{word} bars incoming sessions and then allows them again")]
async fn bars_and_allows(stage: &mut Stage, chair: String) {
    let scene = stage.scene();
    let first = settings(600, Some(barring(true)), None);
    let tag = scene.publish(&chair, &first).await;
    let second = settings(600, Some(barring(false)), tag);
    scene.publish(&chair, &second).await;
}

#[when(expr = "{word} withdraws settings that the function does not know")]
async fn withdraws_unknown(stage: &mut Stage, chair: String) {
    let gone = settings(0, None, Some("never-given".to_owned()));
    stage.scene().publish(&chair, &gone).await;
}

#[when(expr = "{word} publishes the event {string}")]
async fn publishes_event(stage: &mut Stage, chair: String, event: String) {
    let document = Some(barring(false));
    let publication = Publication {
        event,
        expires: 600,
        tag: None,
        document,
    };
    stage.scene().publish(&chair, &publication).await;
}

/// The final answer to each PUBLISH of a chair, with the PUBLISH.
fn answers<'a>(ex: &'a Exchange, chair: &str) -> Vec<(Sip<'a>, Sip<'a>)> {
    let mut all = sent_requests(ex, "PUBLISH");
    all.retain(|m| m.frame.chair == chair);
    let last = |request: Sip<'a>| {
        let mut answers = received_responses(ex, request.frame).into_iter();
        let answer = answers.find(|m| m.scan.code().is_some_and(|code| code >= 200))?;
        Some((request, answer))
    };
    all.into_iter().filter_map(last).collect()
}

#[then(expr = "[{clause}] each PUBLISH of {word} is accepted with another SIP-ETag and an Expires")]
async fn tagged(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let matcher = move |ex: &Exchange| {
        let all = answers(ex, &chair);
        let mut tags: Vec<String> = Vec::new();
        let mut seen: Option<Seen> = None;
        for (request, answer) in &all {
            let seconds = |m: &Sip<'_>| m.scan.field("Expires")?.value.trim().parse::<u32>().ok();
            let tag = answer.scan.field("SIP-ETag").map(|tag| tag.value);
            let fresh = tag
                .clone()
                .is_some_and(|tag| !tag.is_empty() && !tags.contains(&tag));
            let asked = seconds(request);
            let short =
                seconds(answer).is_some_and(|given| asked.is_some_and(|asked| given <= asked));
            tags.extend(tag.clone());
            let found = format!("{}, SIP-ETag {tag:?}", answer.scan.start_line());
            let good = answer.scan.code() == Some(200) && fresh && short;
            let place = vec![
                answer.start(),
                answer.header("SIP-ETag"),
                answer.header("Expires"),
            ];
            seen = Some(is(good, found, place));
            if !good {
                break;
            }
        }
        judged(
            "200 with a new SIP-ETag and no more Expires than asked",
            seen,
            "no PUBLISH was answered",
        )
    };
    stage.judge(&clause.0, step, matcher).await;
}

#[then(expr = "[{clause}] the PUBLISH of {word} is refused with {int}")]
async fn refused(stage: &mut Stage, clause: Clause, chair: String, code: u16, step: &Step) {
    let expected = code.to_string();
    let matcher = move |ex: &Exchange| {
        let last = answers(ex, &chair).pop();
        let seen = last.map(|(_, m)| {
            is(
                m.scan.code() == Some(code),
                m.scan.start_line(),
                vec![m.start()],
            )
        });
        judged(&expected, seen, "no PUBLISH was answered")
    };
    stage.judge(&clause.0, step, matcher).await;
}
