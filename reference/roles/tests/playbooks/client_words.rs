//! The words that the client's playbooks share.

use machines::port::{Input, LinkId, Output, Transport};
use roles::client;
use roles::client::upper::Told;
use wire::sip::Message;

use crate::stage::{Stage, address};

pub(crate) const BOB: &str = "msrp://127.0.0.1:5072/bob;tcp";

pub(crate) fn config() -> client::Config {
    client::Config {
        address: "sip:alice@im.example".into(),
        display_name: Some("Alice".into()),
        proxy: address(5070),
        transport: Transport::Tcp,
        max_adhoc_group_size: 3,
        ..client::Config::default()
    }
}

/// What the other end answers: Contact and SDP with `setup` and types.
pub(crate) fn answer(contact: &str, setup: &str, types: &str) -> String {
    format!(
        "Contact: {contact}
Allow: INVITE, ACK, BYE, UPDATE
P-Asserted-Identity: <sip:bob@im.example>
Require: timer
Session-Expires: 1800;refresher=uac

{}",
        sdp(setup, types)
    )
}

pub(crate) fn sdp(setup: &str, types: &str) -> String {
    format!(
        "v=0
o=- 2 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=message 5072 TCP/MSRP *
a=accept-types:{types}
a=setup:{setup}
a=path:{BOB}
"
    )
}

pub(crate) const PEER: &str = "<sip:bob@127.0.0.1:5072;transport=tcp>;+g.oma.sip-im";
pub(crate) const FOCUS: &str = "<sip:session-7@im.example>;isfocus;+g.oma.sip-im";

/// A request of the server: to the client's port, with its own dialog part.
pub(crate) fn request(method: &str, to: &str, cseq: u32, extra: &str, body: &str) -> String {
    let kind = if body.is_empty() {
        ""
    } else {
        "Content-Type: application/sdp\n"
    };
    let length = body.replace('\n', "\r\n").len();
    format!(
        "{method} sip:alice@127.0.0.1:5080 SIP/2.0
Via: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bK{method}{cseq}
Max-Forwards: 70
From: \"Bob\" <sip:bob@im.example>;tag=bob
To: {to}
Call-ID: called@server
CSeq: {cseq} {method}
{extra}{kind}Content-Length: {length}

{body}"
    )
}

pub(crate) const INVITING: &str = "Contact: <sip:session-9@im.example>;isfocus;+g.oma.sip-im
Allow: INVITE, ACK, BYE, UPDATE, REFER
Supported: timer
Session-Expires: 1800;refresher=uas
P-Asserted-Identity: \"Bob\" <sip:bob@im.example>
";

/// Somebody calls.
pub(crate) fn called(stage: &mut Stage, extra: &str, body: &str) {
    stage.sip(
        5070,
        &request("INVITE", "<sip:alice@im.example>", 1, extra, body),
    );
}

/// A request inside the dialog that the client has answered.
pub(crate) fn inside(stage: &mut Stage, method: &str, cseq: u32, extra: &str, body: &str) {
    let to = stage.last(200).header("To").expect("To").to_owned();
    stage.sip(5070, &request(method, &to, cseq, extra, body));
}

/// A request of the peer inside the dialog that the client has made.
pub(crate) fn back(stage: &mut Stage, method: &str, cseq: u32, extra: &str, body: &str) {
    let invite = first(stage, "INVITE");
    let (from, call_id) = (header(&invite, "From"), header(&invite, "Call-ID"));
    let to = header(&stage.sent("ACK", ""), "To");
    let text = request(method, &from, cseq, extra, body);
    let text = text.replace("\"Bob\" <sip:bob@im.example>;tag=bob", &to);
    stage.sip(5070, &text.replace("called@server", &call_id));
}

pub(crate) fn header(message: &Message, name: &str) -> String {
    message.header(name).expect("the header").to_owned()
}

pub(crate) fn first(stage: &Stage, method: &str) -> Message {
    let all = stage.messages();
    let found = all.into_iter().find(|one| one.method() == Some(method));
    found.expect("such a request")
}

/// A session of two that alice has asked for; she connects.
pub(crate) fn session_of_two() -> Stage {
    let mut stage = Stage::client(config());
    stage.user(r#"{"do":"invite","call":"c1","to":["sip:bob@im.example"]}"#);
    stage.answer(
        "INVITE",
        "bob",
        200,
        &answer(PEER, "passive", "message/CPIM text/plain"),
    );
    stage
}

/// The link that the client has asked for last, connected.
pub(crate) fn connected(stage: &mut Stage) -> u64 {
    let asked = |output: &Output| match output {
        Output::Connect { link, .. } => Some(*link),
        _ => None,
    };
    let link = stage.said.iter().rev().find_map(asked);
    let link = link.unwrap_or_else(|| panic!("no connection:\n{}", stage.script));
    stage.give(Input::LinkUp { link });
    link.0
}

pub(crate) fn down(stage: &mut Stage, link: u64) {
    stage.give(Input::LinkDown { link: LinkId(link) });
}

pub(crate) fn body(message: &Message) -> String {
    String::from_utf8_lossy(&message.body).into_owned()
}

/// Our MSRP URI in the latest description that the client sent.
pub(crate) fn path(message: &Message) -> String {
    let text = body(message);
    let line = text.lines().find_map(|line| line.strip_prefix("a=path:"));
    line.expect("a path").to_owned()
}

pub(crate) fn notices(stage: &Stage) -> Vec<String> {
    let notice = |told: Told| match told {
        Told::Notice { text } => Some(text),
        _ => None,
    };
    stage.told().into_iter().filter_map(notice).collect()
}

pub(crate) fn ended(stage: &Stage, name: &str) -> Option<String> {
    stage.told().into_iter().find_map(|told| match told {
        Told::Ended { call, why } if call == name => Some(why),
        _ => None,
    })
}
