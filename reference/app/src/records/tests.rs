//! What a store keeps, what it refuses, and what it says when its disk or its clock goes wrong.

mod on_postgresql;
mod suite;

use machines::store::Room;

use super::*;
use suite::{append, ask, clock, kept, memory, oldest, said, statement};

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
fn sqlite_keeps_what_every_store_keeps() {
    for (name, check) in suite::CHECKS {
        println!("{name}");
        let file = File::new("suite");
        check(&|| Records::open(&file.0, 1 << 20).unwrap());
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
    let query_only = |on: bool| statement(&store, &format!("PRAGMA query_only = {on}"));
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

#[test]
fn validity_counts_from_its_date_but_not_from_one_to_come() {
    let of = |seconds, since| expiry(&Validity { seconds, since }, 1000);
    assert_eq!(of(None, Some(10)), None);
    assert_eq!(of(Some(60), None), Some(1060));
    assert_eq!(of(Some(60), Some(990)), Some(1050));
    assert_eq!(of(Some(60), Some(5000)), Some(1060));
    assert_eq!(of(Some(u64::MAX), None), Some(END));
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
    let store = memory().with_clock(clock);
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
