//! The client registers and proves who it is.

use machines::port::Output;
use roles::client::upper::Told;
use roles::client::{Config, Credentials};

use crate::client_words::{PEER, answer, config, notices};
use crate::stage::Stage;

fn registering() -> Stage {
    let register = Some(Credentials {
        user: "alice".into(),
        password: "secret".into(),
        expires: 600,
    });
    Stage::client(Config {
        register,
        ..config()
    })
}

const CHALLENGE: &str =
    "WWW-Authenticate: Digest realm=\"im.example\", nonce=\"n1\", qop=\"auth\", algorithm=SHA-256
WWW-Authenticate: Digest realm=\"im.example\", nonce=\"n1\", qop=\"auth\"";

#[test]
fn the_client_is_ready_once_it_is_registered() {
    let mut stage = registering();
    stage.user(r#"{"do":"start"}"#);
    let first = stage.sent("REGISTER", "sip:im.example");
    assert_eq!(first.header("Expires"), Some("600"));
    assert!(stage.told().is_empty());
    stage.answer("REGISTER", "im.example", 401, CHALLENGE);
    let second = stage.sent("REGISTER", "sip:im.example");
    assert_eq!(second.call_id(), first.call_id());
    assert_eq!(second.header("CSeq"), Some("2 REGISTER"));
    let proof = second.header("Authorization").expect("credentials");
    assert!(
        proof.contains("algorithm=SHA-256") && proof.contains("nc=00000001"),
        "{proof}"
    );
    stage.answer("REGISTER", "im.example", 200, "Expires: 600");
    let address = "127.0.0.1:5080".to_owned();
    assert_eq!(stage.told(), [Told::Ready { address }]);
    let renewal =
        |output: &Output| matches!(output, Output::Arm { after, .. } if after.as_secs() == 300);
    assert!(stage.said.iter().any(renewal));
}

#[test]
fn a_wrong_password_is_told() {
    let mut stage = registering();
    stage.user(r#"{"do":"start"}"#);
    for _ in 0..3 {
        stage.answer("REGISTER", "im.example", 401, CHALLENGE);
    }
    assert!(notices(&stage)[0].contains("not registered: 401"));
}

#[test]
fn an_invite_that_the_proxy_challenges_is_sent_again() {
    let mut stage = registering();
    stage.user(r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#);
    let challenge = "Proxy-Authenticate: Digest realm=\"im.example\", nonce=\"n2\"";
    stage.answer("INVITE", "bob", 407, challenge);
    let again = stage.sent("INVITE", "sip:bob@im.example");
    assert_eq!(again.header("CSeq"), Some("2 INVITE"));
    assert!(again.header("Proxy-Authorization").is_some());
    assert!(!again.body.is_empty());
    stage.answer(
        "INVITE",
        "bob",
        200,
        &answer(PEER, "passive", "message/cpim"),
    );
    let ack = stage.sent("ACK", "bob@127");
    assert_eq!(ack.header("CSeq"), Some("2 ACK"));
    assert!(ack.header("Proxy-Authorization").is_some());
    stage.user(r#"{"do":"leave","call":"c1"}"#);
    assert_eq!(stage.sent("BYE", "").header("CSeq"), Some("3 BYE"));
}

#[test]
fn nobody_is_ready_without_saying_where() {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"start"}"#);
    assert!(matches!(stage.told()[..], [Told::Ready { .. }]));
}
