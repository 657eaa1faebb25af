//! The registrar of the core: who may register, what it remembers, and what it refuses.

use machines::port::{Output, TimerId};

use crate::core_words::{ALICE, BOB, answer_to, config, proof, register, request, warnings, went};
use crate::stage::Stage;

/// A core that has challenged a REGISTER of alice's.
fn challenged() -> Stage {
    let mut stage = Stage::core(config());
    stage.sip(ALICE, &register("alice", ALICE, 1, ""));
    stage
}

fn prove(stage: &mut Stage, cseq: u32, count: u32, more: &str) {
    let proof = proof(stage, "alice", "alice", "REGISTER", "sip:im.example", count);
    stage.sip(
        ALICE,
        &register("alice", ALICE, cseq, &format!("{proof}{more}")),
    );
}

#[test]
fn a_register_is_challenged_by_both_algorithms_and_then_taken() {
    let mut stage = challenged();
    let challenges: Vec<String> = stage
        .last(401)
        .headers("WWW-Authenticate")
        .map(str::to_owned)
        .collect();
    assert!(challenges[0].contains("algorithm=SHA-256") && challenges[1].contains("algorithm=MD5"));
    assert!(
        challenges
            .iter()
            .all(|one| one.contains("qop=\"auth\"") && !one.contains("stale"))
    );
    prove(&mut stage, 2, 1, "Expires: 600\n");
    let accepted = stage.last(200);
    let contact = accepted.contact().expect("a contact");
    assert_eq!(contact.params.value("expires"), Some("600"));
    assert_eq!(contact.uri.user.as_deref(), Some("alice"));
    assert_eq!(
        accepted.header("P-Associated-URI"),
        Some("<sip:alice@im.example>")
    );
}

#[test]
fn a_replay_is_stale_and_changes_nothing() {
    let mut stage = challenged();
    let first = proof(&stage, "alice", "alice", "REGISTER", "sip:im.example", 1);
    prove(&mut stage, 2, 1, "");
    stage.sip(
        ALICE,
        &register("alice", ALICE, 3, &format!("{first}Expires: 0\n")),
    );
    let refused = stage.last(401);
    assert!(
        refused
            .header("WWW-Authenticate")
            .is_some_and(|it| it.contains("stale=true"))
    );
    assert!(
        warnings(&stage)[0].contains("replay"),
        "{:?}",
        warnings(&stage)
    );
    // With the count raised the same nonce is good.
    let second = first.replace("00000001", "00000002");
    stage.sip(ALICE, &register("alice", ALICE, 4, &second));
    assert!(warnings(&stage)[1].contains("wrong digest"));
    assert_eq!(stage.codes("REGISTER"), [401, 200, 401, 401]);
}

#[test]
fn a_wrong_digest_and_a_weaker_proof_are_refused() {
    for (from, to, stale) in [
        ("secret", "guess", false),
        ("qop=auth", "qop=auth-int", false),
        ("algorithm=SHA-256", "algorithm=SHA-512", false),
        ("uri=\"sip:im.example\"", "uri=\"sip:elsewhere\"", false),
        ("username=\"alice\"", "username=\"nobody\"", false),
    ] {
        let mut stage = challenged();
        let good = proof(&stage, "alice", "alice", "REGISTER", "sip:im.example", 1);
        let bad = if from == "secret" {
            proof(&stage, "alice", "bob", "REGISTER", "sip:im.example", 1)
        } else {
            good.replace(from, to)
        };
        stage.sip(ALICE, &register("alice", ALICE, 2, &bad));
        let refused = stage.last(401);
        let says = refused
            .header("WWW-Authenticate")
            .expect("a challenge")
            .contains("stale=true");
        assert_eq!(
            (stage.codes("REGISTER"), says),
            (vec![401, 401], stale),
            "{from}"
        );
        assert!(warnings(&stage)[0].contains("compare the client's name"));
    }
}

/// REGISTERs of alice with this right answer to a nonce.
fn answers(stage: &mut Stage, cseq: u32, nonce: &str, count: u32) {
    let answer = answer_to(nonce, "alice", "alice", "REGISTER", "sip:im.example", count);
    let text = register("alice", ALICE, cseq, &format!("Authorization: {answer}\n"));
    stage.sip(ALICE, &text);
}

fn nonce(stage: &Stage) -> String {
    let challenge = stage.last(401);
    let challenge = challenge.header("WWW-Authenticate").expect("a challenge");
    let rest = challenge.split("nonce=\"").nth(1).expect("a nonce");
    rest.split('"').next().expect("its end").to_owned()
}

#[test]
fn a_nonce_is_none_that_somebody_has_made_up_or_changed() {
    let mut stage = challenged();
    let given = nonce(&stage);
    let (sealed, seal) = given.rsplit_once('.').expect("a seal");
    let later = format!(
        "ff.{}.{seal}",
        sealed.split('.').nth(1).expect("its number")
    );
    for (cseq, forged) in [(2, "made-up"), (3, later.as_str()), (4, ""), (5, "..")] {
        answers(&mut stage, cseq, forged, 1);
        let line = warnings(&stage).pop().expect("a warning");
        assert!(line.contains("never given"), "{line}");
    }
    assert_eq!(stage.codes("REGISTER"), [401; 5]);
}

#[test]
fn a_nonce_serves_with_counts_that_rise_until_it_is_old() {
    let mut stage = challenged();
    let given = nonce(&stage);
    for (cseq, count) in [(2, 1), (3, 5), (4, 6), (5, 5), (6, 6), (7, 2)] {
        answers(&mut stage, cseq, &given, count);
    }
    assert_eq!(stage.codes("REGISTER"), [401, 200, 200, 200, 401, 401, 401]);
    for _ in 0..301 {
        let second = |output: &Output| match output {
            Output::Arm { timer, after } if after.as_millis() == 1000 => Some(*timer),
            _ => None,
        };
        let timer: TimerId = stage.said.iter().rev().find_map(second).expect("a tick");
        stage.fire(timer);
    }
    answers(&mut stage, 8, &given, 7);
    assert_eq!(stage.codes("REGISTER").last(), Some(&401));
    let line = warnings(&stage).pop().expect("a warning");
    assert!(line.contains("too old"), "{line}");
}

#[test]
fn nobody_registers_for_somebody_else() {
    let mut stage = challenged();
    let proof = proof(&stage, "bob", "bob", "REGISTER", "sip:im.example", 1);
    stage.sip(BOB, &register("alice", BOB, 2, &proof));
    assert_eq!(stage.codes("REGISTER"), [401, 403]);
    assert!(warnings(&stage)[0].contains("may not register sip:alice@im.example"));
    let stranger = register("carol", BOB, 3, &proof.replace("00000001", "00000002"));
    stage.sip(BOB, &stranger);
    assert_eq!(stage.codes("REGISTER"), [401, 403, 401]);
}

#[test]
fn an_address_that_is_nobodys_is_not_found() {
    let mut stage = challenged();
    let proof = proof(&stage, "alice", "alice", "REGISTER", "sip:im.example", 1);
    stage.sip(ALICE, &register("nobody", ALICE, 2, &proof));
    assert_eq!(stage.codes("REGISTER"), [401, 404]);
}

#[test]
fn a_registration_may_be_too_short_but_not_too_long() {
    let mut stage = challenged();
    prove(&mut stage, 2, 1, "Expires: 5\n");
    assert_eq!(stage.last(423).header("Min-Expires"), Some("60"));
    prove(&mut stage, 3, 2, "Expires: 999999\n");
    let contact = stage.last(200).contact().expect("a contact");
    assert_eq!(contact.params.value("expires"), Some("7200"));
}

#[test]
fn an_older_register_of_the_same_call_changes_nothing() {
    let mut stage = challenged();
    prove(&mut stage, 5, 1, "");
    prove(&mut stage, 4, 2, "Expires: 0\n");
    assert_eq!(stage.codes("REGISTER"), [401, 200, 400]);
    prove(&mut stage, 6, 3, "");
    assert!(stage.last(200).contact().is_some());
}

#[test]
fn all_contacts_go_at_once_and_only_with_expires_0() {
    let mut stage = challenged();
    prove(&mut stage, 2, 1, "");
    let all = |stage: &Stage, cseq, count, more: &str| {
        let proof = proof(stage, "alice", "alice", "REGISTER", "sip:im.example", count);
        let text = register("alice", ALICE, cseq, &format!("{proof}{more}"));
        let from = text.find("Contact: ").expect("a contact");
        let end = text[from..].find('\n').expect("a line") + from;
        format!("{}Contact: *{}", &text[..from], &text[end..])
    };
    let text = all(&stage, 3, 2, "");
    stage.sip(ALICE, &text);
    let text = all(&stage, 4, 3, "Expires: 0\n");
    stage.sip(ALICE, &text);
    assert_eq!(stage.codes("REGISTER"), [401, 200, 400, 200]);
    assert!(stage.last(200).contact().is_none());
}

#[test]
fn what_a_register_requires_and_nobody_knows_is_refused() {
    let mut stage = Stage::core(config());
    stage.sip(ALICE, &register("alice", ALICE, 1, "Require: foo\n"));
    assert_eq!(stage.last(420).header("Unsupported"), Some("foo"));
}

#[test]
fn a_registration_ends_by_itself() {
    let mut stage = challenged();
    prove(&mut stage, 2, 1, "Expires: 60\n");
    let second = |output: &Output| match output {
        Output::Arm { timer, after } if after.as_millis() == 1000 => Some(*timer),
        _ => None,
    };
    for _ in 0..60 {
        let timer: TimerId = stage.said.iter().rev().find_map(second).expect("a tick");
        stage.fire(timer);
    }
    stage.sip(BOB, &register("bob", BOB, 1, ""));
    let proof = proof(&stage, "bob", "bob", "REGISTER", "sip:im.example", 1);
    stage.sip(BOB, &register("bob", BOB, 2, &proof));
    stage.sip(
        BOB,
        &crate::core_words::request_from("bob", BOB, "MESSAGE", "sip:alice@im.example", ""),
    );
    assert_eq!(stage.codes("MESSAGE"), [480]);
}

#[test]
fn servers_are_told_who_registers_and_who_does_not_any_more() {
    let mut config = config();
    let mut filter = config.filters[2].clone();
    filter.method = "REGISTER".into();
    filter.to = Some("sip:127.0.0.1:5073;transport=tcp".into());
    config.filters.push(filter);
    let mut stage = Stage::core(config);
    stage.sip(ALICE, &register("alice", ALICE, 1, ""));
    prove(&mut stage, 2, 1, "Expires: 600\n");
    assert_eq!(went(&stage, "REGISTER"), 5073);
    let told = stage.sent("REGISTER", "5073");
    assert_eq!(told.header("To"), Some("<sip:alice@im.example>"));
    assert_eq!(told.header("Expires"), Some("600"));
    assert_eq!(told.header("Contact"), Some("<sip:127.0.0.1:5060>"));
    assert!(
        told.header("From")
            .is_some_and(|from| from.starts_with("<sip:127.0.0.1:5060>;tag="))
    );
    stage.answer("REGISTER", "5073", 200, "Expires: 600");
    prove(&mut stage, 3, 2, "Expires: 0\n");
    let again = stage.sent("REGISTER", "5073");
    assert_eq!(
        (again.header("Expires"), again.call_id()),
        (Some("0"), told.call_id())
    );
    assert_eq!(again.cseq().map(|cseq| cseq.number), Some(2));
    stage.answer("REGISTER", "5073", 503, "");
    assert!(
        warnings(&stage)
            .iter()
            .any(|line| line.contains("third-party"))
    );
}

#[test]
fn a_call_of_somebody_unknown_is_challenged_and_then_carried() {
    let mut stage = Stage::core(config());
    let invite = |cseq: u32, more: &str| {
        let more = format!("Accept-Contact: *;+g.oma.sip-im\n{more}");
        let text = request("INVITE", "sip:bob@im.example", &more);
        text.replace("z9hG4bKx", &format!("z9hG4bK{cseq}"))
            .replace("CSeq: 1", &format!("CSeq: {cseq}"))
    };
    stage.sip(ALICE, &invite(1, ""));
    let proof = proof(&stage, "alice", "alice", "INVITE", "sip:bob@im.example", 1);
    stage.sip(ALICE, &invite(2, &proof));
    let sent = stage.sent("INVITE", "bob");
    assert_eq!(
        sent.header("P-Asserted-Identity"),
        Some("<sip:alice@im.example>")
    );
    assert_eq!(sent.header("Proxy-Authorization"), None);
}
