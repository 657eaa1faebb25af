//! What a store keeps, what it refuses, and what it says when its disk or its clock goes wrong.

use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime};

use super::*;

fn append(name: &str, bytes: usize) -> Ask {
    within(name, bytes, Validity::default())
}

fn within(name: &str, bytes: usize, validity: Validity) -> Ask {
    Ask::Append {
        folder: "f".into(),
        name: name.into(),
        bytes: vec![b'x'; bytes],
        validity,
        room: Room {
            records: 3,
            octets: 1 << 20,
        },
    }
}

fn first(after: u64) -> Ask {
    Ask::First {
        folder: "f".into(),
        after,
    }
}

fn remove(number: u64) -> Ask {
    Ask::Remove {
        folder: "f".into(),
        number,
    }
}

fn memory() -> Records {
    Records::open(Path::new(":memory:"), 1 << 20).unwrap()
}

fn ask(store: &Records, ask: Ask) -> Answer {
    store.carry_out(&[ask]).pop().unwrap().unwrap()
}

fn kept(store: &Records, name: &str) -> u64 {
    match ask(store, append(name, 10)) {
        Answer::Kept { number } => number,
        other => panic!("{other:?}"),
    }
}

/// The name of the oldest record, and how many were out of date.
fn oldest(store: &Records) -> (Option<String>, u64) {
    match ask(store, first(0)) {
        Answer::First { record, expired } => (record.map(|record| record.name), expired),
        other => panic!("{other:?}"),
    }
}

fn said(store: &Records) -> Vec<String> {
    store.inner.lock().unwrap().log.said.clone()
}

#[test]
fn records_come_in_order_until_they_are_removed() {
    let store = memory();
    let (one, two) = (kept(&store, "one"), kept(&store, "two"));
    assert!(one < two);
    assert_eq!(oldest(&store), (Some("one".into()), 0));
    assert_eq!(ask(&store, remove(one)), Answer::Removed(true));
    assert_eq!(ask(&store, remove(one)), Answer::Removed(false));
    assert_eq!(oldest(&store), (Some("two".into()), 0));
    let list = Ask::List {
        folder: "f".into(),
        limit: 9,
    };
    assert!(matches!(ask(&store, list), Answer::List(records) if records.len() == 1));
    let folders = |after: &str| Ask::Folders {
        prefix: String::new(),
        after: after.into(),
        limit: 9,
    };
    assert_eq!(ask(&store, folders("")), Answer::Folders(vec!["f".into()]));
    assert_eq!(ask(&store, folders("f")), Answer::Folders(Vec::new()));
}

#[test]
fn the_same_name_is_the_same_record_even_when_that_is_gone() {
    let store = memory();
    let one = kept(&store, "one");
    assert_eq!(kept(&store, "one"), one);
    ask(&store, remove(one));
    assert_eq!(kept(&store, "one"), one);
    assert_eq!(oldest(&store), (None, 0));
    assert!(kept(&store, "two") > one);
}

#[test]
fn a_folder_has_its_room() {
    let store = memory();
    assert_eq!(ask(&store, append("long", 2 << 20)), Answer::NoRoom);
    for name in ["one", "two", "three"] {
        kept(&store, name);
    }
    assert_eq!(ask(&store, append("four", 1)), Answer::NoRoom);
}

#[test]
fn questions_that_share_a_transaction_have_their_own_outcomes() {
    let store = memory();
    let answers = store.carry_out(&[
        append("one", 1),
        first(0),
        append("two", 2 << 20),
        remove(1),
    ]);
    let answers: Vec<Answer> = answers.into_iter().map(Result::unwrap).collect();
    assert!(
        matches!(&answers[1], Answer::First { record: Some(record), .. } if record.name == "one")
    );
    assert_eq!(answers[2], Answer::NoRoom);
    assert_eq!(answers[3], Answer::Removed(true));
}

/// A file that is removed with its test.
struct File(std::path::PathBuf);

impl File {
    fn new(name: &str) -> File {
        let name = format!("im-server-{name}-{}.sqlite", std::process::id());
        File(std::env::temp_dir().join(name))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let mut name = self.0.clone().into_os_string();
            name.push(end);
            let _ = std::fs::remove_file(name);
        }
    }
}

#[test]
fn a_full_store_accepts_nothing_loses_nothing_and_says_so_once() {
    let file = File::new("full");
    let store = Records::open(&file.0, 64).unwrap();
    let mut accepted = Vec::new();
    let big = |number: u32| Ask::Append {
        folder: format!("f{number}"),
        name: "n".into(),
        bytes: vec![b'x'; 20_000],
        validity: Validity::default(),
        room: Room {
            records: 100,
            octets: 1 << 20,
        },
    };
    for number in 0..40 {
        // Some share a transaction with one that fails.
        for outcome in store.carry_out(&[big(2 * number), big(2 * number + 1)]) {
            match outcome {
                Ok(Answer::Kept { number }) => accepted.push(number),
                Err(why) => assert!(why.contains("make room on its disk"), "{why}"),
                other => panic!("{other:?}"),
            }
        }
    }
    assert!((3..20).contains(&accepted.len()), "{accepted:?}");
    let lines = said(&store);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("refused with 500"), "{lines:?}");
    drop(store);
    let store = Records::open(&file.0, 1 << 20).unwrap();
    let mut found = Vec::new();
    for number in 0..80 {
        let folder = format!("f{number}");
        let answer = ask(&store, Ask::First { folder, after: 0 });
        if let Answer::First {
            record: Some(record),
            ..
        } = answer
        {
            assert_eq!(record.bytes.len(), 20_000);
            found.push(record.number);
        }
    }
    assert_eq!(found, accepted);
}

#[test]
fn a_store_that_may_not_write_accepts_nothing_and_works_again_later() {
    let file = File::new("read-only");
    let store = Records::open(&file.0, 1 << 20).unwrap();
    kept(&store, "one");
    let query_only = |on: bool| {
        let inner = store.inner.lock().unwrap();
        inner
            .connection
            .pragma_update(None, "query_only", on)
            .unwrap();
    };
    query_only(true);
    for _ in 0..3 {
        let outcome = store.carry_out(&[append("two", 1)]).pop().unwrap();
        assert!(outcome.unwrap_err().contains("let this user write"));
    }
    query_only(false);
    assert!(kept(&store, "three") > 0);
    assert_eq!(oldest(&store).0.as_deref(), Some("one"));
    let lines = said(&store);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[1], "it works again");
}

thread_local! {
    static MACHINE: Cell<u64> = const { Cell::new(1_000_000) };
    static PASSED: Cell<u64> = const { Cell::new(0) };
    static BEGUN: Instant = Instant::now();
}

/// So many seconds pass, while the machine's clock moves by `jump` more.
fn pass(seconds: u64, jump: i64) {
    PASSED.set(PASSED.get() + seconds);
    MACHINE.set((MACHINE.get() + seconds).saturating_add_signed(jump));
}

fn clock(latest: u64) -> Clock {
    let machine = || SystemTime::UNIX_EPOCH + Duration::from_secs(MACHINE.get());
    let steady = || BEGUN.with(|begun| *begun + Duration::from_secs(PASSED.get()));
    Clock::of(latest, machine, steady)
}

#[test]
fn a_clock_that_jumps_takes_no_message_away_and_keeps_none_for_ever() {
    let store = memory().with_clock(clock(0));
    let hour = Validity {
        seconds: Some(3600),
        since: None,
    };
    ask(&store, within("one", 1, hour));
    pass(10, 100_000);
    assert_eq!(oldest(&store), (Some("one".into()), 0));
    // A message that names its date is judged by the time that passed, too.
    let dated = Validity {
        seconds: Some(3600),
        since: Some(1_000_000),
    };
    assert!(matches!(
        ask(&store, within("two", 1, dated)),
        Answer::Kept { .. }
    ));
    pass(10, -200_000);
    assert_eq!(oldest(&store), (Some("one".into()), 0));
    pass(3600, 0);
    assert_eq!(oldest(&store), (None, 2));
    let lines = said(&store);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[0].contains("100000 s off") && lines[0].contains("NTP"),
        "{lines:?}"
    );
    assert!(lines[1].contains("-100000 s off"), "{lines:?}");
}

#[test]
fn a_clock_that_went_back_while_nobody_looked_is_not_followed() {
    let file = File::new("clock");
    let store = Records::open(&file.0, 1 << 20)
        .unwrap()
        .with_clock(clock(0));
    kept(&store, "one");
    drop(store);
    MACHINE.set(10);
    let latest = Connection::open(&file.0).unwrap();
    let latest: u64 = latest.query_row(LATEST, [], |row| row.get(0)).unwrap();
    let store = Records::open(&file.0, 1 << 20)
        .unwrap()
        .with_clock(clock(latest));
    let hour = Validity {
        seconds: Some(3600),
        since: Some(1_000_000),
    };
    assert!(matches!(
        ask(&store, within("two", 1, hour)),
        Answer::Kept { .. }
    ));
    assert!(said(&store)[0].contains("off"));
}

#[test]
fn validity_counts_from_its_date_but_not_from_one_to_come() {
    let of = |seconds, since| expiry(&Validity { seconds, since }, 1000);
    assert_eq!(of(None, Some(10)), None);
    assert_eq!(of(Some(60), None), Some(1060));
    assert_eq!(of(Some(60), Some(990)), Some(1050));
    assert_eq!(of(Some(60), Some(5000)), Some(1060));
    assert_eq!(of(Some(u64::MAX), None), Some(END));
}

#[test]
fn a_message_out_of_date_is_not_kept() {
    let store = memory().with_clock(clock(0));
    let validity = Validity {
        seconds: Some(60),
        since: Some(900_000),
    };
    assert_eq!(ask(&store, within("one", 1, validity)), Answer::OutOfDate);
}

/// What somebody asks of the list of alice's deferred messages, and the status and body of the answer.
fn listed(store: &Records, who: &str, method: &str, node: &str) -> (u16, String) {
    let target = format!(
        "/services/org.openmobilealliance.deferred-list/users/sip:alice@example.com/deferred-list{node}"
    );
    let request = roles::xdms::Request {
        method: method.into(),
        target,
        headers: vec![("X-XCAP-Asserted-Identity".into(), format!("\"{who}\""))],
        body: Vec::new(),
    };
    let response = roles::xdms::answer_deferred("/services", &request, store).unwrap();
    let body = String::from_utf8(response.body).unwrap();
    (response.status, body)
}

#[test]
fn a_user_sees_what_waits_and_may_forget_it() {
    let store = memory().with_clock(clock(0));
    let message = "MESSAGE sip:alice@example.com SIP/2.0\r\nFrom: <sip:bob@example.com>;tag=1\r\nTo: <sip:alice@example.com>\r\nCall-ID: 1\r\nCSeq: 1 MESSAGE\r\nSubject: lunch\r\nContent-Length: 2\r\n\r\nhi";
    for name in ["one", "two"] {
        let kept = Ask::Append {
            folder: "deferred/alice@example.com".into(),
            name: name.into(),
            bytes: message.into(),
            validity: Validity::default(),
            room: Room {
                records: 9,
                octets: 9000,
            },
        };
        ask(&store, kept);
    }
    let alice = "sip:alice@example.com";
    let (status, list) = listed(&store, alice, "GET", "");
    assert_eq!(status, 200);
    assert_eq!(list.matches("<history ").count(), 2);
    for part in [
        "urn:oma:xml:im:history-list",
        "<size>2</size>",
        "<subject>lunch</subject>",
        "<from>sip:bob@example.com</from>",
        "<date>Mon, 12 Jan 1970",
    ] {
        assert!(list.contains(part), "{part} is not in {list}");
    }
    assert_eq!(listed(&store, "sip:mallory@example.com", "GET", "").0, 403);
    assert_eq!(listed(&store, alice, "PUT", "").0, 405);
    assert_eq!(listed(&store, alice, "DELETE", "").0, 405);
    let first = "/~~/history-list/history%5b@history-reference=%221%22%5d";
    assert_eq!(
        listed(&store, alice, "DELETE", &format!("{first}/subject")).0,
        409
    );
    assert_eq!(listed(&store, alice, "DELETE", first).0, 200);
    assert_eq!(listed(&store, alice, "DELETE", first).0, 404);
    let (_, list) = listed(&store, alice, "GET", "");
    assert_eq!(list.matches("<history ").count(), 1);
    let left = Ask::First {
        folder: "deferred/alice@example.com".into(),
        after: 0,
    };
    assert!(
        matches!(ask(&store, left), Answer::First { record: Some(record), .. } if record.number == 2)
    );
}
