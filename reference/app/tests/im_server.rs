//! The program itself: readiness, signals, exit codes and memory at rest.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{TcpStream, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SERVER: &str = env!("CARGO_BIN_EXE_im-server");
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/server.example.yaml");

fn command(listen: &str) -> Command {
    let mut command = Command::new(SERVER);
    command.args([
        "--config",
        EXAMPLE,
        "--listen",
        listen,
        "--msrp",
        "127.0.0.1:0",
        "--xdms",
        "127.0.0.1:0",
        "--time-scale",
        "100",
    ]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A server that said it is ready, what it said, and how long that took.
fn ready() -> (Child, String, Duration) {
    let start = Instant::now();
    let mut child = command("127.0.0.1:0").spawn().expect("im-server starts");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("its output is a pipe"))
        .read_line(&mut line)
        .expect("it says a line");
    (child, line, start.elapsed())
}

fn address<'a>(line: &'a str, name: &str) -> &'a str {
    line.split_whitespace()
        .find_map(|word| word.strip_prefix(name))
        .expect("the line names the address")
}

fn end(mut child: Child, signal: &str) -> Option<i32> {
    let told = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(told.success());
    child.wait().expect("it ends").code()
}

#[test]
fn says_what_it_listens_on_and_ends_on_a_signal() {
    for signal in ["-TERM", "-INT"] {
        // The machine may be busy: the best of three starts counts.
        let mut best = Duration::MAX;
        for _ in 0..3 {
            let (child, line, took) = ready();
            best = best.min(took);
            assert!(line.starts_with("im-server ready sip=127.0.0.1:"), "{line}");
            TcpStream::connect(address(&line, "sip=")).unwrap();
            TcpStream::connect(address(&line, "msrp=")).unwrap();
            TcpStream::connect(address(&line, "xdms=")).unwrap();
            assert_eq!(end(child, signal), Some(0));
        }
        println!("ready after {best:?}");
    }
}

#[test]
fn a_port_in_use_is_named_with_a_remedy() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = command(&address).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(
        said.contains(&address) && said.contains("in use") && said.contains("--listen"),
        "{said}"
    );
}

#[test]
fn a_bad_configuration_ends_with_2() {
    let mut child = Command::new(SERVER)
        .args([
            "--config",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    child
        .stderr
        .as_mut()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2), "{said}");
    assert!(said.contains("Cargo.toml:"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn rests_in_less_than_10_mebibytes() {
    let (child, _, _) = ready();
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    let kibibytes: usize = resident.split_whitespace().next().unwrap().parse().unwrap();
    assert_eq!(end(child, "-TERM"), Some(0));
    println!("{kibibytes} KiB");
    assert!(kibibytes < 10 * 1024, "{kibibytes} KiB");
}
