//! Which clause of the catalogue of this edition a statement of a user's own is, and which clauses a text leaves out.

mod schema;

use std::path::Path;

use clauses::Catalogue;
use reports::change::{
    Aligned, Analysis, Document, Effect, Surroundings, render_change_html, render_change_json,
    render_change_markdown, render_change_text,
};

fn edition() -> Catalogue {
    let clauses = Path::new(env!("CARGO_MANIFEST_DIR")).join("../features/clauses");
    Catalogue::load_dir(clauses).expect("the catalogue of this edition loads")
}

fn analysed(text: &str) -> Analysis {
    let document = Document::read("own.txt", text.as_bytes()).expect("the fixture is sound");
    Analysis::of(document, &edition(), &Default::default()).expect("the fixture is sound")
}

/// Effect and clause of each statement, in the order of the text.
fn found(analysis: &Analysis) -> Vec<(Effect, &str)> {
    let stated = analysis.alignment.iter().filter(|a| a.statement.is_some());
    stated
        .map(|a| (a.effect, a.clause.as_deref().unwrap_or_default()))
        .collect()
}

fn left_out(analysis: &Analysis, effect: Effect) -> Vec<&str> {
    let lost = |a: &&Aligned| a.statement.is_none() && a.effect == effect;
    let lost = analysis.alignment.iter().filter(lost);
    lost.filter_map(|a| a.clause.as_deref()).collect()
}

/// One list of a subclause with four, in words of our own.
const RINGING: &str = "7.2.1.1 General

When the IM Server sends a SIP 1xx response other than 100 to an initial SIP INVITE request, the IM Server:

1. SHALL build the provisional response as specified in [RFC3261];
2. SHALL name its release in a Server header, see Appendix F;
3. SHOULD list in an Allow header every method that it supports;
4. SHALL keep a copy of the response for a week.
";

#[test]
fn the_stem_decides_to_which_list_a_statement_belongs() {
    let analysis = analysed(RINGING);
    assert_eq!(
        found(&analysis),
        [
            (Effect::Reworded, "7.2.1.1/server-sends-1xx/1"),
            (Effect::Reworded, "7.2.1.1/server-sends-1xx/2"),
            (Effect::Reworded, "7.2.1.1/server-sends-1xx/3"),
            (Effect::Added, ""),
        ]
    );
    let reworded = &analysis.alignment[0];
    assert!(reworded.by.contains("summary"), "{}", reworded.by);
}

#[test]
fn only_a_list_of_which_half_is_printed_loses_clauses() {
    let rest = [
        "7.2.1.1/server-sends-1xx/4",
        "7.2.1.1/server-sends-1xx/4a",
        "7.2.1.1/server-sends-1xx/4b",
        "7.2.1.1/server-sends-1xx/5",
    ];
    let analysis = analysed(RINGING);
    assert!(left_out(&analysis, Effect::Removed).is_empty());
    assert_eq!(left_out(&analysis, Effect::NotRestated), rest);
    let contact = "5. SHALL hold the IM Session Identity in Contact, with feature tag isfocus.";
    let analysis = analysed(&format!("{RINGING}{contact}\n"));
    assert_eq!(left_out(&analysis, Effect::Removed), rest[..3]);
    assert!(left_out(&analysis, Effect::NotRestated).is_empty());
}

/// Steps of our own in the list of 7.2.1.11 that a request for a new session timer makes speak.
fn refreshing(steps: &str) -> Analysis {
    let stem = "Upon receiving a SIP re-INVITE or SIP UPDATE request the IM Server performing the Controlling Function:";
    analysed(&format!(
        "7.2.1.11 SIP Session refresh procedure\n\n{stem}\n\n{steps}\n"
    ))
}

#[test]
fn a_wording_that_holds_the_whole_summary_is_its_clause_and_so_is_a_step_of_its_own() {
    let (header, timer) = ("7.2.1.11/on-refresh/1", "7.2.1.11/on-refresh/1.2");
    let put = "1. SHALL place in the SIP 200 \"OK\" response, before it leaves, one Session-Expires header whose refresher is \"uac\";";
    for restart in [
        "restart the session timer.",
        "restart the SIP Session timer as the rules in [RFC4028] have it.",
    ] {
        let analysis = refreshing(&format!("{put}\n2. SHOULD {restart}"));
        assert_eq!(
            found(&analysis),
            [(Effect::Reworded, header), (Effect::LevelChanged, timer)],
            "{restart}"
        );
        assert_eq!(left_out(&analysis, Effect::Removed), [""; 0]);
        assert_eq!(left_out(&analysis, Effect::NotRestated), [""; 0]);
    }
    let analysis = refreshing(&format!("{put}\n2. SHALL ring the session's bell."));
    assert_eq!(
        found(&analysis),
        [(Effect::Reworded, header), (Effect::Added, "")]
    );
    assert_eq!(left_out(&analysis, Effect::NotRestated), [timer]);
}

/// A subclause in the words of the catalogue's summaries; `lists` are slugs of lists to print.
fn in_summaries(subclause: &str, lists: &[(&str, &str)]) -> String {
    let catalogue = edition();
    let mut text = format!("{subclause} General\n\n");
    for (slug, stem) in lists {
        text.push_str(&format!("{stem} the IM Server:\n"));
        for clause in catalogue.matching(&format!("{subclause}/{slug}/*")) {
            let step = clause.id.rsplit('/').next().unwrap_or_default();
            let step = step.split('.').next().unwrap_or_default();
            let mark = match step.chars().last().filter(char::is_ascii_alphabetic) {
                Some(letter) => format!("{letter})"),
                None => format!("{step}."),
            };
            text.push_str(&format!("{mark} {} {}\n", clause.level, clause.requirement));
        }
        text.push('\n');
    }
    text
}

const STEMS: [(&str, &str); 3] = [
    ("on-invite", "Upon receiving an initial SIP INVITE request"),
    (
        "server-sends-1xx",
        "When it sends a SIP 1xx response other than 100 to the INVITE request",
    ),
    (
        "server-sends-200",
        "When it sends a SIP 200 \"OK\" response to the initial SIP INVITE request",
    ),
];

#[test]
fn the_catalogues_own_summaries_are_its_clauses() {
    let analysis = analysed(&in_summaries("7.2.1.1", &STEMS));
    for one in analysis.alignment.iter().filter(|a| a.statement.is_some()) {
        assert_eq!(
            (one.effect, one.by.as_str()),
            (Effect::Unchanged, "summary"),
            "{one:?}"
        );
    }
    assert!(left_out(&analysis, Effect::Removed).is_empty());
}

#[test]
fn a_list_that_a_restated_subclause_lacks_is_a_question() {
    let analysis = analysed(&in_summaries("7.2.1.1", &STEMS[..2]).replace("\n5. ", "\n9. "));
    assert!(left_out(&analysis, Effect::Removed).is_empty());
    assert!(
        left_out(&analysis, Effect::NotRestated).is_empty(),
        "half is not given"
    );
    let analysis = analysed(&in_summaries("7.2.1.1", &STEMS[1..]));
    assert_eq!(
        left_out(&analysis, Effect::NotRestated),
        ["7.2.1.1/on-invite/1", "7.2.1.1/ims/u1"]
    );
    assert!(left_out(&analysis, Effect::Removed).is_empty());
    let touched = analysis.impact.clauses.iter().map(|one| &one.clause);
    assert_eq!(touched.count(), 0, "a question touches nothing");
}

#[test]
fn a_stock_sentence_of_another_list_is_none_of_ours() {
    let text = "7.2.1.1 General\n\nUpon receiving a SIP UPDATE request the IM Server:\n\n1. SHALL play a tune to everybody in the room;\n";
    assert_eq!(found(&analysed(text)), [(Effect::Added, "")]);
}

#[test]
fn of_two_subclauses_with_one_number_the_stems_decide() {
    for (stem, list) in [
        (
            "When the IM Client sends an initial SIP request, the IM Client:",
            "001:6.2.1.1/client-sends",
        ),
        (
            "When the IM Client sends a SIP response other than 100 to the request, the IM Client:",
            "004:6.2.1.1/",
        ),
    ] {
        let text =
            format!("6.2.1.1 General\n\n{stem}\n\n1. SHALL answer with a SIP 480 response;\n");
        let analysis = analysed(&text);
        let clauses: Vec<&str> = analysis
            .alignment
            .iter()
            .filter_map(|one| one.clause.as_deref())
            .collect();
        assert!(
            clauses.iter().all(|id| id.starts_with(list)) && !clauses.is_empty(),
            "{stem} {clauses:?}"
        );
    }
}

#[test]
fn a_check_and_its_refusal_in_other_words_are_both_reworded_and_one_told_within_is_a_question() {
    let list = |step: &str| {
        let stem = "Upon receiving an initial SIP INVITE request the IM Server:";
        analysed(&format!(
            "7.2.1.2 Ad-hoc IM Group setup request\n\n{stem}\n\n1. SHALL {step};\n"
        ))
    };
    let apart = list(
        "check that the conference factory of the Request-URI is allocated, and if not, answer with a SIP 404 response",
    );
    assert_eq!(
        found(&apart),
        [
            (Effect::Reworded, "7.2.1.2/on-invite/1"),
            (Effect::Reworded, "7.2.1.2/on-invite/1.2"),
        ]
    );
    let within = list("go on only where the conference factory of the Request-URI is allocated");
    assert_eq!(found(&within), [(Effect::Reworded, "7.2.1.2/on-invite/1")]);
    let questions = left_out(&within, Effect::NotRestated);
    assert_eq!(questions[0], "7.2.1.2/on-invite/1.2");
    // One step does not restate a list of so many.
    assert!(questions.len() > 6, "{questions:?}");
    assert!(left_out(&within, Effect::Removed).is_empty());
}

#[test]
fn an_earlier_text_is_the_old_wording_in_words_of_its_own_too() {
    let text = |value, how| {
        format!(
            "7.2.1.11 SIP Session refresh procedure\n\nUpon receiving a SIP UPDATE request the IM Server:\n\n1. SHALL put in the SIP 200 \"OK\" response a Session-Expires header whose refresher is \"{value}\";\n2. {how} restart the session timer anew.\n"
        )
    };
    let (old, new) = (text("uas", "SHALL"), text("uac", "SHOULD"));
    let around = Surroundings {
        earlier: vec![Document::read("old.txt", old.as_bytes()).unwrap()],
        ..Surroundings::default()
    };
    let document = Document::read("new.txt", new.as_bytes()).unwrap();
    let analysis = Analysis::of(document, &edition(), &around).unwrap();
    let from: Vec<_> = analysis.alignment.iter().map(|one| &one.old_from).collect();
    assert_eq!(from.len(), 2, "{:?}", analysis.alignment);
    assert_eq!(from[0].as_deref(), Some("old.txt, line 5"));
    assert_eq!(from[1].as_deref(), Some("old.txt, line 6"));
    let restart = analysis.alignment[1].old.as_deref();
    assert_eq!(restart, Some("2. SHALL restart the session timer anew."));
    for view in views(&analysis) {
        assert!(view.contains("old.txt, line 6"), "{view}");
    }
}

#[test]
fn each_of_two_statements_of_a_paragraph_shows_its_own_words() {
    let analysis = refreshing("1. SHALL open the door. The IM Server SHALL ring the bell.");
    let new = analysis.alignment.iter().map(|one| one.new.as_deref());
    assert_eq!(
        new.flatten().collect::<Vec<_>>(),
        ["SHALL open the door.", "The IM Server SHALL ring the bell."]
    );
    let page = &views(&analysis)[0];
    assert!(page.contains("<p>The IM Server SHALL ring the bell.</p>"));
}

#[test]
fn the_page_counts_what_the_other_views_list() {
    let text = in_summaries("7.2.1.1", &STEMS[1..]).replace("SHOULD", "MAY");
    let step = || ("7.2.1.1/server-sends-200/2".to_owned(), "a step".to_owned());
    let touching = |searched| Surroundings {
        steps: vec![step()],
        searched,
        ..Surroundings::default()
    };
    let document = || Document::read("own.txt", text.as_bytes()).unwrap();
    let of = |around| views(&Analysis::of(document(), &edition(), &around).unwrap());
    let [page, mail, _] = of(touching(None));
    assert!(page.contains("citing lines: not looked for"), "{page}");
    assert!(page.contains("<strong>1</strong> judging step<"), "{page}");
    assert!(page.contains("<strong>0</strong> scenarios<"), "{page}");
    assert!(page.contains("<p>and what the text leaves out</p>"));
    assert!(mail.contains("steps 1, sources not looked for, sabotages 0"));
    let [page, mail, _] = of(touching(Some("roles".to_owned())));
    assert!(page.contains("<strong>0</strong> citing lines<"), "{page}");
    assert!(mail.contains("steps 1, sources 0, sabotages 0"), "{mail}");
}

/// Page, Markdown and terminal.
fn views(analysis: &Analysis) -> [String; 3] {
    let (mut page, mut mail, mut screen) = (Vec::new(), Vec::new(), Vec::new());
    render_change_html(analysis, &mut page).expect("a buffer takes all");
    render_change_markdown(analysis, &mut mail).expect("a buffer takes all");
    render_change_text(analysis, &mut screen).expect("a buffer takes all");
    [page, mail, screen].map(|octets| String::from_utf8(octets).expect("views are UTF-8"))
}

#[test]
fn no_view_passes_a_summary_off_as_the_old_wording() {
    let analysis = analysed(RINGING);
    for (view, old) in views(&analysis).iter().zip(["<del>", "was:", "\n  - "]) {
        assert!(view.contains("the catalogue's summary: Build the provisional response"));
        assert!(view.contains("no form asks for it"), "{view}");
        assert!(!view.contains(old), "{view}");
    }
}

#[test]
fn every_view_asks_whether_a_list_is_to_go() {
    let analysis = analysed(&in_summaries("7.2.1.1", &STEMS[1..]));
    let mut json = Vec::new();
    render_change_json(&analysis, &mut json).unwrap();
    schema::check(reports::CHANGE_SCHEMA, std::str::from_utf8(&json).unwrap());
    for view in views(&analysis) {
        assert!(view.contains("is it to go?"), "{view}");
    }
}

#[test]
fn under_a_stem_in_other_words_the_step_is_found_by_its_number_and_force() {
    let text = "7.2.1.11 SIP Session refresh procedure

When receiving a SIP UPDATE request the IM Server:

1. SHALL include the Session-Expires header with refresher set to 'uac' in the SIP 200 \"OK\" response;
2. SHALL ring a bell.
";
    let analysis = analysed(text);
    let expected = [
        (Effect::Reworded, "7.2.1.11/on-refresh/1"),
        (Effect::Added, ""),
    ];
    assert_eq!(found(&analysis), expected);
    assert_eq!(analysis.impact.compatibility.computed, "breaking");
    let alone = analysed(text.split("2. SHALL ring").next().unwrap_or_default());
    assert_eq!(alone.impact.compatibility.computed, "undecided");
}
