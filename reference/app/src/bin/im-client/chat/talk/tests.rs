//! What a chat does with what is typed and told.

use roles::client::upper::Told;

use super::*;

fn talk() -> Talk {
    let mut talk = Talk::new("sip:alice@im.example", false);
    talk.begin(&[], None, false);
    talk.acts();
    talk
}

fn commands(talk: &mut Talk) -> Vec<Command> {
    let does = |act| match act {
        Act::Do(command) => Some(command),
        _ => None,
    };
    talk.acts().into_iter().filter_map(does).collect()
}

fn shown(talk: &mut Talk) -> String {
    let shows = |act| match act {
        Act::Show(_, line) => Some(line),
        _ => None,
    };
    let lines: Vec<String> = talk.acts().into_iter().filter_map(shows).collect();
    lines.join("\n")
}

fn established(talk: &mut Talk, call: &str, group: bool) {
    let (call, session) = (call.to_owned(), "sip:s@im.example".to_owned());
    talk.hear(Told::Established {
        call,
        session,
        group,
    });
}

fn invite(call: &str, to: &[&str]) -> Command {
    Command::Invite {
        call: call.into(),
        to: to.iter().map(|one| format!("sip:{one}")).collect(),
        group: None,
        anonymous: false,
    }
}

#[test]
fn a_name_calls_and_more_names_make_more_of_it() {
    let mut talk = talk();
    talk.typed("bob");
    assert_eq!(commands(&mut talk), [invite("chat1", &["bob@im.example"])]);
    talk.typed("carol");
    assert!(shown(&mut talk).contains("not answered yet"));
    established(&mut talk, "chat1", false);
    talk.typed("/invite carol@other.example");
    let extend = Command::Extend {
        call: "chat1".into(),
        name: "chat2".into(),
        with: vec!["sip:carol@other.example".into()],
    };
    assert_eq!(commands(&mut talk), [extend]);
    established(&mut talk, "chat2", true);
    talk.typed("hello all");
    let (call, text, to) = ("chat2".into(), "hello all".into(), None);
    assert_eq!(commands(&mut talk), [Command::Send { call, text, to }]);
    talk.typed("/invite dave");
    assert!(shown(&mut talk).contains("cannot add others"));
}

#[test]
fn what_makes_no_sense_is_said() {
    let mut talk = talk();
    for (typed, why) in [
        ("hello bob", "nobody is there"),
        ("/dance", "/dance is no command"),
        ("/accept", "nobody calls"),
        ("/reject", "nobody calls"),
        ("/invite", "/invite NAME"),
        ("//x", "no session"),
        ("/who", "no session"),
    ] {
        talk.typed(typed);
        let line = shown(&mut talk);
        assert!(line.contains(why), "{typed}: {line}");
    }
}

#[test]
fn who_comes_and_goes_is_told_by_name() {
    let mut talk = talk();
    established(&mut talk, "chat1", true);
    let one = |name: &str, status: &str| Participant {
        address: format!("sip:{name}@im.example"),
        name: None,
        status: Some(status.into()),
    };
    let mut hear = |list: Vec<Participant>| {
        talk.acts();
        let call = "chat1".into();
        talk.hear(Told::Participants { call, list });
        shown(&mut talk)
    };
    let alice = || one("alice", "connected");
    assert_eq!(
        hear(vec![alice(), one("bob", "dialing-out")]),
        "here: alice"
    );
    assert_eq!(
        hear(vec![alice(), one("bob", "connected")]),
        "bob has joined"
    );
    assert_eq!(
        hear(vec![alice(), one("bob", "disconnected")]),
        "bob has left"
    );
    assert_eq!(hear(vec![alice()]), "");
    talk.typed("/who");
    assert_eq!(shown(&mut talk), "here: alice (connected)");
}

#[test]
fn whoever_takes_a_call_changes_over_to_it() {
    let mut talk = talk();
    established(&mut talk, "chat1", false);
    let (call, from) = ("in1".to_owned(), "sip:carol@im.example".to_owned());
    let (name, code, anonymous) = (None, None, false);
    let second = Told::Incoming {
        call: "in2".into(),
        from: from.clone(),
        name: None,
    };
    talk.hear(Told::Incoming { call, from, name });
    talk.hear(second);
    let call = "in2".into();
    assert_eq!(commands(&mut talk), [Command::Reject { call, code }]);
    talk.typed("/accept");
    established(&mut talk, "in1", false);
    let accept = Command::Accept { call: "in1".into() };
    let call = "chat1".into();
    let leave = Command::Leave { call, anonymous };
    assert_eq!(commands(&mut talk), [accept, leave]);
}

#[test]
fn the_end_of_a_script_waits_for_its_last_words() {
    let mut talk = Talk::new("sip:alice@im.example", false);
    talk.begin(&["bob".to_owned()], None, false);
    assert!(talk.too_early());
    established(&mut talk, "chat1", false);
    talk.typed("hello");
    talk.end();
    assert!(talk.settling());
    talk.acts();
    let (call, text, why) = (Some("chat1".into()), "hello".into(), "left".into());
    talk.hear(Told::Delivered { call, text });
    assert!(matches!(commands(&mut talk)[..], [Command::Leave { .. }]));
    let call = "chat1".into();
    talk.hear(Told::Ended { call, why });
    assert!(talk.acts().contains(&Act::Over));
}

#[test]
fn a_call_that_is_never_made_ends_the_chat_that_was_for_it() {
    let mut talk = Talk::new("sip:alice@im.example", false);
    talk.begin(&["bob".to_owned()], None, false);
    let text = "at most 2 users can be invited".into();
    talk.hear(Told::Notice { text });
    assert!(talk.acts().contains(&Act::Over) && !talk.opened);
}
