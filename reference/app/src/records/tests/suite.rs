//! What every store keeps and refuses, whatever its database.

use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime};

use machines::store::Room;

use super::super::*;

/// A check, and its name; it opens the store by what it is given, which is empty before.
pub(super) type Check = (&'static str, fn(&dyn Fn() -> Records));

pub(super) const CHECKS: &[Check] = &[
    (
        "records come in order until they are removed",
        records_come_in_order_until_they_are_removed,
    ),
    (
        "the same name is the same record even when that is gone",
        the_same_name_is_the_same_record_even_when_that_is_gone,
    ),
    ("a folder has its room", a_folder_has_its_room),
    (
        "questions that share a transaction have their own outcomes",
        questions_that_share_a_transaction_have_their_own_outcomes,
    ),
    (
        "a clock that jumps takes no message away and keeps none for ever",
        a_clock_that_jumps_takes_no_message_away_and_keeps_none_for_ever,
    ),
    (
        "a clock that went back while nobody looked is not followed",
        a_clock_that_went_back_while_nobody_looked_is_not_followed,
    ),
    (
        "a message out of date is not kept",
        a_message_out_of_date_is_not_kept,
    ),
    (
        "what was kept is found by whoever opens the store next",
        what_was_kept_is_found_by_whoever_opens_the_store_next,
    ),
];

fn records_come_in_order_until_they_are_removed(open: &dyn Fn() -> Records) {
    let store = open();
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

fn the_same_name_is_the_same_record_even_when_that_is_gone(open: &dyn Fn() -> Records) {
    let store = open();
    let one = kept(&store, "one");
    assert_eq!(kept(&store, "one"), one);
    ask(&store, remove(one));
    assert_eq!(kept(&store, "one"), one);
    assert_eq!(oldest(&store), (None, 0));
    assert!(kept(&store, "two") > one);
}

fn a_folder_has_its_room(open: &dyn Fn() -> Records) {
    let store = open();
    assert_eq!(ask(&store, append("long", 2 << 20)), Answer::NoRoom);
    for name in ["one", "two", "three"] {
        kept(&store, name);
    }
    assert_eq!(ask(&store, append("four", 1)), Answer::NoRoom);
}

fn questions_that_share_a_transaction_have_their_own_outcomes(open: &dyn Fn() -> Records) {
    let store = open();
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

fn a_clock_that_jumps_takes_no_message_away_and_keeps_none_for_ever(open: &dyn Fn() -> Records) {
    let store = open().with_clock(clock);
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

fn a_clock_that_went_back_while_nobody_looked_is_not_followed(open: &dyn Fn() -> Records) {
    MACHINE.set(1_000_000);
    let store = open().with_clock(clock);
    kept(&store, "one");
    drop(store);
    MACHINE.set(10);
    let store = open().with_clock(clock);
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

fn a_message_out_of_date_is_not_kept(open: &dyn Fn() -> Records) {
    MACHINE.set(1_000_000);
    let store = open().with_clock(clock);
    let validity = Validity {
        seconds: Some(60),
        since: Some(900_000),
    };
    assert_eq!(ask(&store, within("one", 1, validity)), Answer::OutOfDate);
}

fn what_was_kept_is_found_by_whoever_opens_the_store_next(open: &dyn Fn() -> Records) {
    let store = open();
    let one = kept(&store, "one");
    ask(&store, remove(one));
    let two = kept(&store, "two");
    drop(store);
    let store = open();
    assert_eq!(oldest(&store), (Some("two".into()), 0));
    assert_eq!(kept(&store, "one"), one);
    assert!(kept(&store, "three") > two);
}

pub(super) fn append(name: &str, bytes: usize) -> Ask {
    within(name, bytes, Validity::default())
}

pub(super) fn within(name: &str, bytes: usize, validity: Validity) -> Ask {
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

pub(super) fn first(after: u64) -> Ask {
    Ask::First {
        folder: "f".into(),
        after,
    }
}

pub(super) fn remove(number: u64) -> Ask {
    Ask::Remove {
        folder: "f".into(),
        number,
    }
}

pub(super) fn memory() -> Records {
    Records::open(Path::new(":memory:"), 1 << 20).unwrap()
}

pub(super) fn ask(store: &Records, ask: Ask) -> Answer {
    store.carry_out(&[ask]).pop().unwrap().unwrap()
}

pub(super) fn kept(store: &Records, name: &str) -> u64 {
    match ask(store, append(name, 10)) {
        Answer::Kept { number } => number,
        other => panic!("{other:?}"),
    }
}

/// The name of the oldest record, and how many were out of date.
pub(super) fn oldest(store: &Records) -> (Option<String>, u64) {
    match ask(store, first(0)) {
        Answer::First { record, expired } => (record.map(|record| record.name), expired),
        other => panic!("{other:?}"),
    }
}

pub(super) fn said(store: &Records) -> Vec<String> {
    store.inner.lock().unwrap().log.said.clone()
}

/// Carries out a statement that is none of a store's.
pub(super) fn statement(store: &Records, sql: &str) {
    let mut inner = store.inner.lock().unwrap();
    let mut work = inner.database.begin(false).unwrap();
    work.ask(sql, &[]).unwrap();
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

pub(super) fn clock(latest: u64) -> Clock {
    let machine = || SystemTime::UNIX_EPOCH + Duration::from_secs(MACHINE.get());
    let steady = || BEGUN.with(|begun| *begun + Duration::from_secs(PASSED.get()));
    Clock::of(latest, machine, steady)
}
