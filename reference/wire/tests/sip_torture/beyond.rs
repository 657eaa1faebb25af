//! RFC 4475 sections 3.2 to 3.4: sound lines that the transaction or application layer must judge.

use super::Treatment::{Accepted, Faulty, Refused};
use super::{Case, case, message, request, usual};
use wire::scan::DefectKind::{ContentLengthDuplicate, ContentLengthMissing, ContentLengthShort};
use wire::sip::Violation;

pub(super) fn cases() -> Vec<Case> {
    let options = |uri: &str| request("OPTIONS", uri, "");
    let register = |more: &str| request("REGISTER", "sip:example.com", more);
    let mut cases = vec![
        case("badbranch", badbranch(), Accepted, &[]),
        case("insuf", insuf(), Faulty(Violation::Missing("From")), &[]),
        case(
            "unkscm",
            options("nobodyKnowsThisScheme:totallyopaquecontent"),
            Accepted,
            &[],
        ),
        case(
            "novelsc",
            options("soap.beep://192.0.2.103:3002"),
            Accepted,
            &[],
        ),
        case("unksm2", unksm2(), Accepted, &[]),
        case("bext01", bext01(), Accepted, &[]),
        case("invut", invut(), Accepted, &[]),
        case(
            "regaut01",
            register("Authorization: NoOneKnowsThisScheme opaque-data=here\n"),
            Accepted,
            &[],
        ),
    ];
    cases.extend([
        case(
            "multi01",
            multi01(),
            Faulty(Violation::Repeated("From")),
            &[],
        ),
        case(
            "mcl01",
            mcl01(),
            Refused(Violation::ContentLengthConflict),
            &[ContentLengthShort, ContentLengthDuplicate],
        ),
        case("bcast", bcast(), Accepted, &[]),
        case("zeromf", zeromf(), Accepted, &[]),
        case(
            "cparam01",
            register("Contact: sip:+19725552222@gw1.example.net;unknownparam\n"),
            Accepted,
            &[],
        ),
        case(
            "cparam02",
            register("Contact: <sip:+19725552222@gw1.example.net;unknownparam>\n"),
            Accepted,
            &[],
        ),
        case(
            "regescrt",
            register("Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>\n"),
            Accepted,
            &[],
        ),
        case(
            "sdp01",
            request(
                "INVITE",
                "sip:user@example.com",
                "Accept: text/nobodyKnowsThis\n",
            ),
            Accepted,
            &[],
        ),
        case("inv2543", inv2543(), Accepted, &[ContentLengthMissing]),
    ]);
    cases
}

/// The branch is the magic cookie and nothing more.
fn badbranch() -> Vec<u8> {
    let sound =
        String::from_utf8(request("OPTIONS", "sip:user@example.com", "")).expect("built as text");
    sound.replace("z9hG4bKt0rtur3", "z9hG4bK").into_bytes()
}

/// No Call-ID, From or To.
fn insuf() -> Vec<u8> {
    let head = "INVITE sip:user@example.com SIP/2.0\nCSeq: 193942 INVITE\n\
        Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf\nContent-Length: @\n";
    message(head, b"")
}

/// Schemes no SIP element knows in To, From and Contact.
fn unksm2() -> Vec<u8> {
    let head = "REGISTER sip:example.com SIP/2.0\nTo: isbn:2983792873\n\
        From: <http://www.example.com>;tag=3234233\nCall-ID: unksm2.daksdj@hyphenated-host.example.com\n\
        CSeq: 234902 REGISTER\nMax-Forwards: 70\nVia: SIP/2.0/UDP 192.0.2.21:5060;branch=z9hG4bKkdjuw\n\
        Contact: <name:John_Smith>\nl: 0\n";
    message(head, b"")
}

/// Extensions nobody supports.
fn bext01() -> Vec<u8> {
    let more = "Require: nothingSupportsThis, nothingSupportsThisEither\n\
        Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis\n";
    request("OPTIONS", "sip:user@example.com", more)
}

/// A body type nobody knows.
fn invut() -> Vec<u8> {
    let head = format!(
        "INVITE sip:user@example.com SIP/2.0\n{}Content-Type: application/unknownformat\nContent-Length: @\n",
        usual("INVITE")
    );
    message(&head, b"<audio>\r\n <pcmu port=\"443\"/>\r\n</audio>\r\n")
}

/// Single headers that stand twice.
fn multi01() -> Vec<u8> {
    let more = "CSeq: 5 INVITE\nCall-ID: multi01.98asdh@192.0.2.2\nFrom: <sip:other@example.com>;tag=3413415\n\
        To: <sip:third@example.com>\nMax-Forwards: 5\n";
    request("INVITE", "sip:user@company.example", more)
}

/// Two lengths that disagree.
fn mcl01() -> Vec<u8> {
    let head = format!(
        "OPTIONS sip:user@example.com SIP/2.0\n{}Content-Length: 13\nContent-Length: 5\n",
        usual("OPTIONS")
    );
    message(
        &head,
        b"There's no way to know how many octets are supposed to be here.\r\n",
    )
}

/// A response whose last Via names the broadcast address.
fn bcast() -> Vec<u8> {
    let head = format!(
        "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923\n\
         Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23\n{}Content-Length: @\n",
        usual("INVITE")
    );
    message(&head, b"")
}

/// No hop is left.
fn zeromf() -> Vec<u8> {
    let sound =
        String::from_utf8(request("OPTIONS", "sip:user@example.com", "")).expect("built as text");
    sound
        .replace("Max-Forwards: 70", "Max-Forwards: 0")
        .into_bytes()
}

/// The older RFC 2543: no branch, no From tag, no Max-Forwards, no length.
fn inv2543() -> Vec<u8> {
    let head = "INVITE sip:UserB@example.com SIP/2.0\nVia: SIP/2.0/UDP iftgw.example.com\n\
        From: <sip:+13035551111@ift.client.example.net;user=phone>\n\
        Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>\n\
        To: sip:+16505552222@ss1.example.net;user=phone\nCall-ID: inv2543.1717@ift.client.example.com\n\
        CSeq: 56 INVITE\nContent-Type: application/sdp\n";
    message(head, b"v=0\r\no=mhandley 29739 7272939 IN IP4 192.0.2.5\r\ns=-\r\nc=IN IP4 192.0.2.5\r\nt=0 0\r\n")
}
