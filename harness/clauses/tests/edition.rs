//! The catalogue that ships: complete, sound, and without quotations of the specification.

use clauses::{Catalogue, Status};
use std::collections::HashSet;

fn edition() -> Catalogue {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../features/clauses");
    Catalogue::load_dir(folder).expect("the catalogue that ships is sound")
}

#[test]
fn every_subclause_has_its_clauses() {
    let edition = edition();
    for (subclause, count) in [
        ("7.2.1.1", 19),
        ("7.2.1.2", 24),
        ("7.2.1.3", 34),
        ("7.2.1.6", 8),
        ("7.2.1.11", 4),
        ("7.2.1.12", 21),
        ("7.2.2.2", 17),
        ("7.2.2.6", 6),
        ("8.3.1.1.1", 13),
        ("8.3.2.1", 13),
        ("003:7.1.1.1", 13),
        ("001:6.2.1.1", 13),
        ("001:6.2.1.2", 9),
        ("6.2.1.3", 13),
        ("6.2.1.4", 10),
        ("6.2.1.5", 13),
        ("004:6.2.1.1", 11),
        ("004:6.2.1.2", 13),
        ("7.1.1.12", 7),
        ("7.1.2.2", 12),
        ("6.1.1", 4),
        ("6.1.2.2.4", 13),
        ("6.1.3.2.2", 11),
        ("C.1", 5),
        ("13.1.1.1", 11),
        ("13.2.5", 4),
    ] {
        assert_eq!(edition.matching(subclause).count(), count, "{subclause}");
    }
    let main = edition.iter().filter(|clause| !clause.supporting);
    let excluded: Vec<&str> = main
        .filter(|clause| matches!(clause.status, Status::Excluded { .. }))
        .map(|clause| clause.id.as_str())
        .collect();
    // What a whole IMS specification says, one sentence in each subclause, and what never shows on the wire.
    let hidden = [
        "004:6.2.1.1/on-invite/1b",
        "004:6.2.1.1/on-invite/1c",
        "7.1.1.12/client-leaves/u1",
        "6.1.2.2.4/general/u1",
        "13.1.1.1/on-200/3",
    ];
    let known = |id: &&str| id.ends_with("/ims/u1") || hidden.contains(id);
    assert!(excluded.iter().all(known), "{excluded:?}");
    assert_eq!(excluded.len(), 28);
}

#[test]
fn exclusions_give_a_reason_that_explains() {
    for clause in edition().iter() {
        if let Status::Excluded { reason } = &clause.status {
            assert!(
                reason.split_whitespace().count() >= 10,
                "{}: {reason}",
                clause.id
            );
        }
    }
}

#[test]
fn clauses_stand_in_the_file_of_their_subclause_and_supporting_rules_apart() {
    for clause in edition().iter() {
        let supporting = clause.id.starts_with(|c: char| c.is_ascii_lowercase());
        assert_eq!(clause.supporting, supporting, "{}", clause.id);
        // `rfc4028:9` stands in the file of its RFC, `003:7.1.1.1` in one of its own.
        let stem = match clause.subclause().split_once(':') {
            Some((rfc, _)) if supporting => rfc.to_owned(),
            _ => clause.subclause().replace(':', "-"),
        };
        assert!(
            clause.file.ends_with(&format!("/{stem}.yaml")),
            "{} in {}",
            clause.id,
            clause.file
        );
        assert_eq!(
            clause.file.contains("supporting"),
            supporting,
            "{}",
            clause.id
        );
    }
}

#[test]
fn no_summary_is_the_sentence_itself() {
    for clause in edition().iter() {
        let Some(fingerprint) = &clause.fingerprint else {
            continue;
        };
        assert_ne!(
            clauses::fingerprint::of(&clause.requirement).sha256,
            fingerprint.sha256
        );
    }
}

#[test]
fn words_that_name_conditions_and_findings_have_one_form() {
    let kebab = |word: &str| {
        word.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let mut claims = HashSet::new();
    for clause in edition().iter() {
        assert!(
            clause.applies_when.as_deref().is_none_or(kebab),
            "{}",
            clause.id
        );
        claims.extend(clause.claim.clone());
        for finding in clause.reading.iter().flat_map(|reading| &reading.findings) {
            let number = finding
                .strip_prefix('F')
                .and_then(|number| number.parse::<u16>().ok());
            assert!(
                number.is_some_and(|number| (1..=169).contains(&number)),
                "{}",
                clause.id
            );
        }
    }
    let known = [
        "b2bua",
        "deferred_messages",
        "detects_loops",
        "digest_sha_256",
        "factory_without_uri_list_message",
        "ims",
        "media_path",
        "media_policy",
        "notification_rate",
        "partial_states",
        "plain_messages_pass_the_server",
        "pre_defined_groups",
        "proxy",
        "refuses_anonymous_messages",
        "refuses_short_registrations",
        "server_modification",
        "service_settings",
        "third_party_registration",
        "uri_list_message",
        "user_access_policy",
    ]
    .map(str::to_owned);
    assert_eq!(claims, HashSet::from(known));
}

#[test]
fn an_edition_of_its_own_judges_a_superseded_clause_by_the_checks_of_its_successor() {
    let whole = edition();
    let requests = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let before = whole.edition(&requests(&["000", "001"]));
    let (old, new) = ("001:6.2.1.1/client-sends/2", "003:7.1.1.1/client-sends/2");
    let judged_by = |edition: &Catalogue, cited: &str| -> Vec<String> {
        edition.judged_by(cited).map(str::to_owned).collect()
    };
    assert_eq!(judged_by(&whole, new), [new]);
    assert_eq!(judged_by(&before, new), [old]);
    assert_eq!(judged_by(&before, "7.2.2.2/on-200/1"), [""; 0]);
    assert!(before.get(old).is_some_and(clauses::Clause::is_judged));
    // An edition of an edition knows what counts for what.
    assert_eq!(judged_by(&before.edition(&requests(&["001"])), new), [old]);
    let both = whole.edition(&requests(&["001", "003"]));
    assert_eq!(judged_by(&both, new), [new]);
    assert_eq!(
        both.get(old).map(|clause| clause.status.name()),
        Some("superseded")
    );
}
