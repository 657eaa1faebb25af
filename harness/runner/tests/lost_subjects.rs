//! The `shall` binary against servers that answer, but cannot be judged: out of order, or gone in the middle.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Less than the 32 s that one lost transaction takes, and enough for a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

/// Answers every request over UDP by what `code` says, until it says nothing more.
fn subject(act: impl Fn(&str) -> Act + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut datagram = [0; 65_536];
        while let Ok((length, from)) = socket.recv_from(&mut datagram) {
            let request = String::from_utf8_lossy(&datagram[..length]).into_owned();
            let method = request.split(' ').next().unwrap();
            if method == "ACK" {
                continue;
            }
            if method == "SIP/2.0" {
                if request.contains("CSeq: 1 INVITE") && !request.starts_with("SIP/2.0 1") {
                    let ack = acknowledgement(&request);
                    socket.send_to(ack.as_bytes(), from).unwrap();
                }
                continue;
            }
            let code = match act(method) {
                Act::Say(code) => code,
                Act::InviteBob => {
                    let invite = invitation(&request, address);
                    socket.send_to(invite.as_bytes(), from).unwrap();
                    486
                }
                Act::Go => return,
            };
            let copied = ["Via: ", "From: ", "To: ", "Call-ID: ", "CSeq: "];
            let lines = request
                .lines()
                .filter(|l| copied.iter().any(|name| l.starts_with(name)));
            let lines: String = lines.map(|l| format!("{l}\r\n")).collect();
            let answer = format!("SIP/2.0 {code} So be it\r\n{lines}Content-Length: 0\r\n\r\n");
            socket.send_to(answer.as_bytes(), from).unwrap();
        }
    });
    address
}

/// What a subject does with a request.
enum Act {
    Say(u16),
    InviteBob,
    Go,
}

/// The INVITE to bob that follows one of alice.
fn invitation(request: &str, own: SocketAddr) -> String {
    let number = request.split("alice.").nth(1).unwrap();
    let number = number.split('@').next().unwrap();
    let user = |name: &str| format!("<sip:{name}.{number}@example.com>");
    let (alice, bob) = (user("alice"), user("bob"));
    format!(
        "INVITE sip:bob.{number}@example.com SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKone\r\n\
         Max-Forwards: 70\r\nFrom: {alice};tag=one\r\nTo: {bob}\r\nCall-ID: one@example.com\r\n\
         CSeq: 1 INVITE\r\nContact: <sip:one@{own}>;isfocus\r\nContent-Length: 0\r\n\r\n"
    )
}

/// The ACK of a refusal.
fn acknowledgement(refusal: &str) -> String {
    let copied = ["Via: ", "From: ", "To: ", "Call-ID: "];
    let lines = refusal.lines();
    let lines = lines.filter(|l| copied.iter().any(|name| l.starts_with(name)));
    let lines: String = lines.map(|l| format!("{l}\r\n")).collect();
    format!(
        "ACK sip:bob@example.com SIP/2.0\r\n{lines}Max-Forwards: 70\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n"
    )
}

/// Exit code, messages and summary of a run against the subject, and that it was short and without a pass.
#[track_caller]
fn run(name: &str, sip: SocketAddr) -> (Option<i32>, String, Option<Value>) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("lost-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let profile = folder.join("profile.yaml");
    let core = ports::free();
    let text = format!(
        "subject: {name}\nadapter: remote\nsip: {sip}\ncore: {core}\ndomain: example.com\n\
         conference_factory: sip:factory@example.com\nunallocated_factory: sip:none@example.com\n\
         barred_user: sip:mallory@example.com\nusers: \"sip:{{chair}}.{{n}}@example.com\"\nmax_participants: 4\n"
    );
    std::fs::write(&profile, text).unwrap();
    let began = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_shall"))
        .args(["run", "--transport", "udp", "--profile"])
        .arg(&profile)
        .arg("--out")
        .arg(&folder)
        .output()
        .unwrap();
    let took = began.elapsed();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(took < LIMIT, "{took:?}: {said}");
    let summary = std::fs::read(folder.join("summary.json")).ok();
    let summary = summary.map(|text| serde_json::from_slice::<Value>(&text).unwrap());
    if let Some(summary) = &summary {
        assert_eq!(summary["totals"]["pass"], 0, "{summary}");
    }
    (output.status.code(), said, summary)
}

#[test]
fn a_server_out_of_order_is_no_verdict() {
    for refusal in [403, 404, 486, 503] {
        let sip = subject(move |_| Act::Say(refusal));
        let (code, said, summary) = run("out-of-order", sip);
        assert_eq!(code, Some(3), "{said}");
        let answer = format!("answered {refusal}");
        for words in [answer.as_str(), "bob was never invited", "help: "] {
            assert!(said.contains(words), "{words:?} in: {said}");
        }
        assert!(summary.is_none());
    }
}

#[test]
fn a_server_that_goes_in_the_middle_ends_the_run() {
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let sip = subject(move |method| match method {
        "INVITE" => match calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => Act::InviteBob,
            _ => Act::Go,
        },
        _ => Act::Say(200),
    });
    let (code, said, summary) = run("gone", sip);
    assert_eq!(code, Some(3), "{said}");
    let summary = summary.unwrap().to_string();
    assert!(
        summary.contains("the subject no longer answers"),
        "{summary}"
    );
}
