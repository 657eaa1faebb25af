//! What rests on the changed clauses: the author's answer and ours, verdicts that may flip, a picture, and the same as a list.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::drawing::drawing;
use super::graph::Graph;
use super::{count, effect_mark};
use crate::change::render::author;
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
            (verdicts(analysis))
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

/// By run; a run has one subject.
fn verdicts(analysis: &Analysis) -> Markup {
    let flips = &analysis.impact.verdicts;
    let runs: BTreeSet<(&str, &str)> = flips
        .iter()
        .map(|flip| (flip.run.as_str(), flip.subject.as_str()))
        .collect();
    html! {
        @if !flips.is_empty() {
            h3 #verdicts { "Verdicts that may flip" }
            @for (run, subject) in runs {
                p.run { (subject) ", in " span.mono { (run) } }
                ul.flips {
                    @for (index, flip) in flips.iter().enumerate().filter(|(_, flip)| flip.run == run) {
                        li id={ "flip-" (index) } {
                            (mark(flip.verdict.word())) " " code { (flip.clause) } " " span.soft { (flip.why) }
                        }
                    }
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
