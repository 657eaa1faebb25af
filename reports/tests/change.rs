//! Change requests written by us: what is read of them, what changes, what is wrong, and what is refused.

#[path = "change/scaffold.rs"]
mod scaffold;
mod schema;

use clauses::{Catalogue, fingerprint};
use reports::change::{
    Analysis, Document, Effect, Keyword, Silence, Surroundings, render_change_html,
    render_change_json, render_change_markdown, render_change_text, rules, silences,
};
use std::time::{Duration, Instant};

const GUEST_BOOK: &[u8] = include_bytes!("change/guest_book.docx");
const TEXT: &str = include_str!("change/visitors.txt");

fn analysed(name: &str, octets: &[u8], catalogue: &Catalogue) -> Analysis {
    let document = Document::read(name, octets).expect("the fixture is sound");
    Analysis::of(document, catalogue, &Default::default()).expect("the fixture is sound")
}

fn refusal(octets: &[u8]) -> String {
    let begun = Instant::now();
    let error = Document::read("bad", octets)
        .and_then(|document| Analysis::of(document, &Catalogue::default(), &Default::default()))
        .expect_err("the case is refused");
    assert!(begun.elapsed() < Duration::from_secs(5));
    error.to_string()
}

/// A catalogue with these sentences: id, level and wording.
fn catalogue(sentences: &[(&str, &str, &str)]) -> Catalogue {
    let mut text = "subclause: \"9.3.1\"\ntitle: Leaving the guest book\nclauses:\n".to_owned();
    for (line, (id, level, words)) in sentences.iter().enumerate() {
        let print = fingerprint::of(words);
        text.push_str(&format!(
            "  - {{ id: {id}, level: {level}, actor: im-server-controlling, area: guests, trigger: bye, requirement: Our words., observable: on-wire-sip, source: {{ change_request: \"900\", change: 1, line: {} }}, fingerprint: {{ sha256: \"{}\", simhash: \"{}\" }}, status: judged }}\n",
            line + 1, print.sha256, print.simhash
        ));
    }
    Catalogue::load([("guests.yaml".to_owned(), text)].into_iter()).expect("the fixture is sound")
}

fn guest_book() -> Catalogue {
    catalogue(&[
        (
            "9.3.1/on-bye/1",
            "SHALL",
            "1. SHALL answer the SIP BYE request with a SIP 200 \"OK\" response;",
        ),
        (
            "9.3.1/on-bye/2",
            "SHALL",
            "2. SHALL take the guest out of the guest book; and,",
        ),
        (
            "9.3.1/on-bye/3",
            "SHOULD",
            "3. SHOULD tell the host who has left.",
        ),
        (
            "9.3.2/on-subscribe/1",
            "SHALL",
            "1. SHALL answer the SIP SUBSCRIBE request with a SIP 200 \"OK\" response; and,",
        ),
        (
            "9.3.2/on-subscribe/2",
            "SHALL",
            "2. SHALL send the names of all guests.",
        ),
    ])
}

#[test]
fn tracked_changes_give_one_reworded_one_added_and_the_rest_unchanged() {
    for catalogue in [guest_book(), Catalogue::default()] {
        let analysis = analysed("guest_book.docx", GUEST_BOOK, &catalogue);
        let totals = analysis.totals;
        assert_eq!(
            (
                totals.reworded,
                totals.added,
                totals.unchanged,
                totals.removed
            ),
            (1, 1, 4, 0)
        );
    }
    let analysis = analysed("guest_book.docx", GUEST_BOOK, &guest_book());
    let reworded = analysis
        .alignment
        .iter()
        .find(|one| one.effect == Effect::Reworded)
        .unwrap();
    assert_eq!(reworded.clause.as_deref(), Some("9.3.1/on-bye/3"));
    assert_eq!(
        reworded.old.as_deref(),
        Some("3. SHOULD tell the host who has left.")
    );
    assert_eq!(
        reworded.new.as_deref(),
        Some("3. SHOULD tell all other guests who has left.")
    );
    let renumbered: Vec<&str> = analysis
        .alignment
        .iter()
        .filter_map(|one| Some(one.renumbered.as_ref()?.to.as_str()))
        .collect();
    assert_eq!(renumbered, ["9.3.4 step 1", "9.3.4 step 2"]);
}

#[test]
fn a_text_gives_its_statements_with_step_keyword_and_force() {
    let analysis = analysed("visitors.txt", TEXT.as_bytes(), &Catalogue::default());
    let found: Vec<(&str, &str, Keyword, Keyword)> = analysis
        .statements
        .iter()
        .map(|s| (s.list.as_str(), s.step.as_str(), s.keyword, s.level))
        .collect();
    use Keyword::{None, Shall, Should};
    let expected = [
        ("on-invite", "1", Shall, Shall),
        ("on-invite", "1.2", None, Shall),
        ("on-invite", "3", Shall, Shall),
        ("on-invite", "3a", None, Shall),
        ("on-invite", "3b", None, Shall),
        ("on-invite", "3-bis", Should, Should),
        ("general", "u1", Shall, Shall),
    ];
    assert_eq!(found, expected);
    assert!(analysis.impact.compatibility.author.contains("none"));
    assert_eq!(analysis.impact.compatibility.computed, "breaking");
    assert_eq!(analysis.unread.len(), 1);
}

#[test]
fn the_faults_of_a_text_are_found_each_with_a_suggestion() {
    let analysis = analysed("visitors.txt", TEXT.as_bytes(), &Catalogue::default());
    let found: Vec<&str> = analysis.findings.iter().map(|f| f.rule.as_str()).collect();
    for rule in [
        "step-doubled",
        "step-missing",
        "dangling-reference",
        "obsolete-rfc",
        "draft-became-rfc",
        "unknown-header",
        "unknown-status",
        "unknown-method",
        "ends-in-and",
        "actor-differs",
        "untestable",
    ] {
        assert!(found.contains(&rule), "{rule} is not in {found:?}");
    }
    assert!(
        analysis
            .findings
            .iter()
            .all(|f| f.line > 0 && !f.reason.is_empty() && !f.suggestion.is_empty())
    );
    assert!(analysis.has_errors());
}

#[test]
fn a_finding_is_silenced_with_a_reason_only() {
    let mut analysis = analysed("visitors.txt", TEXT.as_bytes(), &Catalogue::default());
    let list = silences("s.yaml", "- { rule: obsolete-rfc, reason: The base text cites it. }\n- { rule: open-issue, reason: None here. }\n").unwrap();
    let idle: Vec<String> = analysis
        .silence(&list)
        .into_iter()
        .map(|one: &Silence| one.rule.clone())
        .collect();
    assert_eq!(idle, ["open-issue"]);
    assert!(
        analysis
            .findings
            .iter()
            .any(|f| f.rule == "obsolete-rfc" && f.silenced.is_some())
    );
    assert!(
        silences("s.yaml", "- { rule: obsolete-rfc, reason: '' }")
            .unwrap_err()
            .contains("without a reason")
    );
    assert!(
        silences("s.yaml", "- { rule: nothing, reason: x }")
            .unwrap_err()
            .contains("--rules")
    );
}

#[test]
fn a_rule_has_a_name_of_its_own() {
    let mut names: Vec<&str> = rules().iter().map(|rule| rule.rule.as_str()).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn every_view_shows_the_redline_and_escapes_what_it_shows() {
    let text = TEXT.replace("Visitors\n", "Visitors <script>alert(1)</script>\n");
    let analysis = analysed("<b>.txt", text.as_bytes(), &Catalogue::default());
    let mut page = Vec::new();
    render_change_html(&analysis, &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(!page.contains("<script>alert") && !page.contains("<b>") && page.contains("<ins>"));
    let (mut json, mut mail, mut screen) = (Vec::new(), Vec::new(), Vec::new());
    render_change_json(&analysis, &mut json).unwrap();
    render_change_markdown(&analysis, &mut mail).unwrap();
    render_change_text(&analysis, &mut screen).unwrap();
    schema::check(reports::CHANGE_SCHEMA, std::str::from_utf8(&json).unwrap());
    for out in [json, mail, screen] {
        assert!(String::from_utf8(out).unwrap().contains("step-doubled"));
    }
}

#[test]
fn what_is_no_change_request_is_refused_with_a_remedy() {
    let cut = &GUEST_BOOK[..GUEST_BOOK.len() / 2];
    let cases: [(&[u8], &str); 7] = [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 rest", "save it as .docx"),
        (b"%PDF-1.7 rest", "is a PDF"),
        (b"nothing normative here", "holds no statement"),
        (b"text\0text", "a NUL octet"),
        (cut, "no sound ZIP archive"),
    ];
    for (octets, words) in cases {
        let refusal = refusal(octets);
        assert!(
            refusal.contains(words) && refusal.contains("help:"),
            "{refusal}"
        );
    }
}

#[test]
fn a_bomb_is_refused_early() {
    let bomb = docx(&format!(
        "<w:document xmlns:w='w'>{}</w:document>",
        " ".repeat(70 << 20)
    ));
    assert!(refusal(&bomb).contains("unpacks to more than"));
    let entities = "<!DOCTYPE d [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><d>&b;</d>";
    assert!(refusal(&docx(entities)).contains("document type"));
    assert!(refusal(&docx("<d><p>")).contains("ends inside an element"));
    let deep = "<d>".repeat(100_000);
    assert!(refusal(&docx(&deep)).contains("nested deeper"));
}

#[test]
fn who_changed_a_paragraph_is_read_as_printed() {
    let octets = docx(
        "<w:document xmlns:w='w'><w:p><w:r><w:t>It </w:t></w:r><w:ins w:author='A &lt;b&gt; &amp; C'><w:r><w:t>SHALL go.</w:t></w:r></w:ins></w:p></w:document>",
    );
    let document = Document::read("a.docx", &octets).expect("the fixture is sound");
    assert_eq!(document.paragraphs[0].authors, ["A <b> & C"]);
    assert_eq!(document.paragraphs[0].old.as_deref(), Some("It"));
}

#[test]
fn words_of_the_text_are_no_markdown() {
    let quote = "see https://example.com/x www.example.com &lt;b&gt; ~~gone~~ [x](y) `z` <img>";
    let text = format!("9.1 Title\nThe IM Server SHALL {quote}.\n");
    let analysis = analysed("a.txt", text.as_bytes(), &Catalogue::default());
    let mut mail = Vec::new();
    render_change_markdown(&analysis, &mut mail).expect("a buffer takes all");
    let mail = String::from_utf8(mail).expect("Markdown is text");
    let wanted = r"see https\://example.com/x www\.example.com \&lt;b\&gt; \~\~gone\~\~ \[x\](y) \`z\` \<img\>";
    assert!(mail.contains(wanted), "{mail}");
}

/// A Word file of one part.
fn docx(document: &str) -> Vec<u8> {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive
        .start_file(
            "word/document.xml",
            zip::write::SimpleFileOptions::default(),
        )
        .expect("a buffer takes all");
    archive
        .write_all(document.as_bytes())
        .expect("a buffer takes all");
    archive.finish().expect("a buffer takes all").into_inner()
}

#[test]
fn ten_megabytes_are_refused_and_half_a_megabyte_takes_seconds() {
    let text = |octets: usize| {
        let mut text = String::from("9.1 Title\nUpon receiving a SIP BYE request the IM Server:\n");
        for number in 1.. {
            if text.len() > octets {
                break;
            }
            let step = number % 900;
            text.push_str(&format!(
                "{step}. SHALL answer request {number} as subclause 9.1 says;\n"
            ));
        }
        text
    };
    assert!(refusal(text(10 << 20).as_bytes()).contains("has more than 2 MiB"));
    let begun = Instant::now();
    let analysis = analysed("big.txt", text(1 << 19).as_bytes(), &guest_book());
    assert!(analysis.statements.len() > 5_000);
    assert!(
        begun.elapsed() < Duration::from_secs(30),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn an_earlier_change_request_gives_the_old_wording() {
    let stem = "9.3.1 Leaving the guest book\nUpon receiving a SIP BYE request the IM Server:\n";
    let old = "3. SHOULD tell the host who has left.";
    let earlier = Document::read("old.txt", format!("{stem}{old}\n").as_bytes()).unwrap();
    let new = format!("{stem}3. SHOULD tell the host by mail who has left.\n");
    let document = Document::read("new.txt", new.as_bytes()).unwrap();
    let around = Surroundings {
        earlier: vec![earlier],
        ..Surroundings::default()
    };
    let analysis = Analysis::of(document, &guest_book(), &around).unwrap();
    let reworded = &analysis.alignment[0];
    assert_eq!(reworded.effect, Effect::Reworded);
    assert_eq!(reworded.old.as_deref(), Some(old));
    let asked = analysis.alignment.iter();
    let asked: Vec<_> = asked.filter(|a| a.effect == Effect::NotRestated).collect();
    assert!(asked.len() == 2 && asked.iter().all(|a| a.old.is_none()));
    assert_eq!(
        analysis.document.notes,
        ["old.txt: old wording of 1 of the clauses that change"]
    );
}

#[test]
fn what_a_tracked_change_deletes_is_removed_also_in_words_that_no_clause_has() {
    let deleted = "<w:p><w:del w:author='A'><w:r><w:delText>2. SHALL close the book.</w:delText></w:r></w:del></w:p>";
    let kept = "<w:p><w:r><w:t>1. SHALL open the book.</w:t></w:r></w:p>";
    let octets = docx(&format!(
        "<w:document xmlns:w='w'><w:p><w:r><w:t>7.9 Books</w:t></w:r></w:p><w:p><w:r><w:t>The IM Server:</w:t></w:r></w:p>{kept}{deleted}</w:document>"
    ));
    let analysis = analysed("books.docx", &octets, &guest_book());
    assert_eq!(analysis.totals.removed, 1);
    let mut gone = analysis.alignment.iter();
    let gone = gone.find(|one| one.effect == Effect::Removed).expect("one");
    let old = gone.old.as_deref().unwrap_or_default();
    assert!(old.contains("SHALL close the book"), "{old}");
    assert_eq!(gone.clause, None);
}
