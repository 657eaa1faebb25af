//! A vendor's day, as the README has it: init, probe, run, certify and verify, for a server that was started by hand.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "adapters/run.rs"]
#[allow(dead_code, reason = "the test of the adapters needs more of it")]
mod run;
#[path = "../../../reports/tests/schema/mod.rs"]
#[allow(dead_code, reason = "the schemas' own test needs more of it")]
mod schema;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// A program that ends with its test.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        // One that is gone already is fine.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("day-{name}"));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// A port that UDP and TCP have free.
fn free() -> SocketAddr {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = tcp.local_addr().unwrap();
        if UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
}

fn shall(folder: &Path, line: &str) -> Output {
    let mut command = Command::new(run::SHALL);
    let words = line.split(' ');
    let command = command.args(words).current_dir(folder);
    command.stdin(Stdio::null()).output().unwrap()
}

/// Ended with this code; returns what it said.
#[track_caller]
fn does(folder: &Path, line: &str, code: i32) -> String {
    let output = shall(folder, line);
    let text = [&output.stdout[..], &output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(output.status.code(), Some(code), "{line}\n{text}");
    text
}

/// The reference server by hand, with these places in its configuration.
fn server(folder: &Path, core: SocketAddr, xdms: SocketAddr) -> (Started, SocketAddr) {
    let config = format!(
        "domain: example.com\nlisten:\n  sip: 127.0.0.1:0\n  msrp: 127.0.0.1:0\ncore:\n  address: {core}\n  \
         transport: udp\nxdms:\n  xcap_root: http://{xdms}/services\nconference_factories: [sip:conference-factory@example.com]\n\
         session_only_factories: [sip:session-factory@example.com]\nbarred: [sip:mallory@example.com]\nmax_participants: 4\n\
         time_scale: 30\n"
    );
    fs::write(folder.join("server.yaml"), config).unwrap();
    let mut command = Command::new(run::program("im-server"));
    command
        .args(["--config", "server.yaml"])
        .current_dir(folder);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut ready = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut ready).unwrap();
    let at = ready.split("sip=").nth(1).unwrap();
    let sip = at.split_whitespace().next().unwrap().parse();
    (Started(child), sip.unwrap())
}

#[test]
fn a_profile_is_written_probed_run_certified_and_verified() {
    let folder = folder("whole");
    let (core, xdms) = (free(), free());
    let (_server, sip) = server(&folder, core, xdms);
    let init = format!("init --sip {sip} --core {core} --xdms {xdms} --out my-server.yaml");
    assert!(does(&folder, &init, 0).contains("my-server.yaml"));
    // The server of this test runs its timers faster than a vendor's.
    let path = folder.join("my-server.yaml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("\n# time_scale: 1\n"), "{text}");
    fs::write(
        &path,
        text.replace("\n# time_scale: 1\n", "\ntime_scale: 30\n"),
    )
    .unwrap();

    let said = does(&folder, "probe --profile my-server.yaml", 0);
    for words in [
        "udp              answers",
        "tcp              answers",
        "Allow ",
        "claims.uri_list_message",
    ] {
        assert!(said.contains(words), "{words:?} in: {said}");
    }
    let run = "run --profile my-server.yaml --clause 7.2.1.1/server-sends-1xx/*";
    assert!(does(&folder, run, 0).contains("pass"));
    does(&folder, "certify out --new-key my.key", 0);
    let said = does(&folder, "verify bundle.zip --key my.key.pub", 0);
    assert!(said.contains("all the same"), "{said}");

    // A claim that the wire contradicts.
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("claims: {}", "claims: { uri_list_message: false }"),
    )
    .unwrap();
    let output = shall(&folder, "probe --profile my-server.yaml --format json");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let json = String::from_utf8(output.stdout).unwrap();
    schema::check(reports::PROBE_SCHEMA, &json);
    let probe: Value = serde_json::from_str(&json).unwrap();
    let claims = probe["claims"].as_array().unwrap();
    let claim = claims
        .iter()
        .find(|c| c["key"] == "claims.uri_list_message")
        .unwrap();
    assert_eq!(
        (&claim["profile"], &claim["wire"]),
        (&false.into(), &"yes".into())
    );
    assert!(
        claim["shown"]["message"]
            .as_str()
            .unwrap()
            .contains("SIP/2.0"),
        "{claim}"
    );
}

#[test]
fn nobody_there_is_no_answer() {
    let folder = folder("nobody");
    let init = format!("init --sip {} --core {} --xdms {}", free(), free(), free());
    does(&folder, &init, 0);
    let said = does(&folder, "probe --profile profile.yaml", 3);
    assert!(said.contains("does not answer SIP"), "{said}");
    // What is there is not written over unasked.
    let said = does(&folder, "init", 2);
    assert!(said.contains("--force"), "{said}");
    does(&folder, "init --force --kind core", 0);
    let said = does(&folder, "init --out x.yaml --without b2ba", 2);
    assert!(said.contains("there is no claim `b2ba`"), "{said}");
    assert!(!folder.join("x.yaml").exists());
}
