//! The messages that the playbooks share.

pub(crate) const OFFER: &str = "v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=message 7001 TCP/MSRP *
a=accept-types:message/CPIM text/plain
a=max-size:5000
a=setup:actpass
a=path:msrp://127.0.0.1:7001/alice;tcp
";

pub(crate) const LIST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists" xmlns:cp="urn:ietf:params:xml:ns:copycontrol"><list>ENTRIES</list></resource-lists>
"#;

/// What an invitee adds to a 200: `setup` and its port.
pub(crate) fn accepts(user: &str, port: u16, setup: &str) -> String {
    format!(
        "Contact: <sip:{user}@127.0.0.1:{port};transport=tcp>
Allow: INVITE, ACK, BYE, UPDATE
Supported: timer
Session-Expires: 1800;refresher=uas

v=0
o=- 2 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=message {port} TCP/MSRP *
a=accept-types:message/CPIM
a=max-size:2000
a=setup:{setup}
a=path:msrp://127.0.0.1:{port}/{user};tcp
"
    )
}

/// Alice's INVITE to the factory with these users and a changed or added header.
pub(crate) fn invite(users: &[&str], copy: &str, extra: &str) -> String {
    let entries: String = users
        .iter()
        .map(|user| format!(r#"<entry uri="sip:{user}@im.example"{copy}/>"#))
        .collect();
    let list = LIST.replace("ENTRIES", &entries);
    let body = format!(
        "--b1\nContent-Type: application/sdp\n\n{OFFER}\n--b1\nContent-Type: application/resource-lists+xml\nContent-Disposition: recipient-list\n\n{list}\n--b1--\n"
    );
    with_body("multipart/mixed;boundary=b1", &body, extra)
}

/// The same with any body.
pub(crate) fn with_body(kind: &str, body: &str, extra: &str) -> String {
    let mut headers: Vec<(String, String)> = [
        ("Via", "SIP/2.0/TCP 127.0.0.1:5061;branch=z9hG4bKinvite"),
        ("Max-Forwards", "70"),
        ("From", "\"Alice\" <sip:alice@im.example>;tag=alice"),
        ("To", "<sip:conference-factory@im.example>"),
        ("Call-ID", "setup@alice"),
        ("CSeq", "1 INVITE"),
        ("Contact", "<sip:alice@127.0.0.1:5061;transport=tcp>"),
        ("P-Asserted-Identity", "\"Ali\" <sip:alice@im.example>"),
        ("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE"),
        ("Supported", "timer"),
        ("Session-Expires", "1800;refresher=uac"),
        ("Require", "recipient-list-invite"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    let mut uri = "sip:conference-factory@im.example";
    for line in extra.lines() {
        let (name, value) = line.split_once(':').expect("a header");
        if name == "URI" {
            uri = value;
            continue;
        }
        headers.retain(|(known, _)| known != name);
        if !value.is_empty() {
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
    }
    let lines: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    let length = body.replace('\n', "\r\n").len();
    format!("INVITE {uri} SIP/2.0\n{lines}Content-Type: {kind}\nContent-Length: {length}\n\n{body}")
}

/// A request without a body, with its To, Call-ID and CSeq.
pub(crate) fn request(
    method: &str,
    uri: &str,
    to: &str,
    call_id: &str,
    cseq: u32,
    extra: &str,
) -> String {
    format!(
        "{method} {uri} SIP/2.0\nVia: SIP/2.0/TCP 127.0.0.1:5061;branch=z9hG4bK{method}{cseq}\nMax-Forwards: 70\nFrom: \"Alice\" <sip:alice@im.example>;tag=alice\nTo: {to}\nCall-ID: {call_id}\nCSeq: {cseq} {method}\n{extra}Content-Length: 0\n\n"
    )
}
