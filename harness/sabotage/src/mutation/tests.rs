//! Data files are read strictly, and a mutation changes what it matches and nothing else.

use super::*;

fn one(pattern: &str, actions: &str) -> Mutation {
    let text = format!(
        "- {{ name: n, clause: c, direction: from_subject, match: {pattern}, do: {actions} }}"
    );
    Mutation::parse("t.yaml", &text).unwrap().remove(0)
}

const OK: &[u8] = b"SIP/2.0 200 OK\r\nv: SIP/2.0/UDP h;branch=z\r\nf: <sip:alice.1@x>;tag=a\r\n\
    t: <sip:g@x>;tag=b\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";

#[test]
fn every_mutation_is_read_and_aims_at_a_clause_of_its_own_name() {
    let all = Mutation::load().unwrap();
    assert!(all.len() > 60, "{}", all.len());
    assert_eq!(Mutation::for_clause("7.2.1.2/on-180/2").unwrap().len(), 1);
    assert!(Mutation::for_clause("no such clause").unwrap().is_empty());
}

#[test]
fn what_does_not_match_passes_octet_for_octet() {
    let mut mutation = one(
        "{ response: 200, method: INVITE, from: alice, in_dialog: true }",
        "[drop]",
    );
    assert!(mutation.outgoing(Protocol::Sip, OK).is_empty());
    assert_eq!(mutation.incoming(Protocol::Sip, OK), [OK]);
    assert_eq!(mutation.outgoing(Protocol::Msrp, OK), [OK]);
    let garbage = b"\xff\x00 SIP/2.0 200\n\n: \r";
    assert_eq!(mutation.outgoing(Protocol::Sip, garbage), [garbage]);
}

#[test]
fn every_condition_of_a_pattern_counts() {
    for (pattern, taken) in [
        ("{ response: 2xx }", true),
        ("{ response: '*' }", true),
        ("{ response: 180 }", false),
        ("{ request: '*' }", false),
        ("{ response: 200, method: BYE }", false),
        ("{ response: 200, to: bob }", false),
        ("{ response: 200, from: bob }", false),
        ("{ response: 200, in_dialog: false }", false),
        ("{ response: 200, has: Via }", true),
        ("{ response: 200, has: Allow }", false),
        ("{ response: 200, body: x }", false),
    ] {
        assert_eq!(
            one(pattern, "[drop]")
                .outgoing(Protocol::Sip, OK)
                .is_empty(),
            taken,
            "{pattern}"
        );
    }
    let send = b"MSRP abcd SEND\r\nTo-Path: x\r\n\r\nhello\r\n-------abcd$\r\n";
    for (pattern, taken) in [
        ("{ msrp: SEND }", true),
        ("{ msrp: SEND, body: hello }", true),
        ("{ msrp: 200 }", false),
    ] {
        assert_eq!(
            one(pattern, "[drop]")
                .outgoing(Protocol::Msrp, send)
                .is_empty(),
            taken,
            "{pattern}"
        );
    }
    let ok = b"MSRP abcd 200 OK\r\n-------abcd$\r\n";
    assert!(
        one("{ msrp: 200 }", "[drop]")
            .outgoing(Protocol::Msrp, ok)
            .is_empty()
    );
}

#[test]
fn the_nth_match_stays_the_nth_when_it_is_retransmitted() {
    let mut mutation = one("{ response: '*', nth: 2 }", "[drop]");
    let other = String::from_utf8(OK.to_vec())
        .unwrap()
        .replace("200 OK", "180 Ringing")
        .into_bytes();
    let gone =
        |mutation: &mut Mutation, bytes: &[u8]| mutation.outgoing(Protocol::Sip, bytes).is_empty();
    assert!(!gone(&mut mutation, &other));
    assert!(gone(&mut mutation, OK));
    assert!(!gone(&mut mutation, &other));
    assert!(gone(&mut mutation, OK));
}

#[test]
fn mistakes_in_data_files_are_named_with_their_place() {
    for (text, wanted) in [
        (
            "- name: n\n  clause: c\n  direction: sideways\n",
            "t.yaml:3:",
        ),
        (
            "- name: n\n  clause: c\n  direction: from_subject\n  match: { requset: X }\n  do: [drop]\n",
            "t.yaml:4:",
        ),
        (
            "- name: n\n  clause: c\n  direction: from_subject\n  match: { request: X }\n  do: [explode]\n",
            "explode",
        ),
        (
            "- name: n\n  clause: c\n  direction: from_subject\n  match: {}\n  do: [drop]\n",
            "exactly one of",
        ),
        (
            "- name: n\n  clause: c\n  direction: from_subject\n  match: { request: X }\n  do: []\n",
            "does nothing",
        ),
    ] {
        let error = Mutation::parse("t.yaml", text).unwrap_err().to_string();
        assert!(
            error.contains(wanted) && error.starts_with("t.yaml"),
            "{error}"
        );
    }
    let twice =
        "- { name: n, clause: c, direction: to_subject, match: { request: X }, do: [drop] }\n"
            .repeat(2);
    assert!(
        Mutation::parse("t.yaml", &twice)
            .unwrap_err()
            .to_string()
            .contains("rename one")
    );
}

#[test]
fn http_is_matched_by_method_or_status() {
    let get = b"GET /a/b HTTP/1.1\r\nHost: x\r\n\r\n";
    let found = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<a b='c'>";
    let mut dropped = one("{ http: GET, body: 'Host: x' }", "[drop]");
    assert!(dropped.outgoing(Protocol::Http, get).is_empty());
    assert_eq!(dropped.outgoing(Protocol::Http, found), [found]);
    assert_eq!(dropped.outgoing(Protocol::Sip, get), [get]);
    let mut moved = one("{ http: '*' }", "[{ request_uri: /c }]");
    let texts = |bytes: Vec<Vec<u8>>| String::from_utf8(bytes.concat()).unwrap();
    assert!(texts(moved.outgoing(Protocol::Http, get)).starts_with("GET /c HTTP/1.1\r\n"));
    let mut other = one(
        "{ http: 2xx }",
        "[{ replace: { text: \"c'\", with: \"long'\" } }]",
    );
    assert!(texts(other.outgoing(Protocol::Http, found)).contains("<a b='long'>"));
    assert!(one("{ http: 404 }", "[drop]").outgoing(Protocol::Http, found) == [found]);
}
