//! What a person does with a page, and sees of it; shared by the checks of all pages.

use super::{Browser, TAB};
use serde_json::Value;
use std::path::Path;

/// Tab stops that are tried before a way counts as missing.
const STOPS: usize = 80;

/// A name, and what is done with a page.
pub(in crate::jobs) type Check<T> = (&'static str, fn(&Browser, &T) -> Result<(), String>);

/// Makes all checks; what the console says in the meantime is a fault as well.
pub(in crate::jobs) fn tried<T>(
    browser: &Browser,
    checks: &[Check<T>],
    page: &T,
) -> Result<Vec<String>, String> {
    let mut faults = Vec::new();
    for (name, check) in checks {
        println!("  {name}");
        let said = check(browser, page).err();
        faults.extend(said.map(|fault| format!("{name}: {fault}")));
        let console = browser.console()?;
        let lines = console.iter();
        faults.extend(lines.map(|line| format!("{name}: the console says {line}")));
    }
    Ok(faults)
}

/// An error unless something holds.
pub(in crate::jobs) fn demand(holds: bool, fault: impl Into<String>) -> Result<(), String> {
    if holds { Ok(()) } else { Err(fault.into()) }
}

impl Browser {
    /// Loads a page anew; without the detour a fragment would only move within it.
    pub(in crate::jobs) fn anew(&self, address: &str) -> Result<(), String> {
        self.go("about:blank")?;
        self.go(address)
    }

    /// The text that a script gives.
    pub(in crate::jobs) fn text(&self, script: &str) -> Result<String, String> {
        let value = self.run(script)?;
        let text = value.as_str().map(str::to_owned);
        text.ok_or_else(|| format!("`{script}` gave {value}"))
    }

    /// Presses Tab until the focus fits a selector; it must then be seen.
    pub(in crate::jobs) fn tab_to(&self, selector: &str) -> Result<(), String> {
        let there = format!("return document.activeElement.matches({selector:?})");
        let seen = "const { activeElement } = document;
            const style = getComputedStyle(activeElement.querySelector('.row') ?? activeElement);
            return style.outlineStyle !== 'none' || style.stroke !== 'none'";
        for _ in 0..STOPS {
            self.press(TAB)?;
            if self.run(&there)? == true {
                let fault = format!("the focus on {selector} cannot be seen");
                return demand(self.run(seen)? == true, fault);
            }
        }
        Err(format!("{STOPS} times Tab did not lead to {selector}"))
    }

    /// Nothing of what a page shows has run, or became a part of it that could.
    pub(in crate::jobs) fn nothing_ran(&self) -> Result<(), String> {
        let parts = "main :is(img, iframe, script:not([type]), [onload], [onerror])";
        let ran = self.run(&format!(
            "return window.ran ?? document.querySelectorAll({parts:?}).length"
        ))?;
        demand(
            ran == 0,
            format!("something became part of the page: {ran}"),
        )
    }

    /// Prints the page to a PDF, in dark words whatever the screen shows; gives what a script sees on paper.
    pub(in crate::jobs) fn on_paper(&self, path: &Path, script: &str) -> Result<Value, String> {
        let pdf = self.print(path)?;
        let size = pdf.len();
        demand(
            pdf.starts_with(b"%PDF") && size > 20_000,
            format!("{size} octets of PDF"),
        )?;
        self.pretend("print", "dark")?;
        let seen = self.run(
            "const ink = getComputedStyle(document.body).color;
             return Math.max(...ink.match(/[\\d.]+/g).slice(0, 3).map(Number))",
        );
        let seen = seen.and_then(|ink| Ok((ink, self.run(script)?)));
        self.pretend("", "light")?;
        let (ink, seen) = seen?;
        demand(
            ink.as_f64().is_some_and(|ink| ink < 100.0),
            format!("the words on paper are as bright as {ink} of 255"),
        )?;
        Ok(seen)
    }

    /// A window of this width shows the page without scrolling sideways.
    pub(in crate::jobs) fn fits(&self, width: u32) -> Result<(), String> {
        let wide = "return document.documentElement.scrollWidth - innerWidth";
        let over = self.run(wide)?.as_i64().unwrap_or(i64::MAX);
        demand(
            over <= 0,
            format!("the page is {over} pixels wider than {width}"),
        )
    }
}
