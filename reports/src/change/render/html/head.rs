//! The head of the page: what the change request is, how many things are wrong, and how much changes.

use maud::{Markup, html};

use super::{count, effect_mark};
use crate::change::render::key;
use crate::change::{Analysis, Class, Effect};
use crate::page::mark;

pub(super) fn section(analysis: &Analysis) -> Markup {
    html! {
        section #summary {
            h1 { "Change request " (analysis.document.name) }
            (outcome(analysis))
            @for note in &analysis.document.notes { p.soft { (note) } }
            div.tallies {
                (effects(analysis))
                (findings(analysis))
                (touched(analysis))
            }
            (form(analysis))
        }
    }
}

/// How many findings of a class count.
pub(super) fn open(analysis: &Analysis, class: Class) -> usize {
    let counts = |f: &&crate::change::Finding| f.class == class && f.silenced.is_none();
    analysis.findings.iter().filter(counts).count()
}

fn outcome(analysis: &Analysis) -> Markup {
    let errors = open(analysis, Class::Error);
    let flips = analysis.impact.verdicts.len();
    html! {
        p.outcome {
            @if errors > 0 { span.mark.fail { (count(errors, "error")) " in the text" } }
            @else { span.mark.pass { "no error in the text" } }
            @match analysis.impact.compatibility.computed {
                "breaking" => span.mark.warning { "not backward compatible" },
                "undecided" => span.mark.warning { "backward compatible? to be read" },
                _ => span.mark.pass { "backward compatible" },
            }
            @if flips > 0 { a href="#verdicts" { span.mark.warning { (count(flips, "verdict")) " may flip" } } }
        }
    }
}

fn effects(analysis: &Analysis) -> Markup {
    let t = analysis.totals;
    let stated = [
        (Effect::Added, t.added),
        (Effect::Reworded, t.reworded),
        (Effect::LevelChanged, t.level_changed),
        (Effect::Moved, t.moved),
        (Effect::Unchanged, t.unchanged),
    ];
    let left_out = [
        (Effect::Removed, t.removed),
        (Effect::NotRestated, t.not_restated),
    ];
    html! {
        div.card.tally {
            h2 { (count(t.statements, "statement")) }
            (tally(&stated))
            @if t.renumbered > 0 { p.soft { (t.renumbered) " of the unchanged have another number" } }
            @if t.removed + t.not_restated > 0 {
                p { "and what the text leaves out" }
                (tally(&left_out))
            }
        }
    }
}

fn tally(rows: &[(Effect, usize)]) -> Markup {
    html! {
        ul {
            @for (effect, count) in rows.iter().filter(|(_, count)| *count > 0) {
                li data-total=(key(*effect)) {
                    a href={ "#text&show=" (key(*effect)) } { strong { (count) } " " (effect_mark(*effect)) }
                }
            }
        }
    }
}

fn findings(analysis: &Analysis) -> Markup {
    let classes = [Class::Error, Class::Warning, Class::Note];
    let rows = classes.map(|class| (class.word(), open(analysis, class)));
    let silenced = analysis.findings.len() - rows.iter().map(|(_, count)| count).sum::<usize>();
    html! {
        div.card.tally {
            h2 { "Findings" }
            ul {
                @for (word, count) in rows.into_iter().filter(|(_, count)| *count > 0) {
                    li { a href={ "#text&show=" (word) } { strong { (count) } " " (mark(word)) } }
                }
            }
            @if analysis.findings.is_empty() { p { "Nothing was found wrong with the text." } }
            @if silenced > 0 { p.soft { (silenced) " silenced with a reason" } }
        }
    }
}

fn touched(analysis: &Analysis) -> Markup {
    let impact = &analysis.impact;
    let distinct = |of: fn(&crate::change::Touched) -> &Vec<String>| {
        let all: std::collections::BTreeSet<&String> = impact.clauses.iter().flat_map(of).collect();
        all.len()
    };
    let rows = [
        (impact.clauses.len(), "clause"),
        (distinct(|one| &one.scenarios), "scenario"),
        (distinct(|one| &one.steps), "judging step"),
        (distinct(|one| &one.sources), "citing line"),
        (distinct(|one| &one.sabotages), "sabotage"),
    ];
    let unsearched = |noun| noun == "citing line" && impact.searched.is_none();
    html! {
        div.card.tally {
            h2 { "Touched" }
            ul {
                @for (number, noun) in rows {
                    li {
                        a href="#impact" {
                            @if unsearched(noun) { "citing lines: not looked for" }
                            @else { (strong(number, noun)) }
                        }
                    }
                }
            }
        }
    }
}

/// A count with its noun, the number set off.
fn strong(number: usize, noun: &str) -> Markup {
    let told = count(number, noun);
    let (number, noun) = told.split_once(' ').unwrap_or_default();
    html! { strong { (number) } " " (noun) }
}

/// What the author answered to the questions of the form.
fn form(analysis: &Analysis) -> Markup {
    html! {
        @if !analysis.form.is_empty() {
            details.form {
                summary { "What the author says" }
                dl {
                    @for answer in &analysis.form {
                        dt { (answer.question) }
                        dd { @if answer.text.is_empty() { span.soft { "nothing" } } @else { (answer.text) } }
                    }
                }
            }
        }
    }
}
