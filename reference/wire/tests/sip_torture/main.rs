//! The torture messages of RFC 4475 and RFC 5118, rebuilt from their descriptions, and how each is treated.

#![allow(clippy::too_many_lines, reason = "tables of messages")]

mod beyond;
mod invalid;
mod ipv6;
mod valid;

use wire::scan::{DefectKind, Scan};
use wire::sip::{Message, Violation};

/// What we do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Treatment {
    /// `parse` and `validate` let it pass.
    Accepted,
    /// `parse` refuses it: no message can be made of it.
    Refused(Violation),
    /// `parse` reads it, `validate` says why a server answers 400.
    Faulty(Violation),
}

/// One row of a table.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    treatment: Treatment,
    defects: &'static [DefectKind],
}

fn case(
    name: &'static str,
    bytes: Vec<u8>,
    treatment: Treatment,
    defects: &'static [DefectKind],
) -> Case {
    Case {
        name,
        bytes,
        treatment,
        defects,
    }
}

/// A head written with plain line ends, and a body; `@` stands for the body's length.
fn message(head: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len().to_string();
    let mut text = head.replace('\n', "\r\n");
    if let Some(at) = text.find("Content-Length: @") {
        text.replace_range(at + 16..at + 17, &length);
    }
    let mut bytes = format!("{text}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A request that is sound but for `uri` and the lines in `more` (each ended by `\n`).
fn request(method: &str, uri: &str, more: &str) -> Vec<u8> {
    let head = format!("{method} {uri} SIP/2.0\n{}{more}", usual(method));
    message(&format!("{head}Content-Length: @\n"), b"")
}

/// The lines every request needs.
fn usual(method: &str) -> String {
    format!(
        "To: <sip:watson@bell.example>\nFrom: <sip:caller@bell.example>;tag=d8s7\n{}",
        rest(method)
    )
}

/// The lines every request needs, To and From aside.
fn rest(method: &str) -> String {
    format!(
        "Call-ID: torture.7f3a@caller.example\nCSeq: 8 {method}\n\
         Via: SIP/2.0/UDP caller.example:5060;branch=z9hG4bKt0rtur3\nMax-Forwards: 70\n"
    )
}

fn treat(bytes: &[u8]) -> Treatment {
    match Message::parse(bytes) {
        Err(violation) => Treatment::Refused(violation),
        Ok(message) => match message.validate() {
            Err(violation) => Treatment::Faulty(violation),
            Ok(()) => Treatment::Accepted,
        },
    }
}

fn run(cases: Vec<Case>) {
    let mut wrong = Vec::new();
    for case in &cases {
        let scan = Scan::sip(&case.bytes);
        assert_eq!(scan.print(), case.bytes, "{}: octets are lost", case.name);
        let defects: Vec<DefectKind> = scan.defects.iter().map(|defect| defect.kind).collect();
        let treatment = treat(&case.bytes);
        if treatment != case.treatment || defects != case.defects {
            wrong.push(format!("{}: {treatment:?}, {defects:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn valid_messages_are_accepted() {
    run(valid::cases());
}

#[test]
fn invalid_messages_are_refused() {
    run(invalid::cases());
}

#[test]
fn faults_beyond_syntax_are_told_apart() {
    run(beyond::cases());
}

#[test]
fn addresses_of_version_6_are_read() {
    run(ipv6::cases());
}

#[test]
fn every_torture_message_is_here() {
    let all = [valid::cases(), invalid::cases(), beyond::cases()];
    assert_eq!(all.map(|cases| cases.len()), [13, 19, 17]);
}
