//! What does not become a session, and by which code.

use machines::port::Output;

use crate::stage::{Stage, config};
use crate::words::{LIST, OFFER, invite, request, with_body};

fn refused(text: &str) -> (u16, Stage) {
    let mut stage = Stage::new(config());
    stage.sip(5061, text);
    let code = stage.messages()[0].code().expect("a response");
    assert_eq!(stage.messages().len(), 1, "{}", stage.script);
    (code, stage)
}

#[test]
fn an_unknown_factory_is_404() {
    assert_eq!(
        refused(&invite(&["bob"], "", "URI:sip:nobody@im.example")).0,
        404
    );
}

#[test]
fn an_originator_that_is_not_asserted_is_403() {
    assert_eq!(
        refused(&invite(&["bob"], "", "P-Asserted-Identity:")).0,
        403
    );
}

#[test]
fn a_barred_originator_is_403() {
    assert_eq!(
        refused(&invite(
            &["bob"],
            "",
            "P-Asserted-Identity: <sip:mallory@im.example>"
        ))
        .0,
        403
    );
}

#[test]
fn too_many_are_486_with_a_warning() {
    let (code, stage) = refused(&invite(&["bob", "carol", "dave", "erin"], "", ""));
    assert_eq!(code, 486);
    assert_eq!(
        stage.last(486).header("Warning"),
        Some("399 im.example \"too many participants\"")
    );
}

#[test]
fn an_unknown_extension_is_420() {
    let (code, stage) = refused(&invite(
        &["bob"],
        "",
        "Require: recipient-list-invite, 100rel",
    ));
    assert_eq!(code, 420);
    assert_eq!(stage.last(420).header("Unsupported"), Some("100rel"));
}

#[test]
fn too_short_an_interval_is_422() {
    let (code, stage) = refused(&invite(&["bob"], "", "Session-Expires: 60"));
    assert_eq!(code, 422);
    assert_eq!(stage.last(422).header("Min-SE"), Some("90"));
}

#[test]
fn an_offer_without_msrp_is_488() {
    let list = LIST.replace("ENTRIES", r#"<entry uri="sip:bob@im.example"/>"#);
    let audio = OFFER.replace("m=message 7001 TCP/MSRP *", "m=audio 7001 RTP/AVP 0");
    let body = format!(
        "--b1\nContent-Type: application/sdp\n\n{audio}\n--b1\nContent-Type: application/resource-lists+xml\n\n{list}\n--b1--\n"
    );
    assert_eq!(
        refused(&with_body("multipart/mixed;boundary=b1", &body, "")).0,
        488
    );
}

#[test]
fn a_missing_or_broken_list_is_400() {
    assert_eq!(refused(&with_body("application/sdp", OFFER, "")).0, 400);
    let body = format!(
        "--b1\nContent-Type: application/sdp\n\n{OFFER}\n--b1\nContent-Type: application/resource-lists+xml\n\n<broken\n--b1--\n"
    );
    assert_eq!(
        refused(&with_body("multipart/mixed;boundary=b1", &body, "")).0,
        400
    );
}

#[test]
fn a_body_that_is_not_understood_is_415() {
    let (code, stage) = refused(&with_body("text/plain", "hello", ""));
    assert_eq!(code, 415);
    assert!(
        stage
            .last(415)
            .header("Accept")
            .expect("Accept")
            .contains("application/sdp")
    );
}

#[test]
fn other_methods() {
    let factory = "sip:conference-factory@im.example";
    for (method, code) in [
        ("PUBLISH", 405),
        ("FROBNICATE", 501),
        ("OPTIONS", 200),
        ("BYE", 481),
    ] {
        let (got, stage) = refused(&request(
            method,
            factory,
            &format!("<{factory}>"),
            "other",
            1,
            "",
        ));
        assert_eq!(got, code, "{method}");
        assert!(
            code == 481 || stage.last(code).header("Allow").is_some(),
            "{method}"
        );
    }
    let (code, _) = refused(&request(
        "BYE",
        factory,
        &format!("<{factory}>;tag=unknown"),
        "other",
        1,
        "",
    ));
    assert_eq!(code, 481);
}

#[test]
fn another_media_line_gets_port_0() {
    let mut stage = Stage::new(config());
    let list = LIST.replace("ENTRIES", r#"<entry uri="sip:bob@im.example"/>"#);
    let body = format!(
        "--b1\nContent-Type: application/sdp\n\n{OFFER}m=audio 7003 RTP/AVP 0\n\n--b1\nContent-Type: application/resource-lists+xml\n\n{list}\n--b1--\n"
    );
    stage.sip(5061, &with_body("multipart/mixed;boundary=b1", &body, ""));
    stage.answer(
        "INVITE",
        "bob",
        200,
        &crate::words::accepts("bob", 5072, "active"),
    );
    let answer = String::from_utf8(stage.last(200).body).expect("text");
    assert!(answer.contains("m=audio 0 RTP/AVP 0\r\n"), "{answer}");
    assert!(
        answer.contains("a=accept-types:message/CPIM\r\n"),
        "{answer}"
    );
    assert!(
        !stage
            .said
            .iter()
            .any(|output| matches!(output, Output::Connect { .. }))
    );
}
