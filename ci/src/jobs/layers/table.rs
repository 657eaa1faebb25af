//! Who may import whom, as data: a change here is a change of the architecture.

/// Crate, and the crates of ours that it may import.
pub(super) const TABLE: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("machines", &["wire"]),
    ("roles", &["wire", "machines"]),
    ("net", &["wire", "machines", "ports"]),
    ("app", &["roles", "net", "machines", "wire", "ports"]),
    ("clauses", &[]),
    ("trace", &["wire", "clauses", "ports"]),
    (
        "world",
        &["app", "roles", "net", "machines", "wire", "trace"],
    ),
    ("sabotage", &["world", "wire", "net", "trace"]),
    ("steps", &["wire", "world", "trace"]),
    (
        "runner",
        &[
            "clauses", "trace", "world", "sabotage", "steps", "reports", "ports",
        ],
    ),
    ("reports", &["trace", "clauses"]),
    ("ci", &["clauses", "ports"]),
    ("ports", &[]),
];

/// Crates of others that only some of ours may name.
pub(super) const EXTERNAL: &[(&str, &[&str])] = &[
    ("clap", &["app", "runner"]),
    ("cucumber", &["steps", "runner"]),
    ("hyper", &["net"]),
    ("rsip", &["wire"]),
    ("rusqlite", &["app"]),
    ("tokio", &["app", "net", "runner", "sabotage", "world"]),
    ("tokio-postgres", &["app"]),
];

/// Crates of the reference that neither wait, nor look at a clock, nor touch the system.
pub(super) const PURE: &[&str] = &["wire", "machines", "roles"];

/// What a pure crate does not call.
pub(super) const CALLS: &[(&str, &str)] = &[
    ("Instant::now", "the clock"),
    ("SystemTime", "the clock"),
    ("TcpListener", "a socket"),
    ("TcpStream", "a socket"),
    ("UdpSocket", "a socket"),
    ("std::env", "the environment"),
    ("std::fs", "the file system"),
    ("std::process", "the system"),
    ("thread::", "a thread"),
];
