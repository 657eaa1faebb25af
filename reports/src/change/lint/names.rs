//! Names of headers, option tags, methods, responses, attributes and bodies, against the registries.

use std::sync::LazyLock;

use clauses::nearest::nearest;
use regex::Regex;

use super::{Report, Text, pattern};
use crate::change::statements::Item;

static HEADER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b([A-Z][A-Za-z]*(?:-[A-Za-z]+)*)[’”'\x22]?\s+header\b"));
static OPTION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"option[ -]tag\s+[“"'‘]*([A-Za-z0-9-]+)"#));
static STATUS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"\b([1-7]\d\d)\s+(?:[“"]([A-Za-z][^”"]{1,40})[”"]|\(([A-Za-z][^)]{1,40})\))"#)
});
static METHOD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\bSIP\s+([A-Z]{3,12})\s+(?:request|message|method)"));
static CAPITALS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[A-Z]{4,12}\b"));
static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\baccept[ -]types?\b"));
static BODY: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bMIME ([A-Za-z][\w+-]*) body"));
/// Words that stand before `header` and are no name of one.
const PLAIN: [&str; 13] = [
    "SIP", "MSRP", "MIME", "CPIM", "The", "This", "That", "Each", "A", "An", "No", "AND", "OR",
];

pub(super) fn check(text: &Text<'_>, report: &mut Report<'_>) {
    for item in text.spoken() {
        headers(text, item, report);
        options(text, item, report);
        responses(text, item, report);
        capitals(text, item, report);
        spellings(text, item, report);
    }
}

fn headers(text: &Text<'_>, item: &Item, report: &mut Report<'_>) {
    let known = &text.tables.headers;
    for found in HEADER.captures_iter(&item.text) {
        let name = &found[1];
        if known.contains_key(name) || PLAIN.contains(&name) {
            continue;
        }
        let same = known.keys().find(|known| known.eq_ignore_ascii_case(name));
        if let Some(same) = same {
            report.suggest(
                "attribute-spelling",
                item,
                &found[0],
                format!("`{name}` is registered as {same}"),
                format!("Write {same}."),
            );
            continue;
        }
        let meant = nearest(name, known.keys().map(String::as_str));
        let suggestion = match meant {
            Some(meant) => format!("Write {meant}."),
            None => "Use the registered name, or cite the document that defines it.".to_owned(),
        };
        let reason = format!("`{name}` is no registered header field");
        report.suggest("unknown-header", item, &found[0], reason, suggestion);
    }
}

fn options(text: &Text<'_>, item: &Item, report: &mut Report<'_>) {
    let known = &text.tables.option_tags;
    for found in OPTION.captures_iter(&item.text) {
        let tag = &found[1];
        match known.get(tag) {
            None => {
                let meant = nearest(tag, known.keys().map(String::as_str));
                let suggestion = meant.map_or("Use a registered tag.".to_owned(), |meant| {
                    format!("Write {meant}.")
                });
                report.suggest(
                    "unknown-option-tag",
                    item,
                    &found[0],
                    format!("`{tag}` is no registered option tag"),
                    suggestion,
                );
            }
            Some(option) => {
                let list = item.list.map(|list| &text.structure.lists[list]);
                let where_it_is =
                    format!("{} {}", list.map_or("", |list| &list.trigger), item.text);
                let Some(method) = &option.method else {
                    continue;
                };
                let other = text
                    .tables
                    .methods
                    .keys()
                    .find(|other| *other != method && where_it_is.contains(other.as_str()));
                if let (Some(other), false) = (other, where_it_is.contains(method.as_str())) {
                    report.add(
                        "option-tag-misplaced",
                        item,
                        tag,
                        format!("it concerns {method} (RFC {}), not {other}", option.rfc),
                    );
                }
            }
        }
    }
}

fn responses(text: &Text<'_>, item: &Item, report: &mut Report<'_>) {
    for found in STATUS.captures_iter(&item.text) {
        let code: u32 = found[1].parse().unwrap_or_default();
        let said = found
            .get(2)
            .or(found.get(3))
            .map_or("", |phrase| phrase.as_str())
            .trim();
        match text.tables.status.get(&code) {
            None => report.add(
                "unknown-status",
                item,
                &found[0],
                format!("no response has the code {code}"),
            ),
            Some(phrase) if !phrase.eq_ignore_ascii_case(said) => {
                report.suggest(
                    "unknown-status",
                    item,
                    &found[0],
                    format!("the phrase of {code} is \"{phrase}\""),
                    format!("Write {code} \"{phrase}\"."),
                );
            }
            Some(_) => {}
        }
    }
}

/// A word in capitals that is almost a method or another known name.
fn capitals(text: &Text<'_>, item: &Item, report: &mut Report<'_>) {
    let methods = || text.tables.methods.keys().map(String::as_str);
    let others = &text.tables.names.capitals;
    let called: Vec<&str> = METHOD
        .captures_iter(&item.text)
        .filter_map(|found| Some(found.get(1)?.as_str()))
        .collect();
    let alone = CAPITALS.find_iter(&item.text);
    for found in alone.filter(|found| !is_part(&item.text, found.range())) {
        let word = found.as_str();
        if methods().any(|known| known == word) || others.iter().any(|known| known == word) {
            continue;
        }
        let sorted = |word: &str| {
            let mut letters: Vec<char> = word.chars().collect();
            letters.sort_unstable();
            letters
        };
        let alike =
            |known: &&str| sorted(known) == sorted(word) || super::typing::one_edit(known, word);
        let method = methods().find(alike).filter(|known| known.len() > 4);
        let other = others
            .iter()
            .map(String::as_str)
            .find(|known| sorted(known) == sorted(word));
        if let Some(meant) = method {
            report.suggest(
                "unknown-method",
                item,
                word,
                format!("`{word}` is no method"),
                format!("Write {meant}."),
            );
        } else if called.contains(&word) {
            report.add(
                "unknown-method",
                item,
                word,
                format!("`{word}` is no method"),
            );
        } else if let Some(meant) = other {
            report.suggest(
                "near-miss",
                item,
                word,
                format!("`{word}` is meant to be {meant}"),
                format!("Write {meant}."),
            );
        }
    }
}

/// Whether a word stands in a name with hyphens, such as `MAX-GUESTS`; `re-INVITE` is none.
fn is_part(text: &str, word: std::ops::Range<usize>) -> bool {
    let joined = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    let before = text[..word.start].strip_suffix('-');
    let after = text[word.end..].strip_prefix('-');
    before.is_some_and(|text| text.ends_with(joined))
        || after.is_some_and(|text| text.starts_with(joined))
}

fn spellings(text: &Text<'_>, item: &Item, report: &mut Report<'_>) {
    for found in ATTRIBUTE
        .find_iter(&item.text)
        .filter(|found| found.as_str() != "accept-types")
    {
        report.suggest(
            "attribute-spelling",
            item,
            found.as_str(),
            "the attribute of RFC 4975 is accept-types".to_owned(),
            "Write accept-types.".to_owned(),
        );
    }
    let bodies = &text.tables.names.bodies;
    for found in BODY.captures_iter(&item.text) {
        let name = &found[1];
        if bodies.keys().any(|known| known.eq_ignore_ascii_case(name)) {
            continue;
        }
        if let Some(meant) = nearest(name, bodies.keys().map(String::as_str)) {
            report.suggest(
                "attribute-spelling",
                item,
                &found[0],
                format!("the body is {meant} ({})", bodies[meant]),
                format!("Write {meant}, and name the type {}.", bodies[meant]),
            );
        }
    }
}
