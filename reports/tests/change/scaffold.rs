//! What a scaffold writes: entries that load, in the style of their neighbours, and scenarios that cite nothing yet.

use clauses::{Clause, Observable, citations};
use reports::change::scaffold_of;

use super::*;

fn scaffold(name: &str, octets: &[u8], catalogue: &Catalogue) -> Vec<(String, String)> {
    let analysis = analysed(name, octets, catalogue);
    scaffold_of(&analysis, catalogue, |actor| match actor {
        "im-client" => "client",
        _ => "server",
    })
}

fn loaded(files: &[(String, String)], catalogue: &Catalogue) -> Catalogue {
    let entries = files
        .iter()
        .filter(|(name, _)| name.starts_with("clauses/"));
    // What is superseded must be there, so that only both together load.
    let known = "subclause: known\ntitle: Known\nclauses:\n".to_owned();
    let known = catalogue.iter().fold(known, |text, clause| {
        let Clause { id, level, .. } = clause;
        text + &format!(
            "  - {{ id: {id}, level: {level}, actor: a, area: a, trigger: t, requirement: r, observable: internal, status: judged, supporting: true }}\n"
        )
    });
    let files = entries.cloned().chain([("known.yaml".to_owned(), known)]);
    Catalogue::load(files).expect("the scaffold loads")
}

#[test]
fn what_is_reworded_or_added_is_pending_beside_what_it_stands_for() {
    let catalogue = guest_book();
    let files = scaffold("guest_book.docx", GUEST_BOOK, &catalogue);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "clauses/guest-book-9.3.1.yaml",
            "pending/server/guest-book-9.3.1.feature"
        ]
    );
    let loaded = loaded(&files, &catalogue);
    let found: Vec<_> = loaded
        .iter()
        .filter(|clause| clause.id.starts_with("guest-book:"))
        .map(|clause| {
            (
                clause.id.as_str(),
                clause.status.name(),
                clause.supersedes.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (
                "guest-book:9.3.1/on-bye/3",
                "pending",
                Some("9.3.1/on-bye/3")
            ),
            ("guest-book:9.3.1/on-bye/4", "pending", None)
        ]
    );
    let added = loaded.get("guest-book:9.3.1/on-bye/4").unwrap();
    assert_eq!(
        (added.actor.as_str(), added.area.as_str(), added.observable),
        ("im-server-controlling", "guests", Observable::OnWireSip)
    );
}

#[test]
fn a_skeleton_cites_nothing_until_its_tag_is_taken() {
    let (_, feature) = scaffold("guest_book.docx", GUEST_BOOK, &guest_book()).remove(1);
    assert!(
        feature.contains("@server\nFeature: guest-book:9.3.1 "),
        "{feature}"
    );
    assert_eq!(citations::in_feature("f", &feature), []);
    let written = feature.replace("  @pending\n", "");
    let cited = citations::in_feature("f", &written);
    let cited: Vec<&str> = cited.iter().map(|one| one.clause.as_str()).collect();
    assert_eq!(
        cited,
        ["guest-book:9.3.1/on-bye/3", "guest-book:9.3.1/on-bye/4"]
    );
    assert!(feature.contains("    When the "), "{feature}");
    assert!(!feature.to_lowercase().contains("when when"), "{feature}");
}

#[test]
fn a_step_added_to_a_known_list_has_the_name_that_the_catalogue_gives_it() {
    let known = catalogue(&[
        (
            "9.3.1/server-parts/1",
            "SHALL",
            "1. SHALL answer the SIP BYE request;",
        ),
        (
            "9.3.1/server-parts/2",
            "SHALL",
            "2. SHALL close the door behind the guest.",
        ),
    ]);
    let text = "9.3.1 Leaving\nUpon receiving a SIP BYE request the IM Server:\n\
                1. SHALL answer the SIP BYE request;\n\
                2. SHALL close the door behind the guest.\n\
                3. SHALL water the flowers on the porch.\n";
    let files = scaffold("CR-8.txt", text.as_bytes(), &known);
    let loaded = loaded(&files, &known);
    let added = loaded.get("CR-8:9.3.1/server-parts/3").unwrap();
    assert_eq!(
        (
            added.trigger.as_str(),
            added.area.as_str(),
            &added.supersedes
        ),
        ("Upon receiving a SIP BYE request", "guests", &None)
    );
}

#[test]
fn a_list_that_is_new_gets_a_name_of_the_same_style() {
    let text = "9.8 Doors\nWhen sending a SIP 1xx response other than 100 the IM Client:\n1. SHALL wave.\n\
                If the host objects the IM Client:\n1. SHALL leave.\n2. SHALL wave:\n  a) twice.\n";
    let files = scaffold("CR 7.txt", text.as_bytes(), &guest_book());
    let loaded = loaded(&files, &guest_book());
    let ids: Vec<&str> = loaded
        .iter()
        .map(|clause| clause.id.as_str())
        .filter(|id| id.starts_with("CR"))
        .collect();
    assert_eq!(
        ids,
        [
            "CR-7:9.8/client-sends-1xx/1",
            "CR-7:9.8/on-host-objects/1",
            "CR-7:9.8/on-host-objects/2",
            "CR-7:9.8/on-host-objects/2a"
        ]
    );
    let feature = &files[1].1;
    assert!(
        feature.contains("When the IM Client sends a SIP 1xx response other than 100\n"),
        "{feature}"
    );
    assert!(feature.contains("When the host objects\n"), "{feature}");
}

#[test]
fn what_is_removed_is_named_and_what_a_text_holds_stays_a_comment() {
    let text = "9.3.1 \"Leaving\"\nUpon receiving a SIP BYE request the IM Server:\n\
                1. SHALL answer the SIP BYE request with a SIP 200 \"OK\" response;\n\
                2. SHALL take the guest out of the guest book; and,\n\
                If the host objects the IM Server:\n1. SHALL say\u{2028}Scenario: x \" ' # : goodbye.\n";
    let catalogue = guest_book();
    let files = scaffold("b.txt", text.as_bytes(), &catalogue);
    let loaded = loaded(&files, &catalogue);
    let pending: Vec<&Clause> = loaded
        .iter()
        .filter(|clause| clause.id.starts_with("b:"))
        .collect();
    assert!(pending.iter().all(|clause| !clause.is_judged()));
    let all: String = files.iter().map(|(_, text)| text.as_str()).collect();
    assert!(
        !all.contains('\u{2028}') && !all.contains("\nScenario: x"),
        "{all}"
    );
    assert!(all.contains("#   9.3.1/on-bye/3\n"), "{all}");
}
