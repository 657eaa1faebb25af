//! Group documents: right ones, old forms, and those that somebody made to hurt.

use super::*;

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap()
}

fn document(inner: &str) -> Vec<u8> {
    format!(
        "<group xmlns='{SPACE}' xmlns:rl='{LISTS}' xmlns:cr='{POLICY}'><list-service uri='sip:friends@example.com'>{inner}</list-service></group>"
    )
    .into_bytes()
}

fn ruled(conditions: &str, actions: &str) -> Group {
    let list = "<list><entry uri='sip:alice@example.com'/></list>";
    let rule = format!(
        "{list}<cr:ruleset><cr:rule id='a'><cr:conditions>{conditions}</cr:conditions><cr:actions>{actions}</cr:actions></cr:rule></cr:ruleset>"
    );
    read(&document(&rule)).unwrap()
}

#[test]
fn what_was_written_is_read() {
    let all = Actions {
        allow_conference_state: true,
        allow_private_message: true,
        ..Actions::default()
    };
    let group = Group {
        uri: "sip:friends@example.com".into(),
        display_name: Some("Friends & <foes>".into()),
        members: vec![
            Member {
                uri: "sip:alice@example.com".into(),
                display_name: Some("Alice".into()),
            },
            Member {
                uri: "tel:+43012345678".into(),
                display_name: None,
            },
        ],
        invite_members: true,
        max_participant_count: Some(10),
        rules: vec![
            Rule {
                identities: vec!["sip:bob@example.com".into(), "*@other.example".into()],
                actions: all,
                ..Rule::default()
            },
            Rule {
                list_members: true,
                ..Rule::default()
            },
            Rule {
                everybody: true,
                actions: all,
                ..Rule::default()
            },
            Rule {
                actions: all,
                ..Rule::default()
            },
        ],
    };
    assert_eq!(read(&write(&group)), Ok(group));
}

#[test]
fn what_is_absent_is_not_allowed() {
    let group = read(&document("")).unwrap();
    assert_eq!(
        group,
        Group {
            uri: "sip:friends@example.com".into(),
            ..Group::default()
        }
    );
    assert_eq!(
        group.actions(&uri("sip:alice@example.com")),
        Actions::default()
    );
}

#[test]
fn both_forms_of_membership_and_of_joining_are_read() {
    for condition in [
        "<is-list-member/>",
        "<is-list-member> true </is-list-member>",
    ] {
        for action in ["allow", "true", "1"] {
            let group = ruled(
                condition,
                &format!("<join-handling>{action}</join-handling>"),
            );
            assert!(group.actions(&uri("sip:alice@EXAMPLE.com")).join_handling);
            assert!(!group.actions(&uri("sip:bob@example.com")).join_handling);
        }
        let group = ruled(condition, "<join-handling>block</join-handling>");
        assert!(!group.actions(&uri("sip:alice@example.com")).join_handling);
    }
}

#[test]
fn rules_add_up_and_conditions_narrow() {
    let one = "<cr:identity><cr:one id='sip:alice@example.com'/><cr:one id='sip:bob@example.com'/></cr:identity>";
    let group = ruled(
        &format!("{one}<is-list-member/>"),
        "<allow-anonymity>true</allow-anonymity>",
    );
    assert!(group.actions(&uri("sip:alice@example.com")).allow_anonymity);
    assert!(!group.actions(&uri("sip:bob@example.com")).allow_anonymity);
    let group = ruled(
        "<cr:identity><cr:many domain='example.com'/></cr:identity>",
        "<allow-anonymity>1</allow-anonymity>",
    );
    assert!(group.actions(&uri("sip:bob@example.com")).allow_anonymity);
    assert!(!group.actions(&uri("sip:bob@example.org")).allow_anonymity);
}

#[test]
fn what_cannot_be_decided_allows_nothing() {
    for condition in [
        "<cr:sphere value='work'/>",
        "<is-list-member>false</is-list-member>",
        "<cr:identity/>",
        "<cr:identity><cr:many><cr:except id='sip:eve@example.com'/></cr:many></cr:identity>",
        "<is-list-member/><new xmlns='urn:x'/>",
    ] {
        let group = ruled(condition, "<join-handling>true</join-handling>");
        assert_eq!(
            group.actions(&uri("sip:alice@example.com")),
            Actions::default(),
            "{condition}"
        );
    }
}

#[test]
fn unknown_elements_are_passed_over() {
    let group = read(&document(
        "<x:a xmlns:x='urn:x'><entry uri='sip:no@x'/></x:a><rl:list><rl:entry uri='sip:a@x'><rl:display-name>A</rl:display-name><extra/></rl:entry><external anchor='http://x'/></rl:list>",
    ))
    .unwrap();
    assert_eq!(
        group.members,
        [Member {
            uri: "sip:a@x".into(),
            display_name: Some("A".into())
        }]
    );
}

#[test]
fn a_wrong_document_is_told_what_is_wrong() {
    let service = format!("<group xmlns='{SPACE}'/>");
    for (text, violation) in [
        (
            document("<invite-members>maybe</invite-members>"),
            Violation::Boolean {
                element: "invite-members",
            },
        ),
        (
            document("<max-participant-count>-1</max-participant-count>"),
            Violation::MaxParticipantCount,
        ),
        (
            document("<list><entry uri=' '/></list>"),
            Violation::EntryWithoutUri,
        ),
        (service.into_bytes(), Violation::ListService),
        (b"<group/>".to_vec(), Violation::Root),
        (b"\xff".to_vec(), Violation::NotUtf8),
        (
            b"<group>".to_vec(),
            Violation::NotWellFormed { line: 1, column: 1 },
        ),
    ] {
        assert_eq!(
            read(&text),
            Err(violation),
            "{}",
            String::from_utf8_lossy(&text)
        );
    }
}

#[test]
fn hostile_documents_are_bounded() {
    let bomb = b"<!DOCTYPE g [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><group>&b;</group>";
    assert_eq!(read(bomb), Err(Violation::DocumentType));
    let large = document(&" ".repeat(10 * 1024 * 1024));
    assert_eq!(read(&large), Err(Violation::TooLarge { limit: OCTETS }));
    let crowd: String = (0..100_000)
        .map(|n| format!("<entry uri='sip:{n}@x'/>"))
        .collect();
    assert!(matches!(
        read(&document(&format!("<list>{crowd}</list>"))),
        Err(Violation::TooLarge { .. })
    ));
    let crowd: String = (0..30_000)
        .map(|n| format!("<entry uri='s:{n}'/>"))
        .collect();
    assert_eq!(
        read(&document(&format!("<list>{crowd}</list>"))),
        Err(Violation::TooManyEntries { limit: MEMBERS })
    );
    let nodes = "<a/>".repeat(150_000);
    assert_eq!(
        read(&document(&nodes)),
        Err(Violation::TooManyEntries { limit: MEMBERS })
    );
    let deep = "<a>".repeat(90_000);
    assert!(read(&document(&deep)).is_err());
    let attributes: String = (0..100_000).map(|n| format!(" a{n}=''")).collect();
    let attributes = format!("<group{attributes}/>");
    assert_eq!(
        read(attributes.as_bytes()),
        Err(Violation::TooManyEntries { limit: MEMBERS })
    );
    let namespaces: String = (0..30_000).map(|n| format!("<a xmlns:n{n}='u'>")).collect();
    assert_eq!(
        read(&document(&namespaces)),
        Err(Violation::TooManyEntries { limit: MEMBERS })
    );
}
