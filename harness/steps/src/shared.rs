//! Phrases that several procedures use: who is how, and who does what.

use cucumber::{given, when};
use trace::matchers::msrp_frames;
use trace::{Direction, Exchange};

use crate::Stage;
use crate::look::responses;
use crate::words::{Chair, Chairs};

/// Chairs beyond bob and carol, for long lists.
const GUESTS: &str = "guest";

#[given(expr = "{chair} asks for a session interval refreshed by {string}")]
async fn asks_for_interval(stage: &mut Stage, chair: Chair, refresher: String) {
    let interval = stage.scene().lab.profile.session_interval;
    stage.scene().manner(&chair.0).session_expires =
        Some(format!("{interval};refresher={refresher}"));
}

#[given(expr = "{chair} lists {string} in Allow")]
async fn lists_methods(stage: &mut Stage, chair: Chair, methods: String) {
    stage.scene().manner(&chair.0).allow = Some(methods);
}

#[given(expr = "{word} offers audio beside her messages")]
async fn offers_audio(stage: &mut Stage, chair: String) {
    stage.scene().manner(&chair).further_media = vec!["m=audio 49170 RTP/AVP 0".to_owned()];
}

#[given(expr = "{word} offers the types {string}")]
async fn offers_types(stage: &mut Stage, chair: String, types: String) {
    stage.scene().manner(&chair).accept_types = types;
}

#[given(expr = "{word} offers the attributes {string}")]
async fn offers_attributes(stage: &mut Stage, chair: String, attributes: String) {
    stage.scene().manner(&chair).attributes = attributes.split(", ").map(str::to_owned).collect();
}

#[given(expr = "{word} requires {string}")]
async fn requires(stage: &mut Stage, chair: String, tag: String) {
    stage.scene().manner(&chair).require.push(tag);
}

#[given(expr = "{word} is called {string}")]
async fn is_called(stage: &mut Stage, chair: String, name: String) {
    stage.scene().manner(&chair).display_name = Some(name);
}

#[given(expr = "{word} lists her guests openly")]
async fn lists_openly(stage: &mut Stage, chair: String) {
    stage.scene().manner(&chair).copy_control = Some("to".to_owned());
}

#[given(expr = "{word} is reached at {string}")]
async fn is_reached_at(stage: &mut Stage, chair: String, user: String) {
    let manner = stage.scene().manner(&chair);
    manner.contact_180 = Some(user.clone());
    manner.contact = Some(user);
}

#[given(expr = "{word} rings at {string} and answers at {string}")]
async fn rings_and_answers_at(
    stage: &mut Stage,
    chair: String,
    ringing: String,
    answering: String,
) {
    let manner = stage.scene().manner(&chair);
    manner.contact_180 = Some(ringing);
    manner.contact = Some(answering);
}

#[when(expr = "{word} invites {chairs}")]
async fn invites(stage: &mut Stage, chair: String, others: Chairs) {
    let factory = stage.scene().lab.profile.conference_factory.clone();
    stage.scene().invite(&chair, &others.0, &factory).await;
}

#[when(expr = "{word} invites {chairs} by a factory that is not allocated")]
async fn invites_nowhere(stage: &mut Stage, chair: String, others: Chairs) {
    let factory = stage.scene().lab.profile.unallocated_factory.clone();
    stage.scene().invite(&chair, &others.0, &factory).await;
}

#[when(expr = "{word} invites one guest more than a session may have")]
async fn invites_too_many(stage: &mut Stage, chair: String) {
    let most = stage.scene().lab.profile.max_participants;
    invite_guests(stage, &chair, most).await;
}

#[when(expr = "{word} invites as many guests as a session may have")]
async fn invites_as_many(stage: &mut Stage, chair: String) {
    let most = stage.scene().lab.profile.max_participants;
    invite_guests(stage, &chair, most - 1).await;
}

async fn invite_guests(stage: &mut Stage, chair: &str, count: usize) {
    let factory = stage.scene().lab.profile.conference_factory.clone();
    let guests: Vec<String> = (1..=count).map(|n| format!("{GUESTS}{n}")).collect();
    stage.scene().invite(chair, &guests, &factory).await;
}

#[when(expr = "every guest of {word} answers")]
async fn every_guest_answers(stage: &mut Stage, _chair: String) {
    let most = stage.scene().lab.profile.max_participants;
    for n in 1..most {
        stage.scene().answer(&format!("{GUESTS}{n}")).await;
    }
}

#[when(expr = "{chair} rings")]
async fn rings(stage: &mut Stage, chair: Chair) {
    stage.scene().ring(&chair.0).await;
}

#[when(expr = "{word} hears the ringing")]
async fn hears_ringing(stage: &mut Stage, chair: String) {
    // As long as a transaction's first retransmissions take; a server that keeps silent is judged by the Then lines.
    let heard = move |ex: &Exchange| (!responses(ex, &chair).is_empty()).then_some(());
    stage.scene().wait(Some(4.0), heard).await;
}

#[when(expr = "{chair} answers")]
async fn answers(stage: &mut Stage, chair: Chair) {
    stage.scene().answer(&chair.0).await;
}

#[when(expr = "{chair} declines with {int}")]
async fn declines(stage: &mut Stage, chair: Chair, code: u16) {
    stage.scene().decline(&chair.0, code).await;
}

#[when(expr = "{word} leaves")]
async fn leaves(stage: &mut Stage, chair: String) {
    stage.scene().answered(&chair).await;
    stage.scene().leave(&chair).await;
}

#[when(expr = "{chair} takes her/its leg of the switch")]
async fn takes_leg(stage: &mut Stage, chair: Chair) {
    stage.scene().take_leg(&chair.0).await;
}

#[when(expr = "{chair} says {string}")]
async fn says(stage: &mut Stage, chair: Chair, text: String) {
    stage.scene().say(&chair.0, &text, true).await;
}

#[when(expr = "{chair} hears {string}")]
async fn hears(stage: &mut Stage, chair: Chair, text: String) {
    let heard = move |ex: &Exchange| {
        let chair = &chair.0;
        let mut frames = msrp_frames(ex, Direction::Received);
        let told = frames.any(|f| f.frame.chair == *chair && holds(&f.frame.bytes, &text));
        // What the chair owes for it goes the same way, which the next step may end.
        (told && trace::media_settled(ex)).then_some(())
    };
    stage.scene().wait(Some(4.0), heard).await;
}

fn holds(bytes: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(bytes).contains(text)
}

#[when(expr = "{word} says {string} to a session that is not there")]
async fn says_nowhere(stage: &mut Stage, chair: String, text: String) {
    stage.scene().say_nowhere(&chair, &text).await;
}

#[when(expr = "{word} sends a BYE in a dialog that never was")]
async fn bye_nowhere(stage: &mut Stage, chair: String) {
    stage.scene().bye_nowhere(&chair).await;
}
