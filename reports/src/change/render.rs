//! The views of an analysis.

mod flips;
pub(super) mod html;
pub(super) mod json;
pub(super) mod markdown;
pub(super) mod text;

use super::align::{Aligned, Effect};
use super::analysis::Analysis;

/// What a view calls an effect.
fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Added => "added",
        Effect::LevelChanged => "level changed",
        Effect::Moved => "moved to another actor",
        Effect::NotRestated => "not restated; is it to go?",
        Effect::Removed => "removed",
        Effect::Reworded => "reworded",
        Effect::Unchanged => "unchanged",
    }
}

/// The same in one word, as in JSON.
fn key(effect: Effect) -> &'static str {
    match effect {
        Effect::LevelChanged => "level-changed",
        Effect::Moved => "moved",
        Effect::NotRestated => "not-restated",
        other => word(other),
    }
}

/// Where a statement stands, and which clause it is.
fn place(analysis: &Analysis, one: &Aligned) -> String {
    let statement = one.statement.map(|index| &analysis.statements[index]);
    let here = statement.map(|s| format!("{} step {}, line {}", s.subclause, s.step, s.line));
    match (here, &one.clause) {
        (Some(here), Some(clause)) => format!("{clause} ({here})"),
        (Some(here), None) => here,
        (None, clause) => clause.clone().unwrap_or_default(),
    }
}

/// What is worth showing: everything that changes.
fn changed(analysis: &Analysis) -> impl Iterator<Item = &Aligned> {
    analysis
        .alignment
        .iter()
        .filter(|one| one.effect != Effect::Unchanged)
}

/// The totals in one line.
fn totals(analysis: &Analysis) -> String {
    let t = analysis.totals;
    let asked = match t.not_restated {
        0 => String::new(),
        count => format!(", {count} not restated"),
    };
    format!(
        "{}: {} unchanged ({} renumbered), {} reworded, {} of another level, {} moved, {} added; {} removed{asked}",
        count(t.statements, "statement"),
        t.unchanged,
        t.renumbered,
        t.reworded,
        t.level_changed,
        t.moved,
        t.added,
        count(t.removed, "clause")
    )
}

/// A count with its noun.
fn count(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// What a view calls the catalogue's own words; they are not the old wording.
const SUMMARY: &str = "the catalogue's summary";

/// The form's question about backward compatibility as a sentence, up to what is computed.
fn author(analysis: &Analysis) -> String {
    match analysis.impact.compatibility.author.as_str() {
        "" if analysis.form.is_empty() => "no form asks for it".to_owned(),
        "" => "the form has no answer".to_owned(),
        said => format!("the author says “{said}”"),
    }
}

/// What people are told where no source could be searched.
const UNSEARCHED: &str = "Role files that cite these clauses were not looked for: run from a checkout, or name their folder with --source DIR.";
