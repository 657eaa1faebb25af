//! The analysis as one page: redline, findings, and what rests on each changed clause.

use std::io::{self, Write};

use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};

use super::{SUMMARY, author, changed, place, totals, word};
use crate::change::{Aligned, Analysis};
use crate::page::Page;

const STYLE: &str = "ins { background: #8884; text-decoration: underline } del { opacity: .7 } td, th { vertical-align: top; text-align: left; padding: .2em .6em } .redline p { margin: .2em 0 }";

/// Writes the page; it loads nothing and holds no script of its own.
pub fn render_change_html(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    let page = Page {
        title: &format!("Change request {}", analysis.document.name),
        style: STYLE,
        script: "",
        ways: &[
            ("#changes", "Changes"),
            ("#findings", "Findings"),
            ("#impact", "Impact"),
        ],
        body: body(analysis),
    };
    page.write(out)
}

fn body(analysis: &Analysis) -> Markup {
    html! {
        h1 { "Change request " (analysis.document.name) }
        p #totals { (totals(analysis)) }
        @for note in &analysis.document.notes { p { (note) } }
        h2 #changes { "What changes" }
        @for one in changed(analysis) {
            section.redline data-effect=(word(one.effect)) {
                h3 { (word(one.effect)) ": " (place(analysis, one)) }
                @if let Some(level) = &one.level { p { "Level: " (level.from) " becomes " (level.to) } }
                @if let Some(actor) = &one.actor { p { "Actor: " (actor.from) " becomes " (actor.to) } }
                @if let Some(requirement) = &one.requirement { p { (SUMMARY) ": " (requirement) } }
                (redline(one))
            }
        }
        h2 #findings { "Findings" }
        table {
            thead { tr { th { "line" } th { "class" } th { "rule" } th { "words" } th { "why, and what to do" } } }
            tbody {
                @for finding in &analysis.findings {
                    tr data-rule=(finding.rule) {
                        td { (finding.line) @for also in &finding.also { ", " (also) } }
                        td { (finding.class.word()) }
                        td { (finding.rule) }
                        td { (finding.quote) }
                        td {
                            (finding.reason) ". " (finding.suggestion)
                            @if let Some(reason) = &finding.silenced { " Silenced: " (reason) }
                        }
                    }
                }
            }
        }
        (impact(analysis))
        @if !analysis.unread.is_empty() {
            h2 { "Neither heading, list, statement nor note" }
            ul { @for one in &analysis.unread { li { "line " (one.line) ": " (one.text) } } }
        }
    }
}

/// Old and new wording in one line, or the one that there is.
fn redline(one: &Aligned) -> Markup {
    let (Some(old), Some(new)) = (&one.old, &one.new) else {
        return html! {
            @if let Some(old) = &one.old { p { del { (old) } } }
            @if let Some(new) = &one.new { p { ins { (new) } } }
        };
    };
    let words = TextDiff::from_words(old.as_str(), new.as_str());
    html! {
        p {
            @for change in words.iter_all_changes() {
                @match change.tag() {
                    ChangeTag::Delete => del { (change.value()) },
                    ChangeTag::Insert => ins { (change.value()) },
                    ChangeTag::Equal => (change.value()),
                }
            }
        }
    }
}

fn impact(analysis: &Analysis) -> Markup {
    let impact = &analysis.impact;
    let said = &impact.compatibility;
    html! {
        h2 #impact { "Impact" }
        p #compatibility {
            "Backward compatibility: " (author(analysis)) "; computed: " strong { (said.computed) } "."
        }
        ul { @for reason in &said.because { li { (reason) } } }
        @for one in &impact.clauses {
            details {
                summary { (one.clause) ", " (word(one.effect)) }
                ul {
                    @for place in &one.scenarios { li { "scenario " (place) } }
                    @for place in &one.sources { li { "source " (place) } }
                    @for name in &one.sabotages { li { "sabotage " (name) } }
                }
            }
        }
        @if !impact.verdicts.is_empty() {
            h3 { "Verdicts that may flip" }
            ul #verdicts {
                @for flip in &impact.verdicts {
                    li { (flip.clause) " " (flip.verdict.word()) " of " (flip.subject) " in " (flip.run) ": " (flip.why) }
                }
            }
        }
    }
}
