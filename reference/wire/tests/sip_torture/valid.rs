//! RFC 4475 section 3.1.1: unusual but legal.

use super::Treatment::Accepted;
use super::{Case, case, message, request, rest, usual};
use wire::scan::DefectKind::{ContentLengthShort, SpaceBeforeColon};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case("wsinv", wsinv(), Accepted, &[SpaceBeforeColon; 5]),
        case("intmeth", intmeth(), Accepted, &[]),
        case("esc01", esc01(), Accepted, &[]),
        case("escnull", escnull(), Accepted, &[]),
        case("esc02", esc02(), Accepted, &[]),
        case("lwsdisp", lwsdisp(), Accepted, &[]),
        case("longreq", longreq(), Accepted, &[]),
        case("dblreq", dblreq(), Accepted, &[ContentLengthShort]),
    ];
    cases.extend([
        case(
            "semiuri",
            request("OPTIONS", "sip:user;par=u%40example.net@example.com", ""),
            Accepted,
            &[],
        ),
        case("transports", transports(), Accepted, &[]),
        case("mpart01", mpart01(), Accepted, &[]),
        case(
            "unreason",
            status("200 = 2**3 * 5**2 \u{43d}\u{43e} \u{441}\u{442}\u{43e}"),
            Accepted,
            &[],
        ),
        case("noreason", status("100 "), Accepted, &[]),
    ]);
    cases
}

/// Folds, blanks around colons, compact names, lower and upper case, leading zeros, unknown headers.
fn wsinv() -> Vec<u8> {
    let head = "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\n\
        TO :\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\n\
        from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\n  ;\n  tag = 98asjd8\n\
        MaX-fOrWaRdS: 0068\nCall-ID: wsinv.ndaksdj@192.0.2.1\nContent-Length   : 4\n\
        cseq: 0009\n  INVITE\nVia  : SIP  /   2.0\n /UDP\n    192.0.2.2;branch=390skdjuw\n\
        s :\nNewFangledHeader:   newfangled value\n continued newfangled value\n\
        UnknownHeaderWithUnusualValue: ;;,,;;,;\nContent-Type: application/sdp\n\
        Route:\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\n\
        v:  SIP  / 2.0  / TCP     spindle.example.com   ;\n  branch  =   z9hG4bK9ikj8  ,\n \
        SIP  /    2.0   / UDP  192.168.255.111   ; branch=\n z9hG4bK30239\n\
        m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\n      newvalue ;\n  \
        secondparam ; q = 0.33\n";
    message(head, b"v=0\n")
}

/// A method of every token character, and quoted control characters.
fn intmeth() -> Vec<u8> {
    let method = "!interesting-Method0123456789_*+`.%indeed'~";
    let uri = "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com";
    let head = format!(
        "{method} {uri} SIP/2.0\n\
         To: \"BEL:\\\u{7} NUL:\\\u{0} DEL:\\\u{7f}\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>\n\
         From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"\u{440}\u{430}\u{431}\u{43e}\u{442}\u{430}\";tag=_token~1'+`*%!-.\n\
         {}extensionHeader-!.%*+_`'~:\u{fe}\u{442}\u{435}\u{441}\u{442}\nContent-Length: @\n",
        rest(method)
    );
    message(&head, b"")
}

/// Escapes in user part and parameters; an escaped name is not the plain one of a header.
fn esc01() -> Vec<u8> {
    let more = "C%6Fntact: <sip:alias1@host1.example.com>\nC%6Fntact: <sip:alias2@host2.example.com>\n\
        Contact: <sip:cal%6Cer@host5192.example.net;%6C%72;n%61me=v%61lue%25%34%31>\n";
    request("INVITE", "sip:sips%3Auser%40example.com@example.net", more)
}

/// Escaped null characters in the user part.
fn escnull() -> Vec<u8> {
    let more = "Contact: <sip:%00@host5.example.com>\nContact: <sip:%00%00@host5.example.com>\n";
    request("REGISTER", "sip:example.com", more)
}

/// A percent sign in a method and in header names is no escape.
fn esc02() -> Vec<u8> {
    let more = "C%6Fntact: <sip:alias1@host1.example.com>\nContact: <sip:alias2@host2.example.com>\nl%61: 3\n";
    request("RE%47IST%45R", "sip:registrar.example.com", more)
}

/// No blank between display name and `<`.
fn lwsdisp() -> Vec<u8> {
    let head = format!(
        "OPTIONS sip:user@example.com SIP/2.0\nTo: sip:user@example.com\n\
         From: caller<sip:caller@example.com>;tag=323\n{}l: 0\n",
        rest("OPTIONS")
    );
    message(&head, b"")
}

/// Long values everywhere, and many hops.
fn longreq() -> Vec<u8> {
    let long = "very".repeat(60);
    let uri = format!("sip:user@{}example.com", "longhost.".repeat(20));
    let mut head = format!(
        "INVITE {uri} SIP/2.0\nTo: \"I have a user name of {long} proportion\"\n <{uri};{long}=token>\n\
         F: sip:{long}@example.net;tag=12982424;{long}parameter={long}value;shortparam\n\
         Call-ID: {long}\nCSeq: 3882340 INVITE\nMax-Forwards: 70\n\
         Unknown-{long}-Header: unknown-{long}-value; unknown-{long}-parameter\n"
    );
    for hop in 0..34 {
        head.push_str(&format!(
            "Via: SIP/2.0/TCP sip{hop}.example.com;branch=z9hG4bK{hop}{long}\n"
        ));
    }
    head.push_str(&format!(
        "Contact: <sip:{long}@host5.example.net>\nContent-Type: application/sdp\nl: @\n"
    ));
    message(&head.replace("l: @", "Content-Length: @"), b"v=0\r\n")
}

/// A second request in the same datagram lies behind the first one's end.
fn dblreq() -> Vec<u8> {
    let mut bytes = request("REGISTER", "sip:example.com", "");
    bytes.extend(request("INVITE", "sip:joe@example.com", ""));
    bytes
}

/// Every kind of transport, one unknown.
fn transports() -> Vec<u8> {
    let hop = |name: &str| {
        format!(
            "Via: SIP/2.0/{name} t{}.example.com;branch=z9hG4bKkdjuw\n",
            name.len()
        )
    };
    let more: String = ["SCTP", "TLS", "TCP", "UNKNOWN"]
        .iter()
        .map(|name| hop(name))
        .collect();
    request("OPTIONS", "sip:user@example.com", &more)
}

/// A body of two parts, one of them binary.
fn mpart01() -> Vec<u8> {
    let mut body =
        b"--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n\r\nHello\r\n--7a9cbec02ceef655\r\n\
        Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: binary\r\n\r\n"
            .to_vec();
    body.extend([0x30, 0x82, 0x00, 0xff, 0x0d, 0x0a, 0x0d, 0x0a, 0xfe]);
    body.extend_from_slice(b"\r\n--7a9cbec02ceef655--\r\n");
    let head = format!(
        "MESSAGE sip:kumiko@example.org SIP/2.0\n{}Content-Type: multipart/mixed;boundary=7a9cbec02ceef655\n\
         Content-Length: @\n",
        usual("MESSAGE")
    );
    message(&head, &body)
}

fn status(line: &str) -> Vec<u8> {
    message(
        &format!("SIP/2.0 {line}\n{}Content-Length: @\n", usual("INVITE")),
        b"",
    )
}
