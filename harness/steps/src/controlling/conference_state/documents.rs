//! The documents of a subscription (RFC 4575): states, versions, users.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::Exchange;
use trace::matchers::{Sip, sent_requests, sent_responses};
use wire::xml::conference_info::{ConferenceInfo, User};

use super::view::View;
use super::{answer, asked, document, is_success, notifies};
use crate::Stage;
use crate::look::{Seen, invitations, is, judged};
use crate::words::Clause;

/// NOTIFYs that hold a readable document.
fn read<'a>(ex: &'a Exchange, chair: &str) -> Vec<(Sip<'a>, ConferenceInfo)> {
    let all = notifies(ex, chair).into_iter();
    all.filter_map(|m| document(&m).map(|info| (m, info)))
        .collect()
}

#[then(expr = "[{clause}] the first NOTIFY to {word} holds the full state")]
async fn full_state(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = notifies(ex, &chair).first().map(|m| {
                let state = document(m).map(|info| info.state);
                is(
                    state.as_deref() == Some("full"),
                    format!("state {state:?}"),
                    vec![m.body()],
                )
            });
            judged("a document with state full", seen, "no NOTIFY came")
        })
        .await;
}

#[then(expr = "[{clause}] each NOTIFY to {word} raises the version by one")]
async fn versions(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let all = read(ex, &chair);
            let versions: Vec<u32> = all.iter().map(|(_, info)| info.version).collect();
            let seen = (versions.len() >= 2).then(|| {
                is(
                    versions
                        .windows(2)
                        .all(|pair| pair[0].checked_add(1) == Some(pair[1])),
                    format!("versions {versions:?}"),
                    all.iter().map(|(m, _)| m.body()).collect(),
                )
            });
            judged(
                "version + 1 in every document",
                seen,
                "fewer than two NOTIFYs came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the refresh of {word} is followed by the full state")]
async fn full_again(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let refresh = asked(ex, &chair)
                .into_iter()
                .filter(|m| answer(ex, m).is_some_and(|a| is_success(&a)))
                .nth(1);
            let next = refresh.and_then(|refresh| {
                let mut all = notifies(ex, &chair).into_iter();
                all.find(|m| m.frame.index > refresh.frame.index)
            });
            let seen = next.map(|m| {
                let state = document(&m).map(|info| info.state);
                is(
                    state.as_deref() == Some("full"),
                    format!("state {state:?}"),
                    vec![m.body()],
                )
            });
            judged(
                "a document with state full after the refresh",
                seen,
                "no NOTIFY came after a refresh",
            )
        })
        .await;
}

// RFC 4575 4.4: what is whole has no parts that are less.
fn disagreement(info: &ConferenceInfo) -> Option<String> {
    let whole = |state: &Option<String>| state.as_deref().is_none_or(|state| state == "full");
    let torn =
        |user: &User| whole(&user.state) && user.endpoints.iter().any(|one| !whole(&one.state));
    if info.state == "full" && !whole(&info.users_state) {
        return Some("users are not full in a full document".to_owned());
    }
    if whole(&info.users_state)
        && let Some(user) = info.users.iter().find(|one| !whole(&one.state))
    {
        return Some(format!(
            "{} is {:?} in a full list",
            user.entity, user.state
        ));
    }
    let user = info.users.iter().find(|one| torn(one))?;
    Some(format!("{} is full, but not its endpoints", user.entity))
}

#[then(expr = "[{clause}] the states in each document to {word} agree")]
async fn consistent(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let all = read(ex, &chair);
            let wrong = all
                .iter()
                .find_map(|(m, info)| Some((m, disagreement(info)?)));
            let seen: Option<Seen> = match wrong {
                Some((m, why)) => Some(Err((why, vec![m.body()]))),
                None => (!all.is_empty()).then(|| {
                    let evidence = all.iter().map(|(m, _)| m.body()).collect();
                    Ok((format!("{} documents agree", all.len()), evidence))
                }),
            };
            judged(
                "nothing partial or deleted inside what is full",
                seen,
                "no document came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the partial documents to {word} hold only who changed")]
async fn only_changes(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let (mut view, mut evidence) = (View::default(), Vec::new());
            for (m, info) in read(ex, &chair) {
                let before = view.clone();
                view.apply(&info);
                if info.state != "partial" || info.users.is_empty() {
                    continue;
                }
                let same = info
                    .users
                    .iter()
                    .find(|user| before.status(&user.entity) == view.status(&user.entity));
                if let Some(user) = same {
                    let found = format!("{} is told without a change", user.entity);
                    return judged(
                        "only users that changed",
                        Some(Err((found, vec![m.body()]))),
                        "",
                    );
                }
                evidence.push(m.body());
            }
            let seen = (!evidence.is_empty())
                .then(|| Ok((format!("{} partial documents", evidence.len()), evidence)));
            judged("only users that changed", seen, "no partial document came")
        })
        .await;
}

/// Whether the chair asked for privacy when it came.
fn is_hidden(ex: &Exchange, chair: &str) -> bool {
    let private = |m: &Sip<'_>| {
        let value = m.scan.field("Privacy").map(|f| f.value);
        value.is_some_and(|value| value.split(';').any(|one| one.trim() == "id"))
    };
    let called = sent_requests(ex, "INVITE")
        .iter()
        .any(|m| m.frame.chair == chair && private(m));
    called
        || invitations(ex, chair)
            .iter()
            .flat_map(|m| sent_responses(ex, m.frame))
            .any(|m| private(&m))
}

#[then(
    expr = "[{clause}] {word} sees {word} and {word} under names of their own that tell nothing"
)]
async fn anonymous(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    one: String,
    other: String,
    step: &Step,
) {
    let hidden = [stage.scene().user(&one), stage.scene().user(&other)];
    let chairs = [one, other];
    stage
        .judge(&clause.0, step, move |ex| {
            let mut view = View::default();
            let mut evidence = Vec::new();
            let wished = chairs.iter().all(|chair| is_hidden(ex, chair));
            for (m, info) in read(ex, &chair) {
                view.apply(&info);
                let known = |entity: &&String| {
                    view.status(entity) == Some("connected")
                        && hidden
                            .iter()
                            .any(|name| crate::look::same_uri(name, entity))
                };
                if let Some(entity) = view.users().find(known) {
                    let found = format!("{entity} is named");
                    let broken = Some(Err((found, vec![m.body()])));
                    return judged("two connected users that nobody knows", broken, "");
                }
                let masked = view.users().filter(|entity| {
                    entity.contains("anonymous") && view.status(entity) == Some("connected")
                });
                if masked.count() >= 2 {
                    evidence.push(m.body());
                }
            }
            let seen = (wished && !evidence.is_empty())
                .then(|| Ok(("two anonymous users side by side".to_owned(), evidence)));
            judged(
                "two connected users that nobody knows",
                seen,
                "two anonymous users were never connected at once",
            )
        })
        .await;
}
