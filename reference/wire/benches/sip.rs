//! Scan and typed headers of one INVITE, ours beside rsip on the same octets.

use std::hint::black_box;

use divan::Bencher;
use rsip::message::HeadersExt;
use rsip::prelude::*;
use wire::scan::Scan;
use wire::sip::{CSeq, ContentType, Message, NameAddr, SessionExpires, Via};

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

/// About 1.2 kB; written so that rsip reads it too (no IPv6, no quoted Contact parameter).
fn invite() -> Vec<u8> {
    let body = "v=0\r\no=- 2890844526 2890844526 IN IP4 alice.example.net\r\ns=-\r\n\
        c=IN IP4 alice.example.net\r\nt=0 0\r\nm=message 7394 TCP/MSRP *\r\n\
        a=accept-types:message/cpim text/plain text/html application/im-iscomposing+xml\r\n\
        a=path:msrp://alice.example.net:7394/2s93i93idj;tcp\r\na=setup:actpass\r\na=sendrecv\r\n";
    let head = "INVITE sip:conference-factory@im.example.net SIP/2.0\r\n\
        Via: SIP/2.0/TCP alice.example.net:5060;branch=z9hG4bKnashds8\r\n\
        Max-Forwards: 70\r\n\
        Route: <sip:im.example.net;lr>\r\n\
        From: \"Alice\" <sip:alice@example.net>;tag=9fxced76sl\r\n\
        To: <sip:conference-factory@im.example.net>\r\n\
        Call-ID: 3848276298220188511@alice.example.net\r\n\
        CSeq: 1 INVITE\r\n\
        Contact: <sip:alice@alice.example.net:5060;transport=tcp>\r\n\
        Accept-Contact: *;+g.oma.sip-im;require;explicit\r\n\
        User-Agent: IM-client/OMA1.0 Example/1.0\r\n\
        Supported: timer, recipient-list-invite\r\n\
        Require: recipient-list-invite\r\n\
        Session-Expires: 1800;refresher=uac\r\n\
        Allow: INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, NOTIFY, REFER\r\n\
        P-Preferred-Identity: <sip:alice@example.net>\r\n\
        Content-Type: application/sdp\r\n";
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

#[divan::bench]
fn scan_and_typed(bencher: Bencher) {
    let bytes = invite();
    bencher.bench_local(|| {
        let scan = Scan::sip(black_box(&bytes));
        let field = |name| scan.field(name).expect("printed above").value;
        black_box((
            NameAddr::parse(&field("From")).is_ok(),
            NameAddr::parse(&field("To")).is_ok(),
            Via::parse(&field("Via")).is_ok(),
            CSeq::parse(&field("CSeq")).is_ok(),
            NameAddr::parse(&field("Contact")).is_ok(),
            SessionExpires::parse(&field("Session-Expires")).is_ok(),
            ContentType::parse(&field("Content-Type")).is_ok(),
        ));
        scan
    });
}

#[divan::bench]
fn strict_and_typed(bencher: Bencher) {
    let bytes = invite();
    bencher.bench_local(|| {
        let message = Message::parse(black_box(&bytes)).expect("well-formed");
        let header = |name| message.header(name).expect("printed above");
        black_box((
            message.from(),
            message.to(),
            message.via(),
            message.cseq(),
            message.contact(),
            SessionExpires::parse(header("Session-Expires")).is_ok(),
            ContentType::parse(header("Content-Type")).is_ok(),
        ));
        message
    });
}

/// rsip has no type for Session-Expires: it only finds the line, which is less work than ours.
#[divan::bench]
fn rsip_and_typed(bencher: Bencher) {
    let bytes = invite();
    bencher.bench_local(|| {
        let message = rsip::SipMessage::try_from(black_box(&bytes[..])).expect("well-formed");
        let expires = message.headers().iter().find(
            |header| matches!(header, rsip::Header::Other(name, _) if name == "Session-Expires"),
        );
        let content = message.headers().iter().find_map(|header| match header {
            rsip::Header::ContentType(content) => Some(content.typed().is_ok()),
            _ => None,
        });
        black_box((
            message.from_header().is_ok_and(|from| from.typed().is_ok()),
            message.to_header().is_ok_and(|to| to.typed().is_ok()),
            message.via_header().is_ok_and(|via| via.typed().is_ok()),
            message.cseq_header().is_ok_and(|cseq| cseq.typed().is_ok()),
            message
                .contact_header()
                .is_ok_and(|contact| contact.typed().is_ok()),
            expires,
            content,
        ));
        message
    });
}

#[divan::bench]
fn scan_alone(bencher: Bencher) {
    let bytes = invite();
    bencher.bench_local(|| Scan::sip(black_box(&bytes)));
}

#[divan::bench]
fn strict_alone(bencher: Bencher) {
    let bytes = invite();
    bencher.bench_local(|| Message::parse(black_box(&bytes)));
}

#[divan::bench]
fn rsip_alone(bencher: Bencher) {
    let bytes = invite();
    bencher.bench_local(|| rsip::SipMessage::try_from(black_box(&bytes[..])));
}
