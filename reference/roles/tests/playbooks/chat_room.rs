//! The switch as a chat room: whom a message is for, nicknames, and what is refused.

use machines::port::Output;
use roles::Config;

use crate::stage::{Stage, config};
use crate::words::{LIST, OFFER, accepts, request, with_body};

const ALICE: u64 = 1 << 63 | 1;
const BOB: u64 = 1 << 63 | 2;
const CAROL: u64 = 1 << 63 | 3;
const FROM_ALICE: &str = "msrp://127.0.0.1:7001/alice;tcp";
const FROM_BOB: &str = "msrp://127.0.0.1:5072/bob;tcp";

/// Alice, bob and carol in a chat room; carol takes no private messages.
struct Room {
    stage: Stage,
    to_alice: String,
    to_bob: String,
    identity: String,
    sent: u32,
}

fn chatting() -> Room {
    chatting_with(config())
}

fn chatting_with(config: Config) -> Room {
    let mut stage = Stage::new(config);
    let offer = format!("{OFFER}a=chatroom:nickname private-messages\n");
    let entries = r#"<entry uri="sip:bob@im.example"/><entry uri="sip:carol@im.example"/>"#;
    let list = LIST.replace("ENTRIES", entries);
    let body = format!(
        "--b1\nContent-Type: application/sdp\n\n{offer}\n--b1\nContent-Type: application/resource-lists+xml\nContent-Disposition: recipient-list\n\n{list}\n--b1--\n"
    );
    stage.sip(5061, &with_body("multipart/mixed;boundary=b1", &body, ""));
    let knows = accepts("bob", 5072, "active") + "a=chatroom:private-messages nickname\n";
    stage.answer("INVITE", "bob", 200, &knows);
    let some = accepts("carol", 5073, "active") + "a=chatroom:nickname\n";
    stage.answer("INVITE", "carol", 200, &some);
    let to_alice = attribute(&stage.last(200).body, "path");
    let to_bob = attribute(&stage.sent("INVITE", "bob").body, "path");
    let to_carol = attribute(&stage.sent("INVITE", "carol").body, "path");
    let contact = stage.last(200).contact().expect("a focus");
    let identity = contact.uri.to_string();
    let from_carol = "msrp://127.0.0.1:5073/carol;tcp";
    for (link, to, from) in [
        (ALICE, to_alice.as_str(), FROM_ALICE),
        (BOB, to_bob.as_str(), FROM_BOB),
        (CAROL, to_carol.as_str(), from_carol),
    ] {
        stage.msrp(
            link,
            &format!(
                "MSRP hello SEND\nTo-Path: {to}\nFrom-Path: {from}\nMessage-ID: h\n-------hello$\n"
            ),
        );
    }
    Room {
        stage,
        to_alice,
        to_bob,
        identity,
        sent: 0,
    }
}

fn attribute(sdp: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(sdp).into_owned();
    let prefix = format!("a={name}:");
    let line = text.lines().find_map(|line| line.strip_prefix(&prefix));
    line.expect("the attribute").to_owned()
}

impl Room {
    /// Alice says something; the code of the answer.
    fn says(&mut self, from: &str, to: &[&str], text: &str) -> u16 {
        let to: String = to.iter().map(|to| format!("To: <{to}>\n")).collect();
        let body = format!("From: <{from}>\n{to}\nContent-Type: text/plain\n\n{text}");
        self.sends(&body, "", '$')
    }

    fn sends(&mut self, body: &str, headers: &str, flag: char) -> u16 {
        self.sent += 1;
        let (n, to) = (self.sent, self.to_alice.clone());
        self.stage.msrp(ALICE, &format!("MSRP tran{n} SEND\nTo-Path: {to}\nFrom-Path: {FROM_ALICE}\nMessage-ID: {}\n{headers}Content-Type: message/cpim\n\n{body}\n-------tran{n}{flag}\n", if headers.is_empty() { format!("m{n}") } else { "long".into() }));
        self.code(ALICE, &format!("tran{n}"))
    }

    fn names(&mut self, header: &str) -> u16 {
        self.sent += 1;
        let (n, to) = (self.sent, self.to_alice.clone());
        self.stage.msrp(ALICE, &format!("MSRP tran{n} NICKNAME\nTo-Path: {to}\nFrom-Path: {FROM_ALICE}\n{header}-------tran{n}$\n"));
        self.code(ALICE, &format!("tran{n}"))
    }

    fn code(&self, link: u64, transaction: &str) -> u16 {
        let octets = self.stage.octets(link);
        let start = format!("MSRP {transaction} ");
        let line = octets.lines().find_map(|line| line.strip_prefix(&start));
        line.map_or(0, |rest| rest[..3].parse().unwrap_or(0))
    }

    fn hear(&self, text: &str) -> (bool, bool) {
        let heard = |link| self.stage.octets(link).contains(text);
        (heard(BOB), heard(CAROL))
    }
}

const SELF: &str = "sip:alice@im.example";

#[test]
fn the_room_is_offered_and_answered_as_a_chat_room() {
    let room = chatting();
    let ours = "nickname private-messages";
    assert_eq!(attribute(&room.stage.last(200).body, "chatroom"), ours);
    assert_eq!(
        attribute(&room.stage.sent("INVITE", "bob").body, "chatroom"),
        ours
    );
}

#[test]
fn the_address_in_the_envelope_decides_who_hears() {
    let mut room = chatting();
    let all = room.identity.clone();
    assert_eq!(room.says(SELF, &[&all], "to everybody"), 200);
    assert_eq!(room.hear("to everybody"), (true, true));
    assert_eq!(room.says(SELF, &["sip:bob@im.example"], "to bob"), 200);
    assert_eq!(room.hear("to bob"), (true, false));
    assert_eq!(room.says(SELF, &["sip:nobody@im.example"], "to none"), 404);
    assert_eq!(room.says(SELF, &["sip:carol@im.example"], "to carol"), 428);
    assert_eq!(
        room.says(SELF, &[&all, "sip:bob@im.example"], "to two"),
        403
    );
    assert_eq!(room.says("sip:bob@im.example", &[&all], "as bob"), 403);
    assert_eq!(room.sends("no envelope", "", '$'), 400);
    for unheard in ["to none", "to carol", "to two", "as bob", "no envelope"] {
        assert_eq!(room.hear(unheard), (false, false), "{unheard}");
    }
}

#[test]
fn what_was_refused_stays_refused_and_what_was_begun_ends() {
    let mut room = chatting();
    let all = room.identity.clone();
    let begun = format!("From: <{SELF}>\nTo: <{all}>\n\nContent-Type: text/plain\n\nbeginning");
    assert_eq!(room.sends(&begun, "Byte-Range: 1-*/500\n", '+'), 200);
    assert_eq!(room.sends("a lie", "Byte-Range: 600-*/500\n", '+'), 400);
    let bob = room.stage.octets(BOB);
    assert!(bob.contains("#\r\n") && !bob.contains("a lie"), "{bob}");
    assert_eq!(
        room.sends("more of it", "Byte-Range: 200-*/500\n", '+'),
        400
    );
    assert_eq!(room.says(SELF, &[&all], "goes on"), 200);
    assert_eq!(room.hear("goes on"), (true, true));
}

#[test]
fn a_nickname_is_one_persons_and_is_shown() {
    let mut room = chatting_with(Config {
        barred_nicknames: vec!["The System".into()],
        ..config()
    });
    assert_eq!(room.names("Use-Nickname: \"Wonder\"\n"), 200);
    let to = room.to_bob.clone();
    room.stage.msrp(BOB, &format!("MSRP bobsnick NICKNAME\nTo-Path: {to}\nFrom-Path: {FROM_BOB}\nUse-Nickname: \"wonder\"\n-------bobsnick$\n"));
    assert_eq!(room.code(BOB, "bobsnick"), 425);
    assert_eq!(room.names("Use-Nickname: Wonder\n"), 424);
    assert_eq!(room.names(""), 424);
    assert_eq!(room.names("Use-Nickname: \"the system\"\n"), 403);
    assert_eq!(room.names("Use-Nickname: \"\"\n"), 200);
}

/// The timer that is armed for so long.
fn timer(room: &Room, seconds: u64) -> machines::port::TimerId {
    let armed = room
        .stage
        .said
        .iter()
        .rev()
        .find_map(|output| match output {
            Output::Arm { timer, after } if after.as_secs() == seconds => Some(*timer),
            _ => None,
        });
    armed.expect("a timer")
}

#[test]
fn whoever_answers_nothing_is_told_off_and_removed() {
    let mut room = chatting();
    assert_eq!(
        room.says(SELF, &["sip:bob@im.example"], "are you there"),
        200
    );
    let first = timer(&room, 30);
    room.stage.fire(first);
    let second = timer(&room, 30);
    assert_ne!(first, second);
    room.stage.fire(second);
    room.stage.sent("BYE", "bob@127.0.0.1");
    let alice = room.stage.octets(ALICE);
    assert!(
        alice.contains("REPORT") && alice.contains("Status: 000 408"),
        "{alice}"
    );
}

#[test]
fn the_failure_of_a_private_message_is_told() {
    let mut room = chatting();
    assert_eq!(room.says(SELF, &["sip:bob@im.example"], "too much"), 200);
    let bob = room.stage.octets(BOB);
    let transaction = bob
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("MSRP "));
    let transaction = transaction.expect("a SEND").replace(" SEND", "");
    let to = room.to_bob.clone();
    room.stage.msrp(BOB, &format!("MSRP {transaction} 413 No\nTo-Path: {to}\nFrom-Path: {FROM_BOB}\n-------{transaction}$\n"));
    let alice = room.stage.octets(ALICE);
    assert!(
        alice.contains("Message-ID: m1\r\n") && alice.contains("Status: 000 413"),
        "{alice}"
    );
    // Answered is answered: nobody is removed for it.
    let look = timer(&room, 30);
    room.stage.fire(look);
    assert!(
        !room
            .stage
            .messages()
            .iter()
            .any(|one| one.method() == Some("BYE"))
    );
}

#[test]
fn a_message_without_an_end_is_given_up() {
    let mut room = chatting();
    let all = room.identity.clone();
    let begun = format!("From: <{SELF}>\nTo: <{all}>\n\nContent-Type: text/plain\n\nbeginning");
    assert_eq!(room.sends(&begun, "Byte-Range: 1-*/500\n", '+'), 200);
    let first = timer(&room, 540);
    room.stage.fire(first);
    assert!(!room.stage.octets(BOB).contains("#\r\n"));
    let second = timer(&room, 540);
    room.stage.fire(second);
    assert!(room.stage.octets(BOB).contains("#\r\n"));
    assert_eq!(room.sends("too late", "Byte-Range: 200-*/500\n", '+'), 408);
}

#[test]
fn the_room_hears_who_comes_and_goes_if_the_operator_wants_that() {
    let announce = Config {
        announce: true,
        ..config()
    };
    let mut room = chatting_with(announce);
    let bob = room.stage.octets(BOB);
    let identity = &room.identity;
    assert!(bob.contains(&format!("From: <{identity}>")), "{bob}");
    assert!(bob.contains("carol@im.example has joined."), "{bob}");
    assert!(bob.contains("Failure-Report: no"), "{bob}");
    let to = room
        .stage
        .last(200)
        .header("To")
        .unwrap_or_default()
        .to_owned();
    let bye = request("BYE", identity, &to, "setup@alice", 2, "");
    room.stage.sip(5061, &bye);
    assert_eq!(room.hear("Ali has left."), (true, true));
}
