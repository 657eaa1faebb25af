//! MESSAGE to a list and to a session: who gets a copy, what it says, and what is refused.

use machines::port::{Fetched, Input, Output, Transport};
use roles::Config;
use wire::sip::Message;
use wire::xml::group::{Actions, Group, Member, Rule, write};

use crate::stage::{Stage, config};
use crate::words::{LIST, accepts, invite};

const FACTORY: &str = "sip:conference-factory@im.example";

/// Alice's MESSAGE with a changed or added header; without a value it is left out.
fn message(uri: &str, number: u32, kind: &str, body: &str, extra: &str) -> String {
    let mut headers: Vec<(String, String)> = [
        (
            "Via",
            format!("SIP/2.0/TCP 127.0.0.1:5061;branch=z9hG4bKm{number}"),
        ),
        ("Max-Forwards", "70".into()),
        ("From", "\"Alice\" <sip:alice@im.example>;tag=alice".into()),
        ("To", format!("<{uri}>")),
        ("Call-ID", format!("message-{number}@alice")),
        ("CSeq", "1 MESSAGE".into()),
        (
            "P-Asserted-Identity",
            "\"Ali\" <sip:alice@im.example>".into(),
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    for line in extra.lines() {
        let (name, value) = line.split_once(':').expect("a header");
        headers.retain(|(known, _)| known != name);
        if !value.is_empty() {
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
    }
    let lines: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    let length = body.replace('\n', "\r\n").len();
    format!(
        "MESSAGE {uri} SIP/2.0\n{lines}Content-Type: {kind}\nContent-Length: {length}\n\n{body}"
    )
}

/// A MESSAGE with these entries and one part of text.
fn to_list(uri: &str, number: u32, entries: &str, extra: &str) -> String {
    let list = LIST.replace("ENTRIES", entries);
    let body = format!(
        "--b1\nContent-Type: text/plain\n\nHello\n--b1\nContent-Type: application/resource-lists+xml\nContent-Disposition: recipient-list\n\n{list}\n--b1--\n"
    );
    let extra = format!("Require: recipient-list-message\n{extra}");
    message(uri, number, "multipart/mixed;boundary=b1", &body, &extra)
}

fn entries(users: &[&str]) -> String {
    let entry = |user: &&str| format!(r#"<entry uri="sip:{user}@im.example"/>"#);
    users.iter().map(entry).collect()
}

fn copies(stage: &Stage) -> Vec<Message> {
    let mut all = stage.messages();
    all.retain(|one| one.method() == Some("MESSAGE"));
    all
}

fn refused(text: &str, config: Config) -> u16 {
    let mut stage = Stage::new(config);
    stage.sip(5061, text);
    assert_eq!(stage.messages().len(), 1, "{}", stage.script);
    stage.messages()[0].code().expect("a response")
}

#[test]
fn a_list_gets_one_copy_each() {
    let mut stage = Stage::new(config());
    let list = entries(&["bob", "carol", "bob"]);
    stage.sip(5061, &to_list(FACTORY, 1, &list, "Expires: 60\nContact:"));
    stage.answer("MESSAGE", "bob", 200, "");
    stage.answer("MESSAGE", "carol", 480, "");
    assert_eq!(stage.codes("MESSAGE"), [202]);
    assert_eq!(copies(&stage).len(), 2);
    insta::assert_snapshot!(stage.script);
}

#[test]
fn what_the_list_says_of_copies() {
    let mut stage = Stage::new(config());
    let list = r#"<entry uri="sip:bob@im.example;method=INVITE?body=x" cp:copyControl="to"/><entry uri="sip:carol@im.example" cp:copyControl="bcc"/><entry uri="sip:dave@im.example" cp:copyControl="cc" cp:anonymize="true"/>"#;
    stage.sip(5061, &to_list(FACTORY, 1, list, ""));
    let copy = stage.sent("MESSAGE", "carol");
    assert_eq!(copies(&stage).len(), 3);
    assert_eq!(
        stage.sent("MESSAGE", "bob").uri(),
        Some("sip:bob@im.example")
    );
    let kind = copy
        .header("Content-Type")
        .expect("Content-Type")
        .to_owned();
    let parts = wire::mime::parse(&kind, &copy.body).expect("two parts");
    assert_eq!(parts[0].body, b"Hello");
    let shown = String::from_utf8_lossy(&parts[1].body).into_owned();
    assert!(shown.contains("bob") && shown.contains("anonymous@anonymous.invalid"));
    assert!(
        !shown.contains("carol") && !shown.contains("dave"),
        "{shown}"
    );
}

#[test]
fn a_recipient_has_one_message_at_a_time() {
    let mut stage = Stage::new(config());
    for number in 1..=3 {
        let list = entries(&["bob", "carol"]);
        stage.sip(5061, &to_list(FACTORY, number, &list, ""));
        stage.answer("MESSAGE", "carol", 200, "");
    }
    let to = |stage: &Stage, user: &str| {
        let mine = |one: &Message| one.uri().is_some_and(|uri| uri.contains(user));
        copies(stage).into_iter().filter(mine).count()
    };
    assert_eq!((to(&stage, "bob"), to(&stage, "carol")), (1, 3));
    stage.answer("MESSAGE", "bob", 200, "");
    assert_eq!(to(&stage, "bob"), 2);
    // Nobody answers for bob: timer F of the transaction frees the next.
    let timers: Vec<_> = stage
        .said
        .iter()
        .filter_map(|output| match output {
            Output::Arm { timer, .. } => Some(*timer),
            _ => None,
        })
        .collect();
    for timer in timers {
        stage.give(Input::Fired(timer));
    }
    assert_eq!(to(&stage, "bob"), 3);
}

#[test]
fn a_silent_recipient_costs_a_bounded_queue() {
    let mut stage = Stage::new(config());
    for number in 0..100 {
        stage.sip(5061, &to_list(FACTORY, number, &entries(&["bob"]), ""));
    }
    assert_eq!(stage.codes("MESSAGE").len(), 100);
    for _ in 0..100 {
        stage.answer("MESSAGE", "bob", 200, "");
    }
    assert_eq!(copies(&stage).len(), 33);
}

#[test]
fn a_long_copy_goes_by_tcp() {
    let mut stage = Stage::new(Config {
        core_transport: Transport::Udp,
        ..config()
    });
    let long = format!("Subject: {}", "long ".repeat(300));
    stage.sip(5061, &to_list(FACTORY, 1, &entries(&["bob"]), &long));
    let by_tcp = |output: &Output| {
        matches!(output, Output::Sip { flow, bytes }
            if flow.transport == Transport::Tcp && bytes.starts_with(b"MESSAGE"))
    };
    assert!(stage.said.iter().any(by_tcp), "{}", stage.script);
}

#[test]
fn refusals() {
    let list = entries(&["bob"]);
    let to = |extra: &str| to_list(FACTORY, 1, &list, extra);
    let no_lists = Config {
        uri_list_message: false,
        ..config()
    };
    assert_eq!(refused(&to(""), no_lists), 403);
    let elsewhere = Config {
        session_only_factories: vec![FACTORY.into()],
        ..config()
    };
    assert_eq!(refused(&to(""), elsewhere), 403);
    let nobody = to_list("sip:nobody@im.example", 1, &list, "");
    assert_eq!(refused(&nobody, config()), 404);
    assert_eq!(refused(&to("P-Asserted-Identity:"), config()), 403);
    let mallory = "P-Asserted-Identity: <sip:mallory@im.example>";
    assert_eq!(refused(&to(mallory), config()), 403);
    assert_eq!(refused(&to("Privacy: id"), config()), 403);
    assert_eq!(refused(&to("Require: 100rel"), config()), 420);
    let looped = "Via: SIP/2.0/TCP 127.0.0.1:5061;branch=z9hG4bK1, SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK0";
    assert_eq!(refused(&to(looped), config()), 482);
    let many: Vec<String> = (0..101).map(|n| format!("user{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let many = to_list(FACTORY, 1, &entries(&many), "");
    assert_eq!(refused(&many, config()), 413);
    let plain = message(FACTORY, 1, "text/plain", "Hello", "");
    assert_eq!(refused(&plain, config()), 400);
    let broken = to_list(FACTORY, 1, "<entry/>", "");
    assert_eq!(refused(&broken, config()), 400);
}

#[test]
fn anonymity_where_it_is_allowed() {
    let mut stage = Stage::new(Config {
        allow_anonymous_messages: true,
        ..config()
    });
    let list = entries(&["bob"]);
    stage.sip(5061, &to_list(FACTORY, 1, &list, "Privacy: id"));
    let copy = stage.sent("MESSAGE", "bob");
    assert_eq!(copy.header("Privacy"), Some("id"));
}

#[test]
fn a_session_passes_messages_of_its_participants() {
    let mut stage = Stage::new(config());
    stage.sip(5061, &invite(&["bob", "carol"], "", ""));
    stage.answer("INVITE", "bob", 200, &accepts("bob", 5072, "active"));
    stage.answer("INVITE", "carol", 486, "");
    let identity = stage.last(200).contact().expect("Contact").uri.to_string();
    stage.sip(5061, &message(&identity, 1, "text/plain", "Hello", ""));
    let copy = stage.sent("MESSAGE", "bob");
    assert_eq!(copies(&stage).len(), 1);
    assert_eq!(copy.from().expect("From").uri.to_string(), identity);
    assert_eq!(
        copy.header("P-Asserted-Identity"),
        Some("\"Ali\" <sip:alice@im.example>")
    );
    assert_eq!(copy.header("Content-Type"), Some("text/plain"));
    assert_eq!(copy.header("Contact"), None);
    let carol = "P-Asserted-Identity: <sip:carol@im.example>";
    stage.sip(5061, &message(&identity, 2, "text/plain", "Hello", carol));
    let other = identity.replace("session-0", "session-0.0");
    stage.sip(5061, &message(&other, 3, "text/plain", "Hello", ""));
    assert_eq!(stage.codes("MESSAGE"), [202, 403, 403]);
}

#[test]
fn a_group_passes_messages_of_its_members() {
    let member = |user: &str| Member {
        uri: format!("sip:{user}@im.example"),
        display_name: None,
    };
    let group = Group {
        uri: "sip:friends@im.example".into(),
        members: ["alice", "bob", "carol", "bob"].map(member).to_vec(),
        ..Group::default()
    };
    let document = Fetched::Document {
        content_type: "application/vnd.oma.poc.groups+xml".into(),
        body: write(&group),
    };
    let mut stage = Stage::new(config());
    let text = |number, extra: &str| message(&group.uri, number, "text/plain", "Hello", extra);
    stage.sip(5061, &text(1, ""));
    assert_eq!(stage.messages().len(), 0);
    stage.fetched(document.clone());
    let receivers: Vec<String> = copies(&stage)
        .iter()
        .filter_map(|copy| copy.uri().map(str::to_owned))
        .collect();
    assert_eq!(receivers, ["sip:bob@im.example", "sip:carol@im.example"]);
    let from = stage.sent("MESSAGE", "bob").from().expect("From");
    assert_eq!(from.uri.to_string(), "sip:alice@im.example");
    assert_eq!(from.display.as_deref(), Some("Alice"));
    let dave = "P-Asserted-Identity: <sip:dave@im.example>";
    stage.sip(5061, &text(2, dave));
    stage.fetched(document);
    stage.sip(5061, &text(3, ""));
    stage.fetched(Fetched::Status(404));
    assert_eq!(stage.codes("MESSAGE"), [202, 403, 404]);
}

#[test]
fn a_group_of_very_many_is_served_by_and_by() {
    let member = |number: usize| Member {
        uri: format!("sip:u{number}@im.example"),
        display_name: None,
    };
    let group = Group {
        uri: "sip:many@im.example".into(),
        members: (0..3000)
            .map(member)
            .chain([0].map(|_| member(1)))
            .collect(),
        rules: vec![Rule {
            everybody: true,
            actions: Actions {
                allow_initiate_conference: true,
                ..Actions::default()
            },
            ..Rule::default()
        }],
        ..Group::default()
    };
    let mut stage = Stage::new(config());
    stage.sip(5061, &message(&group.uri, 1, "text/plain", "Hello", ""));
    stage.fetched(Fetched::Document {
        content_type: "application/vnd.oma.poc.groups+xml".into(),
        body: write(&group),
    });
    assert_eq!(stage.codes("MESSAGE"), [202]);
    assert_eq!(copies(&stage).len(), 1000);
    let answers: Vec<Message> = copies(&stage)
        .iter()
        .map(|copy| Message::response(copy, 200, "OK"))
        .collect();
    for message in answers {
        let flow = machines::port::Flow {
            transport: Transport::Tcp,
            remote: crate::stage::address(5070),
        };
        stage.give(Input::Sip { flow, message });
    }
    assert_eq!(copies(&stage).len(), 2000);
}
