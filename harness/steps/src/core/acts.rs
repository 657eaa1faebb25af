//! What subscribers and the IM server beside a SIP/IP core do.

use cucumber::{given, when};
use world::Registering;

use crate::Stage;

#[given(expr = "{word} names no feature")]
async fn names_none(stage: &mut Stage, chair: String) {
    stage.scene().manner(&chair).features = Vec::new();
}

#[given(expr = "{word} names the features {string}")]
async fn names(stage: &mut Stage, chair: String, values: String) {
    stage.scene().manner(&chair).features = vec![values];
}

#[given(expr = "{word} names the features {string} and {string} in compact form")]
async fn names_compact(stage: &mut Stage, chair: String, first: String, second: String) {
    let manner = stage.scene().manner(&chair);
    manner.features = vec![first, second];
    manner.compact = true;
}

#[given(expr = "{word} claims to be {word}")]
async fn claims(stage: &mut Stage, chair: String, other: String) {
    stage.scene().manner(&chair).asserts = Some(other);
}

#[given(expr = "{word} wants the core to keep her identity")]
async fn wants_privacy(stage: &mut Stage, chair: String) {
    stage.scene().manner(&chair).privacy = Some("id".to_owned());
}

#[given(expr = "{word} allows no more than {int} hops")]
async fn allows_hops(stage: &mut Stage, chair: String, hops: u8) {
    stage.scene().manner(&chair).hops = hops;
}

#[when(expr = "{word} registers")]
async fn registers(stage: &mut Stage, chair: String) {
    let scene = stage.scene();
    let code = scene.enrol(&chair, &Registering::default()).await;
    if code.is_none_or(|code| code >= 300) {
        scene.block(format!("{chair} is not registered"));
    }
}

async fn tries(stage: &mut Stage, chair: &str, how: Registering) {
    stage.scene().enrol(chair, &how).await;
}

#[when(expr = "{word} registers without proving it")]
async fn registers_unproved(stage: &mut Stage, chair: String) {
    let silent = true;
    let how = Registering {
        silent,
        ..Registering::default()
    };
    tries(stage, &chair, how).await;
}

#[when(expr = "{word} registers with the password {string}")]
async fn registers_wrongly(stage: &mut Stage, chair: String, password: String) {
    let password = Some(password);
    let how = Registering {
        password,
        ..Registering::default()
    };
    tries(stage, &chair, how).await;
}

#[when(expr = "{word} registers the address of {word}")]
async fn registers_other(stage: &mut Stage, chair: String, other: String) {
    let of = Some(other);
    let how = Registering {
        of,
        ..Registering::default()
    };
    tries(stage, &chair, how).await;
}

#[when(expr = "{word} registers for {int} seconds")]
async fn registers_for(stage: &mut Stage, chair: String, seconds: u32) {
    let expires = Some(seconds);
    let how = Registering {
        expires,
        ..Registering::default()
    };
    tries(stage, &chair, how).await;
}

#[when(expr = "{word} takes back every registration")]
async fn deregisters(stage: &mut Stage, chair: String) {
    let (expires, all) = (Some(0), true);
    let how = Registering {
        expires,
        all,
        ..Registering::default()
    };
    tries(stage, &chair, how).await;
}

#[when(expr = "somebody repeats the REGISTER of {word}, to end the registration")]
async fn repeats(stage: &mut Stage, chair: String) {
    stage.scene().replay(&chair, 0).await;
}

#[when(expr = "{word} sends {word} a(n) {word}")]
async fn sends(stage: &mut Stage, chair: String, other: String, method: String) {
    stage.scene().ask(&chair, &other, &method).await;
}

#[when(expr = "the server gives the {word} back")]
async fn gives_back(stage: &mut Stage, method: String) {
    stage.scene().give_back(&method, false).await;
}

#[when(expr = "the server gives the {word} back without its Route")]
async fn gives_back_forgetfully(stage: &mut Stage, method: String) {
    stage.scene().give_back(&method, true).await;
}
