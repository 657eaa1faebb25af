//! The words of the chat room: who knows it, who says what to whom, and what becomes of it.

mod delivery;
mod names;

use cucumber::{given, when};
use trace::Exchange;
use trace::matchers::received_requests;
use wire::msrp::Flag;
use world::{Chunk, Utterance};

use crate::Stage;
use crate::look::invitations;
use crate::words::Chairs;

const CHATROOM: &str = "chatroom:nickname private-messages";
/// Tells the message that a scenario sends in chunks from the others of its chair.
const IN_CHUNKS: &str = "chunks";

#[given(expr = "{chairs} know(s) chat rooms")]
async fn know(stage: &mut Stage, chairs: Chairs) {
    for chair in &chairs.0 {
        stage.scene().manner(chair).attributes = vec![CHATROOM.to_owned()];
    }
}

#[given(expr = "{word} knows chat rooms without private messages")]
async fn knows_less(stage: &mut Stage, chair: String) {
    stage.scene().manner(&chair).attributes = vec!["chatroom:nickname".to_owned()];
}

#[given(expr = "{word} takes nothing but plain text in an envelope")]
async fn takes_plain(stage: &mut Stage, chair: String) {
    let manner = stage.scene().manner(&chair);
    manner.accept_types = "message/cpim".to_owned();
    manner.attributes = vec![
        CHATROOM.to_owned(),
        "accept-wrapped-types:text/plain".to_owned(),
    ];
}

#[when(expr = "{chairs} is/are in the room")]
async fn in_the_room(stage: &mut Stage, chairs: Chairs) {
    for chair in chairs.0 {
        // The ACK says that the server has read the answer, chatroom and all.
        let inside = move |ex: &Exchange| {
            let calls: Vec<String> = invitations(ex, &chair)
                .iter()
                .map(|m| m.call_id())
                .collect();
            let acks = received_requests(ex, "ACK");
            let mine = acks.iter().any(|m| calls.contains(&m.call_id()));
            mine.then_some(())
        };
        stage.scene().wait(Some(4.0), inside).await;
    }
}

fn text(text: String) -> Utterance {
    Utterance {
        text,
        ..Utterance::default()
    }
}

#[when(expr = "{word} tells the room {string}")]
async fn tells_room(stage: &mut Stage, chair: String, said: String) {
    stage.scene().utter(&chair, &text(said)).await;
}

#[when(expr = "{word} tells the room {string} as {string}")]
async fn tells_room_as(stage: &mut Stage, chair: String, said: String, kind: String) {
    let said = Utterance {
        content_type: Some(kind),
        ..text(said)
    };
    stage.scene().utter(&chair, &said).await;
}

#[when(expr = "{word} tells the room {string} in the name of {word}")]
async fn impersonates(stage: &mut Stage, chair: String, said: String, other: String) {
    let said = Utterance {
        from: Some(stage.scene().user(&other)),
        ..text(said)
    };
    stage.scene().utter(&chair, &said).await;
}

#[when(expr = "{word} tells {chairs} {string}")]
async fn tells(stage: &mut Stage, chair: String, others: Chairs, said: String) {
    let to = others.0.iter().map(|other| stage.scene().user(other));
    let said = Utterance {
        to: to.collect(),
        ..text(said)
    };
    stage.scene().utter(&chair, &said).await;
}

#[when(expr = "{word} sends {string} without an envelope")]
async fn sends_bare(stage: &mut Stage, chair: String, said: String) {
    let said = Utterance {
        bare: true,
        ..text(said)
    };
    stage.scene().utter(&chair, &said).await;
}

#[when(expr = "{word} sends {string} as octets {string}")]
async fn begins(stage: &mut Stage, chair: String, said: String, range: String) {
    // A message that nobody will finish has an identifier of its own.
    let lie = !range.ends_with("/400");
    let chunk = Chunk {
        message: if lie {
            format!("lie{}", range.len())
        } else {
            IN_CHUNKS.to_owned()
        },
        range,
        flag: Flag::More,
    };
    stage.scene().utter_chunk(&chair, &chunk, &text(said)).await;
}

async fn continues(stage: &mut Stage, chair: &str, said: &str, flag: Flag) {
    let chunk = Chunk {
        message: IN_CHUNKS.to_owned(),
        range: "300-*/400".to_owned(),
        flag,
    };
    let said = text(said.to_owned());
    stage.scene().utter_chunk(chair, &chunk, &said).await;
}

#[when(expr = "{word} sends {string} as the end of it")]
async fn ends(stage: &mut Stage, chair: String, said: String) {
    continues(stage, &chair, &said, Flag::Complete).await;
}

#[when(expr = "{word} gives the message up")]
async fn gives_up(stage: &mut Stage, chair: String) {
    continues(stage, &chair, "", Flag::Abort).await;
}

/// The namespace of notifications in an envelope (RFC 5438 6).
const IMDN: &str = "NS: imdn <urn:ietf:params:imdn>";

#[when(expr = "{word} asks {word} for a notification of {string}")]
async fn asks_notification(stage: &mut Stage, chair: String, other: String, said: String) {
    let wanted = "imdn.Disposition-Notification: positive-delivery, display";
    let said = Utterance {
        to: vec![stage.scene().user(&other)],
        envelope: vec![
            IMDN.to_owned(),
            "imdn.Message-ID: 34jk324j".to_owned(),
            "DateTime: 2026-01-02T10:00:00Z".to_owned(),
            wanted.to_owned(),
        ],
        ..text(said)
    };
    stage.scene().utter(&chair, &said).await;
}

#[when(expr = "{word} notifies {word} of the delivery")]
async fn notifies(stage: &mut Stage, chair: String, other: String) {
    let document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n\
        <imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>34jk324j</message-id>\
        <datetime>2026-01-02T10:00:00Z</datetime>\
        <delivery-notification><status><delivered/></status></delivery-notification></imdn>";
    let said = Utterance {
        to: vec![stage.scene().user(&other)],
        envelope: vec![IMDN.to_owned(), "imdn.Message-ID: d834jied93rf".to_owned()],
        content_type: Some("message/imdn+xml\r\nContent-Disposition: notification".to_owned()),
        ..text(document.to_owned())
    };
    stage.scene().utter(&chair, &said).await;
}

#[when(expr = "{word} asks for the nickname {string}")]
async fn asks_name(stage: &mut Stage, chair: String, name: String) {
    let quoted = format!("\"{name}\"");
    stage.scene().ask_nickname(&chair, Some(&quoted)).await;
}

#[when(expr = "{word} asks for a nickname without quotes")]
async fn asks_unquoted(stage: &mut Stage, chair: String) {
    stage.scene().ask_nickname(&chair, Some("Unquoted")).await;
}

#[when(expr = "{word} gives her nickname up")]
async fn gives_name_up(stage: &mut Stage, chair: String) {
    stage.scene().ask_nickname(&chair, Some("\"\"")).await;
}
