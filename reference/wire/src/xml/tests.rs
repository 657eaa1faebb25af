//! Documents: what is read, what is refused, round trips, and any octets at all.

use pretty_assertions::assert_eq;
use proptest::prelude::*;

use super::{
    Violation,
    conference_info::{ConferenceInfo, Endpoint, User},
    resource_lists::{self, Entry},
};

fn list(inner: &str) -> Result<Vec<Entry>, Violation> {
    let document = format!(
        "<r:resource-lists xmlns:r=\"urn:ietf:params:xml:ns:resource-lists\" xmlns:c=\"urn:ietf:params:xml:ns:copycontrol\" xmlns:w=\"urn:ietf:params:xml:ns:copyControl\">{inner}</r:resource-lists>"
    );
    resource_lists::parse(document.as_bytes())
}

#[test]
fn nested_lists_are_flattened_and_duplicates_kept() {
    let entries = list(
        "<r:list><r:entry uri=' sip:a@x ' c:copyControl='to'><r:display-name> A<!-- --> B </r:display-name></r:entry>\
         <r:list><r:entry uri='sip:b@x' c:anonymize='1'/></r:list><r:entry uri='sip:a@x' w:copyControl='cc'/>\
         <r:entry-ref ref='x'/><entry uri='sip:c@x'/></r:list><r:entry uri='sip:d@x'/>",
    );
    let first = Entry {
        uri: "sip:a@x".into(),
        display_name: Some("A B".into()),
        copy_control: Some("to".into()),
        anonymize: false,
    };
    let second = Entry {
        uri: "sip:b@x".into(),
        anonymize: true,
        ..Entry::default()
    };
    assert_eq!(
        entries,
        Ok(vec![
            first,
            second,
            Entry {
                uri: "sip:a@x".into(),
                ..Entry::default()
            }
        ])
    );
}

#[test]
fn lists_are_refused_by_name() {
    let table = [
        ("<r:list><r:entry/></r:list>", Violation::EntryWithoutUri),
        (
            "<r:list><r:entry uri='a' c:copyControl='To'/></r:list>",
            Violation::CopyControl,
        ),
        (
            "<r:list><r:entry uri='a' c:anonymize='yes'/></r:list>",
            Violation::Anonymize,
        ),
        (
            "</r:list>",
            Violation::NotWellFormed {
                line: 1,
                column: 157,
            },
        ),
    ];
    for (inner, violation) in table {
        assert_eq!(list(inner), Err(violation), "{inner}");
    }
    let many = format!("<r:list>{}</r:list>", "<r:entry uri='a'/>".repeat(1025));
    assert_eq!(list(&many), Err(Violation::TooManyEntries { limit: 1024 }));
    assert_eq!(
        list(&" ".repeat(70_000)),
        Err(Violation::TooLarge { limit: 65_535 })
    );
    assert_eq!(resource_lists::parse(b"\xff"), Err(Violation::NotUtf8));
    assert_eq!(
        resource_lists::parse(b"<resource-lists/>"),
        Err(Violation::Root)
    );
    assert_eq!(
        resource_lists::parse(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        Err(Violation::DocumentType)
    );
}

#[test]
fn deep_nesting_neither_panics_nor_overflows() {
    assert!(
        list(&format!(
            "{}{}",
            "<r:l>".repeat(5_000),
            "</r:l>".repeat(5_000)
        ))
        .is_ok()
    );
    assert!(list(&"<r:l>".repeat(12_000)).is_err());
}

fn info(root: &str, inner: &str) -> Result<ConferenceInfo, Violation> {
    let document = format!(
        "<conference-info xmlns=\"urn:ietf:params:xml:ns:conference-info\" {root}>{inner}</conference-info>"
    );
    ConferenceInfo::parse(document.as_bytes())
}

#[test]
fn conference_documents() {
    let read = info("entity='sips:c@x' version='7'", "<conference-description><subject>\n x </subject></conference-description><conference-state><user-count> 1 </user-count></conference-state><users><user entity='sip:a@x'><endpoint entity='sip:a@h'><status>connected</status></endpoint></user></users>").unwrap();
    assert_eq!(
        (read.state.as_str(), read.version, read.user_count),
        ("full", 7, Some(1))
    );
    assert_eq!(
        read.users[0].endpoints[0].status.as_deref(),
        Some("connected")
    );
    let table = [
        ("version='1'", "", Violation::Entity),
        ("entity='a'", "", Violation::Version),
        ("entity='a' version='-1'", "", Violation::Version),
        ("entity='a' version=''", "", Violation::Version),
        ("entity='a' version='1' state='gone'", "", Violation::State),
        (
            "entity='a' version='1'",
            "<users state='x'/>",
            Violation::State,
        ),
        (
            "entity='a' version='1'",
            "<conference-state><user-count>+1</user-count></conference-state>",
            Violation::UserCount,
        ),
        (
            "entity='a' version='1'",
            "<conference-state><active>yes</active></conference-state>",
            Violation::Active,
        ),
    ];
    for (root, inner, violation) in table {
        assert_eq!(info(root, inner), Err(violation), "{root} {inner}");
    }
}

#[test]
fn a_partial_document_says_so_for_the_user_list() {
    let document = ConferenceInfo {
        entity: "c".into(),
        state: "partial".into(),
        users: vec![User::default()],
        ..ConferenceInfo::default()
    };
    assert!(
        String::from_utf8(document.write())
            .unwrap()
            .contains("<users state=\"partial\">")
    );
}

#[test]
fn a_partial_document_is_read_with_its_states() {
    let read = info(
        "entity='sip:c@x' version='2' state='partial'",
        "<conference-state><user-count>2</user-count><active>true</active></conference-state>\
         <users state='partial'><user entity='sip:a@x' state='partial'><endpoint entity='sip:a@x' state='full'>\
         <status>connected</status></endpoint></user><user entity='sip:b@x' state='deleted'/></users>",
    )
    .unwrap();
    assert_eq!((read.state.as_str(), read.active), ("partial", Some(true)));
    assert_eq!(read.users_state.as_deref(), Some("partial"));
    let states: Vec<_> = read.users.iter().map(|one| one.state.as_deref()).collect();
    assert_eq!(states, [Some("partial"), Some("deleted")]);
}

fn any_state() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        Just(Some("full".to_owned())),
        Just(Some("partial".to_owned())),
        Just(Some("deleted".to_owned()))
    ]
}

prop_compose! {
    fn any_endpoint()(entity in "[!-~é]{0,20}", status in prop::option::of("[a-z-]{1,12}"), state in any_state()) -> Endpoint {
        Endpoint { entity, status, state }
    }
}

prop_compose! {
    fn any_user()(entity in "[!-~é]{0,20}", display_text in prop::option::of("[!-~é]([ -~\t\n\r]{0,9}[!-~])?"), state in any_state(), endpoints in prop::collection::vec(any_endpoint(), 0..3)) -> User {
        User { entity, display_text, state, endpoints }
    }
}

proptest! {
    #[test]
    fn lists_are_read_back(entries in prop::collection::vec(("[!-~é]{1,20}", prop::option::of("[!-~é]([ -~\t\n\r]{0,9}[!-~])?"), prop::option::of("to|cc|bcc"), any::<bool>()), 0..6)) {
        let entries: Vec<Entry> = entries.into_iter().map(|(uri, display_name, copy_control, anonymize)| Entry { uri, display_name, copy_control, anonymize }).collect();
        prop_assert_eq!(resource_lists::parse(&resource_lists::write(&entries)), Ok(entries));
    }

    #[test]
    fn conferences_are_read_back(entity in "[!-~é]{1,20}", state in "full|partial|deleted", version in any::<u32>(), users in prop::collection::vec(any_user(), 0..4), said in any_state(), user_count in any::<Option<u32>>(), active in any::<Option<bool>>()) {
        let unsaid = (state == "partial").then(|| "partial".to_owned());
        let users_state = said.or(unsaid).filter(|_| !users.is_empty());
        let document = ConferenceInfo { entity, state, version, users, users_state, user_count, active };
        prop_assert_eq!(ConferenceInfo::parse(&document.write()), Ok(document));
    }

    #[test]
    fn whatever_is_written_is_well_formed(uri in "\\PC|[\u{0}-\u{20}\u{fffe}]{1,20}", name in ".{0,20}") {
        let entry = Entry { uri: format!("a{uri}"), display_name: Some(name), ..Entry::default() };
        prop_assert!(resource_lists::parse(&resource_lists::write(&[entry])).is_ok());
    }

    #[test]
    fn no_octets_panic(text in "(<|>|/|&|resource-lists|xmlns='urn:ietf:params:xml:ns:resource-lists'|list|entry|[ -~]|é){0,40}", bytes in prop::collection::vec(any::<u8>(), 0..99)) {
        for input in [text.as_bytes(), &bytes] {
            let _ = resource_lists::parse(input);
            let _ = ConferenceInfo::parse(input);
        }
    }
}
