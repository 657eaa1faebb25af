//! The history function records a session, writes its metadata when it ends, and delivers what it has recorded.

use machines::port::{Fetch, FetchMethod, Fetched, Input, LinkId, Output, Transport};
use machines::store::{Answer, Ask, Outcome};
use roles::{client, history};
use wire::xml::history::{self as metadata, History as Metadata};

use crate::client_words::{
    BOB, FOCUS, INVITING, answer, body, called, connected, first, header, inside, notices, path,
    sdp,
};
use crate::stage::{Stage, address};

const LINK: u64 = 1 << 63 | 1;

pub(crate) fn config() -> history::Config {
    let usual = history::Config::default();
    history::Config {
        agent: client::Config {
            address: "sip:history@im.example".into(),
            proxy: address(5070),
            transport: Transport::Tcp,
            ..usual.agent
        },
        initiator: "sip:alice@im.example".into(),
        xcap_root: Some("http://127.0.0.1:8090/services".into()),
        ..usual
    }
}

/// A session into which the server has invited the function.
pub(crate) fn recording(config: history::Config) -> Stage {
    let mut stage = Stage::history(config);
    let extra = format!("{INVITING}Subject: lunch\nDate: Sat, 13 Nov 2010 23:29:00 GMT\n");
    called(
        &mut stage,
        &extra,
        &sdp("active", "message/cpim text/plain"),
    );
    inside(&mut stage, "ACK", 1, "", "");
    stage
}

pub(crate) fn envelope(text: &str, second: u32) -> String {
    format!(
        "From: Bob <sip:bob@im.example>\r\nTo: <sip:session-9@im.example>\r\nDateTime: 2010-11-13T23:29:0{second}Z\r\n\r\nContent-Type: text/plain\r\n\r\n{text}"
    )
}

/// Bob says something.
pub(crate) fn hears(stage: &mut Stage, kind: &str, content: &str) {
    let ours = path(&stage.last(200));
    let id = format!("abc{}", stage.said.len());
    let total = content.len();
    let frame = format!(
        "MSRP {id} SEND\r\nTo-Path: {ours}\r\nFrom-Path: {BOB}\r\nMessage-ID: {id}\r\nByte-Range: 1-{total}/{total}\r\nContent-Type: {kind}\r\n\r\n{content}\r\n-------{id}$\r\n"
    );
    let frame = wire::msrp::Frame::parse(frame.as_bytes()).expect("a frame");
    stage.give(Input::Msrp {
        link: LinkId(LINK),
        frame,
    });
}

/// What was asked of the XDMS, oldest first.
pub(crate) fn asked(stage: &Stage) -> Vec<Fetch> {
    let fetch = |output: &Output| match output {
        Output::Fetch { what, .. } => Some(what.clone()),
        _ => None,
    };
    stage.said.iter().filter_map(fetch).collect()
}

/// The list of the latest PUT.
pub(crate) fn written(stage: &Stage) -> Vec<Metadata> {
    let put = asked(stage).pop().expect("a request");
    assert_eq!(put.method, FetchMethod::Put, "{}", stage.script);
    metadata::parse(&put.body).expect("a history list")
}

/// What was asked of the store, oldest first.
fn stored(stage: &Stage) -> Vec<Ask> {
    let ask = |output: &Output| match output {
        Output::Store { ask, .. } => Some(ask.clone()),
        _ => None,
    };
    stage.said.iter().filter_map(ask).collect()
}

/// The store's answer to the latest question, or to that many before it.
fn store_says(stage: &mut Stage, before: usize, outcome: Outcome) {
    let id = |output: &Output| match output {
        Output::Store { id, .. } => Some(*id),
        _ => None,
    };
    let asked = stage.said.iter().rev().filter_map(id).nth(before);
    let id = asked.expect("a question");
    stage.give(Input::Stored { id, outcome });
}

/// A 200 to our INVITE, whose receiver takes these types.
pub(crate) fn delivering(stage: &mut Stage, types: &str) {
    stage.user(r#"{"do":"deliver","call":"d1"}"#);
    let granted = answer(FOCUS, "passive", types);
    stage.answer("INVITE", "conference-factory", 200, &granted);
}

#[test]
fn the_end_frees_the_connection_then_writes_then_answers() {
    let mut stage = recording(config());
    hears(&mut stage, "message/cpim", &envelope("one", 1));
    hears(&mut stage, "text/plain", "two");
    stage
        .said
        .retain(|output| !matches!(output, Output::Arm { .. }));
    inside(&mut stage, "BYE", 2, "", "");
    assert!(stage.said.contains(&Output::Close(LinkId(LINK))));
    assert_eq!(stage.codes("BYE"), [0_u16; 0]);
    stage.fetched(Fetched::Status(404));
    let put = asked(&stage).pop().expect("a PUT");
    assert_eq!(
        put.uri,
        "http://127.0.0.1:8090/services/org.openmobilealliance.conv-history/users/sip%3Aalice%40im.example/conv-history"
    );
    let kind = "application/vnd.oma.im.history-list+xml".to_owned();
    assert!(put.headers.contains(&("Content-Type", kind)));
    let asserted = "\"sip:alice@im.example\"".to_owned();
    assert!(
        put.headers
            .contains(&("X-3GPP-Asserted-Identity", asserted))
    );
    assert_eq!(stage.codes("BYE"), [0_u16; 0], "not before the answer");
    let list = written(&stage);
    let [one] = &list[..] else {
        panic!("one recording: {list:?}")
    };
    assert!(!one.reference.is_empty());
    assert_eq!(one.subject.as_deref(), Some("lunch"));
    assert_eq!(one.date.as_deref(), Some("Sat, 13 Nov 2010 23:29:00 GMT"));
    let conference = &one.conference;
    assert_eq!(
        conference.time_start.as_deref(),
        Some("2010-11-13T23:29:01Z")
    );
    assert_eq!(
        conference.recording_name.as_deref(),
        Some("sip:session-9@im.example")
    );
    assert_eq!(
        conference.participants,
        [("sip:bob@im.example".to_owned(), None)]
    );
    stage.fetched(Fetched::Status(201));
    assert_eq!(stage.codes("BYE"), [200]);
    let text = format!("recorded as {}", one.reference);
    assert!(notices(&stage).contains(&text));
}

#[test]
fn what_stands_in_the_list_stays_in_it() {
    let mut stage = recording(config());
    inside(&mut stage, "BYE", 2, "", "");
    let old = Metadata {
        reference: "old".into(),
        ..Metadata::default()
    };
    stage.fetched(Fetched::Document {
        content_type: String::new(),
        body: metadata::write(std::slice::from_ref(&old)),
    });
    let list = written(&stage);
    assert_eq!(list.len(), 2);
    assert_eq!(list[0], old);
    stage.fetched(Fetched::Document {
        content_type: String::new(),
        body: Vec::new(),
    });
    assert_eq!(stage.codes("BYE"), [200]);
}

#[test]
fn a_delivery_opens_a_session_and_sends_what_was_recorded_in_order() {
    let mut stage = recording(config());
    for (second, text) in ["one", "two", "three", "four", "five", "six"]
        .iter()
        .enumerate()
    {
        let second = u32::try_from(second).expect("small");
        hears(&mut stage, "message/cpim", &envelope(text, second));
    }
    stage.said.clear();
    delivering(&mut stage, "message/cpim");
    let invite = first(&stage, "INVITE");
    assert_eq!(invite.uri(), Some("sip:conference-factory@im.example"));
    assert!(header(&invite, "From").starts_with("<sip:alice@im.example>;tag="));
    assert!(header(&invite, "User-Agent").starts_with("IM-serv/OMA1.0"));
    assert!(body(&invite).contains("TCP/MSRP"));
    let subscribe = first(&stage, "SUBSCRIBE");
    assert_eq!(subscribe.uri(), Some("sip:session-7@im.example"));
    let link = connected(&mut stage);
    for _ in 0..6 {
        let sent = stage.octets(link);
        let ids: Vec<String> = sent
            .lines()
            .filter_map(|line| line.strip_prefix("MSRP ")?.split(' ').next())
            .map(str::to_owned)
            .collect();
        let ours = path(&invite);
        for id in ids {
            let ok = format!("MSRP {id} 200 OK\nTo-Path: {ours}\nFrom-Path: {BOB}\n-------{id}$\n");
            stage.msrp(link, &ok);
        }
    }
    let sent = stage.octets(link);
    let places: Vec<usize> = ["\none", "\ntwo", "\nthree", "\nfour", "\nfive", "\nsix"]
        .iter()
        .map(|text| sent.find(text).unwrap_or_else(|| panic!("{text}:\n{sent}")))
        .collect();
    assert!(places.is_sorted());
}

#[test]
fn a_durable_function_keeps_everything_in_the_store() {
    let durable = history::Config {
        durable: true,
        ..config()
    };
    let mut stage = recording(durable);
    assert!(
        matches!(&stored(&stage)[..], [Ask::List { folder, .. }] if folder.starts_with("history-unwritten/"))
    );
    store_says(&mut stage, 0, Ok(Answer::List(Vec::new())));
    hears(&mut stage, "message/cpim", &envelope("one", 1));
    let Some(Ask::Append { folder, bytes, .. }) = stored(&stage).pop() else {
        panic!("nothing kept:\n{}", stage.script)
    };
    assert_eq!(folder, "history/sip:alice@im.example");
    assert_eq!(bytes, envelope("one", 1).into_bytes());
    store_says(&mut stage, 0, Err("the disk is full".into()));
    assert!(
        notices(&stage)
            .iter()
            .any(|text| text.contains("kept in memory"))
    );
    inside(&mut stage, "BYE", 2, "", "");
    store_says(&mut stage, 0, Ok(Answer::Kept { number: 7 }));
    stage.fetched(Fetched::Status(404));
    stage.fetched(Fetched::Status(201));
    assert!(matches!(
        stored(&stage).pop(),
        Some(Ask::Remove { number: 7, .. })
    ));
    delivering(&mut stage, "message/cpim");
    assert!(matches!(stored(&stage).pop(), Some(Ask::List { .. })));
    store_says(&mut stage, 0, Ok(Answer::List(Vec::new())));
    let link = connected(&mut stage);
    assert!(stage.octets(link).contains("one"), "what the store refused");
}

#[test]
fn metadata_that_waited_when_the_function_ended_are_written_when_it_is_back() {
    let durable = history::Config {
        durable: true,
        ..config()
    };
    let mut stage = Stage::history(durable);
    stage.user(r#"{"do":"start"}"#);
    let waiting = Metadata {
        reference: "before".into(),
        ..Metadata::default()
    };
    let record = machines::store::Record {
        number: 3,
        name: "before".into(),
        stored: 0,
        expires: None,
        bytes: metadata::write(std::slice::from_ref(&waiting)),
    };
    store_says(&mut stage, 0, Ok(Answer::List(vec![record])));
    stage.fetched(Fetched::Status(404));
    assert_eq!(written(&stage), [waiting]);
    stage.fetched(Fetched::Status(200));
    assert!(matches!(
        stored(&stage).pop(),
        Some(Ask::Remove { number: 3, .. })
    ));
}

#[test]
fn our_xdms_takes_what_our_function_writes() {
    let mut stage = recording(config());
    inside(&mut stage, "BYE", 2, "", "");
    stage.fetched(Fetched::Status(404));
    let put = asked(&stage).pop().expect("a PUT");
    let target = put.uri.replace("http://127.0.0.1:8090", "");
    let target = target.replace("im.example", "example.com");
    let body = String::from_utf8(put.body).expect("UTF-8");
    let kind = ("Content-Type", "application/vnd.oma.im.history-list+xml");
    let mut memory = crate::xdms::Memory::default();
    assert_eq!(memory.ask("PUT", &target, &[kind], &body).status, 201);
    let read = memory.ask("GET", &target, &[], "");
    assert_eq!((read.status, read.body), (200, body.clone().into_bytes()));
    let other = ("Content-Type", "text/xml");
    assert_eq!(memory.ask("PUT", &target, &[other], &body).status, 415);
    let once = metadata::parse(body.as_bytes()).expect("a list");
    let twice = [once.clone(), once].concat();
    let twice = String::from_utf8(metadata::write(&twice)).expect("UTF-8");
    assert_eq!(memory.ask("PUT", &target, &[kind], &twice).status, 409);
}
