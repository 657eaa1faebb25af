//! What is written, to whom it is sent, and who takes its time to answer.

use cucumber::{given, when};
use trace::Exchange;
use trace::matchers::received_requests;

use crate::Stage;
use crate::words::Chairs;

#[given(expr = "{word} writes {string} of the type {string}")]
async fn writes(stage: &mut Stage, chair: String, text: String, kind: String) {
    stage.scene().manner(&chair).writes = (kind, text.replace("\\n", "\r\n"));
}

#[given(expr = "{word} writes {int} octets")]
async fn writes_much(stage: &mut Stage, chair: String, length: usize) {
    stage.scene().manner(&chair).writes.1 = "long ".repeat(length.div_ceil(5));
}

#[given(expr = "{word} lists {chairs} as bcc")]
async fn lists_blind(stage: &mut Stage, chair: String, others: Chairs) {
    stage.scene().manner(&chair).blind = others.0;
}

#[given(expr = "{word} has {chairs} anonymised in her list")]
async fn lists_hidden(stage: &mut Stage, chair: String, others: Chairs) {
    stage.scene().manner(&chair).hidden = others.0;
}

#[given(expr = "{word} puts {string} behind each address of her list")]
async fn puts_behind(stage: &mut Stage, chair: String, text: String) {
    stage.scene().manner(&chair).behind_address = text;
}

#[given(expr = "{word} does not answer messages yet")]
async fn holds(stage: &mut Stage, chair: String) {
    stage.scene().hold_messages(&chair);
}

#[when(expr = "{word} sends a message to {chairs}")]
async fn sends(stage: &mut Stage, chair: String, others: Chairs) {
    let factory = stage.scene().lab.profile.conference_factory.clone();
    let scene = stage.scene();
    scene.message_users(&chair, &others.0, &factory).await;
}

#[when(expr = "{chairs} have/has the message")]
async fn have(stage: &mut Stage, chairs: Chairs) {
    let all = move |ex: &Exchange| {
        let copies = received_requests(ex, "MESSAGE");
        let has = |chair: &String| copies.iter().any(|m| &m.frame.chair == chair);
        chairs.0.iter().all(has).then_some(())
    };
    if stage.scene().wait(None, all).await.is_none() {
        stage.scene().block("the message did not reach everybody");
    }
}

#[when(expr = "{word} sends a message to {chairs} by a factory that is not allocated")]
async fn sends_nowhere(stage: &mut Stage, chair: String, others: Chairs) {
    let factory = stage.scene().lab.profile.unallocated_factory.clone();
    let scene = stage.scene();
    scene.message_users(&chair, &others.0, &factory).await;
}

#[when(expr = "{word} sends a message to {chairs} by a factory without the list service")]
async fn sends_unserved(stage: &mut Stage, chair: String, others: Chairs) {
    let scene = stage.scene();
    let profile = &scene.lab.profile;
    let lists = !profile.denies("uri_list_message");
    let factory = match &profile.session_only_factory {
        Some(factory) => factory.clone(),
        None if lists => {
            return scene.block(
                "the profile has neither `session_only_factory` nor the claim `uri_list_message: false`; \
                 without either, claim `factory_without_uri_list_message: false`",
            );
        }
        None => profile.conference_factory.clone(),
    };
    scene.message_users(&chair, &others.0, &factory).await;
}

#[when(expr = "{word} sends a message to the session of {word}")]
async fn sends_to_session(stage: &mut Stage, chair: String, owner: String) {
    stage.scene().message_session(&chair, &owner).await;
}

#[when(expr = "{word} sends a message to the group {string}")]
async fn sends_to_group(stage: &mut Stage, chair: String, name: String) {
    let group = stage.scene().group(&name);
    stage.scene().message(&chair, &group).await;
}

#[when(expr = "{word} answers his message")]
async fn answers(stage: &mut Stage, chair: String) {
    stage.scene().answer_messages(&chair).await;
}
