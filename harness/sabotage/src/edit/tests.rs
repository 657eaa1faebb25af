//! Each edit does its one thing, keeps the rest octet for octet and the message well framed.

use trace::Protocol;
use wire::scan::Scan;

use crate::Action;
use crate::action::apply_all;

const BODY: &str = "v=0\r\nm=audio 0 RTP/AVP 0\r\na=sendrecv\r\nm=message 7394 TCP/MSRP *\r\na=path:msrp://h:1/s;tcp\r\n\
    a=max-size:20\r\na=max-size-x:1\r\n--b--\r\n";

fn message() -> String {
    format!(
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h:1;branch=z9\r\nf: \"A;isfocus,\" <sip:a@x;isfocus>;tag=a\r\nTo: <sip:g@x>;tag=b\r\n\
         Call-ID: c\r\nCSeq: 1 INVITE\r\nContact: <sip:s@x;isfocus>;isfocus;q=1, <sip:y@x>;z=1\r\n\
         Allow: A\r\nallow: B\r\nX-Strange : kept  as\r\n  is\r\nl: {}\r\n\r\n{BODY}",
        BODY.len()
    )
}

fn edited(action: &str) -> Vec<String> {
    edited_from(&message(), Protocol::Sip, action)
}

fn edited_from(bytes: &str, protocol: Protocol, action: &str) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct One(#[serde(with = "serde_yaml::with::singleton_map_recursive")] Vec<Action>);
    let One(actions) = serde_yaml::from_str(&format!("[{action}]")).unwrap();
    let messages = apply_all(&actions, protocol, bytes.as_bytes());
    messages
        .into_iter()
        .map(|bytes| String::from_utf8(bytes).unwrap())
        .collect()
}

/// The message after one replacement of text, with its length told again.
fn with(changes: &[(&str, &str)]) -> Vec<String> {
    let mut text = message();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    let body = text.split_once("\r\n\r\n").unwrap().1.len();
    vec![text.replace(&format!("l: {}", BODY.len()), &format!("l: {body}"))]
}

#[test]
fn start_lines() {
    assert_eq!(
        edited("{ status: { code: 486, reason: Busy Here } }"),
        with(&[("200 OK", "486 Busy Here")])
    );
    let request = "BYE sip:a@x SIP/2.0\r\nCSeq: 2 BYE\r\nX: BYE\r\n\r\n";
    let sip = |action| edited_from(request, Protocol::Sip, action).concat();
    assert_eq!(sip("{ method: INFO }"), request.replacen("BYE", "INFO", 2));
    assert_eq!(
        sip("{ request_uri: 'sip:b@y' }"),
        request.replace("sip:a@x", "sip:b@y")
    );
    assert_eq!(sip("{ status: { code: 200, reason: OK } }"), request);
}

#[test]
fn header_lines() {
    assert_eq!(
        edited("{ remove: Allow }"),
        with(&[("Allow: A\r\nallow: B\r\n", "")])
    );
    assert_eq!(
        edited("{ set: { header: Allow, value: C } }"),
        with(&[("Allow: A\r\nallow: B\r\n", "Allow: C\r\n")])
    );
    assert_eq!(
        edited("{ set: { header: Expires, value: '3' } }"),
        edited("{ add: { header: Expires, value: '3' } }")
    );
    let added = format!("l: {}\r\nExpires: 3\r\n\r\n", BODY.len());
    assert!(
        edited("{ add: { header: Expires, value: '3' } }")
            .concat()
            .contains(&added)
    );
    assert_eq!(
        edited("{ append: { header: Call-ID, text: -x } }"),
        with(&[("Call-ID: c", "Call-ID: c-x")])
    );
    assert_eq!(
        edited("{ replace: { header: From, text: x, with: y } }"),
        with(&[("sip:a@x", "sip:a@y")])
    );
    assert_eq!(edited("{ remove: Nothing }"), [message()]);
}

#[test]
fn header_parameters_are_not_those_of_the_uri_or_of_quoted_text() {
    assert_eq!(
        edited("{ strip: { header: Contact, param: IsFocus } }"),
        with(&[(">;isfocus;q", ">;q")])
    );
    assert_eq!(
        edited("{ strip: { header: From, param: isfocus } }"),
        [message()]
    );
    assert_eq!(
        edited("{ strip: { header: Contact, param: z } }"),
        [message()]
    );
    assert_eq!(
        edited("{ param: { header: To, name: tag, value: n } }"),
        with(&[("tag=b", "tag=n")])
    );
    assert_eq!(
        edited("{ param: { header: To, name: x, value: n } }"),
        with(&[("tag=b", "tag=b;x=n")])
    );
}

#[test]
fn bodies_keep_their_length_told() {
    assert_eq!(
        edited("{ remove_attribute: max-size }"),
        with(&[("a=max-size:20\r\n", "")])
    );
    assert_eq!(
        edited("{ set_attribute: { name: max-size, value: '7' } }"),
        with(&[("a=max-size:20", "a=max-size:7")])
    );
    assert_eq!(
        edited("{ media_port: { media: audio, port: 49170 } }"),
        with(&[("m=audio 0", "m=audio 49170")])
    );
    assert_eq!(
        edited("{ remove_media: audio }"),
        with(&[("m=audio 0 RTP/AVP 0\r\na=sendrecv\r\n", "")])
    );
    assert!(
        edited("{ remove_media: message }")
            .concat()
            .ends_with("a=sendrecv\r\n--b--\r\n")
    );
    assert_eq!(
        edited("{ replace: { text: MSRP, with: XMSRP } }"),
        with(&[("MSRP *", "XMSRP *")])
    );
    let bare = edited("remove_body").concat();
    assert!(bare.ends_with("l: 0\r\n\r\n"), "{bare}");
    assert!(Scan::sip(bare.as_bytes()).body().is_empty());
}

#[test]
fn xml_attributes_outside_the_declaration() {
    let body = "<?xml version=\"1.0\"?><c version='3' x=\"y\"/>";
    let text = format!(
        "NOTIFY sip:a@x SIP/2.0\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let out = edited_from(
        &text,
        Protocol::Sip,
        "{ xml_attribute: { name: version, value: '12' } }",
    )
    .concat();
    assert!(
        out.ends_with("<?xml version=\"1.0\"?><c version=\"12\" x=\"y\"/>"),
        "{out}"
    );
    assert!(
        out.contains(&format!("Content-Length: {}\r\n", body.len() + 1)),
        "{out}"
    );
}

#[test]
fn copies_and_requests_in_the_dialog() {
    assert_eq!(edited("duplicate").len(), 2);
    let both = edited("{ copy: [{ status: { code: 500, reason: X } }] }");
    assert!(both[0] == message() && both[1].starts_with("SIP/2.0 500 X\r\n"));
    let bye = &edited("{ copy: [{ dialog_request: BYE }] }")[1];
    let parsed = wire::sip::Message::parse(bye.as_bytes()).unwrap();
    assert_eq!(
        (parsed.method(), parsed.uri()),
        (Some("BYE"), Some("sip:a@x;isfocus"))
    );
    assert_eq!(
        (parsed.header("From"), parsed.call_id()),
        (Some("<sip:g@x>;tag=b"), Some("c"))
    );
}

#[test]
fn msrp_frames() {
    let frame = "MSRP abcd 200 OK\r\nTo-Path: x\r\nFrom-Path: y\r\n-------abcd$\r\n";
    let msrp = |action| edited_from(frame, Protocol::Msrp, action).concat();
    assert_eq!(
        msrp("{ status: { code: 403, reason: No } }"),
        frame.replace("200 OK", "403 No")
    );
    assert_eq!(
        msrp("{ set: { header: to-path, value: z } }"),
        frame.replace("To-Path: x", "to-path: z")
    );
    assert_eq!(
        msrp("{ remove: From-Path }"),
        frame.replace("From-Path: y\r\n", "")
    );
    assert_eq!(msrp("remove_body"), frame);
    let send = "MSRP abcd SEND\r\n\r\nTo-Path: x\r\n-------abcd$\r\n";
    assert_eq!(
        edited_from(send, Protocol::Msrp, "{ remove: To-Path }").concat(),
        send
    );
    assert!(
        edited_from(
            send,
            Protocol::Msrp,
            "{ replace: { text: 'h: x', with: 'h: yy' } }"
        )
        .concat()
        .contains("h: yy")
    );
}
