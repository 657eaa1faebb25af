//! What those who follow the session of a group are told: who has come, and under which address.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Sip, octets};
use trace::{Evidence, Exchange};
use wire::xml::conference_info::{ConferenceInfo, User};

use crate::Stage;
use crate::controlling::invitation::states;
use crate::look::{inside, judged, same_uri};
use crate::words::{Chairs, Clause};

fn is_connected(user: &User) -> bool {
    let mut endpoints = user.endpoints.iter();
    endpoints.any(|one| one.status.as_deref() == Some("connected"))
}

fn shows(info: &Option<ConferenceInfo>, address: &str) -> bool {
    let mut users = info.iter().flat_map(|info| &info.users);
    users.any(|user| same_uri(&user.entity, address) && is_connected(user))
}

fn body(message: &Sip<'_>) -> Evidence {
    octets(message.frame, &message.scan.body)
}

#[then(expr = "[{clause}] {chairs} are told that {word} is connected")]
async fn all_told(stage: &mut Stage, clause: Clause, chairs: Chairs, guest: String, step: &Step) {
    let address = stage.scene().user(&guest);
    stage
        .judge(&clause.0, step, move |ex| {
            let told = |chair: &String| {
                let mut states = states(ex, chair).into_iter();
                states.find(|(_, info)| shows(info, &address))
            };
            let told: Option<Vec<Evidence>> = chairs
                .0
                .iter()
                .map(|chair| told(chair).map(|(m, _)| body(&m)))
                .collect();
            let seen = told.map(|evidence| Ok((format!("{} NOTIFYs", evidence.len()), evidence)));
            judged(
                "a NOTIFY with the status connected to everybody who subscribed",
                seen,
                "somebody was not told",
            )
        })
        .await;
}

/// The first NOTIFY for `chair` in which a user is connected whose address names nobody (RFC 4575 5.6).
fn unnamed<'a>(ex: &'a Exchange, chair: &str) -> Option<Sip<'a>> {
    let unnamed = |user: &User| user.entity.contains("anonymous") && is_connected(user);
    let mut states = states(ex, chair).into_iter();
    let found = states.find(|(_, info)| info.iter().flat_map(|info| &info.users).any(unnamed));
    found.map(|(m, _)| m)
}

/// The first NOTIFY for `chair` in which this address is connected.
fn named<'a>(ex: &'a Exchange, chair: &str, address: &str) -> Option<Sip<'a>> {
    let mut states = states(ex, chair).into_iter();
    let found = states.find(|(_, info)| shows(info, address));
    found.map(|(m, _)| m)
}

#[then(expr = "[{clause}] {word} is connected for {word} without her address")]
async fn hidden(stage: &mut Stage, clause: Clause, guest: String, chair: String, step: &Step) {
    let address = stage.scene().user(&guest);
    stage
        .judge(&clause.0, step, move |ex| {
            let named = named(ex, &chair, &address)
                .map(|m| Err(("shown by address".to_owned(), vec![body(&m)])));
            let unnamed = unnamed(ex, &chair)
                .map(|m| Ok(("shown without address".to_owned(), vec![body(&m)])));
            judged(
                "connected under an address that names nobody",
                named.or(unnamed),
                "no NOTIFY shows anybody new",
            )
        })
        .await;
}

#[then(expr = "[{clause}] {word} is connected for {word} under her address, or released")]
async fn named_or_released(
    stage: &mut Stage,
    clause: Clause,
    guest: String,
    chair: String,
    step: &Step,
) {
    let address = stage.scene().user(&guest);
    stage
        .judge(&clause.0, step, move |ex| {
            let mut requests = inside(ex, &guest).into_iter();
            let released = requests
                .find(|m| m.scan.method().as_deref() == Some("BYE"))
                .map(|m| Ok(("released".to_owned(), vec![m.start()])));
            let named = named(ex, &chair, &address)
                .map(|m| Ok(("shown by address".to_owned(), vec![body(&m)])));
            let unnamed = unnamed(ex, &chair)
                .map(|m| Err(("shown without address".to_owned(), vec![body(&m)])));
            judged(
                "connected under the own address, or a BYE",
                unnamed.or(named).or(released),
                "no NOTIFY shows anybody new, and no BYE came",
            )
        })
        .await;
}
