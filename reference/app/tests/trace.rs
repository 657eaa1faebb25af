//! `--trace`: what a file says of a message and its answer, octet for octet, and what caused which.

use std::io::{BufRead as _, BufReader};
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Command, Stdio};

use app::trace::{Line, Message};

fn server(trace: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_im-server"));
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/server.example.yaml");
    command.args(["--config", example, "--listen", "127.0.0.1:0"]);
    command.args(["--msrp", "127.0.0.1:0", "--xdms", "127.0.0.1:0"]);
    command.arg("--trace").arg(trace);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn a_request_and_its_answer_are_in_the_trace() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trace.jsonl");
    let mut child = server(&file).spawn().expect("im-server starts");
    let mut ready = String::new();
    let out = child.stdout.as_mut().expect("a pipe");
    BufReader::new(out).read_line(&mut ready).expect("a line");
    let sip = ready
        .split_whitespace()
        .find_map(|w| w.strip_prefix("sip="));
    let user = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let own = user.local_addr().expect("its address");
    let options = format!(
        "OPTIONS sip:x@example.com SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKt\r\nMax-Forwards: 70\r\n\
         From: <sip:a@example.com>;tag=a\r\nTo: <sip:x@example.com>\r\nCall-ID: t\r\nCSeq: 1 OPTIONS\r\n\
         Subject: caf\u{e9}\r\nContent-Length: 0\r\n\r\n"
    );
    let sip = sip.expect("an address");
    user.send_to(options.as_bytes(), sip).expect("a datagram");
    let mut answer = [0; 4096];
    let length = user.recv(&mut answer).expect("an answer");
    let pid = child.id().to_string();
    let told = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(told.expect("kill runs").success() && child.wait().expect("it ends").success());

    let text = std::fs::read_to_string(&file).expect("the trace");
    let line = |line: &str| match serde_json::from_str(line).expect("a line of a trace") {
        Line::Message(message) => *message,
        Line::Lost { lost } => panic!("{lost} lines are missing"),
    };
    let lines: Vec<Message> = text.lines().map(line).collect();
    let [asked, answered] = lines.as_slice() else {
        panic!("two messages, not {lines:?}");
    };
    assert_eq!(
        (asked.number, asked.because, &*asked.way),
        (1, None, "received")
    );
    assert_eq!(asked.message.as_deref(), Some(&*options));
    assert_eq!((&*asked.protocol, &*asked.transport), ("sip", "udp"));
    assert_eq!(
        (asked.local.to_string(), asked.remote),
        (sip.to_owned(), own)
    );
    assert_eq!((answered.because, &*answered.way), (Some(1), "sent"));
    let heard = answered.message.as_deref().map(str::as_bytes);
    assert_eq!(heard, Some(&answer[..length]));
    assert!(answered.at_us >= asked.at_us);
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let nowhere = Path::new(env!("CARGO_MANIFEST_DIR")).join("no/such/folder/trace.jsonl");
    let output = server(&nowhere).output().expect("im-server runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(
        said.contains("no/such/folder") && said.contains("--trace"),
        "{said}"
    );
}
