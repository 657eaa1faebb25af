//! The embedded reference over IPv6: every clause as over IPv4.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::UdpSocket;
use std::path::Path;
use std::process::Command;

#[test]
fn the_reference_conforms_over_ipv6() {
    if let Err(error) = UdpSocket::bind("[::1]:0") {
        return println!("skipped: this machine has no IPv6 loopback: {error}");
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ipv6");
    std::fs::create_dir_all(&folder).unwrap();
    let profile = include_str!("../../../features/profiles/reference.yaml");
    let profile = format!("{profile}\ncore: \"[::1]:0\"\nxdms: \"[::1]:0\"\n");
    let path = folder.join("profile.yaml");
    std::fs::write(&path, profile).unwrap();
    let mut shall = Command::new(env!("CARGO_BIN_EXE_shall"));
    shall.args(["run", "--profile"]).arg(path);
    let said = shall.arg("--out").arg(&folder).output().unwrap();
    let error = String::from_utf8_lossy(&said.stderr);
    assert_eq!(said.status.code(), Some(0), "{error}");
    let frames = std::fs::read_to_string(folder.join("run.jsonl")).unwrap();
    assert!(frames.contains("\"remote\":\"[::1]:"), "no frame over IPv6");
    assert!(!frames.contains("\"remote\":\"127."), "a frame over IPv4");
}
