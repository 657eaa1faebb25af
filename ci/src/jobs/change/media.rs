//! The page elsewhere than in a wide window: on paper, on a phone, without script, and in pictures.

use super::Changed;
use super::checks::open;
use crate::jobs::browser::{Browser, demand};
use serde_json::Value;

/// True for every thing that is demanded of a page.
fn all(found: &Value) -> bool {
    found
        .as_array()
        .is_some_and(|all| all.iter().all(|holds| *holds == true))
}

pub(super) fn paper(browser: &Browser, changed: &Changed) -> Result<(), String> {
    open(browser, changed, "")?;
    let found = browser.on_paper(
        &changed.folder.join("change.pdf"),
        "const height = (part) => document.querySelector(part)?.getBoundingClientRect().height ?? 0;
         const seen = (part) => document.querySelector(part).checkVisibility();
         const inside = (part) => part.getBoundingClientRect().right <= innerWidth && part.scrollWidth <= part.clientWidth;
         return [height('.top') === 0, height('#filters') === 0, height('svg.impact') > 50,
                 seen('.tree details ul'), seen('.form dl'),
                 [...document.querySelectorAll('.line, .finding, .rule, .graph, .card')].every(inside),
                 [...document.querySelectorAll('.line')].every((line) => line.checkVisibility())];",
    )?;
    let fault =
        "bar gone, filter gone, picture, list and answers open, nothing cut, all paragraphs";
    demand(all(&found), format!("{fault}: {found}"))
}

pub(super) fn phone(browser: &Browser, changed: &Changed) -> Result<(), String> {
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

pub(super) fn plain(browser: &Browser, changed: &Changed) -> Result<(), String> {
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
