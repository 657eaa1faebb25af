//! Inviting more users by REFER: accepted, told, refused.

use crate::stage::{Stage, config};
use crate::words::{accepts, invite, request};

/// A session of alice and bob, and its identity.
fn talking() -> (Stage, String) {
    let mut stage = Stage::new(config());
    stage.sip(5061, &invite(&["bob"], "", ""));
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    let contact = stage.last(200).contact().expect("a focus");
    let identity = contact.uri.to_string();
    (stage, identity)
}

fn refer(identity: &str, cseq: u32, extra: &str) -> String {
    let who = if extra.contains("P-Asserted-Identity") {
        ""
    } else {
        "P-Asserted-Identity: <sip:alice@im.example>\n"
    };
    let extra = format!("Contact: <sip:alice@127.0.0.1:5061;transport=tcp>\n{who}{extra}");
    let to = format!("<{identity}>");
    request(
        "REFER",
        identity,
        &to,
        &format!("refer{cseq}@alice"),
        cseq,
        &extra,
    )
}

fn answer(stage: &Stage) -> Option<u16> {
    stage.codes("REFER").last().copied()
}

#[test]
fn the_focus_invites_and_tells() {
    let (mut stage, identity) = talking();
    stage.script.clear();
    stage.sip(
        5061,
        &refer(&identity, 1, "Refer-To: <sip:dave@im.example>\n"),
    );
    stage.answer("NOTIFY", "alice", 200, "");
    stage.answer("INVITE", "dave", 486, "");
    insta::assert_snapshot!(stage.script);
}

#[test]
fn nothing_is_told_when_nothing_is_to_be_told() {
    let (mut stage, identity) = talking();
    let wish = "Refer-To: <sip:dave@im.example>\nRefer-Sub: false\n";
    stage.sip(5061, &refer(&identity, 1, wish));
    assert_eq!(stage.last(202).header("Refer-Sub"), Some("false"));
    stage.answer("INVITE", "dave", 200, &accepts("dave", 5074, "active"));
    let told = |one: &wire::sip::Message| one.method() == Some("NOTIFY");
    assert!(!stage.messages().iter().any(told), "{}", stage.script);
}

#[test]
fn what_cannot_be_done_is_refused() {
    for (extra, code) in [
        ("", 400),
        (
            "Refer-To: <sip:d@im.example>\nRefer-To: <sip:e@im.example>\n",
            400,
        ),
        ("Refer-To: <sip:bob@im.example;method=BYE>\n", 403),
        ("Refer-To: <http://im.example/page>\n", 400),
        ("Refer-To: <sip:bob@im.example>\n", 403),
        (
            "Refer-To: <sip:dave@im.example>\nRequire: multiple-refer\n",
            420,
        ),
        (
            "Refer-To: <sip:dave@im.example>\nP-Asserted-Identity: <sip:carol@im.example>\n",
            403,
        ),
        (
            "Refer-To: <sip:dave@im.example>\nP-Asserted-Identity: <sip:mallory@im.example>\n",
            403,
        ),
    ] {
        let (mut stage, identity) = talking();
        let before = stage.messages().len();
        stage.sip(5061, &refer(&identity, 1, extra));
        assert_eq!(answer(&stage), Some(code), "{extra}");
        assert_eq!(stage.messages().len(), before + 1, "{}", stage.script);
    }
}

#[test]
fn nobody_knows_a_session_that_is_not_there() {
    let (mut stage, _) = talking();
    let to = "sip:session-0.none@127.0.0.1:5060";
    stage.sip(5061, &refer(to, 1, "Refer-To: <sip:dave@im.example>\n"));
    assert_eq!(answer(&stage), Some(404));
}

#[test]
fn a_session_has_room_for_so_many() {
    let (mut stage, identity) = talking();
    stage.sip(
        5061,
        &refer(&identity, 1, "Refer-To: <sip:dave@im.example>\n"),
    );
    stage.sip(
        5061,
        &refer(&identity, 2, "Refer-To: <sip:erin@im.example>\n"),
    );
    assert_eq!(answer(&stage), Some(486));
    stage.answer("INVITE", "dave", 486, "");
    stage.sip(
        5061,
        &refer(&identity, 3, "Refer-To: <sip:erin@im.example>\n"),
    );
    assert_eq!(answer(&stage), Some(202));
}
