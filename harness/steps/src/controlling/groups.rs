//! Pre-defined groups: who belongs to them, what their rules allow, what the XDMS hands out, and calls to them.

use cucumber::{given, when};
use trace::Exchange;
use trace::matchers::received_requests;
use wire::xml::group::{Actions, Group, Member, Rule, write};
use world::{Served, Terms};

use super::conference_state::subscribe;
use crate::Stage;
use crate::words::Chairs;

#[given(expr = "a group {string} of {chairs}")]
async fn a_group(stage: &mut Stage, name: String, members: Chairs) {
    let scene = stage.scene();
    let uri = scene.group(&name);
    let member = |chair: &String| Member {
        uri: scene.user(chair),
        display_name: None,
    };
    let group = Group {
        uri,
        display_name: Some(name.clone()),
        members: members.0.iter().map(member).collect(),
        invite_members: true,
        rules: vec![members_may()],
        ..Group::default()
    };
    stage.set_group(name, group);
}

/// Members may do everything but hide.
fn members_may() -> Rule {
    Rule {
        list_members: true,
        actions: Actions {
            allow_conference_state: true,
            allow_invite_users_dynamically: true,
            join_handling: true,
            allow_initiate_conference: true,
            allow_anonymity: false,
            is_key_participant: false,
            allow_private_message: true,
        },
        ..Rule::default()
    }
}

#[given(expr = "the group {string} denies its members {string}")]
async fn denies(stage: &mut Stage, name: String, action: String) {
    set_action(stage, &name, &action, false);
}

#[given(expr = "the group {string} grants its members {string}")]
async fn grants(stage: &mut Stage, name: String, action: String) {
    set_action(stage, &name, &action, true);
}

fn set_action(stage: &mut Stage, name: &str, action: &str, value: bool) {
    let known = stage.change_group(name, |group| {
        let Some(rule) = group.rules.first_mut() else {
            return false;
        };
        let actions = &mut rule.actions;
        let field = match action {
            "allow-conference-state" => &mut actions.allow_conference_state,
            "allow-invite-users-dynamically" => &mut actions.allow_invite_users_dynamically,
            "join-handling" => &mut actions.join_handling,
            "allow-initiate-conference" => &mut actions.allow_initiate_conference,
            "allow-anonymity" => &mut actions.allow_anonymity,
            "allow-private-message" => &mut actions.allow_private_message,
            _ => return false,
        };
        *field = value;
        true
    });
    if !known {
        let reason = format!("the scenario speaks of the action {action:?} of a group {name:?}");
        stage.scene().block(reason);
    }
}

#[given(expr = "the group {string} invites nobody")]
async fn invites_nobody(stage: &mut Stage, name: String) {
    stage.change_group(&name, |group| {
        group.invite_members = false;
        true
    });
}

#[given(expr = "the group {string} calls {word} {string}")]
async fn calls_member(stage: &mut Stage, name: String, chair: String, nickname: String) {
    let uri = stage.scene().user(&chair);
    stage.change_group(&name, |group| {
        let mut members = group.members.iter_mut();
        members.find(|one| one.uri == uri).is_some_and(|member| {
            member.display_name = Some(nickname);
            true
        })
    });
}

#[given(expr = "the document of the group {string} never comes")]
async fn never(stage: &mut Stage, name: String) {
    stage.scene().serve_group(&name, Served::Never);
}

#[given(expr = "the document of the group {string} is malformed")]
async fn malformed(stage: &mut Stage, name: String) {
    let half = |mut document: Vec<u8>| {
        document.truncate(document.len() / 2);
        document
    };
    serve_changed(stage, &name, half);
}

#[given(expr = "the document of the group {string} has elements that nobody knows")]
async fn unknown_elements(stage: &mut Stage, name: String) {
    let more = "<x:novelty xmlns:x=\"urn:example:novelty\" x:kind=\"new\"><x:more/></x:novelty>";
    let with_more = |document: Vec<u8>| {
        let text = String::from_utf8_lossy(&document);
        let at = text.find("</list-service>").unwrap_or(text.len());
        format!("{}{more}{}", &text[..at], &text[at..]).into_bytes()
    };
    serve_changed(stage, &name, with_more);
}

fn serve_changed(stage: &mut Stage, name: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let Some(document) = stage.group(name).map(write) else {
        let reason = format!("the scenario has no group {name:?}");
        return stage.scene().block(reason);
    };
    let changed = Served::Document(change(document));
    stage.scene().serve_group(name, changed);
}

#[given(expr = "{word} asks for privacy")]
async fn asks_for_privacy(stage: &mut Stage, chair: String) {
    stage.scene().manner(&chair).privacy = Some("id".to_owned());
}

#[given(expr = "{word} is a focus herself")]
async fn is_a_focus(stage: &mut Stage, chair: String) {
    stage.scene().manner(&chair).contact_parameters = ";isfocus".to_owned();
}

#[when(expr = "{word} calls the group {string}")]
async fn calls(stage: &mut Stage, chair: String, name: String) {
    stage.scene().call_group(&chair, &name).await;
}

#[when(expr = "{word} is answered")]
async fn is_answered(stage: &mut Stage, chair: String) {
    stage.scene().answered(&chair).await;
}

#[when(expr = "the refusal of {word} arrives")]
async fn refusal_arrives(stage: &mut Stage, chair: String) {
    let acknowledged = move |ex: &Exchange| {
        let acks = received_requests(ex, "ACK");
        acks.iter()
            .any(|ack| ack.frame.chair == chair)
            .then_some(())
    };
    stage.scene().wait(Some(4.0), acknowledged).await;
}

#[when(expr = "{word} follows the session that {word} is invited to")]
async fn follows(stage: &mut Stage, chair: String, _pronoun: String) {
    if stage.scene().invitation(&chair).await.is_some() {
        subscribe(stage, &chair, &chair, &Terms::default()).await;
    } else {
        let reason = format!("{chair} was never invited");
        stage.scene().block(reason);
    }
}
