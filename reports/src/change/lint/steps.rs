//! Numbers of steps, bullets, sub-steps and notes, and steps that break off.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::{Report, Text, pattern};
use crate::change::marks::Mark;
use crate::change::statements::{Item, Kind, run_together};
use crate::change::words;

static OBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?:include|add|insert|put)\b[^.]*?\b(MIME [\w-]+ body|[A-Z][A-Za-z-]+ header)\b")
});
static BREAKS_OFF: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:\b(?:and|or)[,;]?|,)\s*$"));
static LEADS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:[:,-]|e\.g\.?|\b(?:SHALL|MAY|SHOULD|MUST|either))\s*$|\bfollow"));

pub(super) fn check(text: &Text<'_>, report: &mut Report<'_>) {
    let items = &text.structure.items;
    numbers(text, report);
    letters(text, report);
    notes(text, report);
    repeated(text, report);
    for (index, item) in items.iter().enumerate() {
        let next = items[index + 1..]
            .iter()
            .find(|next| next.kind != Kind::EmptyBullet);
        let before = items[..index]
            .iter()
            .rev()
            .take(8)
            .find(|before| before.kind != Kind::EmptyBullet);
        marks(item, before, report);
        ends(text, item, next, report);
        joins(item, before, report);
    }
}

fn numbers(text: &Text<'_>, report: &mut Report<'_>) {
    let mut last: BTreeMap<usize, (u32, BTreeSet<u32>)> = BTreeMap::new();
    for item in &text.structure.items {
        let (Some(list), Mark::Number(number)) = (item.list, &item.mark) else {
            continue;
        };
        let inner = run_together(&item.text);
        let more = inner.iter().filter_map(|(number, _)| *number);
        for (nth, number) in std::iter::once(*number).chain(more).enumerate() {
            if nth > 0 {
                report.add(
                    "step-run-together",
                    item,
                    &item.text,
                    format!("step {number} begins inside the step before it"),
                );
            }
            let (before, seen) = last.entry(list).or_insert((0, BTreeSet::new()));
            if !seen.insert(number) {
                report.add(
                    "step-doubled",
                    item,
                    &format!("{number}."),
                    format!(
                        "the list of line {} has step {number} twice",
                        text.structure.lists[list].line
                    ),
                );
            } else if number > *before + 1 && number - *before < 50 {
                let missing: Vec<String> = (*before + 1..number).map(|n| n.to_string()).collect();
                report.add(
                    "step-missing",
                    item,
                    &format!("{number}."),
                    match missing.as_slice() {
                        [one] => format!("step {one} is missing before step {number}"),
                        many => {
                            format!("steps {} are missing before step {number}", many.join(", "))
                        }
                    },
                );
            }
            *before = number.max(*before);
        }
    }
}

/// Letters left out under one step.
fn letters(text: &Text<'_>, report: &mut Report<'_>) {
    let mut last: BTreeMap<usize, char> = BTreeMap::new();
    for item in &text.structure.items {
        let Some(list) = item.list else {
            continue;
        };
        let letter = match item.mark {
            Mark::Letter(letter) => letter,
            Mark::Number(_) => {
                last.remove(&list);
                continue;
            }
            _ => continue,
        };
        let Some(before) = last.insert(list, letter) else {
            continue;
        };
        let missing: Vec<String> = (before..letter).skip(1).map(|l| format!("{l})")).collect();
        let reason = match missing.as_slice() {
            [one] => format!("sub-step {one} is missing before {letter})"),
            [_, ..] if missing.len() <= SKIPPED => {
                format!(
                    "sub-steps {} are missing before {letter})",
                    missing.join(", ")
                )
            }
            _ => continue,
        };
        report.add("step-missing", item, &format!("{letter})"), reason);
    }
}

/// Letters left out between two, beyond which they do not count one list.
const SKIPPED: usize = 4;

fn marks(item: &Item, before: Option<&Item>, report: &mut Report<'_>) {
    if item.kind == Kind::EmptyBullet {
        report.add("empty-bullet", item, "", "a bullet without text".to_owned());
    }
    if item.bullets > 1 {
        report.add(
            "bullets-mixed",
            item,
            &item.text,
            "two marks stand before the text".to_owned(),
        );
    }
    if item.kind == Kind::Statement && item.mark == Mark::Bullet {
        report.add(
            "step-without-number",
            item,
            &item.text,
            "a bullet without a number states something".to_owned(),
        );
    }
    let stem = item.kind == Kind::Stem && words::ends_with_keyword(&item.text);
    if stem && matches!(item.mark, Mark::Number(_)) {
        report.add(
            "stem-only-step",
            item,
            &item.text,
            format!("step {} says nothing but whose duty follows", item.step),
        );
    }
    let inside = before.is_some_and(|b| b.list == item.list && b.kind == Kind::Statement)
        && item.mark == Mark::Bullet;
    let trailing = item.kind == Kind::Statement && words::ends_with_keyword(&item.text);
    if (stem && inside) || trailing {
        report.add(
            "stem-repeated",
            item,
            &item.text,
            "the steps after it have their keyword from here only".to_owned(),
        );
    }
}

/// A step that breaks off at the end of its list, or in a colon without anything under it.
fn ends(text: &Text<'_>, item: &Item, next: Option<&Item>, report: &mut Report<'_>) {
    let stepped = matches!(
        item.mark,
        Mark::Number(_) | Mark::Letter(_) | Mark::Roman(_)
    );
    if item.kind != Kind::Statement || !stepped {
        return;
    }
    let list = item.list.map(|list| &text.structure.lists[list]);
    let alone = list.is_some_and(|list| list.stem.is_empty() && !list.trigger.is_empty());
    if alone && item.mark == Mark::Number(1) {
        report.add(
            "step-alone",
            item,
            &item.text,
            "step 1 has its own condition, and no sentence opens its list".to_owned(),
        );
    }
    let goes_on = next.is_some_and(|next| {
        next.list == item.list && next.list.is_some() && next.mark != Mark::None
    });
    if !goes_on && let Some(found) = BREAKS_OFF.find(&item.text) {
        let end = found.as_str().trim();
        report.add(
            "ends-in-and",
            item,
            &item.text,
            format!("the last step of its list ends in `{end}`"),
        );
    }
    let colon = item.text.trim_end().trim_end_matches('-').ends_with(':');
    let deeper = next.is_some_and(|next| match &item.mark {
        Mark::Number(_) => matches!(next.mark, Mark::Letter(_) | Mark::Bullet | Mark::Roman(_)),
        _ => matches!(next.mark, Mark::Bullet | Mark::Roman(_)),
    });
    if colon && !deeper {
        report.add(
            "ends-in-colon",
            item,
            &item.text,
            "nothing follows the colon".to_owned(),
        );
    }
}

fn joins(item: &Item, before: Option<&Item>, report: &mut Report<'_>) {
    let first = item.mark == Mark::Letter('a') && item.kind == Kind::Statement;
    let Some(before) = before.filter(|before| first && matches!(before.mark, Mark::Number(_)))
    else {
        return;
    };
    if !LEADS.is_match(before.text.trim_end()) {
        report.add(
            "substeps-unjoined",
            item,
            &item.text,
            format!("step {} does not lead to its sub-steps", before.step),
        );
    }
}

fn notes(text: &Text<'_>, report: &mut Report<'_>) {
    let mut last: BTreeMap<Option<usize>, u32> = BTreeMap::new();
    for item in &text.structure.items {
        let Kind::Note(false, Some(number)) = item.kind else {
            continue;
        };
        let expected = last.get(&item.subclause).copied().unwrap_or_default() + 1;
        if number != expected {
            report.add(
                "note-numbering",
                item,
                &format!("NOTE {number}"),
                format!("it would be note {expected} of its subclause"),
            );
        }
        last.insert(item.subclause, number);
    }
}

fn repeated(text: &Text<'_>, report: &mut Report<'_>) {
    let mut seen: BTreeMap<(usize, String), String> = BTreeMap::new();
    for item in text
        .structure
        .items
        .iter()
        .filter(|item| item.kind == Kind::Statement)
    {
        let (Some(list), Some(found)) = (item.list, OBJECT.captures(&item.text)) else {
            continue;
        };
        let object = found[1].to_owned();
        if let Some(first) = seen.get(&(list, object.clone()))
            && *first != item.step
        {
            report.add(
                "requirement-repeated",
                item,
                &item.text,
                format!("step {first} demands a {object} as well"),
            );
        }
        seen.entry((list, object))
            .or_insert_with(|| item.step.clone());
    }
}
