//! report.html and ladders of the fixture run: one snapshot each, and that hostile values stay text.

mod fixture;

use reports::{Kill, Kills, Ladder, Report, render_html, render_ladder_mermaid, render_ladder_svg};
use std::io;
use trace::run_file::{Bounds, Run, Writer, read};

const HOSTILE: &str = "</script><script>alert(1)</script>\" onload=alert(1) '&";

/// The run that the fixture's records make, with its verdicts in two scenarios.
fn archived() -> Run {
    let mut writer = Writer::new(Vec::new());
    for record in fixture::records() {
        writer.write(&record).expect("a buffer takes all");
    }
    let bytes = writer.into_inner();
    read(bytes.as_slice(), &Bounds::default()).expect("it was written by us")
}

fn text(render: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    render(&mut out).expect("the fixture is sound");
    String::from_utf8(out).expect("pages and pictures are text")
}

fn page(run: &Run) -> String {
    let catalogue = fixture::catalogue();
    let mut told = fixture::run();
    told.subject.clone_from(&run.subject);
    let summary = reports::summarise(&catalogue, &told);
    let kill = |clause: &str, killed| Kill {
        clause: clause.to_owned(),
        mutation: format!("{HOSTILE} of {clause}"),
        killed,
        also_lost: Vec::new(),
    };
    let kills = vec![kill("7.9/on-x/1", true), kill("7.9/on-x/2", false)];
    let kills = Kills::of(["7.9/on-x/1", "7.9/on-x/2"], kills);
    let report = Report {
        catalogue: &catalogue,
        summary: &summary,
        run,
        kills: Some(&kills),
    };
    text(|out| render_html(&report, out))
}

#[test]
fn the_page_in_plain_html() {
    let page = page(&archived());
    let main = page.split("<main").nth(1).expect("a main part");
    let main = main.split("<script type").next().expect("what is plain");
    // A line an element, so that a difference can be read.
    insta::assert_snapshot!(main.replace("><", ">\n<"));
}

#[test]
fn nothing_but_our_script_is_a_script() {
    let mut run = archived();
    run.subject = HOSTILE.to_owned();
    let scenario = &mut run.scenarios[0];
    scenario.name = HOSTILE.to_owned();
    scenario.feature = HOSTILE.to_owned();
    scenario.transport = HOSTILE.to_owned();
    let frame = &mut scenario.exchange.frames[0];
    frame.chair = HOSTILE.to_owned();
    frame.bytes = HOSTILE.as_bytes().to_vec();
    let page = page(&run);
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(!page.contains("<script>alert"));
    assert!(!page.contains("\" onload"));
    let ladder = Ladder::of(&run.scenarios[0]);
    let svg = text(|out| render_ladder_svg(&ladder, out));
    assert!(
        !svg.contains("<script") && !svg.contains("\" onload"),
        "{svg}"
    );
}

#[test]
fn a_ladder_as_svg() {
    let ladder = Ladder::of(&archived().scenarios[0]);
    let svg = text(|out| render_ladder_svg(&ladder, out));
    let drawn = svg
        .split("</style>")
        .nth(1)
        .expect("shapes follow the style");
    insta::assert_snapshot!(drawn.replace("><", ">\n<"));
}

#[test]
fn a_ladder_as_mermaid() {
    let ladder = Ladder::of(&archived().scenarios[0]);
    insta::assert_snapshot!(text(|out| render_ladder_mermaid(&ladder, out)));
}

#[test]
fn a_kill_table_is_read_back_as_written() {
    let kills = Kills::of(["7.9/on-x/1"], Vec::new());
    let written = text(|out| reports::render_kills_json(&kills, out));
    let read = Kills::read(&written).expect("it was written by us");
    assert_eq!(read.unproven, ["7.9/on-x/1"]);
    assert!(Kills::read("{}").is_err());
}
