//! What the user of the client does.

use cucumber::when;
use trace::matchers::{received_requests, sip_messages, user_lines};
use trace::{Direction, Exchange};
use world::{Command, Told};

use super::look::openings;
use crate::Stage;
use crate::words::Chairs;

/// Seconds of protocol time that the client may take to tell its user what the wire shows already.
pub(crate) const TELLING: f64 = 4.0;

/// Calls that the user was told to make so far.
fn made(exchange: &Exchange) -> usize {
    let lines = user_lines(exchange, Direction::Sent);
    let command = |bytes: &[u8]| Command::read(&String::from_utf8_lossy(bytes)).ok();
    lines
        .filter(|frame| {
            let makes = command(&frame.bytes);
            matches!(
                makes,
                Some(Command::Invite { .. } | Command::Extend { .. } | Command::Deliver { .. })
            )
        })
        .count()
}

/// The name of the next call of the user.
pub(crate) fn next_call(stage: &mut Stage) -> String {
    format!("c{}", made(&stage.scene().exchange()) + 1)
}

/// The name of the latest call that the user made.
pub(super) fn latest_call(stage: &mut Stage) -> String {
    format!("c{}", made(&stage.scene().exchange()))
}

pub(super) async fn calls(stage: &mut Stage, to: &[String], group: Option<String>, secret: bool) {
    let call = next_call(stage);
    let to = to.iter().map(|chair| stage.scene().user(chair)).collect();
    let invite = Command::Invite {
        call,
        to,
        group,
        anonymous: secret,
    };
    stage.scene().user_does(invite).await;
}

/// Waits until the latest call of the user is a session.
pub(super) async fn established(stage: &mut Stage) {
    let scene = stage.scene();
    let acknowledged = |ex: &Exchange| {
        let latest = openings(ex, "INVITE").last()?.call_id();
        let mut acks = sip_messages(ex, Direction::Received);
        acks.find(|m| m.scan.method().as_deref() == Some("ACK") && m.call_id() == latest)
            .map(drop)
    };
    scene.wait(None, acknowledged).await;
    let call = latest_call(stage);
    let told = |ex: &Exchange| {
        let mut lines = user_lines(ex, Direction::Received);
        let is = |bytes: &[u8]| match Told::read(&String::from_utf8_lossy(bytes)) {
            Ok(Told::Established { call: name, .. }) => name == call,
            _ => false,
        };
        lines.find(|frame| is(&frame.bytes)).map(drop)
    };
    stage.scene().wait(Some(TELLING), told).await;
}

/// Waits until nothing is under way that the user's next act could cross: the first state of a conference included.
pub(super) async fn at_rest(stage: &mut Stage) {
    established(stage).await;
    let call = latest_call(stage);
    let grouped = |ex: &Exchange| {
        openings(ex, "INVITE")
            .last()
            .map(|m| m.frame.chair == "server")
    };
    if grouped(&stage.scene().exchange()) == Some(true) {
        let shown = |ex: &Exchange| {
            let mut lines = user_lines(ex, Direction::Received);
            let is = |bytes: &[u8]| match Told::read(&String::from_utf8_lossy(bytes)) {
                Ok(Told::Participants { call: name, .. }) => name == call,
                _ => false,
            };
            lines.find(|frame| is(&frame.bytes)).map(drop)
        };
        stage.scene().wait(Some(TELLING), shown).await;
    }
    let settled = |ex: &Exchange| trace::settled(ex).then_some(());
    stage.scene().wait(Some(TELLING), settled).await;
}

#[when(expr = "the user calls {word}")]
async fn calls_one(stage: &mut Stage, chair: String) {
    calls(stage, &[chair], None, false).await;
}

#[when(expr = "the user calls {word} anonymously")]
async fn calls_secretly(stage: &mut Stage, chair: String) {
    calls(stage, &[chair], None, true).await;
}

#[when(expr = "the user starts a conference with {chairs}")]
async fn confers(stage: &mut Stage, chairs: Chairs) {
    calls(stage, &chairs.0, None, false).await;
}

#[when(expr = "the user calls the group {string}")]
async fn calls_group(stage: &mut Stage, name: String) {
    let group = stage.scene().group(&name);
    calls(stage, &[], Some(group), false).await;
}

#[when(expr = "the user/function refreshes the session")]
async fn refreshes(stage: &mut Stage) {
    at_rest(stage).await;
    let call = latest_call(stage);
    stage.scene().user_does(Command::Refresh { call }).await;
}

/// Asks for it only where the client does not do so by itself.
#[when(expr = "the user follows the session")]
async fn follows(stage: &mut Stage) {
    at_rest(stage).await;
    let by_itself = |ex: &Exchange| openings(ex, "SUBSCRIBE").first().map(drop);
    if stage.scene().wait(Some(TELLING), by_itself).await.is_none() {
        let call = latest_call(stage);
        stage.scene().user_does(Command::Subscribe { call }).await;
    }
    at_rest(stage).await;
}

#[when(expr = "the user sends {chairs} the message {string}")]
async fn sends_message(stage: &mut Stage, chairs: Chairs, text: String) {
    let to = chairs.0.iter().map(|chair| stage.scene().user(chair));
    let to = to.collect();
    stage.scene().user_does(Command::Message { to, text }).await;
    let sent = |ex: &Exchange| received_requests(ex, "MESSAGE").first().map(drop);
    stage.scene().wait(None, sent).await;
}
