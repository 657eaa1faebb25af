//! Words of 7.2.1.12: who follows a conference state, and what is answered and told.

mod answer;
mod documents;
mod endings;
mod membership;
mod notify;
mod view;

use cucumber::when;
use trace::matchers::{Sip, received_requests, received_responses, sent_requests, sip_messages};
use trace::{Direction, Exchange};
use wire::xml::conference_info::ConferenceInfo;
use world::Terms;

use crate::Stage;

/// SUBSCRIBEs of a chair, oldest first.
fn asked<'a>(ex: &'a Exchange, chair: &str) -> Vec<Sip<'a>> {
    let mut all = sent_requests(ex, "SUBSCRIBE");
    all.retain(|m| m.frame.chair == chair);
    all
}

/// The final answer to a request of the tester.
fn answer<'a>(ex: &'a Exchange, request: &Sip<'_>) -> Option<Sip<'a>> {
    received_responses(ex, request.frame)
        .into_iter()
        .find(|m| m.scan.code().is_some_and(|code| code >= 200))
}

fn is_success(answer: &Sip<'_>) -> bool {
    answer
        .scan
        .code()
        .is_some_and(|code| (200..300).contains(&code))
}

/// The first SUBSCRIBE of a chair that was accepted: the one that began its subscription.
fn accepted<'a>(ex: &'a Exchange, chair: &str) -> Option<Sip<'a>> {
    asked(ex, chair)
        .into_iter()
        .find(|m| answer(ex, m).is_some_and(|a| is_success(&a)))
}

/// NOTIFYs in the dialog of `subscribe`, in the order in which they were sent.
fn told<'a>(ex: &'a Exchange, subscribe: &Sip<'_>) -> Vec<Sip<'a>> {
    let mut all = received_requests(ex, "NOTIFY");
    all.retain(|m| m.call_id() == subscribe.call_id());
    all.sort_by_key(|m| m.cseq().map(|(number, _)| number));
    all
}

/// NOTIFYs of the chair's subscription.
fn notifies<'a>(ex: &'a Exchange, chair: &str) -> Vec<Sip<'a>> {
    accepted(ex, chair).map_or_else(Vec::new, |subscribe| told(ex, &subscribe))
}

fn document(notify: &Sip<'_>) -> Option<ConferenceInfo> {
    ConferenceInfo::parse(notify.scan.body()).ok()
}

/// Subscription-State without its parameters.
fn state(notify: &Sip<'_>) -> Option<String> {
    let value = notify.scan.field("Subscription-State")?.value;
    let word = value.split(';').next().unwrap_or_default();
    Some(word.trim().to_ascii_lowercase())
}

pub(super) async fn subscribe(stage: &mut Stage, chair: &str, whose: &str, terms: &Terms) {
    match stage.scene().session_identity(whose).await {
        Some(target) => stage.scene().subscribe(chair, &target, terms).await,
        None => stage.scene().block(format!("{whose} is in no session")),
    }
}

#[when(expr = "{word} subscribes to the conference state")]
async fn subscribes(stage: &mut Stage, chair: String) {
    subscribe(stage, &chair, &chair, &Terms::default()).await;
}

#[when(expr = "{word} subscribes to the conference state for {int} seconds")]
async fn subscribes_for(stage: &mut Stage, chair: String, seconds: u32) {
    let terms = Terms {
        expires: Some(seconds),
        ..Terms::default()
    };
    subscribe(stage, &chair, &chair, &terms).await;
}

#[when(expr = "{word} subscribes to the conference state {int} times")]
async fn subscribes_often(stage: &mut Stage, chair: String, times: usize) {
    for _ in 0..times {
        subscribe(stage, &chair, &chair, &Terms::default()).await;
    }
}

#[when(expr = "{word} subscribes to the event {string} of her session")]
async fn subscribes_to_event(stage: &mut Stage, chair: String, event: String) {
    let terms = Terms {
        event,
        ..Terms::default()
    };
    subscribe(stage, &chair, &chair, &terms).await;
}

#[when(expr = "{word} subscribes to the session of {word}")]
async fn subscribes_to(stage: &mut Stage, chair: String, whose: String) {
    subscribe(stage, &chair, &whose, &Terms::default()).await;
}

#[when(expr = "{word} subscribes to a session that is not there")]
async fn subscribes_nowhere(stage: &mut Stage, chair: String) {
    let Some(target) = stage.scene().session_identity(&chair).await else {
        return stage.scene().block(format!("{chair} is in no session"));
    };
    let host = target
        .split_once('@')
        .map_or(target.as_str(), |(_, host)| host);
    let nowhere = format!("sip:no-such-session@{host}");
    let terms = Terms::default();
    stage.scene().subscribe(&chair, &nowhere, &terms).await;
}

#[when(expr = "{word} refreshes the subscription for {int} seconds")]
async fn refreshes(stage: &mut Stage, chair: String, seconds: u32) {
    stage.scene().resubscribe(&chair, seconds).await;
}

#[when(expr = "{word} unsubscribes")]
async fn unsubscribes(stage: &mut Stage, chair: String) {
    stage.scene().resubscribe(&chair, 0).await;
}

#[when(expr = "{word} lets the subscription of {int} seconds run out")]
async fn runs_out(stage: &mut Stage, chair: String, seconds: u32) {
    let limit = f64::from(seconds) * 1.5;
    stage.scene().run_out(&chair, limit).await;
}

#[when(expr = "{word} forgets the subscription")]
async fn forgets(stage: &mut Stage, chair: String) {
    stage.scene().forget_subscriptions(&chair);
}

#[when(expr = "{word} subscribes to the group {string}")]
async fn subscribes_to_group(stage: &mut Stage, chair: String, name: String) {
    let group = stage.scene().group(&name);
    let terms = Terms::default();
    stage.scene().subscribe(&chair, &group, &terms).await;
}

#[when(expr = "{word} refuses a NOTIFY")]
async fn refuses_notify(stage: &mut Stage, chair: String) {
    let refused = move |ex: &Exchange| {
        let mut answers = sip_messages(ex, Direction::Sent);
        let mine = answers.any(|m| m.frame.chair == chair && m.scan.code() == Some(481));
        mine.then_some(())
    };
    stage.scene().wait(Some(4.0), refused).await;
}
