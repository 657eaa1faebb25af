//! What a reader does with the page of a change request, and what must come of it.

use super::{Changed, media};
use crate::jobs::browser::{Browser, Check, DOWN, ENTER, demand};

/// Of every page.
pub(super) const EACH: [Check<Changed>; 2] = [
    ("the page counts what the JSON counts", counts),
    ("the redline holds the old and the new wording", redline),
];
/// Of a page that has findings, verdicts, comments, and words that would like to run.
pub(super) const FULL: [Check<Changed>; 8] = [
    (
        "the filter stands in the address, and comes back from it",
        filter,
    ),
    ("findings lead to their places", findings),
    (
        "the picture and the list show what rests on the clauses",
        impact,
    ),
    ("the keyboard alone leads there", keyboard),
    (
        "nothing of the text, its authors and its reviewers runs",
        hostile,
    ),
    ("paper is light and shows all, uncut", media::paper),
    (
        "a phone shows the list instead of the picture",
        media::phone,
    ),
    ("without script all is there", media::plain),
];

/// What would run, were it more than text; where it stands in the file, and where on the page.
const HOSTILE: [(&str, &str); 5] = [
    (
        "main h3",
        "Ringing <script>window.ran=1</script><img src=x onerror=window.ran=1>",
    ),
    (".words", "its release <script>window.ran=1</script>"),
    (".words", "<svg onload=window.ran=1>"),
    (".authors", "Eve <script>window.ran=1</script>"),
    (
        ".comment",
        "Mallory <script>window.ran=1</script>: Which methods? <script>window.ran=1</script>",
    ),
];
const SHOWN: &str = "return document.querySelectorAll('.line:not([hidden])').length";

pub(super) fn open(browser: &Browser, changed: &Changed, fragment: &str) -> Result<(), String> {
    browser.anew(&changed.address(fragment))
}

/// A script's answer, which must be a whole number.
fn number(browser: &Browser, script: &str) -> Result<u64, String> {
    let value = browser.run(script)?;
    value
        .as_u64()
        .ok_or_else(|| format!("`{script}` gave {value}"))
}

/// How many entries of the alignment have an effect.
fn of_effect(changed: &Changed, effect: &str) -> u64 {
    let all = changed.list("/alignment").iter();
    all.filter(|one| one["effect"] == effect).count() as u64
}

fn counts(browser: &Browser, changed: &Changed) -> Result<(), String> {
    open(browser, changed, "")?;
    for effect in [
        "added",
        "level-changed",
        "moved",
        "removed",
        "reworded",
        "unchanged",
    ] {
        let wanted = of_effect(changed, effect);
        let shown =
            format!("return document.querySelectorAll('.fate[data-effect={effect}]').length");
        let shown = number(browser, &shown)?;
        demand(
            shown == wanted,
            format!("{wanted} {effect}, the text shows {shown}"),
        )?;
        let told = format!(
            "return Number(document.querySelector('[data-total={effect}] strong')?.textContent ?? 0)"
        );
        let told = number(browser, &told)?;
        demand(
            told == wanted,
            format!("{wanted} {effect}, the summary says {told}"),
        )?;
    }
    Ok(())
}

fn redline(browser: &Browser, changed: &Changed) -> Result<(), String> {
    open(browser, changed, "")?;
    let mut seen = 0;
    for (index, one) in changed.list("/alignment").iter().enumerate() {
        if one["effect"] == "unchanged" {
            continue;
        }
        for (kept, wanted) in [("del", &one["old"]), ("ins", &one["new"])] {
            let gone = if kept == "del" { "ins" } else { "del" };
            let shown = browser.text(&format!(
                "const words = document.querySelector('#change-{index}').closest('.line').querySelector('.words').cloneNode(true);
                 for (const part of words.querySelectorAll('{gone}, .label')) part.remove();
                 return words.textContent.trim();"
            ))?;
            let wanted = wanted.as_str().unwrap_or_default();
            demand(shown == wanted, format!("{wanted:?} is shown as {shown:?}"))?;
            seen += 1;
        }
    }
    demand(seen > 2, "nothing changes in the text")
}

fn filter(browser: &Browser, changed: &Changed) -> Result<(), String> {
    open(browser, changed, "")?;
    let all = number(browser, SHOWN)?;
    browser.run(
        "const select = document.querySelector('#filters [name=show]');
         select.value = 'reworded';
         select.dispatchEvent(new Event('input', { bubbles: true }));",
    )?;
    let (wanted, shown) = (of_effect(changed, "reworded"), number(browser, SHOWN)?);
    demand(
        shown == wanted && shown < all,
        format!("{wanted} reworded, the filter shows {shown}"),
    )?;
    let fragment = browser.text("return location.hash")?;
    demand(
        fragment.contains("show=reworded"),
        format!("the address says {fragment}"),
    )?;
    open(browser, changed, "#text&show=removed")?;
    let (wanted, shown) = (of_effect(changed, "removed"), number(browser, SHOWN)?);
    demand(
        shown == wanted,
        format!("{wanted} removed, the address shows {shown}"),
    )?;
    // A place that the filter hides comes into sight with its finding.
    browser.run("document.querySelector('#findings li a').click()")?;
    browser.until("document.querySelector('.finding:target')?.checkVisibility() === true")?;
    browser.run("document.querySelector('[data-total=added] a').click()")?;
    browser.until("document.querySelector('#filters [name=show]').value === 'added'")?;
    let (wanted, shown) = (of_effect(changed, "added"), number(browser, SHOWN)?);
    demand(
        shown == wanted,
        format!("{wanted} added, the summary leads to {shown}"),
    )?;
    browser.run("document.querySelector('#filters [type=reset]').click()")?;
    let shown = number(browser, SHOWN)?;
    demand(
        shown == all,
        format!("{all} paragraphs, without a filter {shown}"),
    )
}

fn findings(browser: &Browser, changed: &Changed) -> Result<(), String> {
    let findings = changed.list("/findings");
    demand(
        findings.len() > 1,
        "the text has too few faults to look for",
    )?;
    for (index, finding) in findings.iter().enumerate() {
        open(browser, changed, "")?;
        let link = format!("#findings li a[href=\"#finding-{index}\"]");
        let item = browser.text(&format!(
            "return document.querySelector({link:?}).closest('.rule').textContent"
        ))?;
        for part in ["rule", "quote", "reason", "suggestion"] {
            let words = finding[part].as_str().unwrap_or_default();
            demand(
                item.contains(words),
                format!("the list does not say {words:?}"),
            )?;
        }
        browser.run(&format!("document.querySelector({link:?}).click()"))?;
        browser.until("document.querySelector('.finding:target') !== null")?;
        let place = browser.run(
            "const target = document.querySelector('.finding:target');
             const { top, bottom } = target.getBoundingClientRect();
             return [target.closest('.line').id, target.dataset.rule, top < innerHeight && bottom > 0];",
        )?;
        let line = format!("line-{}", finding["line"]);
        let wanted = serde_json::json!([line, finding["rule"], true]);
        demand(
            place == wanted,
            format!("finding {index} leads to {place}, not to {wanted}"),
        )?;
    }
    Ok(())
}

fn impact(browser: &Browser, changed: &Changed) -> Result<(), String> {
    open(browser, changed, "")?;
    let seen = browser.run(
        "const nodes = [...document.querySelectorAll('svg.impact .node')];
         const links = nodes.filter((node) => node.matches('a'));
         return [document.querySelectorAll('svg.impact .column').length, nodes.length > 5,
                 nodes.every((node) => node.querySelector('title').textContent !== ''),
                 links.length > 2 && links.every((link) => document.querySelector(link.getAttribute('href'))),
                 document.querySelectorAll('svg.impact path').length > 4];",
    )?;
    let wanted = serde_json::json!([4, true, true, true, true]);
    demand(
        seen == wanted,
        format!("columns, nodes, titles, links, edges: {seen}"),
    )?;
    let titles = browser.text("return [...document.querySelectorAll('svg.impact title')].map((t) => t.textContent).join('\\n')")?;
    let list = browser.text("return document.querySelector('.tree').textContent")?;
    let touched = changed.list("/impact/clauses");
    demand(!touched.is_empty(), "no clause is touched")?;
    for one in touched {
        let words = |key: &str| one[key].as_array().cloned().unwrap_or_default();
        let clause = one["clause"].as_str().unwrap_or_default();
        demand(
            titles.contains(clause),
            format!("{clause} is not in the picture"),
        )?;
        for place in [words("scenarios"), words("sources"), words("sabotages")].concat() {
            let place = place.as_str().unwrap_or_default();
            demand(list.contains(place), format!("{place} is not in the list"))?;
        }
    }
    let flips = changed.list("/impact/verdicts").len() as u64;
    let shown = number(
        browser,
        "return document.querySelectorAll('.flips li').length",
    )?;
    demand(
        flips > 0 && shown == flips,
        format!("{flips} verdicts may flip, {shown} are shown"),
    )
}

fn keyboard(browser: &Browser, changed: &Changed) -> Result<(), String> {
    open(browser, changed, "")?;
    browser.tab_to("#findings li a")?;
    browser.press(ENTER)?;
    browser.until("document.querySelector('.finding:target') !== null")?;
    browser.tab_to(".finding .next")?;
    let before = browser.text("return location.hash")?;
    browser.press(ENTER)?;
    browser.until(&format!("location.hash !== {before:?}"))?;
    open(browser, changed, "#impact")?;
    browser.tab_to("svg.impact a.node")?;
    browser.press(ENTER)?;
    browser.until("document.querySelector('.fate:target') !== null")?;
    open(browser, changed, "#impact")?;
    browser.tab_to(".tree summary")?;
    browser.press(ENTER)?;
    browser.until("document.querySelector('.tree details[open]') !== null")?;
    browser.tab_to("#filters [name=show]")?;
    browser.press(DOWN)?;
    browser.until("location.hash.includes('show=changed')")
}

fn hostile(browser: &Browser, changed: &Changed) -> Result<(), String> {
    open(browser, changed, "")?;
    for (place, words) in HOSTILE {
        let there = browser.run(&format!(
            "return [...document.querySelectorAll({place:?})].some((one) => one.textContent.includes({words:?}))"
        ))?;
        demand(there == true, format!("{words:?} is not shown in {place}"))?;
    }
    let comments = changed.list("/comments").len();
    demand(comments == 1, format!("the JSON has {comments} comments"))?;
    browser.nothing_ran()
}
