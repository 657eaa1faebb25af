//! What becomes of the body: the list taken out, the rest as it was, and who else is shown.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::Sip;
use wire::mime::{self, Part};
use wire::xml::resource_lists;

use super::copies::on_copy;
use super::{copies, message};
use crate::Stage;
use crate::look::{is, judged, same_uri};
use crate::words::{Chairs, Clause};

const LISTS: &str = "application/resource-lists+xml";

/// The parts of a body; one that is no multipart is its own part.
fn parts(message: &Sip<'_>) -> Vec<Part> {
    let kind = message.scan.field("Content-Type").map(|field| field.value);
    let kind = kind.unwrap_or_default();
    mime::parse(&kind, message.scan.body()).unwrap_or_else(|_| {
        vec![Part {
            headers: vec![("Content-Type".to_owned(), kind)],
            body: message.scan.body().to_vec(),
            ..Part::default()
        }]
    })
}

fn is_list(part: &Part) -> bool {
    part.content_type()
        .is_some_and(|kind| kind.starts_with(LISTS))
}

/// What a message says, all lists aside: types and contents.
fn said(message: &Sip<'_>) -> Vec<(String, Vec<u8>)> {
    parts(message)
        .into_iter()
        .filter(|part| !is_list(part))
        .map(|part| {
            (
                part.content_type().unwrap_or_default().to_owned(),
                part.body,
            )
        })
        .collect()
}

#[then(expr = "[{clause}] the copy of {word} to {word} says what was written")]
async fn unchanged(stage: &mut Stage, clause: Clause, sender: String, chair: String, step: &Step) {
    let look = |copy: &Sip<'_>, original: &Sip<'_>| {
        let (found, wanted) = (said(copy), said(original));
        let same = !wanted.is_empty() && found == wanted;
        is(
            same,
            format!("{} octets", copy.scan.body().len()),
            vec![copy.header("Content-Type"), copy.body()],
        )
    };
    let expected = "type and octets of the content as they were";
    stage
        .judge(&clause.0, step, on_copy(&chair, &sender, expected, look))
        .await;
}

#[then(expr = "[{clause}] the copy of {word} to {word} is no multipart")]
async fn unwrapped(stage: &mut Stage, clause: Clause, sender: String, chair: String, step: &Step) {
    let look = |copy: &Sip<'_>, _: &Sip<'_>| {
        let kind = copy.scan.field("Content-Type").map(|field| field.value);
        let kind = kind.unwrap_or_default();
        let alone = !kind.to_ascii_lowercase().starts_with("multipart/");
        is(alone, kind, vec![copy.header("Content-Type")])
    };
    let expected = "the one remaining content as the body";
    stage
        .judge(&clause.0, step, on_copy(&chair, &sender, expected, look))
        .await;
}

#[then(
    expr = "[{clause}] the copy of {word} to {word} shows {chairs} and not {chairs} as recipients"
)]
async fn shows(
    stage: &mut Stage,
    clause: Clause,
    sender: String,
    chair: String,
    open: Chairs,
    closed: Chairs,
    step: &Step,
) {
    let address = |stage: &mut Stage, who: &String| stage.scene().user(who);
    let open: Vec<String> = open.0.iter().map(|who| address(stage, who)).collect();
    let closed: Vec<String> = closed.0.iter().map(|who| address(stage, who)).collect();
    let look = move |copy: &Sip<'_>, _: &Sip<'_>| {
        let history = parts(copy).into_iter().find(is_list);
        let Some(part) = history else {
            return Err(("no list in it".to_owned(), vec![copy.body()]));
        };
        let disposition = part.header("Content-Disposition").unwrap_or_default();
        let shown = resource_lists::parse(&part.body).unwrap_or_default();
        let has = |who: &String| shown.iter().any(|entry| same_uri(&entry.uri, who));
        let good = disposition.starts_with("recipient-list-history")
            && open.iter().all(has)
            && !closed.iter().any(has);
        let found = format!("{disposition:?} with {} entries", shown.len());
        is(good, found, vec![copy.body()])
    };
    let expected = "a recipient-list-history with the open entries and without the others";
    stage
        .judge(&clause.0, step, on_copy(&chair, &sender, expected, look))
        .await;
}

#[then(expr = "[{clause}] {word} gets one copy of the message of {word}")]
async fn once(stage: &mut Stage, clause: Clause, chair: String, sender: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let all = copies(ex, &chair);
            let seen = message(ex, &sender).filter(|_| !all.is_empty()).map(|_| {
                is(
                    all.len() == 1,
                    format!("{} MESSAGEs", all.len()),
                    all.iter().map(Sip::start).collect(),
                )
            });
            judged("one MESSAGE", seen, "no MESSAGE came")
        })
        .await;
}
