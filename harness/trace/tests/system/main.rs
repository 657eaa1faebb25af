//! Everything in its place: client, core, participating server, controlling server, history function and XDMS as six
//! processes, and bob's client as a seventh. They hold a session; its ladder is a snapshot.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod flow;
mod play;
mod processes;

use std::path::{Path, PathBuf};
use std::process::Command;

use play::Play;
use serde_json::json;

/// From left to right in the ladder.
const PARTIES: [&str; 7] = [
    "alice",
    "bob",
    "core",
    "participating",
    "controlling",
    "history",
    "xdms",
];

#[test]
fn a_session_with_everything_in_its_place() {
    let mut play = Play::new(Path::new(env!("CARGO_TARGET_TMPDIR")).join("system"));
    for server in ["xdms", "core", "controlling", "participating", "history"] {
        play.start(&program("im-server"), server, None);
    }
    registrations(&mut play);
    invitations(&mut play);
    words(&mut play);
    partings(&mut play);
    delivery(&mut play);
    let acts = play.finish();
    let text = trace::ladder(&PARTIES, &acts, &trace::Names::default());
    insta::with_settings!({
        snapshot_path => ".",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("ladder", text);
    });
}

fn registrations(play: &mut Play) {
    for user in ["bob", "alice"] {
        play.act(match user {
            "bob" => "bob registers",
            _ => "alice registers",
        });
        play.start(&program("im-client"), user, Some("upper"));
        play.rests(4);
    }
}

/// Bob's client is slow, so that it is the history function that makes the session.
fn invitations(play: &mut Play) {
    play.signal("bob", "STOP");
    play.act("alice invites bob and the history function");
    let to = ["sip:bob@example.com", "sip:history@example.com"];
    play.say("alice", &json!({"do": "invite", "call": "c1", "to": to}));
    play.told("alice", "established");
    play.told("history", "participants");
    play.greeted("participating", 1);
    play.greeted("controlling", 1);
    play.greeted("alice", 1);
    play.rings(35);

    play.act("bob's client rings");
    play.signal("bob", "CONT");
    play.told("bob", "incoming");
    play.told("history", "participants");
    play.rings(9);

    play.act("bob accepts");
    play.say("bob", &json!({"do": "accept", "call": "in1"}));
    play.told("bob", "established");
    play.told("history", "participants");
    play.greeted("controlling", 1);
    play.rests(14);

    play.act("alice asks who is there");
    play.say("alice", &json!({"do": "subscribe", "call": "c1"}));
    play.told("alice", "participants");
    play.rests(16);
}

fn words(play: &mut Play) {
    for (who, call, text, other, messages) in [
        ("alice", "c1", "Is this for the record?", "bob", 10),
        ("bob", "in1", "It is.", "alice", 9),
    ] {
        play.act(match who {
            "alice" => "alice says something",
            _ => "bob says something",
        });
        play.say(who, &json!({"do": "send", "call": call, "text": text}));
        for listener in [other, "history"] {
            play.told(listener, "text");
        }
        play.told(who, "delivered");
        play.rests(messages);
    }
}

fn partings(play: &mut Play) {
    play.act("alice leaves");
    play.say("alice", &json!({"do": "leave", "call": "c1"}));
    play.told("alice", "ended");
    play.told("history", "participants");
    play.rests(36);

    play.act("bob leaves, the history function is alone and writes down what there is");
    play.say("bob", &json!({"do": "leave", "call": "in1"}));
    play.told("bob", "ended");
    play.told("history", "notice");
    play.rests(24);
}

/// The function is held up until the server can reach alice, so that nothing has to wait there.
fn delivery(play: &mut Play) {
    play.act("alice's history is asked for");
    play.say("history", &json!({"do": "deliver", "call": "d1"}));
    play.told("alice", "incoming");
    play.told("history", "ringing");
    play.rings(12);

    play.act("alice accepts and reads it");
    play.signal("history", "STOP");
    play.say("alice", &json!({"do": "accept", "call": "in1"}));
    play.told("alice", "established");
    play.greeted("controlling", 1);
    play.signal("history", "CONT");
    for _ in 0..2 {
        play.told("alice", "text");
        play.told("history", "delivered");
    }
    play.told("history", "participants");
    play.rests(34);

    play.act("alice has read enough");
    play.say("alice", &json!({"do": "leave", "call": "in1"}));
    play.told("alice", "ended");
    play.told("history", "notice");
    play.rests(22);
}

/// A program of this project; built when it is not there yet.
fn program(name: &str) -> PathBuf {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let own = std::env::current_exe().unwrap();
    let folder = own.parent().and_then(Path::parent).unwrap();
    let path = folder.join(name);
    if !path.exists() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "-p", "shall-app"]);
        cargo.args(folder.ends_with("release").then_some("--release"));
        assert!(cargo.status().unwrap().success());
    }
    path
}
