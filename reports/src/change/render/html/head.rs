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
    let rows = [
        (Effect::Added, t.added),
        (Effect::Removed, t.removed),
        (Effect::Reworded, t.reworded),
        (Effect::LevelChanged, t.level_changed),
        (Effect::Moved, t.moved),
        (Effect::NotRestated, t.not_restated),
        (Effect::Unchanged, t.unchanged),
    ];
    html! {
        div.card.tally {
            h2 { (count(t.statements, "statement")) }
            ul {
                @for (effect, count) in rows.into_iter().filter(|(_, count)| *count > 0) {
                    li data-total=(key(effect)) {
                        a href={ "#text&show=" (key(effect)) } { strong { (count) } " " (effect_mark(effect)) }
                    }
                }
            }
            @if t.renumbered > 0 { p.soft { (t.renumbered) " of the unchanged have another number" } }
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
        count(impact.clauses.len(), "clause"),
        count(distinct(|one| &one.scenarios), "judging step"),
        count(distinct(|one| &one.sources), "citing line"),
        count(distinct(|one| &one.sabotages), "sabotage"),
    ];
    html! {
        div.card.tally {
            h2 { "Touched" }
            ul {
                @for row in &rows {
                    @let (number, noun) = row.split_once(' ').unwrap_or_default();
                    li { a href="#impact" { strong { (number) } " " (noun) } }
                }
            }
        }
    }
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
