//! Headings and their numbers, titles, and the banners between changes.

use std::collections::BTreeMap;

use super::{Report, Text};
use crate::change::align;
use crate::change::statements::{Item, Kind};
use crate::change::words;

pub(super) fn check(text: &Text<'_>, report: &mut Report<'_>) {
    let headings: Vec<(usize, &Item)> = text
        .structure
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.kind == Kind::Heading)
        .collect();
    placeholders(text, &headings, report);
    elsewhere(text, &headings, report);
    titles(text, &headings, report);
    triggers(text, report);
    banners(text, report);
}

fn placeholders(text: &Text<'_>, headings: &[(usize, &Item)], report: &mut Report<'_>) {
    for (_, item) in headings {
        let Some(subclause) = item
            .subclause
            .map(|index| &text.structure.subclauses[index])
        else {
            continue;
        };
        if subclause.printed.contains(['?', 'x', 'X']) {
            let suggestion = match subclause.number != subclause.printed {
                true => format!(
                    "The text refers to this title as {}; print that number.",
                    subclause.number
                ),
                false => "Give the number that it has in the specification.".to_owned(),
            };
            report.suggest(
                "heading-unnumbered",
                item,
                &subclause.printed,
                format!("`{}` is no number", subclause.printed),
                suggestion,
            );
        }
    }
    for pair in headings.windows(2) {
        let [(at, upper), (next, lower)] = pair else {
            continue;
        };
        let (parent, child) = (text.subclause(upper), text.subclause(lower));
        let depth = |number: &str| number.split('.').count();
        let under = child.starts_with(&format!("{parent}."));
        if next - at == 1 && depth(&child) > depth(&parent) && !under && !parent.is_empty() {
            report.add(
                "heading-parent",
                lower,
                &child,
                format!("{child} stands under the heading {parent}"),
            );
        }
    }
}

/// A number that the edition has for another text.
fn elsewhere(text: &Text<'_>, headings: &[(usize, &Item)], report: &mut Report<'_>) {
    let mut homes: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for clause in text.catalogue.iter().filter(|clause| !clause.supporting) {
        homes
            .entry(align::number_of(clause))
            .or_default()
            .insert(clause.subclause(), 0);
    }
    for one in text.alignment.iter().filter(|one| one.statement.is_some()) {
        let Some(clause) = one.clause.as_ref().and_then(|id| text.catalogue.get(id)) else {
            continue;
        };
        let homes = homes.entry(align::number_of(clause)).or_default();
        *homes.entry(clause.subclause()).or_default() += 1;
    }
    for (_, item) in headings {
        let number = text.subclause(item);
        let known = homes.get(number.as_str()).into_iter().flatten();
        for (home, _) in known.filter(|(_, count)| **count == 0) {
            let title = text.catalogue.title(home).unwrap_or_default();
            // The very subclause, in words that are all new.
            if words::plain(title) == words::plain(&item.text) {
                continue;
            }
            let whose = home
                .split_once(':')
                .map(|(request, _)| format!(" of change request {request}"))
                .unwrap_or_default();
            report.add(
                "number-elsewhere",
                item,
                &format!("{number} {}", item.text),
                format!("the specification has {number} for \"{title}\"{whose} too"),
            );
        }
    }
}

fn titles(text: &Text<'_>, headings: &[(usize, &Item)], report: &mut Report<'_>) {
    let mut known: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut titled: BTreeMap<String, String> = BTreeMap::new();
    for (_, item) in headings {
        let number = text.subclause(item);
        let key = words::plain(&item.text);
        if let Some(first) = titled.get(&key)
            && key != "general"
        {
            report.add(
                "title-repeated",
                item,
                &item.text,
                format!("{first} has this title too"),
            );
        }
        titled.entry(key).or_insert_with(|| number.clone());
        known.insert(number, (spaced(&item.text), "the heading".to_owned()));
    }
    for item in text.spoken() {
        for found in words::references(&item.text) {
            let numbered = found.number.contains(|c: char| c.is_ascii_digit());
            if !numbered || found.title.is_empty() {
                continue;
            }
            let title = spaced(&found.title);
            match known.get(&found.number) {
                Some((other, whose)) if *other != title => {
                    report.add(
                        "title-differs",
                        item,
                        &format!("{} \"{}\"", found.number, found.title),
                        format!("{whose} says \"{other}\""),
                    );
                }
                Some(_) => {}
                None => {
                    known.insert(
                        found.number,
                        (title, format!("the reference in line {}", item.line)),
                    );
                }
            }
        }
    }
}

fn spaced(title: &str) -> String {
    title
        .to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Two subclauses whose first lists open with the same words.
fn triggers(text: &Text<'_>, report: &mut Report<'_>) {
    let mut first: BTreeMap<usize, &crate::change::List> = BTreeMap::new();
    for list in &text.structure.lists {
        if let Some(subclause) = list.subclause {
            first.entry(subclause).or_insert(list);
        }
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (subclause, list) in first {
        let key = words::plain(&list.stem);
        if list.trigger.is_empty() || list.stem.is_empty() {
            continue;
        }
        match seen.get(&key) {
            Some(other) => {
                let item = text
                    .structure
                    .items
                    .iter()
                    .find(|item| item.line == list.line);
                let other = &text.structure.subclauses[*other].number;
                if let Some(item) = item {
                    report.add(
                        "trigger-repeated",
                        item,
                        &list.stem,
                        format!("{other} opens with the same words"),
                    );
                }
            }
            None => {
                seen.insert(key, subclause);
            }
        }
    }
}

fn banners(text: &Text<'_>, report: &mut Report<'_>) {
    let ordinals = &text.tables.names.ordinals;
    for item in text
        .structure
        .items
        .iter()
        .filter(|item| item.kind == Kind::Banner)
    {
        if item.text.to_lowercase().contains("(optional)") {
            report.add(
                "banner-misspelt",
                item,
                &item.text,
                "the form's own words were left in".to_owned(),
            );
        }
        for word in item
            .text
            .split(|c: char| !c.is_ascii_alphabetic())
            .filter(|word| word.len() > 4)
        {
            let upper = word.to_uppercase();
            if ordinals.contains(&upper) || upper == "CHANGE" {
                continue;
            }
            if let Some(meant) =
                clauses::nearest::nearest(&upper, ordinals.iter().map(String::as_str))
            {
                report.add(
                    "banner-misspelt",
                    item,
                    word,
                    format!("`{word}` is meant to be {meant}"),
                );
            }
        }
    }
}
