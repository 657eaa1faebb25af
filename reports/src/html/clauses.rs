//! Clauses by subclause: verdict, level and requirement; opened, the reading and who judged it.

use super::coverage::{groups, title};
use super::{Report, address, word};
use crate::ClauseSummary;
use crate::page::mark;
use clauses::Clause;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// What the filter offers, worst first.
const VERDICTS: [&str; 9] = [
    "fail",
    "error",
    "warning",
    "inconclusive",
    "pass",
    "not-applicable",
    "pending",
    "excluded",
    "superseded",
];

pub(super) fn section(report: &Report<'_>) -> Markup {
    let summary = report.summary;
    let groups = groups(report);
    html! {
        section #clauses {
            h2 { "Clauses" }
            (filters(report))
            p.soft #shown role="status" { (summary.all().count()) " clauses and rules" }
            @for (name, clauses) in &groups {
                section.group {
                    h3 { (name) " " span.soft { (title(report, name)) } }
                    @for clause in clauses {
                        @if let Some(entry) = report.catalogue.get(&clause.id) { (row(clause, entry)) }
                    }
                }
            }
        }
    }
}

/// Script shows them: without it they could not filter.
fn filters(report: &Report<'_>) -> Markup {
    let actors: BTreeSet<&str> = report.summary.all().map(|c| c.actor.as_str()).collect();
    html! {
        form #filters.screen role="search" aria-label="Filter the clauses" hidden {
            label { "Verdict "
                select name="verdict" {
                    option value="" { "any" }
                    option value="open" { "not passed" }
                    @for verdict in VERDICTS { option value=(verdict) { (verdict) } }
                }
            }
            label { "Level "
                select name="level" {
                    option value="" { "any" }
                    @for level in ["SHALL", "SHOULD", "MAY"] { option value=(level) { (level) } }
                }
            }
            label { "Actor "
                select name="actor" {
                    option value="" { "any" }
                    @for actor in actors { option value=(actor) { (actor) } }
                }
            }
            label { "List "
                select name="list" {
                    option value="" { "all" }
                    option value="oma" { "clauses" }
                    option value="supporting" { "supporting rules" }
                }
            }
            label.wide { "Text " input type="search" name="text" maxlength="200" autocomplete="off" spellcheck="false"; }
            button type="reset" { "Clear" }
        }
    }
}

fn row(clause: &ClauseSummary, entry: &Clause) -> Markup {
    let list = if entry.supporting {
        "supporting"
    } else {
        "oma"
    };
    html! {
        details.clause data-clause=(clause.id) data-verdict=(word(clause)) data-level=(clause.level)
            data-actor=(clause.actor) data-list=(list) {
            summary {
                (mark(word(clause)))
                code { (clause.id) }
                span.level { (clause.level) }
                span.requirement { (entry.requirement) }
            }
            (detail(clause, entry))
        }
    }
}

fn detail(clause: &ClauseSummary, entry: &Clause) -> Markup {
    html! {
        dl {
            @if !clause.reason.is_empty() { dt { "Why" } dd { (clause.reason) } }
            @if let Some(why) = &clause.expected { dt { "Expected" } dd { (why) } }
            @if let Some(reading) = &entry.reading {
                dt { "Reading" }
                dd { (reading.text) " " span.soft { (reading.findings.join(", ")) } }
            }
            @if let Some(old) = &entry.supersedes { dt { "Stands for" } dd { (old) } }
            dt { "Trigger" } dd { (entry.trigger) }
            @if let Some(when) = &entry.applies_when { dt { "Applies when" } dd { (when) } }
            dt { "Actor" } dd { (entry.actor) }
            @if let Some(source) = &entry.source {
                dt { "Source" }
                dd { "CR-" (source.change_request) @if let Some(change) = source.change { ", change " (change) } ", line " (source.line) }
            }
            @if !clause.scenarios.is_empty() {
                dt { "Judged by" }
                dd { ul.places {
                    @for place in &clause.scenarios {
                        li {
                            (mark(place.verdict.word())) " "
                            @if let Some(id) = place.scenario_id {
                                a href=(address(id, place.line)) { (place.name) " (" (place.transport) ")" }
                            } @else { (place.name) " (" (place.transport) ")" }
                        }
                    }
                } }
            }
        }
        p.screen { button type="button" data-copy=(clause.id) { "Copy id" } }
    }
}
