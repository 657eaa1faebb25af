//! What rests on the changed clauses: the author's answer and ours, verdicts that may flip, a picture, and the same as a list.

use maud::{Markup, html};

use super::drawing::drawing;
use super::graph::Graph;
use super::{count, effect_mark};
use crate::change::render::{UNSEARCHED, author, flips};
use crate::change::{Analysis, Touched};
use crate::page::mark;

/// Reasons that stand there at once; the others open.
const REASONS: usize = 6;

pub(super) fn section(analysis: &Analysis) -> Markup {
    let graph = Graph::of(analysis);
    html! {
        section #impact {
            h2 { "Impact" }
            (compatibility(analysis))
            (flips::html(&analysis.impact))
            @if analysis.impact.clauses.is_empty() { p { "No clause of the catalogue changes." } }
            @else {
                h3 { "What rests on the changed clauses" }
                figure.graph {
                    (drawing(&graph))
                    figcaption.soft {
                        "An edge leads from what breaks or keeps a clause to the clause, to the scenarios that judge it"
                        @if !analysis.impact.verdicts.is_empty() { ", and to the verdicts that may flip" }
                        ". The list below says the same."
                    }
                }
                (list(analysis))
                @if analysis.impact.searched.is_none() { p.soft { (UNSEARCHED) } }
            }
        }
    }
}

fn compatibility(analysis: &Analysis) -> Markup {
    let said = &analysis.impact.compatibility;
    let (first, more) = said.because.split_at(said.because.len().min(REASONS));
    html! {
        div.card #compatibility {
            p {
                "Backward compatibility: " (author(analysis)) "; computed: " strong { (said.computed) } "."
            }
            @if !first.is_empty() { ul { @for reason in first { li { (reason) } } } }
            @if !more.is_empty() {
                details {
                    summary { (more.len()) " more" }
                    ul { @for reason in more { li { (reason) } } }
                }
            }
        }
    }
}

fn list(analysis: &Analysis) -> Markup {
    html! {
        ul.tree {
            @for one in &analysis.impact.clauses {
                li {
                    details {
                        summary {
                            (effect_mark(one.effect)) " " code { (one.clause) } " "
                            span.soft { (counts(analysis, one)) }
                        }
                        ul { (below(analysis, one)) }
                    }
                }
            }
        }
    }
}

fn counts(analysis: &Analysis, one: &Touched) -> String {
    let flips = analysis
        .impact
        .verdicts
        .iter()
        .filter(|flip| flip.clause == one.clause);
    let rows = [
        (one.scenarios.len(), "scenario"),
        (one.steps.len(), "step"),
        (one.sources.len(), "source"),
        (one.sabotages.len(), "sabotage"),
        (flips.count(), "verdict"),
    ];
    let told = rows.iter().filter(|(number, _)| *number > 0);
    let told: Vec<String> = told.map(|(number, noun)| count(*number, noun)).collect();
    told.join(", ")
}

fn below(analysis: &Analysis, one: &Touched) -> Markup {
    let place = analysis
        .alignment
        .iter()
        .position(|a| a.clause.as_ref() == Some(&one.clause));
    let groups = [
        ("scenario", &one.scenarios),
        ("step", &one.steps),
        ("source", &one.sources),
        ("sabotage", &one.sabotages),
    ];
    let flips = analysis.impact.verdicts.iter().enumerate();
    html! {
        @if let Some(place) = place { li { a href={ "#change-" (place) } { "in the text" } } }
        @for (name, places) in groups {
            @for place in places { li { span.soft { (name) } " " (place) } }
        }
        @for (index, flip) in flips.filter(|(_, flip)| flip.clause == one.clause) {
            li { span.soft { "verdict" } " " (mark(flip.verdict.word())) " " a href={ "#flip-" (index) } { (flip.subject) } }
        }
    }
}
