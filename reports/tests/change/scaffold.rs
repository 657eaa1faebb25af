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
fn an_id_that_the_catalogue_has_is_not_given_again() {
    let known = catalogue(&[(
        "CR-8:9.3.1/on-bye/1",
        "SHALL",
        "1. SHALL ring the bell for as long as a guest stands there;",
    )]);
    let text = "9.3.1 Leaving\nUpon receiving a SIP BYE request the IM Server:\n1. SHALL close the door.\n";
    let files = scaffold("CR-8.txt", text.as_bytes(), &known);
    let bis = "CR-8:9.3.1/on-bye/1-bis";
    assert!(loaded(&files, &known).get(bis).is_some());
    assert!(files.iter().all(|(_, text)| text.contains(bis)));
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
fn a_new_step_keeps_the_actor_and_the_protocol_that_it_names() {
    let text = "9.8 Doors\nUpon receiving a MSRP SEND request the IM Server:\n1. SHALL count it.\n2. SHALL, if it is large, send a REPORT.\n3. SHALL send a SIP BYE request.\n\n\
                9.9 Bells\nThe PoC Server SHALL ring.\n";
    let files = scaffold("b.txt", text.as_bytes(), &guest_book());
    let loaded = loaded(&files, &guest_book());
    let new = loaded.iter().filter(|clause| clause.id.starts_with("b:"));
    let new = new.map(|one| (one.actor.as_str(), one.observable, one.requirement.as_str()));
    let server = "im-server-controlling";
    assert_eq!(
        new.collect::<Vec<_>>(),
        [
            (server, Observable::OnWireMsrp, "count it."),
            (
                server,
                Observable::OnWireMsrp,
                "if it is large, send a REPORT."
            ),
            (server, Observable::OnWireSip, "send a SIP BYE request."),
            (
                "poc-server",
                Observable::OnWireSip,
                "The PoC Server SHALL ring."
            ),
        ]
    );
}

#[test]
fn a_sentence_ends_where_its_list_goes_on() {
    let text = "9.8 Doors\nWhen sending a SIP BYE request the IM Server performing the Controlling Function:\n\
                1. SHALL close the door; and,\n2. SHALL put out the light.\n";
    let files = scaffold("b.txt", text.as_bytes(), &guest_book());
    let loaded = loaded(&files, &guest_book());
    let said = |id: &str| loaded.get(id).map(|clause| clause.requirement.as_str());
    let first = loaded.iter().find(|clause| clause.id.starts_with("b:9.8/"));
    let list = first
        .and_then(|clause| clause.id.rsplit_once('/'))
        .unwrap()
        .0;
    assert_eq!(said(&format!("{list}/1")), Some("close the door"));
    assert_eq!(said(&format!("{list}/2")), Some("put out the light."));
    let when = "When the IM Server performing the Controlling Function sends a SIP BYE request\n";
    assert!(files[1].1.contains(when), "{}", files[1].1);
}

#[test]
fn what_is_removed_is_named() {
    let text = "9.3.1 \"Leaving\"\nUpon receiving a SIP BYE request the IM Server:\n\
                1. SHALL answer the SIP BYE request with a SIP 200 \"OK\" response;\n\
                2. SHALL take the guest out of the guest book.\n";
    let files = scaffold("b.txt", text.as_bytes(), &guest_book());
    let all: String = files.iter().map(|(_, text)| text.as_str()).collect();
    assert!(all.contains("#   9.3.1/on-bye/3\n"), "{all}");
    assert!(
        loaded(&files, &guest_book())
            .get("9.3.1/on-bye/3")
            .is_some()
    );
}

#[test]
fn what_a_text_holds_stays_in_its_comment_and_in_its_string() {
    let line = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let body = [
        "9.8 Doors",
        "If the host\nobjects the IM Server:",
        "1. SHALL say\nScenario: x \" ' # : {goodbye}.",
    ];
    let body: String = body.map(line).concat();
    let octets = docx(&format!(
        "<w:document xmlns:w='w'><w:body>{body}</w:body></w:document>"
    ));
    let files = scaffold("b.docx", &octets, &guest_book());
    let loaded = loaded(&files, &guest_book());
    let entry = loaded.get("b:9.8/on-host-objects/1").unwrap();
    assert_eq!(entry.requirement, "say Scenario: x \" ' # : {goodbye}.");
    let feature = &files[1].1;
    assert!(
        feature.contains("  # SHALL say Scenario: x \" ' # : {goodbye}.\n"),
        "{feature}"
    );
    let scenarios = feature
        .lines()
        .filter(|line| line.trim_start().starts_with("Scenario:"));
    assert_eq!(scenarios.count(), 1, "{feature}");
    assert!(feature.contains("    When the host objects\n"), "{feature}");
}
