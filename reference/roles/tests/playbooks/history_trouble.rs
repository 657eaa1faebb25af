//! An XDMS that does not take the metadata, peers that take nothing, connections that break: nothing is lost, and every BYE is answered.

use std::time::Duration;

use machines::port::{Fetched, Input, LinkId, Output, TimerId};
use roles::client::upper::Told;
use roles::history;

use crate::client_words::{called, connected, down, ended, inside, notices, sdp};
use crate::history::{asked, config, delivering, envelope, hears, recording, written};
use crate::stage::Stage;

const LINK: u64 = 1 << 63 | 1;

/// The latest timer that runs so long.
fn timer(stage: &Stage, seconds: u64) -> TimerId {
    let of = |output: &Output| match output {
        Output::Arm { timer, after } if *after == Duration::from_secs(seconds) => Some(*timer),
        _ => None,
    };
    let found = stage.said.iter().rev().find_map(of);
    found.unwrap_or_else(|| panic!("no timer of {seconds} s:\n{}", stage.script))
}

#[test]
fn a_refused_put_ends_the_session_and_is_tried_again() {
    let mut stage = recording(config());
    hears(&mut stage, "message/cpim", &envelope("one", 1));
    inside(&mut stage, "BYE", 2, "", "");
    stage.fetched(Fetched::Status(404));
    let first = written(&stage);
    stage.fetched(Fetched::Status(503));
    assert_eq!(stage.codes("BYE"), [200]);
    assert!(notices(&stage).iter().any(|text| text.contains("503")));
    let again = timer(&stage, 60);
    stage.fire(again);
    assert_eq!(written(&stage), first);
    stage.fetched(Fetched::Failed("late".into()));
    let later = timer(&stage, 120);
    stage.fire(later);
    assert_eq!(written(&stage), first);
    stage.fetched(Fetched::Status(200));
    assert!(
        notices(&stage)
            .iter()
            .any(|text| text.starts_with("recorded as"))
    );
    assert_eq!(stage.codes("BYE"), [200]);
}

#[test]
fn an_xdms_that_says_nothing_holds_no_bye_up() {
    let mut stage = recording(config());
    inside(&mut stage, "BYE", 2, "", "");
    assert_eq!(stage.codes("BYE"), [0_u16; 0]);
    let patience = timer(&stage, 10);
    stage.fire(patience);
    assert_eq!(stage.codes("BYE"), [200]);
    stage.fetched(Fetched::Status(404));
    stage.fetched(Fetched::Status(201));
    assert_eq!(stage.codes("BYE"), [200]);
}

#[test]
fn a_list_that_cannot_be_read_is_never_replaced() {
    let mut stage = recording(config());
    inside(&mut stage, "BYE", 2, "", "");
    for body in [&b"<other/>"[..], b"\xff", b""] {
        let body = body.to_vec();
        let content_type = String::new();
        stage.fetched(Fetched::Document { content_type, body });
        let again = stage.said.iter().rev().find_map(|output| match output {
            Output::Arm { timer, .. } => Some(*timer),
            _ => None,
        });
        stage.fire(again.expect("another try"));
    }
    assert_eq!(stage.codes("BYE"), [200]);
    assert_eq!(asked(&stage).len(), 4);
    assert!(asked(&stage).iter().all(|one| one.body.is_empty()));
}

#[test]
fn without_an_xdms_the_bye_is_answered_at_once() {
    let alone = history::Config {
        xcap_root: None,
        ..config()
    };
    let mut stage = recording(alone);
    inside(&mut stage, "BYE", 2, "", "");
    assert_eq!(stage.codes("BYE"), [200]);
    assert!(asked(&stage).is_empty());
}

#[test]
fn an_offer_of_types_that_it_cannot_take_is_refused() {
    let mut stage = Stage::history(config());
    called(
        &mut stage,
        crate::client_words::INVITING,
        &sdp("active", "application/x-other"),
    );
    assert_eq!(stage.codes("INVITE").last(), Some(&488));
    assert!(asked(&stage).is_empty());
}

#[test]
fn a_peer_that_takes_no_envelopes_gets_no_history() {
    let mut stage = recording(config());
    hears(&mut stage, "message/cpim", &envelope("one", 1));
    delivering(&mut stage, "text/plain");
    assert!(
        notices(&stage)
            .iter()
            .any(|text| text.contains("takes no message/cpim"))
    );
    stage.sent("BYE", "session-7");
}

#[test]
fn a_lost_connection_ends_the_recording_and_its_metadata_are_written() {
    let mut stage = recording(config());
    hears(&mut stage, "message/cpim", &envelope("one", 1));
    down(&mut stage, LINK);
    let grace = timer(&stage, 5);
    stage.fire(grace);
    stage.sent("BYE", "session-9");
    stage.answer("BYE", "session-9", 200, "");
    stage.fetched(Fetched::Status(404));
    assert_eq!(written(&stage).len(), 1);
}

#[test]
fn a_delivery_that_breaks_off_says_how_much_is_missing() {
    let mut stage = recording(config());
    for second in 1..8 {
        hears(&mut stage, "message/cpim", &envelope("one", second));
    }
    delivering(&mut stage, "message/cpim");
    let link = connected(&mut stage);
    stage.give(Input::LinkDown { link: LinkId(link) });
    let grace = timer(&stage, 5);
    stage.fire(grace);
    stage.answer("BYE", "session-7", 200, "");
    let missing = |text: &String| text.contains("recorded messages were not delivered");
    assert!(notices(&stage).iter().any(missing), "{}", stage.script);
    assert!(ended(&stage, "d1").is_some());
}

#[test]
fn it_ends_when_the_xdms_has_answered() {
    let mut stage = recording(config());
    stage.give(Input::Shutdown);
    stage.answer("BYE", "session-9", 200, "");
    assert!(!stage.said.contains(&Output::Done));
    stage.answer("SUBSCRIBE", "session-9", 481, "");
    stage.fetched(Fetched::Status(404));
    stage.fetched(Fetched::Status(201));
    assert!(stage.said.contains(&Output::Done), "{}", stage.script);
}

#[test]
fn what_a_client_does_a_history_function_cannot_and_the_other_way_round() {
    let cannot = |told: &Told| matches!(told, Told::Cannot { .. });
    let mut stage = Stage::history(config());
    for line in [
        r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#,
        r#"{"do":"message","to":["sip:bob@im.example"],"text":"hi"}"#,
    ] {
        stage.user(line);
    }
    assert_eq!(stage.told().iter().filter(|told| cannot(told)).count(), 2);
    let mut stage = Stage::client(crate::client_words::config());
    stage.user(r#"{"do":"deliver","call":"d1"}"#);
    assert!(stage.told().iter().any(cannot));
}
