//! What a reader does with the page of a change request, and what must come of it.

use super::Changed;
use crate::jobs::browser::{Browser, Check, DOWN, ENTER, demand};
use serde_json::Value;

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
    ("paper is light and shows all, uncut", paper),
    ("a phone shows the list instead of the picture", phone),
    ("without script all is there", plain),
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

fn open(browser: &Browser, changed: &Changed, fragment: &str) -> Result<(), String> {
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
    browser.nothing_ran()
}

/// True for every thing that is demanded of a page.
fn all(found: &Value) -> bool {
    found
        .as_array()
        .is_some_and(|all| all.iter().all(|holds| *holds == true))
}

fn paper(browser: &Browser, changed: &Changed) -> Result<(), String> {
    open(browser, changed, "")?;
    let pdf = browser.print(&changed.folder.join("change.pdf"))?;
    demand(
        pdf.starts_with(b"%PDF") && pdf.len() > 20_000,
        format!("{} octets of PDF", pdf.len()),
    )?;
    browser.pretend("print", "dark")?;
    let found = browser.run(
        "const height = (part) => document.querySelector(part)?.getBoundingClientRect().height ?? 0;
         const seen = (part) => document.querySelector(part).checkVisibility();
         const ink = getComputedStyle(document.body).color.match(/[\\d.]+/g).slice(0, 3).map(Number);
         const inside = (part) => part.getBoundingClientRect().right <= innerWidth && part.scrollWidth <= part.clientWidth;
         return [height('.top') === 0, height('#filters') === 0, Math.max(...ink) < 100, height('svg.impact') > 50,
                 seen('.tree details ul'), seen('.form dl'),
                 [...document.querySelectorAll('.line, .finding, .rule, .graph, .card')].every(inside),
                 [...document.querySelectorAll('.line')].every((line) => line.checkVisibility())];",
    )?;
    browser.pretend("", "light")?;
    let fault = "bar gone, filter gone, dark ink, picture, list and answers open, nothing cut, all paragraphs";
    demand(all(&found), format!("{fault}: {found}"))
}

fn phone(browser: &Browser, changed: &Changed) -> Result<(), String> {
    browser.resize(390, 800)?;
    open(browser, changed, "")?;
    let fits = browser.fits(390);
    let found = browser.run(
        "const seen = (part) => document.querySelector(part).checkVisibility();
         return [innerWidth < 600, !seen('svg.impact'), seen('.tree summary'), seen('.finding'), seen('.words')];",
    );
    browser.resize(1280, 1000)?;
    fits?;
    let found = found?;
    demand(
        all(&found),
        format!("narrow, no picture, list, finding, words: {found}"),
    )
}

fn plain(browser: &Browser, changed: &Changed) -> Result<(), String> {
    browser.without_script(true)?;
    let seen = open(browser, changed, "#finding-0").and_then(|()| {
        browser.run(
            "const seen = (part) => document.querySelector(part).checkVisibility();
             return [!seen('#filters'), !seen('#theme'), seen('.line'), seen('svg.impact'), scrollY > 100,
                     document.querySelectorAll('.line[hidden]').length === 0];",
        )
    });
    browser.without_script(false)?;
    let found = seen?;
    demand(
        all(&found),
        format!("no filter, no button, text, picture, at the finding, nothing hidden: {found}"),
    )
}

/// Saves what people see, on a desk and on a phone, in light and in the dark.
pub(super) fn pictures(browser: &Browser, changed: &Changed) -> Result<(), String> {
    for (name, width, scheme) in [
        ("desktop", 1280, "light"),
        ("phone", 390, "light"),
        ("dark", 1280, "dark"),
    ] {
        browser.resize(width, 1100)?;
        browser.pretend("", scheme)?;
        for place in ["summary", "impact", "text"] {
            open(browser, changed, &format!("#{place}"))?;
            browser.picture(&changed.folder.join(format!("{name}-{place}.png")))?;
        }
    }
    browser.resize(1280, 1000)?;
    browser.pretend("", "light")
}
