//! Configurations that are right, and where those that are wrong are said to be so.

use crate::config::{load, parse};

const EXAMPLE: &str = include_str!("../server.example.yaml");

#[test]
fn the_example_is_right() {
    let config = load(concat!(env!("CARGO_MANIFEST_DIR"), "/server.example.yaml")).unwrap();
    assert_eq!(config.sip.to_string(), "127.0.0.1:5060");
    assert_eq!(config.msrp.to_string(), "127.0.0.1:2855");
    assert_eq!(config.role.core.to_string(), "127.0.0.1:5070");
    assert_eq!(config.role.max_participants, 4);
    let xdms = config.xdms.expect("the example has an XDMS");
    assert_eq!(xdms.listen.to_string(), "127.0.0.1:8090");
    assert_eq!(config.role.xcap_root, None);
    assert_eq!(config.role.barred, ["sip:mallory@example.com"]);
}

/// The example with the core in it that it shows.
fn with_core() -> String {
    let (before, core) = EXAMPLE.split_once("# sip_ip_core:").unwrap();
    let lines = core
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line));
    let core: Vec<&str> = lines.collect();
    format!("{before}sip_ip_core:{}\n", core.join("\n"))
}

#[test]
fn the_core_of_the_example_is_right() {
    let config = parse(&with_core(), "server.yaml").unwrap();
    let core = config.sip_ip_core.expect("a core");
    assert_eq!(core.listen.to_string(), "127.0.0.1:5070");
    assert_eq!(core.role.users.len(), 101);
    assert_eq!(
        core.role.users[100].identities,
        ["sip:test.100@example.com"]
    );
    assert_eq!(core.role.filters.len(), 4);
    assert_eq!(core.role.filters[1].to, None);
    assert_eq!(core.role.domain, "example.com");
}

#[test]
fn errors_name_the_place_and_the_remedy() {
    let others = mistakes_of_the_xdms()
        .into_iter()
        .chain(mistakes_of_the_core());
    for (text, problem, remedy, marked) in mistakes().into_iter().chain(others) {
        let message = parse(&text, "server.yaml").unwrap_err().to_string();
        assert!(
            message.contains(problem) && message.contains(remedy),
            "{message}"
        );
        let line: usize = message.split(':').nth(1).unwrap().parse().unwrap();
        let shown = text.lines().nth(line - 1).unwrap();
        assert!(
            shown.trim_start().starts_with(marked),
            "{message} is said of {shown:?}"
        );
    }
}

#[test]
fn functions_take_from_the_server_what_they_do_not_say() {
    let text = format!(
        "{EXAMPLE}\nstore: {{database: \":memory:\"}}\nparticipating:\n  - side: terminating\n    mode: proxy\n    sip: 127.0.0.1:5072\n    deferred: {{messages: 7}}\n"
    );
    let config = parse(&text, "server.yaml").unwrap();
    let function = &config.participating[0];
    assert_eq!(function.role.core, config.role.core);
    assert_eq!(function.role.domain, "example.com");
    assert_eq!(function.shards, 1);
    let deferred = function.role.deferred.as_ref().unwrap();
    assert_eq!((deferred.messages, deferred.lifetime), (7, 604_800));
    // What is kept outlives the start, so that identifiers may not come again.
    assert_ne!(function.role.seed, 1);

    for (from, to, remedy) in [
        ("store: {database: \":memory:\"}\n", "", "Add `store:`"),
        (
            "{database: \":memory:\"}\n",
            "{database: x, pages: 3}\n",
            "16 pages",
        ),
        ("side: terminating", "side: originating", "terminating side"),
        ("mode: proxy", "shards: 0", "Use 1 or more"),
        ("mode: proxy", "mod: proxy", "correct its spelling"),
    ] {
        let wrong = text.replace(from, to);
        let message = parse(&wrong, "server.yaml").unwrap_err().to_string();
        assert!(message.contains(remedy), "{message}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = load("/nowhere/server.yaml").unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("/nowhere/server.yaml: cannot be read")
    );
    assert_eq!(error.exit_code(), 2);
}

/// A text, what its error says of problem and remedy, and how the line starts that it points at.
fn mistakes() -> Vec<(String, &'static str, &'static str, &'static str)> {
    vec![
        (
            EXAMPLE.replace("min_se: 90", "min_sey: 90"),
            "unknown field `min_sey`",
            "correct its spelling",
            "min_sey",
        ),
        (
            EXAMPLE.replace("min_se: 90", "min_se: 80"),
            "below 90 s",
            "RFC 4028",
            "min_se: 80",
        ),
        (
            EXAMPLE.replace("time_scale: 1", "time_scale: 0"),
            "out of range",
            "Use 1",
            "time_scale: 0",
        ),
        (
            EXAMPLE.replace("seed: 1", "seed: many"),
            "seed",
            "Compare with",
            "seed: many",
        ),
        (
            EXAMPLE.replace("  - sip:mallory", "  - mallory"),
            "no SIP URI",
            "sip:user@host",
            "barred:",
        ),
        (
            EXAMPLE.replace("sip: 127.0.0.1:5060", "sip: 0.0.0.0:5060"),
            "cannot reply",
            "advertise",
            "listen:",
        ),
        (
            EXAMPLE.replace("sip: 127.0.0.1:5060", "sip: nowhere"),
            "socket address",
            "127.0.0.1:5060",
            "sip: nowhere",
        ),
        (
            EXAMPLE.replace("domain: example.com", ""),
            "missing field `domain`",
            "Add the key",
            "",
        ),
        (
            EXAMPLE.replace("domain: example.com", "domain: [a"),
            "",
            "Compare with",
            "",
        ),
    ]
}

fn mistakes_of_the_xdms() -> Vec<(String, &'static str, &'static str, &'static str)> {
    vec![
        (
            EXAMPLE.replace("  database:", "  # database:"),
            "no place for its documents",
            ":memory:",
            "xdms:",
        ),
        (
            EXAMPLE.replace("  # xcap_root: http", "  xcap_root: https"),
            "no http URI",
            "http://host",
            "xdms:",
        ),
    ]
}

#[test]
fn a_history_function_has_core_factory_and_store_of_the_server() {
    let keys = "history:\n  sip: 127.0.0.1:5073\n  address: sip:history@example.com\n  initiator: sip:alice@example.com\n  patience: 5\n";
    let config = parse(&format!("{EXAMPLE}\n{keys}"), "server.yaml").unwrap();
    let history = config.history.expect("the keys are there").role;
    assert_eq!(history.agent.proxy, config.role.core);
    let factory = config.role.conference_factories.first();
    assert_eq!(Some(&history.agent.conference_factory), factory);
    assert_eq!(history.patience.as_secs(), 5);
    assert!(!history.durable);
    let stored = format!("{EXAMPLE}\nstore: {{database: \":memory:\"}}\n{keys}");
    let stored = parse(&stored, "server.yaml").unwrap();
    assert!(stored.history.expect("the keys are there").role.durable);
    for (from, to, remedy) in [
        ("sip:alice@example.com", "alice", "sip:user@host"),
        (
            "sip:history@example.com",
            "sip:example.com",
            "sip:user@host",
        ),
        ("patience: 5", "patience: 32", "31 or less"),
        ("patience: 5", "messages: 0", "Use 1 or more"),
        ("patience: 5", "place: 5", "Remove the key"),
    ] {
        let text = format!("{EXAMPLE}\n{}", keys.replace(from, to));
        let message = parse(&text, "server.yaml").unwrap_err().to_string();
        assert!(message.contains(remedy), "{message}");
    }
}

fn mistakes_of_the_core() -> Vec<(String, &'static str, &'static str, &'static str)> {
    let core = with_core();
    vec![
        (
            core.replace("sip:127.0.0.1:5071", "sip:server"),
            "no SIP URI with an IP address",
            "sip:127.0.0.1:5071",
            "sip_ip_core:",
        ),
        (
            core.replace("[\"sip:alice@example.com\"]", "[]"),
            "`alice` has no identity",
            "identities:",
            "users:",
        ),
        (
            core.replace("[SHA-256, MD5]", "[]"),
            "prove anything",
            "[SHA-256, MD5]",
            "algorithms:",
        ),
    ]
}
