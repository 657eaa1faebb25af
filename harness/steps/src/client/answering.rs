//! What the user of the client does, and what the tester's chairs ask of the client.

use cucumber::{given, when};
use trace::matchers::{received_requests, received_responses, sent_requests, user_lines};
use trace::{Direction, Exchange, Frame};
use world::{Carries, Command, Invitation, Replacing, Told};

use super::acts::TELLING;
use crate::Stage;
use crate::look::{initial_requests, same_uri};
use crate::words::Chairs;

/// What the client has told its user, in order.
pub(crate) fn told(ex: &Exchange) -> impl Iterator<Item = (&Frame, Told)> {
    user_lines(ex, Direction::Received).filter_map(|frame| {
        let event = Told::read(&String::from_utf8_lossy(&frame.bytes)).ok()?;
        Some((frame, event))
    })
}

/// What the user has done, in order.
pub(super) fn done(ex: &Exchange) -> impl Iterator<Item = (&Frame, Command)> {
    user_lines(ex, Direction::Sent).filter_map(|frame| {
        let command = Command::read(&String::from_utf8_lossy(&frame.bytes)).ok()?;
        Some((frame, command))
    })
}

/// The incoming call that the user has neither taken nor turned down.
fn pending(ex: &Exchange) -> Option<String> {
    let decided: Vec<String> = done(ex)
        .filter_map(|(_, command)| match command {
            Command::Accept { call } | Command::Reject { call, .. } => Some(call),
            _ => None,
        })
        .collect();
    let mut incoming = told(ex).filter_map(|(_, event)| match event {
        Told::Incoming { call, .. } => Some(call),
        _ => None,
    });
    incoming.find(|call| !decided.contains(call))
}

/// The session that the user entered last and that goes on.
fn current(ex: &Exchange) -> Option<String> {
    let mut entered: Vec<String> = Vec::new();
    for (_, event) in told(ex) {
        match event {
            Told::Established { call, .. } => entered.push(call),
            Told::Ended { call, .. } => entered.retain(|one| *one != call),
            _ => {}
        }
    }
    entered.pop()
}

/// Whether the last invitation of a chair has a final answer.
fn answered(ex: &Exchange) -> Option<u16> {
    let calls = initial_requests(sent_requests(ex, "INVITE"));
    let answers = received_responses(ex, calls.last()?.frame);
    answers
        .iter()
        .filter_map(|m| m.scan.code())
        .find(|code| *code >= 200)
}

/// The call that the user is asked about, or the code of the answer that came without asking him.
async fn asked(stage: &mut Stage) -> Option<Result<String, u16>> {
    let seen = |ex: &Exchange| match pending(ex) {
        Some(call) => Some(Ok(call)),
        None => answered(ex).map(Err),
    };
    stage.scene().wait(None, seen).await
}

async fn decide(stage: &mut Stage, needed: bool, command: impl FnOnce(String) -> Command) {
    match asked(stage).await {
        Some(Ok(call)) => {
            stage.scene().user_does(command(call)).await;
            stage.scene().wait(None, answered).await;
        }
        Some(Err(code)) if needed => stage.scene().block(format!(
            "the client answered {code} without asking its user"
        )),
        None if needed => stage
            .scene()
            .block("the client did not tell its user of the invitation"),
        _ => {}
    }
}

#[given(expr = "the client holds one session at a time")]
async fn single(stage: &mut Stage) {
    stage.scene().single_session = true;
}

#[given(expr = "{word} waits for the client/function to connect")]
async fn passive(stage: &mut Stage, chair: String) {
    stage.scene().manner(&chair).setup = "passive".to_owned();
}

#[given(expr = "{word} notices when the client/function closes its connection")]
async fn notices(stage: &mut Stage, _chair: String) {
    stage.scene().watch_closings();
}

#[given(expr = "{word} asks for a session of {int} intervals refreshed by {string}")]
async fn long_session(stage: &mut Stage, chair: String, times: u32, refresher: String) {
    let interval = stage.scene().lab.profile.session_interval * times;
    stage.scene().manner(&chair).session_expires =
        Some(format!("{interval};refresher={refresher}"));
}

#[when(expr = "{word} shortens the session to one interval refreshed by {string}")]
async fn shortens(stage: &mut Stage, chair: String, refresher: String) {
    let interval = stage.scene().lab.profile.session_interval;
    stage.scene().manner(&chair).session_expires =
        Some(format!("{interval};refresher={refresher}"));
    stage.scene().modify(&chair, "INVITE", Carries::Same).await;
}

#[when(expr = "{word} invites the user/function")]
async fn invites(stage: &mut Stage, chair: String) {
    let plain = Invitation::default();
    stage.scene().invite_user(&chair, &plain).await;
}

#[when(expr = "{word} invites the user in the place of {word}")]
async fn replaces(stage: &mut Stage, chair: String, other: String) {
    let invitation = Invitation {
        replaces: Some(other.clone()),
        referred_by: Some(other),
        ..Invitation::default()
    };
    stage.scene().invite_user(&chair, &invitation).await;
}

#[when(expr = "{word} invites the user in the place of {word} without saying who he is")]
async fn replaces_unasserted(stage: &mut Stage, chair: String, other: String) {
    let invitation = Invitation {
        replaces: Some(other.clone()),
        referred_by: Some(other),
        unasserted: true,
        ..Invitation::default()
    };
    stage.scene().invite_user(&chair, &invitation).await;
}

#[when(expr = "{word} invites the user in the place of {word} as {word} asked him")]
async fn replaces_for(stage: &mut Stage, chair: String, other: String, third: String) {
    let invitation = Invitation {
        replaces: Some(other),
        referred_by: Some(third),
        ..Invitation::default()
    };
    stage.scene().invite_user(&chair, &invitation).await;
}

async fn replaces_nothing(stage: &mut Stage, chair: &str, other: String, replacing: Replacing) {
    let invitation = Invitation {
        replaces: Some(other.clone()),
        referred_by: Some(other),
        replacing,
        ..Invitation::default()
    };
    stage.scene().invite_user(chair, &invitation).await;
}

#[when(expr = "{word} invites the user in the place of a session that {word} never had")]
async fn replaces_unknown(stage: &mut Stage, chair: String, other: String) {
    replaces_nothing(stage, &chair, other, Replacing::Nothing).await;
}

#[when(expr = "{word} invites the user in the place of {word} twice over")]
async fn replaces_twice(stage: &mut Stage, chair: String, other: String) {
    replaces_nothing(stage, &chair, other, Replacing::Twice).await;
}

#[when(expr = "{word} invites the user in the place of {word} if that still rings")]
async fn replaces_ringing(stage: &mut Stage, chair: String, other: String) {
    replaces_nothing(stage, &chair, other, Replacing::Ringing).await;
}

#[when(expr = "the user accepts")]
async fn accepts(stage: &mut Stage) {
    decide(stage, true, |call| Command::Accept { call }).await;
}

#[when(expr = "the user accepts if asked")]
async fn accepts_if_asked(stage: &mut Stage) {
    decide(stage, false, |call| Command::Accept { call }).await;
}

#[when(expr = "the user rejects")]
async fn rejects(stage: &mut Stage) {
    decide(stage, true, |call| Command::Reject { call, code: None }).await;
}

/// The session that goes on, once it is there.
pub(super) async fn session(stage: &mut Stage) -> Option<String> {
    let call = stage.scene().wait(None, current).await;
    if call.is_none() {
        let problem = "the client did not tell its user of a session";
        stage.scene().block(problem);
    }
    call
}

async fn leave(stage: &mut Stage, anonymous: bool) {
    let Some(call) = session(stage).await else {
        return;
    };
    let known = received_requests(&stage.scene().exchange(), "BYE").len();
    let command = Command::Leave { call, anonymous };
    if stage.scene().user_does(command).await {
        let left = move |ex: &Exchange| (received_requests(ex, "BYE").len() > known).then_some(());
        stage.scene().wait(None, left).await;
    }
}

#[when(expr = "the user/function leaves")]
async fn leaves(stage: &mut Stage) {
    leave(stage, false).await;
}

#[when(expr = "the user leaves anonymously")]
async fn leaves_anonymously(stage: &mut Stage) {
    leave(stage, true).await;
}

#[when(expr = "the user says {string}")]
async fn says(stage: &mut Stage, text: String) {
    if let Some(call) = session(stage).await {
        say(stage, call, text).await;
    }
}

#[when(expr = "the user says {string} in the session of {word}")]
async fn says_to(stage: &mut Stage, text: String, chair: String) {
    let user = stage.scene().user(&chair);
    let entered = move |ex: &Exchange| {
        let mut incoming = told(ex).filter_map(|(_, event)| match event {
            Told::Incoming { call, from, .. } => same_uri(&from, &user).then_some(call),
            _ => None,
        });
        let wanted = incoming.next()?;
        let here = |event| matches!(event, Told::Established { call, .. } if call == wanted);
        told(ex).any(|(_, event)| here(event)).then_some(wanted)
    };
    match stage.scene().wait(None, entered).await {
        Some(call) => say(stage, call, text).await,
        None => stage
            .scene()
            .block(format!("the client did not tell of a session with {chair}")),
    }
}

async fn say(stage: &mut Stage, call: String, text: String) {
    let words = text.clone();
    let command = Command::Send {
        call,
        text,
        to: None,
    };
    if stage.scene().user_does(command).await {
        let heard = |ex: &Exchange| {
            let mut frames = trace::matchers::msrp_frames(ex, Direction::Received);
            let said = frames.any(|m| {
                let body = m.message.body.as_deref().unwrap_or_default();
                String::from_utf8_lossy(body).contains(&words)
            });
            said.then_some(())
        };
        stage.scene().wait(None, heard).await;
        // What comes next shall not cross the answer.
        let confirmed = |ex: &Exchange| {
            let is = |event| matches!(event, Told::Delivered { text, .. } if text == words);
            told(ex).any(|(_, event)| is(event)).then_some(())
        };
        stage.scene().wait(Some(TELLING), confirmed).await;
    }
}

/// The user asks for a session of those of the current one and `others`; who waits for the INVITE is the Then line.
async fn extend(stage: &mut Stage, others: Vec<String>) {
    let Some(call) = session(stage).await else {
        return;
    };
    let with: Vec<String> = others.iter().map(|one| stage.scene().user(one)).collect();
    let command = Command::Extend {
        call,
        name: "c2".to_owned(),
        with,
    };
    stage.scene().user_does(command).await;
}

#[when(expr = "the user extends the session by {chairs}")]
async fn extends(stage: &mut Stage, others: Chairs) {
    extend(stage, others.0).await;
}

fn guests(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("guest{n}")).collect()
}

#[when(expr = "the user extends the session to as many users as a list may have")]
async fn extends_fully(stage: &mut Stage) {
    // The peer has an entry as well, and whether the user counts is open.
    let most = stage.scene().lab.profile.max_participants;
    extend(stage, guests(most.saturating_sub(2))).await;
}

#[when(expr = "the user extends the session to more users than a list may have")]
async fn extends_too_far(stage: &mut Stage) {
    let most = stage.scene().lab.profile.max_participants;
    extend(stage, guests(most)).await;
}
