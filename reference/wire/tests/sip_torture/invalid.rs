//! RFC 4475 section 3.1.2: against the grammar.

use super::Treatment::{Faulty, Refused};
use super::{Case, case, message, request, rest, usual};
use wire::scan::DefectKind::{BadStartLine, BadVersion, ContentLengthBad, ContentLengthLong};
use wire::sip::Violation;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = lines();
    cases.extend(values());
    cases
}

/// Start lines and lengths.
fn lines() -> Vec<Case> {
    let start = |line: &str| {
        message(
            &format!("{line}\n{}Content-Length: @\n", usual("INVITE")),
            b"",
        )
    };
    let length = |length: &str| {
        let head = format!(
            "INVITE sip:u@example.com SIP/2.0\n{}Content-Length: {length}\n",
            usual("INVITE")
        );
        message(&head, b"v=0\r\n")
    };
    let spaced = start("INVITE sip:user@example.com; lr SIP/2.0");
    let doubled = start("INVITE  sip:user@example.com  SIP/2.0");
    let trailing = start("INVITE sip:user@example.com SIP/2.0 ");
    let code = start("SIP/2.0 4294967301 better not break the receiver");
    vec![
        case(
            "clerr",
            length("9999"),
            Refused(Violation::BodyShort),
            &[ContentLengthLong],
        ),
        case(
            "ncl",
            length("-999"),
            Refused(Violation::ContentLength),
            &[ContentLengthBad],
        ),
        case(
            "lwsruri",
            spaced,
            Refused(Violation::RequestUri),
            &[BadStartLine],
        ),
        case(
            "lwsstart",
            doubled,
            Refused(Violation::StartLine),
            &[BadStartLine],
        ),
        case(
            "trws",
            trailing,
            Refused(Violation::StartLine),
            &[BadStartLine],
        ),
        case(
            "badvers",
            start("INVITE sip:t.watson@example.org SIP/7.0"),
            Refused(Violation::Version),
            &[BadVersion],
        ),
        case(
            "bigcode",
            code,
            Refused(Violation::StatusCode),
            &[BadStartLine],
        ),
    ]
}

/// Header values and the Request-URI.
fn values() -> Vec<Case> {
    let to = |to: &str| {
        addressed(&format!(
            "To: {to}\nFrom: <sip:caller@example.org>;tag=43\n"
        ))
    };
    let register = |more: &str| request("REGISTER", "sip:example.com", more);
    let separators = "Contact: \"Joe\" <sip:joe@example.org>;;;;\n\
        Via: SIP/2.0/UDP 192.0.2.15;;,;,,\n";
    let escaped = "sip:user@example.com?Route=%3Csip:example.com%3E";
    let bare = format!("Contact: {escaped}\n");
    let name = addressed(
        "To: <sip:t@example.org>\nFrom: Bell, Alexander <sip:a.g.bell@example.com>;tag=43\n",
    );
    let zone = request(
        "INVITE",
        "sip:user@example.com",
        "Date: Fri, 01 Jan 2010 16:00:00 EST\n",
    );
    let blanks = to("\"Watson, Thomas\" < sip:t.watson@example.org >");
    let bracketed = request("INVITE", "<sip:user@example.com>", "");
    vec![
        case(
            "badinv01",
            register(separators),
            Faulty(Violation::Params),
            &[],
        ),
        case("scalar02", scalar02(), Faulty(Violation::CSeq), &[]),
        case("scalarlg", scalarlg(), Faulty(Violation::CSeq), &[]),
        case(
            "quotbal",
            to("\"Mr. J. User <sip:j.user@example.com>"),
            Faulty(Violation::Quote),
            &[],
        ),
        case("ltgtruri", bracketed, Faulty(Violation::RequestUri), &[]),
        case(
            "escruri",
            request("INVITE", escaped, ""),
            Faulty(Violation::RequestUri),
            &[],
        ),
        case("baddate", zone, Faulty(Violation::Date), &[]),
        case(
            "regbadct",
            register(&bare),
            Faulty(Violation::NameAddrBrackets),
            &[],
        ),
        case("badaspec", blanks, Faulty(Violation::Uri), &[]),
        case("baddn", name, Faulty(Violation::NameAddr), &[]),
        case(
            "mismatch01",
            mismatch("OPTIONS", "INVITE"),
            Faulty(Violation::CSeqMethod),
            &[],
        ),
        case(
            "mismatch02",
            mismatch("NEWMETHOD", "INVITE"),
            Faulty(Violation::CSeqMethod),
            &[],
        ),
    ]
}

fn addressed(lines: &str) -> Vec<u8> {
    let head = format!(
        "INVITE sip:user@example.com SIP/2.0\n{lines}{}",
        rest("INVITE")
    );
    message(&format!("{head}Content-Length: @\n"), b"")
}

fn mismatch(method: &str, other: &str) -> Vec<u8> {
    let head = format!("{method} sip:user@example.com SIP/2.0\n{}", usual(other));
    message(&format!("{head}Content-Length: @\n"), b"")
}

/// Every number of a request too large for its field.
fn scalar02() -> Vec<u8> {
    let head = "REGISTER sip:example.com SIP/2.0\nVia: SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3\n\
        To: <sip:user@example.com>\nFrom: <sip:user@example.com>;tag=239232jh3\n\
        CSeq: 36893488147419103232 REGISTER\nCall-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32\n\
        Max-Forwards: 300\nExpires: 10000000000000000000000000000000000000000\n\
        Contact: <sip:user@host129.example.com>\n  ;expires=280297596632815\nContent-Length: @\n";
    message(head, b"")
}

/// The same in a response.
fn scalarlg() -> Vec<u8> {
    let head = "SIP/2.0 503 Service Unavailable\nVia: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw\n\
        To: <sip:user@example.com>\nFrom: <sip:other@example.net>;tag=2easdjfejw\n\
        CSeq: 9292394834772304023312 OPTIONS\nCall-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r\n\
        Retry-After: 949302838503028349304023988\nWarning: 1812 overture \"In Progress\"\nContent-Length: @\n";
    message(head, b"")
}
