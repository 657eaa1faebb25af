//! Coverage by subclause as a picture: a square a clause, coloured by its outcome.

use super::{Report, word};
use crate::ClauseSummary;
use maud::{Markup, html};

/// Squares in one row of the picture.
const COLUMNS: usize = 24;
/// From one square to the next, in CSS pixels.
const STEP: usize = 12;

pub(super) fn picture(report: &Report<'_>) -> Markup {
    let groups = groups(report);
    html! {
        section #coverage {
            h2 { "Coverage by subclause" }
            div.fields {
                @for (name, clauses) in &groups {
                    figure {
                        figcaption {
                            a href={ "#clauses&text=" (name) } { strong { (name) } } " "
                            span.soft { (title(report, name)) }
                        }
                        (squares(clauses))
                        p.soft.counts { (counts(clauses)) }
                    }
                }
            }
        }
    }
}

/// Clauses by subclause, or by RFC, in the order of the catalogue.
pub(super) fn groups<'a>(report: &Report<'a>) -> Vec<(&'a str, Vec<&'a ClauseSummary>)> {
    let mut groups: Vec<(&str, Vec<&ClauseSummary>)> = Vec::new();
    for clause in report.summary.all() {
        // `001:6.2.1.1/…` is a subclause of one change request, `rfc3261:8.2/…` a rule of one RFC.
        let end = match report.catalogue.get(&clause.id) {
            Some(entry) if entry.supporting => clause.id.find([':', '/']),
            _ => clause.id.find('/'),
        };
        let name = &clause.id[..end.unwrap_or(clause.id.len())];
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, members)) => members.push(clause),
            None => groups.push((name, vec![clause])),
        }
    }
    groups
}

pub(super) fn title<'a>(report: &Report<'a>, name: &str) -> &'a str {
    report.catalogue.title(name).unwrap_or_default()
}

fn squares(clauses: &[&ClauseSummary]) -> Markup {
    let rows = clauses.len().div_ceil(COLUMNS);
    let (width, height) = (COLUMNS * STEP, rows * STEP);
    html! {
        // What it shows stands in words below it.
        svg.squares aria-hidden="true" viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height) {
            @for (at, clause) in clauses.iter().enumerate() {
                a href={ "#clause=" (clause.id) } tabindex="-1" {
                    rect class=(word(clause)) x=(at % COLUMNS * STEP) y=(at / COLUMNS * STEP)
                        width=(STEP - 2) height=(STEP - 2) rx="2" {
                        title { (clause.id) ": " (word(clause)) }
                    }
                }
            }
        }
    }
}

fn counts(clauses: &[&ClauseSummary]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for clause in clauses {
        match counts.iter_mut().find(|(known, _)| *known == word(clause)) {
            Some((_, count)) => *count += 1,
            None => counts.push((word(clause), 1)),
        }
    }
    let counts = counts.iter().map(|(word, count)| format!("{count} {word}"));
    counts.collect::<Vec<_>>().join(", ")
}
