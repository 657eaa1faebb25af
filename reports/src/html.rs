//! `report.html`: one page that opens from a file and shows what was decided, why, and by which octets.
//!
//! Summary, clauses and lists are plain HTML, readable without script and on paper. The exchanges lie
//! compressed in the page; the script unpacks the one that is looked at and shows it as text.

mod clauses;
mod coverage;
mod failures;
mod head;
mod kills;
mod packed;
mod scenarios;

use crate::page::Page;
use crate::{ClauseSummary, Kills, Summary, ladder};
use ::clauses::Catalogue;
use maud::html;
use std::io::{self, Write};
use trace::run_file;

const STYLE: &str = concat!(
    include_str!("html/report.css"),
    "\n",
    include_str!("html/scenario.css")
);
const SCRIPT: &str = concat!(
    include_str!("html/address.js"),
    "\n",
    include_str!("html/octets.js"),
    "\n",
    include_str!("html/unpack.js"),
    "\n",
    include_str!("html/ladder.js"),
    "\n",
    include_str!("html/message.js"),
    "\n",
    include_str!("html/scenario.js"),
    "\n",
    include_str!("html/filters.js"),
    "\n",
    include_str!("html/report.js")
);

/// What the page shows.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// Wording, level and reading of each clause.
    pub catalogue: &'a Catalogue,
    /// The outcome.
    pub summary: &'a Summary,
    /// The exchanges and the single verdicts.
    pub run: &'a run_file::Run,
    /// The kill table, where there is one.
    pub kills: Option<&'a Kills>,
}

/// Writes the page.
pub fn render_html(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let style = format!("{STYLE}\n{}", ladder::STYLE);
    let mut ways = vec![
        ("#summary", "Summary"),
        ("#failures", "Failures"),
        ("#coverage", "Coverage"),
        ("#clauses", "Clauses"),
        ("#scenarios", "Scenarios"),
    ];
    if report.kills.is_some() {
        ways.push(("#kills", "Sabotage"));
    }
    let packed = packed::elements(report.run)?;
    let page = Page {
        title: &format!(
            "{}: {}",
            report.summary.subject,
            crate::outcome(report.summary)
        ),
        style: &style,
        script: SCRIPT,
        ways: &ways,
        body: html! {
            div #overview {
                (head::summary(report))
                (failures::section(report))
                (coverage::picture(report))
                (clauses::section(report))
                (scenarios::section(report))
                @if let Some(kills) = report.kills { (kills::section(kills)) }
            }
            (scenarios::stage())
            (packed)
        },
    };
    page.write(out)
}

/// The word that marks the outcome of a clause.
fn word(clause: &ClauseSummary) -> &'static str {
    clause.verdict.map_or(clause.status, trace::Verdict::word)
}

/// Address, within the page, of a step of a scenario.
fn address(scenario: usize, line: usize) -> String {
    format!("#scenario={scenario}&line={line}")
}
