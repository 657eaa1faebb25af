//! References to subclauses and appendices, text that is only announced, and open questions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::{Report, Text, pattern};
use crate::change::align;
use crate::change::statements::{Item, Kind};
use crate::change::words::{self, Reference};

static PLACEHOLDER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|\.)[xyzXYZ]+(?:\.|$)|^\[|\?|(?i)^(?:tbd|ffs)$"));
static OPEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\?\?|(?i)\b(?:tbd|ffs|for further study|still missing|should be corrected|will be added|add reference)\b",
    )
});
static ABSENT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^see (?:CR\s?\d|contribution|document)"));
/// What nobody says in a finished statement.
static UNDECIDED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?:TBD|TBC|FFS|(?i:for further study|to be (?:defined|decided)))\b")
});
/// What stands before the reference when it leads into another document.
static FOREIGN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:\b(?:TS|TR|RFC)\s?[\d.]+|\]),?\s*(?:in\s+)?$"));

pub(super) fn check(text: &Text<'_>, report: &mut Report<'_>) {
    let mut known: BTreeSet<String> = text
        .structure
        .subclauses
        .iter()
        .map(|s| s.number.clone())
        .collect();
    known.extend(
        text.catalogue
            .iter()
            .filter(|clause| !clause.supporting)
            .map(|clause| align::number_of(clause).to_owned()),
    );
    let titles: BTreeMap<String, String> = text
        .structure
        .subclauses
        .iter()
        .map(|s| (words::plain(&s.title), s.number.clone()))
        .collect();
    let mut numbers = numbers_of_titles(text);
    for item in text.spoken() {
        for found in words::references(&item.text) {
            if FOREIGN.is_match(&item.text[..found.at]) {
                continue;
            }
            target(item, &found, &known, &titles, report);
            several(item, &found, &mut numbers, report);
        }
        open(text, item, report);
    }
}

fn target(
    item: &Item,
    found: &Reference,
    known: &BTreeSet<String>,
    titles: &BTreeMap<String, String>,
    report: &mut Report<'_>,
) {
    let quote = match (found.number.is_empty(), found.title.is_empty()) {
        (true, _) => format!("\"{}\"", found.title),
        (_, true) => found.number.clone(),
        _ => format!("{} \"{}\"", found.number, found.title),
    };
    if PLACEHOLDER.is_match(&found.number) && !known.contains(&found.number) {
        report.add(
            "placeholder-reference",
            item,
            &quote,
            format!("`{}` stands for a number", found.number),
        );
    } else if found.number.is_empty() {
        let suggestion = match titles.get(&words::plain(&found.title)) {
            Some(number) => format!("Refer to {number}."),
            None => {
                "Give its number; neither the document nor the catalogue has this title.".to_owned()
            }
        };
        report.suggest(
            "title-only-reference",
            item,
            &quote,
            "only a title is given".to_owned(),
            suggestion,
        );
    } else if !known.contains(&found.number) {
        report.add(
            "dangling-reference",
            item,
            &quote,
            format!(
                "neither this document nor the catalogue has {}",
                found.number
            ),
        );
    }
}

/// Titles with the numbers under which the catalogue's clauses refer to them.
fn numbers_of_titles(text: &Text<'_>) -> BTreeMap<String, (String, String)> {
    let mut numbers = BTreeMap::new();
    for clause in text.catalogue.iter() {
        for printed in &clause.references {
            let printed = format!("subclause {printed}");
            for found in words::references(&printed).into_iter().filter(numbered) {
                let whose = format!("{} refers to it", clause.id);
                numbers
                    .entry(key(&found.title))
                    .or_insert((found.number, whose));
            }
        }
    }
    numbers
}

fn numbered(found: &Reference) -> bool {
    let digits = found.number.contains(|c: char| c.is_ascii_digit());
    digits && !found.title.is_empty() && words::plain(&found.title) != "general"
}

/// A title without its articles, for comparing.
fn key(title: &str) -> String {
    let plain = words::plain(title);
    plain
        .split(' ')
        .filter(|word| !matches!(*word, "the" | "a" | "an"))
        .collect::<Vec<_>>()
        .join(" ")
}

fn several(
    item: &Item,
    found: &Reference,
    numbers: &mut BTreeMap<String, (String, String)>,
    report: &mut Report<'_>,
) {
    if !numbered(found) {
        return;
    }
    match numbers.get(&key(&found.title)) {
        Some((other, whose)) if *other != found.number => {
            let quote = format!("{} \"{}\"", found.number, found.title);
            report.add(
                "one-target-many-numbers",
                item,
                &quote,
                format!("elsewhere the number is {other}: {whose}"),
            );
        }
        Some(_) => {}
        None => {
            let whose = format!("line {} refers to it", item.line);
            numbers.insert(key(&found.title), (found.number.clone(), whose));
        }
    }
}

fn open(text: &Text<'_>, item: &Item, report: &mut Report<'_>) {
    let open = match item.kind {
        Kind::Remark => &OPEN,
        _ => &UNDECIDED,
    };
    if let Some(found) = open.find(&item.text) {
        report.add(
            "open-issue",
            item,
            &item.text,
            format!("`{}` leaves something open", found.as_str()),
        );
    }
    if item.kind != Kind::Remark {
        return;
    }
    if ABSENT.is_match(&item.text) {
        let title = item
            .subclause
            .map(|index| &text.structure.subclauses[index].title);
        let what = title
            .map(|title| format!("the text of \"{title}\""))
            .unwrap_or_else(|| "the text".to_owned());
        report.add(
            "absent-text",
            item,
            &item.text,
            format!("{what} is in another document"),
        );
    }
}
