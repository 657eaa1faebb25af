//! The same on a PostgreSQL, and what only that can do wrong. `SHALL_POSTGRESQL` is its address, as in a configuration.

use machines::store::Store as _;
use tokio::runtime::{Builder, Runtime};

use super::*;

/// `cargo ci interop` names a server, and demands the count that is printed here.
#[test]
fn postgresql_keeps_what_every_store_keeps() {
    let Some(server) = Server::named() else {
        return println!("nothing was checked: SHALL_POSTGRESQL names no server");
    };
    let _inside = server.runtime.enter();
    for (name, check) in suite::CHECKS.iter().chain(OWN) {
        println!("{name}");
        server.empty();
        check(&|| Records::connect(&server.config).expect("PostgreSQL answers"));
    }
    println!("{} checks on PostgreSQL", suite::CHECKS.len() + OWN.len());
}

const OWN: &[suite::Check] = &[
    ("a lost connection is made again", lost),
    ("a full disk refuses only what it has no room for", full),
    ("a store that may only be read accepts nothing", read_only),
    ("records have one order for all who write", shared),
];

fn lost(open: &dyn Fn() -> Records) {
    let (store, other) = (open(), open());
    kept(&store, "one");
    let others = "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
        WHERE application_name = 'im-server' AND pid <> pg_backend_pid()";
    statement(&other, others);
    // It may be known before it is used, or by that.
    let mut outcome = store.carry_out(&[append("two", 1)]).remove(0);
    if let Err(why) = &outcome {
        assert!(
            why.contains("connected to again") || why.contains("whether it runs"),
            "{why}"
        );
        assert!(said(&store)[0].contains("refused with 500"));
        outcome = store.carry_out(&[append("two", 1)]).remove(0);
    }
    assert!(matches!(outcome, Ok(Answer::Kept { .. })), "{outcome:?}");
    assert_eq!(oldest(&store).0.as_deref(), Some("one"));
}

fn full(open: &dyn Fn() -> Records) {
    let store = open();
    refuse(&store, "53100", "length(NEW.bytes) > 100");
    let outcomes = store.carry_out(&[append("one", 1), append("big", 1000), append("two", 1)]);
    let why = outcomes[1].clone().unwrap_err();
    assert!(
        why.contains("53100") && why.contains("make room on its disk"),
        "{why}"
    );
    for kept in [&outcomes[0], &outcomes[2]] {
        assert!(matches!(kept, Ok(Answer::Kept { .. })), "{kept:?}");
    }
    assert_eq!(said(&store).len(), 2, "{:?}", said(&store));
    assert_eq!(oldest(&store).0.as_deref(), Some("one"));
}

fn read_only(open: &dyn Fn() -> Records) {
    let store = open();
    kept(&store, "one");
    refuse(&store, "25006", "true");
    for _ in 0..3 {
        let outcome = store.carry_out(&[append("two", 1)]).remove(0);
        assert!(outcome.unwrap_err().contains("name the primary"));
    }
    committed(&store, &["DROP TRIGGER refusal ON records"]);
    kept(&store, "two");
    let lines = said(&store);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[1], "it works again");
}

/// What a server says that refuses to write, said by a trigger.
fn refuse(store: &Records, code: &str, condition: &str) {
    let function = format!(
        "CREATE FUNCTION refusal() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '{code}'; END $$"
    );
    let trigger = format!(
        "CREATE TRIGGER refusal BEFORE INSERT ON records FOR EACH ROW
        WHEN ({condition}) EXECUTE FUNCTION refusal()"
    );
    committed(store, &[&function, &trigger]);
}

fn committed(store: &Records, statements: &[&str]) {
    let mut inner = store.inner.lock().unwrap();
    let mut work = inner.database.begin(true).unwrap();
    for sql in statements {
        work.ask(sql, &[]).unwrap();
    }
    work.commit().unwrap();
}

fn shared(open: &dyn Fn() -> Records) {
    let (one, other) = (open(), open());
    let first = kept(&one, "one");
    let second = kept(&other, "two");
    assert!(kept(&one, "three") > second && second > first);
    assert_eq!(ask(&other, append("four", 1)), Answer::NoRoom);
}

/// A server that somebody has started for this test.
struct Server {
    config: tokio_postgres::Config,
    runtime: Runtime,
}

impl Server {
    fn named() -> Option<Server> {
        let address = std::env::var("SHALL_POSTGRESQL").ok()?;
        let mut runtime = Builder::new_multi_thread();
        Some(Server {
            config: address.parse().expect("SHALL_POSTGRESQL is an address"),
            runtime: runtime.worker_threads(1).enable_all().build().unwrap(),
        })
    }

    fn empty(&self) {
        self.runtime.block_on(async {
            let (client, connection) = self.config.connect(tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            let empty = "DROP SCHEMA IF EXISTS im_server CASCADE";
            client.batch_execute(empty).await.unwrap();
        });
    }
}
