//! The core carries requests: by filters, to users, to servers, and not in circles.

use machines::port::{Flow, Input, Transport};
use roles::core::DefaultHandling;
use wire::sip::Message;

use crate::core_words::{
    ALICE, BOB, SERVER, config, place, register, registered, request, request_from, warnings, went,
};
use crate::stage::{Stage, address};

const TAGGED: &str = "Accept-Contact: *;+g.oma.sip-im;require;explicit\n";

/// The server gives back what it got last, with this done to it.
fn give_back(stage: &mut Stage, method: &str, change: impl FnOnce(&mut Message)) {
    let mut message = stage.sent(method, "");
    let route = message.values("Route");
    message.remove("Route");
    for own in route.into_iter().skip(1) {
        message.push("Route", own);
    }
    message.push_first(
        "Via",
        format!("SIP/2.0/TCP {};branch=z9hG4bKback", place(SERVER)),
    );
    change(&mut message);
    stage.give(Input::Sip {
        flow: Flow {
            transport: Transport::Tcp,
            remote: address(41_000),
        },
        message,
    });
}

#[test]
fn the_filters_of_the_specification_in_their_order() {
    for (method, tagged, port) in [
        ("INVITE", true, SERVER),
        ("MESSAGE", true, SERVER),
        ("MESSAGE", false, BOB),
        ("SUBSCRIBE", true, SERVER),
        ("REFER", true, SERVER),
        ("INVITE", false, BOB),
        ("OPTIONS", true, BOB),
    ] {
        let mut stage = registered();
        let more = if tagged { TAGGED } else { "" };
        stage.sip(ALICE, &request(method, "sip:bob@im.example", more));
        assert_eq!(went(&stage, method), port, "{method} {tagged}");
    }
}

#[test]
fn a_request_at_a_server_says_who_sent_it_and_how_it_comes_back() {
    let mut stage = registered();
    let forged = format!("{TAGGED}P-Asserted-Identity: <sip:bob@im.example>\n");
    stage.sip(ALICE, &request("INVITE", "sip:bob@im.example", &forged));
    let sent = stage.sent("INVITE", "bob");
    assert_eq!(
        sent.values("P-Asserted-Identity"),
        ["<sip:alice@im.example>"]
    );
    assert_eq!(sent.uri(), Some("sip:bob@im.example"));
    let route = sent.values("Route");
    assert_eq!(route[0], "<sip:127.0.0.1:5071;transport=tcp;lr>");
    assert!(route[1].ends_with("@127.0.0.1:5060;lr>"), "{route:?}");
    assert_eq!(sent.values("Record-Route"), ["<sip:127.0.0.1:5060;lr>"]);
    assert!(warnings(&stage)[0].contains("`trusted`"));
}

#[test]
fn a_request_that_a_server_gives_back_goes_on_to_its_user() {
    let mut stage = registered();
    stage.sip(ALICE, &request("INVITE", "sip:bob@im.example", TAGGED));
    give_back(&mut stage, "INVITE", |_| {});
    assert_eq!(went(&stage, "INVITE"), BOB);
    let sent = stage.sent("INVITE", "bob@127.0.0.1");
    assert_eq!(sent.values("Route"), Vec::<String>::new());
    assert_eq!(sent.values("Record-Route").len(), 2);
    // RFC 3261 16.7: what bob answers goes all the way back.
    stage.answer("INVITE", "bob@127.0.0.1", 180, "");
    let back = stage.last(180);
    assert_eq!(back.values("Via").len(), 3);
    assert_eq!(
        back.header("P-Asserted-Identity"),
        Some("<sip:bob@im.example>")
    );
}

#[test]
fn a_request_that_comes_back_as_it_left_has_looped() {
    let mut stage = registered();
    stage.sip(ALICE, &request("INVITE", "sip:bob@im.example", TAGGED));
    // The server forgets by which Route it was to come back.
    give_back(&mut stage, "INVITE", |back| back.remove("Route"));
    assert_eq!(stage.codes("INVITE"), [482]);
    assert!(warnings(&stage)[0].contains("comes back"));
}

#[test]
fn a_request_without_hops_gets_483() {
    let mut stage = registered();
    let text = request("INVITE", "sip:bob@im.example", TAGGED);
    stage.sip(ALICE, &text.replace("Max-Forwards: 70", "Max-Forwards: 0"));
    assert_eq!(stage.codes("INVITE"), [483]);
    assert!(warnings(&stage)[0].contains("no hops left"));
}

#[test]
fn users_routes_and_strangers() {
    let mut stage = registered();
    stage.sip(ALICE, &request("MESSAGE", "sip:factory@im.example", ""));
    assert_eq!(went(&stage, "MESSAGE"), 5072);
    stage.sip(ALICE, &request("OPTIONS", "sip:nobody@im.example", ""));
    assert_eq!(stage.codes("OPTIONS"), [404]);
    let mut stage = Stage::core(config());
    stage.sip(
        SERVER,
        &request_from("room", SERVER, "MESSAGE", "sip:bob@im.example", ""),
    );
    assert_eq!(stage.codes("MESSAGE"), [480]);
    stage.sip(
        6000,
        &request_from("eve", 6000, "MESSAGE", "sip:x@127.0.0.9", "").replace("eve@im.", "eve@far."),
    );
    assert_eq!(stage.codes("MESSAGE"), [480, 403]);
}

#[test]
fn a_caller_who_wants_to_stay_private_is_known_inside_only() {
    let mut stage = registered();
    let wish = format!("{TAGGED}Privacy: id\n");
    stage.sip(ALICE, &request("INVITE", "sip:bob@im.example", &wish));
    assert!(
        stage
            .sent("INVITE", "bob")
            .header("P-Asserted-Identity")
            .is_some()
    );
    give_back(&mut stage, "INVITE", |_| {});
    let sent = stage.sent("INVITE", "bob@127.0.0.1");
    assert_eq!(sent.header("P-Asserted-Identity"), None);
    assert_eq!(sent.header("Privacy"), Some("id"));
}

#[test]
fn what_a_server_asserts_is_believed() {
    let mut stage = registered();
    let more = "P-Asserted-Identity: <sip:room@im.example>\n";
    stage.sip(
        SERVER,
        &request_from("room", SERVER, "INVITE", "sip:bob@im.example", more),
    );
    let sent = stage.sent("INVITE", "bob");
    assert_eq!(
        sent.header("P-Asserted-Identity"),
        Some("<sip:room@im.example>")
    );
    assert!(warnings(&stage).is_empty());
}

#[test]
fn a_server_that_fails_is_passed_over_or_not_as_the_filter_says() {
    for (handling, port) in [
        (DefaultHandling::Continue, BOB),
        (DefaultHandling::Terminate, SERVER),
    ] {
        let mut config = config();
        config.filters[0].default_handling = handling;
        let mut stage = Stage::core(config);
        for (name, port) in [("alice", ALICE), ("bob", BOB)] {
            stage.sip(port, &register(name, port, 1, ""));
            let proof =
                crate::core_words::proof(&stage, name, name, "REGISTER", "sip:im.example", 1);
            stage.sip(port, &register(name, port, 2, &proof));
        }
        stage.sip(ALICE, &request("INVITE", "sip:bob@im.example", TAGGED));
        stage.answer("INVITE", "bob", 503, "");
        stage.said.retain(|_| true);
        let invites = stage
            .messages()
            .into_iter()
            .filter(|one| one.method() == Some("INVITE"));
        let count = invites.count();
        assert_eq!(
            (went(&stage, "INVITE"), count),
            (port, if port == BOB { 2 } else { 1 })
        );
    }
}

#[test]
fn requests_inside_a_dialog_follow_their_route() {
    let mut stage = registered();
    let more = "Route: <sip:127.0.0.1:5060;lr>\nP-Asserted-Identity: <sip:bob@im.example>\n";
    let bye = request("BYE", "sip:bob@127.0.0.1:5092;transport=tcp", more);
    stage.sip(
        ALICE,
        &bye.replace("5092;transport=tcp>", "5092;transport=tcp>;tag=t"),
    );
    let sent = stage.sent("BYE", "bob");
    assert_eq!(went(&stage, "BYE"), BOB);
    assert_eq!(
        sent.values("P-Asserted-Identity"),
        ["<sip:alice@im.example>"]
    );
    assert_eq!(sent.header("Record-Route"), None);
}
