//! What a reader does with the page, and what must come of it.

use super::Judged;
use super::doctored::{CLAUSE, HOSTILE, PLACES, octets, records};
use super::octets::read;
use crate::jobs::browser::{Browser, Check, ENTER, demand};
use crate::jobs::shall::Summary;
use serde_json::Value;

pub(super) const ALL: [Check<Judged>; 6] = [
    (
        "filters stand in the address, and come back from it",
        filters,
    ),
    (
        "a failing clause leads to the octets that decided",
        octets_of_a_failure,
    ),
    ("the keyboard alone leads there", keyboard),
    ("nothing that came from the wire runs", hostile),
    ("paper shows the results", paper),
    ("the way back leads to where one was", back),
];

/// Clauses that are to be seen.
const SEEN: &str = "return document.querySelectorAll('details.clause:not([hidden])').length";
/// True once octets of a message are marked.
const MARKED: &str = "document.querySelector('#stage:not([hidden]) .octets mark') !== null";
/// Opens the scenario that failed the clause that is open.
const FOLLOW: &str = "document.querySelector('details.clause[open] .places a').click()";

fn open(browser: &Browser, judged: &Judged, fragment: &str) -> Result<(), String> {
    browser.anew(&judged.address(fragment))
}

fn filters(browser: &Browser, judged: &Judged) -> Result<(), String> {
    let summary = Summary::read(&judged.folder)?;
    let fails = |verdict: &Option<String>| verdict.as_deref() == Some("fail");
    let failing = summary.all().filter(|c| fails(&c.verdict)).count();
    demand(failing > 1, "the broken run fails too little to filter")?;
    open(browser, judged, "")?;
    browser.run(
        "const select = document.querySelector('#filters [name=verdict]');
         select.value = 'fail';
         select.dispatchEvent(new Event('input', { bubbles: true }));",
    )?;
    let shown = browser.run(SEEN)?;
    demand(
        shown == failing,
        format!("{failing} clauses fail, the filter shows {shown}"),
    )?;
    let fragment = browser.text("return location.hash")?;
    demand(
        fragment.contains("verdict=fail"),
        format!("the address says {fragment}"),
    )?;
    open(
        browser,
        judged,
        &format!("{fragment}&text=server-sends-1xx%2F2"),
    )?;
    let shown = browser.run(SEEN)?;
    demand(
        shown == 1,
        format!("the address asks for one clause, {shown} are shown"),
    )?;
    let field = browser.text("return document.querySelector('#filters [name=text]').value")?;
    demand(
        field == "server-sends-1xx/2",
        format!("the field says {field}"),
    )?;
    browser.run("document.querySelector('#filters [type=reset]').click()")?;
    let (all, shown) = (summary.all().count(), browser.run(SEEN)?);
    demand(
        shown == all,
        format!("{all} clauses, without a filter {shown} are shown"),
    )
}

fn octets_of_a_failure(browser: &Browser, judged: &Judged) -> Result<(), String> {
    open(browser, judged, &format!("#clause={CLAUSE}"))?;
    browser.run(FOLLOW)?;
    browser.until(MARKED)?;
    let fragment = browser.text("return location.hash")?;
    let number = |key: &str| -> Option<u64> {
        let mut pairs = fragment.split(['#', '&']);
        pairs.find_map(|pair| pair.strip_prefix(key))?.parse().ok()
    };
    let wanted = evidence(judged, number("scenario="), number("line="))?;
    let marks = "[...document.querySelectorAll('.octets mark')]";
    let shown = browser.text(&format!(
        "return {marks}.map((mark) => mark.textContent).join('')"
    ))?;
    let shown = read(&shown).ok_or("the page shows signs that it does not have")?;
    let lossy = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    demand(
        !wanted.is_empty() && shown == wanted,
        format!(
            "decided by {:?}, shown is {:?}",
            lossy(&wanted),
            lossy(&shown)
        ),
    )
}

/// The octets that decided what one line of one scenario judges.
fn evidence(judged: &Judged, scenario: Option<u64>, line: Option<u64>) -> Result<Vec<u8>, String> {
    let records = records(&judged.folder.join("run.jsonl"))?;
    let here = |kind: &'static str| {
        let of = move |r: &&Value| r["scenario_id"].as_u64() == scenario && r["kind"] == kind;
        records.iter().filter(of)
    };
    let mut wanted = Vec::new();
    for judgement in here("judgement").filter(|r| r["line"].as_u64() == line) {
        for place in judgement["finding"]["evidence"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let frame = here("frame").find(|r| r["index"] == place["frame"]);
            let octets = octets(frame.ok_or("evidence names a frame that is not there")?)?;
            let end = |at: usize| place["octets"][at].as_u64().unwrap_or(0) as usize;
            let range = octets.get(end(0)..end(1));
            wanted.extend(range.ok_or("evidence lies outside of its frame")?);
        }
    }
    Ok(wanted)
}

fn keyboard(browser: &Browser, judged: &Judged) -> Result<(), String> {
    open(browser, judged, "#failures")?;
    browser.tab_to("#failures .places a")?;
    browser.press(ENTER)?;
    browser.until(MARKED)?;
    browser.tab_to("#steps a:not([aria-current])")?;
    let before = browser.text("return location.hash")?;
    browser.press(ENTER)?;
    browser.until(&format!("location.hash !== {before:?} && {MARKED}"))?;
    browser.tab_to("#ladder a")?;
    browser.press(ENTER)?;
    browser.until("document.querySelector('#ladder a.chosen') !== null")?;
    let messages = browser.run("return document.querySelectorAll('.message').length")?;
    demand(
        messages == 1,
        format!("an arrow leads to {messages} messages"),
    )
}

fn hostile(browser: &Browser, judged: &Judged) -> Result<(), String> {
    open(browser, judged, "")?;
    let title = browser.text("return document.querySelector('h1').textContent")?;
    demand(
        title.contains(HOSTILE),
        "the name of the subject is not shown as it is",
    )?;
    let records = records(&judged.folder.join("run.jsonl"))?;
    for place in PLACES {
        let wanted = format!("{place}{HOSTILE}").into_bytes();
        let has = |record: &&Value| {
            let octets = octets(record).unwrap_or_default();
            octets.windows(wanted.len()).any(|part| part == wanted)
        };
        let frame = records.iter().filter(|r| r["kind"] == "frame").find(has);
        let frame = frame.ok_or_else(|| format!("nothing hostile was tried after {place:?}"))?;
        let (scenario, index) = (&frame["scenario_id"], &frame["index"]);
        open(
            browser,
            judged,
            &format!("#scenario={scenario}&frame={index}"),
        )?;
        browser.until("document.querySelector('#ladder a.chosen') !== null")?;
        let shown = browser.text("return document.querySelector('.octets').textContent")?;
        let fault = format!("frame {index} of scenario {scenario} is not shown as it was");
        demand(read(&shown) == Some(octets(frame)?), fault)?;
        let ran = browser.nothing_ran();
        ran.map_err(|fault| format!("after {place:?} {fault}"))?;
    }
    Ok(())
}

fn paper(browser: &Browser, judged: &Judged) -> Result<(), String> {
    open(browser, judged, "")?;
    let found = browser.on_paper(
        &judged.folder.join("report.pdf"),
        "const height = (part) => document.querySelector(part)?.getBoundingClientRect().height ?? 0;
         return [height('.top') === 0, height('#filters') === 0, height('#summary') > 50,
                 document.querySelector('#failures pre').checkVisibility(), height('#clauses') > 1000];",
    )?;
    let all = found
        .as_array()
        .is_some_and(|all| all.iter().all(|holds| *holds == true));
    let fault = "bar gone, filters gone, summary, message at fault and clauses there";
    demand(all, format!("{fault}: {found}"))
}

fn back(browser: &Browser, judged: &Judged) -> Result<(), String> {
    open(browser, judged, "#clauses&verdict=fail")?;
    browser.run("document.querySelector('details.clause:not([hidden])').open = true")?;
    browser.run(FOLLOW)?;
    browser.until(MARKED)?;
    browser.run("document.querySelector('#back').click()")?;
    browser.until("document.querySelector('#stage').hidden")?;
    let fragment = browser.text("return location.hash")?;
    demand(
        fragment.starts_with("#clauses&verdict=fail"),
        format!("back leads to {fragment}"),
    )
}

/// Saves what people see: the page, a clause, a failure; on a desk, on a phone, in the dark.
pub(super) fn pictures(browser: &Browser, judged: &Judged) -> Result<(), String> {
    let places = [
        ("desktop", 1280, "light"),
        ("phone", 390, "light"),
        ("dark", 1280, "dark"),
    ];
    for (name, width, scheme) in places {
        let picture = |what: &str| judged.folder.join(format!("{name}-{what}.png"));
        browser.resize(width, 1100)?;
        browser.pretend("", scheme)?;
        open(browser, judged, "")?;
        browser.picture(&picture("summary"))?;
        browser.fits(width)?;
        open(browser, judged, &format!("#clause={CLAUSE}"))?;
        browser.picture(&picture("clause"))?;
        browser.run(FOLLOW)?;
        browser.until(MARKED)?;
        browser.picture(&picture("failure"))?;
    }
    browser.resize(1280, 1000)?;
    browser.pretend("", "light")
}

/// Milliseconds until a page of so many scenarios has opened; the last of them is there.
pub(super) fn opening(browser: &Browser, judged: &Judged, many: usize) -> Result<f64, String> {
    open(browser, judged, "")?;
    let took = "return performance.getEntriesByType('navigation')[0].duration";
    let took = browser.run(took)?;
    browser.go(&judged.address(&format!("#scenario={}", many - 1)))?;
    browser.until("document.querySelector('#ladder svg') !== null")?;
    took.as_f64()
        .ok_or_else(|| format!("the browser took {took}"))
}
