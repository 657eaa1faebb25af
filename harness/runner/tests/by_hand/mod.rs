//! `shall` as its users call it, and the reference server as one starts it by hand.

#![allow(dead_code, reason = "no test needs all of it")]

#[path = "../adapters/run.rs"]
pub(crate) mod run;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A program that ends with its test.
pub(crate) struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        // One that is gone already is fine.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hand-{name}"));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

pub(crate) fn shall(folder: &Path, line: &str) -> Output {
    let mut command = Command::new(run::SHALL);
    let words = line.split(' ');
    let command = command.args(words).current_dir(folder);
    command.stdin(Stdio::null()).output().unwrap()
}

/// Ended with this code; returns what it said.
#[track_caller]
pub(crate) fn does(folder: &Path, line: &str, code: i32) -> String {
    let output = shall(folder, line);
    let text = [&output.stdout[..], &output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(output.status.code(), Some(code), "{line}\n{text}");
    text
}

/// A lost message is sent again within seconds, and a busy machine still loses no transaction.
const SCALE: u32 = 5;

/// The reference server by hand, with these places in its configuration.
pub(crate) fn server(folder: &Path, core: SocketAddr, xdms: SocketAddr) -> (Started, SocketAddr) {
    let config = format!(
        "domain: example.com\nlisten:\n  sip: 127.0.0.1:0\n  msrp: 127.0.0.1:0\ncore:\n  address: {core}\n  \
         transport: udp\nxdms:\n  xcap_root: http://{xdms}/services\nconference_factories: [sip:conference-factory@example.com]\n\
         session_only_factories: [sip:session-factory@example.com]\nbarred: [sip:mallory@example.com]\nmax_participants: 4\n\
         notify_interval: 0\ntime_scale: {SCALE}\n"
    );
    fs::write(folder.join("server.yaml"), config).unwrap();
    let mut command = Command::new(run::program("im-server"));
    ready(
        command
            .args(["--config", "server.yaml"])
            .current_dir(folder),
    )
}

/// Starts what prints where it listens for SIP.
pub(crate) fn ready(command: &mut Command) -> (Started, SocketAddr) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    let at = line.split("sip=").nth(1).unwrap();
    let sip = at.split_whitespace().next().unwrap().parse();
    (Started(child), sip.unwrap())
}

/// The server of these tests runs its timers faster than a vendor's.
pub(crate) fn hurried(profile: &Path) {
    let text = fs::read_to_string(profile).unwrap();
    let real = "\n# time_scale: 1\n";
    assert!(text.contains(real), "{text}");
    let own = format!("\ntime_scale: {SCALE}\n");
    fs::write(profile, text.replace(real, &own)).unwrap();
}
