//! What the playbooks of the core say: users who register and call, and servers inside the trust domain.

use machines::port::Output;
use roles::core::{Config, Filter, Route, User};
use sha2::{Digest as _, Sha256};

use crate::stage::{Stage, address};

pub(crate) const ALICE: u16 = 5091;
pub(crate) const BOB: u16 = 5092;
/// The originating port of the IM server.
pub(crate) const SERVER: u16 = 5071;

pub(crate) fn config() -> Config {
    let user = |name: &str| User {
        name: name.into(),
        password: format!("secret of {name}"),
        identities: vec![format!("sip:{name}@im.example")],
    };
    Config {
        users: vec![user("alice"), user("bob")],
        filters: Filter::appendix_c("sip:127.0.0.1:5071;transport=tcp"),
        routes: vec![Route {
            uri: "sip:factory@im.example".into(),
            to: "sip:127.0.0.1:5072;transport=tcp".into(),
        }],
        ..Config::default()
    }
}

/// A core with its filters, and with alice and bob registered.
pub(crate) fn registered() -> Stage {
    let mut stage = Stage::core(config());
    for (name, port) in [("alice", ALICE), ("bob", BOB)] {
        stage.sip(port, &register(name, port, 1, ""));
        let proof = proof(&stage, name, name, "REGISTER", "sip:im.example", 1);
        stage.sip(port, &register(name, port, 2, &proof));
    }
    assert_eq!(stage.codes("REGISTER"), [401, 200, 401, 200]);
    stage.said.clear();
    stage
}

pub(crate) fn register(name: &str, port: u16, cseq: u32, more: &str) -> String {
    format!(
        "REGISTER sip:im.example SIP/2.0
Via: SIP/2.0/TCP 127.0.0.1:{port};branch=z9hG4bKr{name}{cseq}
Max-Forwards: 70
From: <sip:{name}@im.example>;tag=r
To: <sip:{name}@im.example>
Call-ID: r-{name}
CSeq: {cseq} REGISTER
Contact: <sip:{name}@127.0.0.1:{port};transport=tcp>;+g.oma.sip-im
{more}Content-Length: 0

"
    )
}

/// Credentials for the latest challenge, as a header line.
pub(crate) fn proof(
    stage: &Stage,
    name: &str,
    password_of: &str,
    method: &str,
    uri: &str,
    count: u32,
) -> String {
    let asks = if method == "REGISTER" { 401 } else { 407 };
    let challenge = stage.last(asks);
    let (header, answer) = match asks {
        401 => ("WWW-Authenticate", "Authorization"),
        _ => ("Proxy-Authenticate", "Proxy-Authorization"),
    };
    let asked = challenge.headers(header).next().expect("a challenge");
    let nonce = asked
        .split("nonce=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let nonce = nonce.expect("a nonce");
    let more = answer_to(nonce, name, password_of, method, uri, count);
    format!("{answer}: {more}\n")
}

/// Credentials that answer a nonce, whoever gave it.
pub(crate) fn answer_to(
    nonce: &str,
    name: &str,
    password_of: &str,
    method: &str,
    uri: &str,
    count: u32,
) -> String {
    let secret = sha(&format!("{name}:im.example:secret of {password_of}"));
    let asked = sha(&format!("{method}:{uri}"));
    let response = sha(&format!("{secret}:{nonce}:{count:08x}:c:auth:{asked}"));
    format!(
        "Digest username=\"{name}\", realm=\"im.example\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", algorithm=SHA-256, qop=auth, nc={count:08x}, cnonce=\"c\""
    )
}

fn sha(text: &str) -> String {
    let octets = Sha256::digest(text.as_bytes());
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// A request of alice's that begins something, with more header lines.
pub(crate) fn request(method: &str, uri: &str, more: &str) -> String {
    request_from("alice", ALICE, method, uri, more)
}

pub(crate) fn request_from(name: &str, port: u16, method: &str, uri: &str, more: &str) -> String {
    format!(
        "{method} {uri} SIP/2.0
Via: SIP/2.0/TCP 127.0.0.1:{port};branch=z9hG4bKx{name}{method}
Max-Forwards: 70
From: <sip:{name}@im.example>;tag=f
To: <{uri}>
Call-ID: c-{name}
CSeq: 1 {method}
Contact: <sip:{name}@127.0.0.1:{port};transport=tcp>
{more}Content-Length: 0

"
    )
}

/// What the operator was told.
pub(crate) fn warnings(stage: &Stage) -> Vec<String> {
    let line = |output: &Output| match output {
        Output::User(line) => Some(line.clone()),
        _ => None,
    };
    stage.said.iter().filter_map(line).collect()
}

/// Where the latest request of that method went.
pub(crate) fn went(stage: &Stage, method: &str) -> u16 {
    let to = |output: &Output| match output {
        Output::Sip { flow, bytes } if bytes.starts_with(method.as_bytes()) => {
            Some(flow.remote.port())
        }
        _ => None,
    };
    let found = stage.said.iter().rev().find_map(to);
    found.unwrap_or_else(|| panic!("no {method}:\n{}", stage.script))
}

/// The address of a user, as the other playbooks know it.
pub(crate) fn place(port: u16) -> String {
    address(port).to_string()
}
