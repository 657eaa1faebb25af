//! What the rules of a user let through to the user: a document of common policy that the XDMS hands out.

use machines::port::{Fetched, Input, Output};
use roles::participating::{Bar, Config, Mode, Side};

use crate::participating::config;
use crate::stage::Stage;
use crate::words::{OFFER, request, with_body};

fn stage(mode: Mode) -> Stage {
    Stage::participating(Config {
        mode,
        xcap_root: Some("http://127.0.0.1:8090/services".into()),
        ..config(Side::Terminating)
    })
}

/// The first request of alice for bob.
fn asks(stage: &mut Stage, method: &str) {
    let text = match method {
        "INVITE" => with_body(
            "application/sdp",
            OFFER,
            "Require:\nRoute: <sip:127.0.0.1:5090;lr>\nURI:sip:bob@im.example",
        ),
        _ => request(
            method,
            "sip:bob@im.example",
            "<sip:bob@im.example>",
            "m1",
            1,
            "P-Asserted-Identity: <sip:alice@im.example>\n",
        ),
    };
    stage.sip(5070, &text);
}

/// A document with one rule, about whom these conditions are.
fn rules(conditions: &str, actions: &str) -> Fetched {
    let body = format!(
        "<cp:ruleset xmlns:cp=\"urn:ietf:params:xml:ns:common-policy\" xmlns=\"urn:x\"><cp:rule id=\"a\"><cp:conditions>{conditions}</cp:conditions><cp:actions>{actions}</cp:actions></cp:rule></cp:ruleset>"
    );
    Fetched::Document {
        content_type: "application/auth-policy+xml".into(),
        body: body.into(),
    }
}

const ALICE: &str = "<cp:identity><cp:one id=\"sip:alice@im.example\"/></cp:identity>";
const CAROL: &str = "<cp:identity><cp:one id=\"sip:carol@im.example\"/></cp:identity>";
const SESSION: &str = "<allow-session>true</allow-session>";
const MESSAGE: &str = "<allow-pager-mode-message>true</allow-pager-mode-message>";

#[test]
fn a_request_waits_for_the_rules_of_its_user() {
    for mode in [Mode::B2bua, Mode::Proxy] {
        for (method, action) in [("INVITE", SESSION), ("MESSAGE", MESSAGE)] {
            let mut stage = stage(mode);
            asks(&mut stage, method);
            let asked = stage.said.iter().find_map(|output| match output {
                Output::Fetch { what, .. } => Some(what.clone()),
                _ => None,
            });
            let asked = asked.expect("a question to the XDMS");
            assert_eq!(
                asked.uri,
                "http://127.0.0.1:8090/services/org.openmobilealliance.access-rules/users/sip%3Abob%40im.example/access-rules"
            );
            let owner = "\"sip:bob@im.example\"".to_owned();
            assert_eq!(asked.headers, [("X-XCAP-Asserted-Identity", owner)]);
            assert!(stage.codes(method).iter().all(|code| *code < 200));
            stage.fetched(rules(ALICE, action));
            stage.sent(method, "bob");
        }
    }
}

#[test]
fn what_the_rules_do_not_allow_is_refused() {
    for mode in [Mode::B2bua, Mode::Proxy] {
        for (method, other) in [("INVITE", MESSAGE), ("MESSAGE", SESSION)] {
            let all = format!("{SESSION}{MESSAGE}");
            let unknown = format!("{ALICE}<cp:validity/>");
            for (conditions, actions) in [
                (ALICE, other),
                (CAROL, all.as_str()),
                (unknown.as_str(), all.as_str()),
            ] {
                let mut stage = stage(mode);
                asks(&mut stage, method);
                stage.fetched(rules(conditions, actions));
                assert_eq!(
                    stage.codes(method).last(),
                    Some(&403),
                    "{method} {conditions}"
                );
            }
        }
    }
}

#[test]
fn without_rules_the_operator_decides_and_without_an_answer_nobody_passes() {
    let broken = Fetched::Document {
        content_type: "application/auth-policy+xml".into(),
        body: b"<ruleset/>".to_vec(),
    };
    for (outcome, code) in [
        (broken, 500),
        (Fetched::Status(503), 504),
        (Fetched::Failed("late".into()), 504),
    ] {
        let mut stage = stage(Mode::B2bua);
        asks(&mut stage, "INVITE");
        stage.fetched(outcome);
        assert_eq!(stage.codes("INVITE").last(), Some(&code));
    }
    let mut free = stage(Mode::B2bua);
    asks(&mut free, "INVITE");
    free.fetched(Fetched::Status(404));
    free.sent("INVITE", "bob");
    let mut barred = Stage::participating(Config {
        xcap_root: Some("http://127.0.0.1:8090/services".into()),
        barred: vec![Bar::entirely("sip:alice@im.example")],
        ..config(Side::Terminating)
    });
    asks(&mut barred, "INVITE");
    barred.fetched(rules("", SESSION));
    assert_eq!(barred.codes("INVITE").last(), Some(&403));
}

#[test]
fn an_identity_that_nobody_trusted_asserts_is_none() {
    let mut stage = stage(Mode::B2bua);
    let from_anywhere = with_body("application/sdp", OFFER, "Require:\nURI:sip:bob@im.example");
    let text = from_anywhere.replace("P-Asserted-Identity", "X-Asserted-Identity");
    stage.sip(5070, &text);
    stage.fetched(rules(ALICE, SESSION));
    assert_eq!(stage.codes("INVITE").last(), Some(&403));
}

#[test]
fn who_cancels_or_stops_does_not_wait() {
    let mut cancelled = stage(Mode::B2bua);
    asks(&mut cancelled, "INVITE");
    let cancel = request(
        "CANCEL",
        "sip:bob@im.example",
        "<sip:bob@im.example>",
        "setup@alice",
        1,
        "",
    )
    .replace("branch=z9hG4bKCANCEL1", "branch=z9hG4bKinvite");
    cancelled.sip(5070, &cancel);
    let codes = cancelled.codes("INVITE");
    assert_eq!(codes.last(), Some(&487), "{codes:?}");
    let mut stopped = stage(Mode::Proxy);
    asks(&mut stopped, "MESSAGE");
    stopped.give(Input::Shutdown);
    assert_eq!(stopped.codes("MESSAGE").last(), Some(&503));
}
