//! The client is called: it rings, answers, refuses, and replaces a session.

use roles::client;
use roles::client::upper::Told;

use crate::client_words::{
    INVITING, back, body, called, config, connected, ended, inside, request, sdp, session_of_two,
};
use crate::stage::Stage;

fn rung(config: client::Config) -> Stage {
    let mut stage = Stage::client(config);
    called(
        &mut stage,
        INVITING,
        &sdp("actpass", "message/CPIM text/plain"),
    );
    stage
}

#[test]
fn the_user_is_asked_and_every_response_says_who_answers() {
    let mut stage = rung(config());
    let told = Told::Incoming {
        call: "in1".into(),
        from: "sip:bob@im.example".into(),
        name: Some("Bob".into()),
    };
    assert_eq!(stage.told(), [told]);
    stage.user(r#"{"do":"accept","call":"in1"}"#);
    for code in [180, 200] {
        let response = stage.last(code);
        let header = |name: &str| response.header(name).unwrap_or_default();
        assert_eq!(header("Server"), "IM-client/OMA1.0 Shall/0.1");
        assert_eq!(
            header("P-Asserted-Identity"),
            "\"Alice\" <sip:alice@im.example>"
        );
        assert!(header("Allow").contains("NOTIFY"));
        assert!(header("Contact").contains("+g.oma.sip-im"));
    }
    let response = stage.last(200);
    assert_eq!(
        response.header("Session-Expires"),
        Some("1800;refresher=uas")
    );
    assert!(body(&response).contains("a=accept-types:message/CPIM text/plain"));
    assert!(body(&response).contains("a=setup:passive"));
    assert!(stage.told().len() == 1, "not before the ACK");
    inside(&mut stage, "ACK", 1, "", "");
    stage.sent("SUBSCRIBE", "session-9");
    let established = Told::Established {
        call: "in1".into(),
        session: "sip:session-9@im.example".into(),
        group: true,
    };
    assert!(stage.told().contains(&established));
}

#[test]
fn the_user_refuses() {
    let mut stage = rung(config());
    stage.user(r#"{"do":"reject","call":"in1","code":603}"#);
    assert_eq!(stage.codes("INVITE"), [180, 603]);
    assert!(stage.last(603).header("P-Asserted-Identity").is_some());
    assert_eq!(ended(&stage, "in1").as_deref(), Some("rejected"));
}

#[test]
fn an_offer_that_cannot_be_used_gets_488() {
    let mut stage = Stage::client(config());
    called(
        &mut stage,
        INVITING,
        &sdp("actpass", "application/x-unheard-of"),
    );
    assert_eq!(stage.codes("INVITE"), [488]);
    let audio = sdp("actpass", "*").replace("m=message 5072 TCP/MSRP *", "m=audio 5072 RTP/AVP 0");
    let text = request("INVITE", "<sip:alice@im.example>", 1, INVITING, &audio);
    let text = text
        .replace("called@server", "again@server")
        .replace("INVITE1", "again");
    stage.sip(5070, &text);
    assert_eq!(stage.codes("INVITE"), [488, 488]);
    assert!(stage.told().is_empty());
}

#[test]
fn a_busy_client_without_simultaneous_sessions_says_486() {
    let simultaneous_sessions = false;
    let mut stage = rung(client::Config {
        simultaneous_sessions,
        ..config()
    });
    let text = request(
        "INVITE",
        "<sip:alice@im.example>",
        1,
        INVITING,
        &sdp("actpass", "*"),
    );
    let text = text
        .replace("called@server", "again@server")
        .replace("INVITE1", "again");
    stage.sip(5070, &text);
    assert_eq!(stage.codes("INVITE"), [180, 486]);
    stage.user(r#"{"do":"accept","call":"in1"}"#);
    assert_eq!(stage.codes("INVITE"), [180, 486, 200]);
}

#[test]
fn a_caller_who_gives_up_is_answered() {
    let mut stage = rung(config());
    let cancel = request("CANCEL", "<sip:alice@im.example>", 1, "", "");
    stage.sip(5070, &cancel.replace("CANCEL1", "INVITE1"));
    assert_eq!(stage.codes("INVITE"), [180, 487]);
    assert!(ended(&stage, "in1").is_some());
}

#[test]
fn an_invite_without_an_offer_gets_ours() {
    let mut stage = Stage::client(config());
    called(&mut stage, INVITING, "");
    stage.user(r#"{"do":"accept","call":"in1"}"#);
    assert!(body(&stage.last(200)).contains("a=setup:actpass"));
    inside(&mut stage, "ACK", 1, "", &sdp("passive", "message/cpim"));
    connected(&mut stage);
    assert!(ended(&stage, "in1").is_none());
}

/// A call that replaces the session of two, with this Referred-By; the user takes it.
fn replacing(referred: &str) -> Stage {
    let mut stage = session_of_two();
    let invite = stage.sent("INVITE", "bob");
    let own = invite
        .from()
        .expect("From")
        .tag()
        .expect("a tag")
        .to_owned();
    let replaces = format!(
        "{INVITING}Replaces: {};to-tag={own};from-tag=of-bob\n{referred}",
        invite.call_id().expect("Call-ID")
    );
    called(&mut stage, &replaces, &sdp("actpass", "message/cpim"));
    stage.user(r#"{"do":"accept","call":"in1"}"#);
    stage
}

#[test]
fn the_replaced_session_is_left_after_the_200() {
    let stage = replacing("Referred-By: <sip:bob@im.example>\n");
    stage.sent("BYE", "bob@127.0.0.1:5072");
    assert_eq!(stage.codes("INVITE"), [180, 200]);
}

#[test]
fn whoever_is_not_sent_by_the_peer_replaces_nothing() {
    for referred in ["", "Referred-By: <sip:mallory@im.example>\n"] {
        let stage = replacing(referred);
        assert_eq!(stage.codes("INVITE"), [180, 403]);
        assert!(
            stage
                .messages()
                .iter()
                .all(|one| one.method() != Some("BYE"))
        );
    }
}

#[test]
fn a_dialog_that_is_not_there_cannot_be_replaced() {
    let mut stage = Stage::client(config());
    let extra = format!("{INVITING}Replaces: no@where;to-tag=1;from-tag=2\n");
    called(&mut stage, &extra, &sdp("actpass", "message/cpim"));
    assert_eq!(stage.codes("INVITE"), [481]);
}

#[test]
fn a_bye_in_our_own_dialog_ends_the_session() {
    let mut stage = session_of_two();
    back(&mut stage, "BYE", 1, "", "");
    assert_eq!(stage.codes("BYE"), [200]);
    assert_eq!(
        ended(&stage, "c1").as_deref(),
        Some("the other side has left")
    );
}
