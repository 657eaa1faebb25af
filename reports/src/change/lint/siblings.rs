//! Headings beside others: of the same role in the specification, and of the same parent.

use std::collections::{BTreeMap, BTreeSet};

use super::{Report, Text};
use crate::change::align;
use crate::change::statements::{Item, Kind};

/// Fewest words that two titles have to share before one that only one of them has tells.
const SHARED: usize = 3;
/// Number, title, and the title's words.
type Titled = (String, String, Vec<String>);
/// Siblings with which a title is compared.
const NEAR: usize = 50;

pub(super) fn check(text: &Text<'_>, report: &mut Report<'_>) {
    let headings: Vec<&Item> = text
        .structure
        .items
        .iter()
        .filter(|item| item.kind == Kind::Heading)
        .collect();
    chapters(text, &headings, report);
    titles(text, &headings, report);
}

/// Procedures of one role under several chapters, by the areas of the catalogue's clauses.
fn chapters(text: &Text<'_>, headings: &[&Item], report: &mut Report<'_>) {
    let mut known: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for clause in text.catalogue.iter().filter(|clause| !clause.supporting) {
        let number = align::number_of(clause);
        let places = known.entry(role(&clause.area)).or_default();
        places.entry(chapter(number)).or_insert(number);
    }
    let mut roles: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in text.alignment {
        let statement = one.statement.map(|index| &text.structure.statements[index]);
        let clause = one.clause.as_ref().and_then(|id| text.catalogue.get(id));
        if let (Some(statement), Some(clause)) = (statement, clause) {
            let roles = roles.entry(statement.subclause.as_str()).or_default();
            roles.insert(role(&clause.area));
        }
    }
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for item in headings {
        let number = text.subclause(item);
        for role in roles.get(number.as_str()).into_iter().flatten() {
            let other = known[role]
                .iter()
                .find(|(other, _)| **other != chapter(&number));
            if let Some((other, place)) = other
                && told.insert(role)
            {
                report.add(
                    "numbering-systems",
                    item,
                    &format!("{number} {}", item.text),
                    format!("the specification has `{role}` under {other} too, such as {place}"),
                );
            }
        }
    }
}

/// `client.originating` of `client.originating.leave`.
fn role(area: &str) -> &str {
    let end = area.match_indices('.').nth(1);
    end.map_or(area, |(at, _)| &area[..at])
}

/// `7.2` of `7.2.1.1`.
fn chapter(number: &str) -> &str {
    role(number)
}

/// Titles under one parent that differ in their first word and in one that only one of them has.
fn titles(text: &Text<'_>, headings: &[&Item], report: &mut Report<'_>) {
    let mut seen: BTreeMap<Option<String>, Vec<Titled>> = BTreeMap::new();
    for item in headings {
        let number = text.subclause(item);
        let words: Vec<String> = item
            .text
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        let siblings = seen.entry(parent(&number)).or_default();
        for (other, title, known) in siblings.iter().rev().take(NEAR) {
            if let Some(word) = extra(known, &words).or_else(|| extra(&words, known)) {
                report.add(
                    "titles-unlike",
                    item,
                    &item.text,
                    format!("{other} \"{title}\" is built alike, and only one has `{word}`"),
                );
            }
        }
        siblings.push((number, item.text.clone(), words));
    }
}

fn parent(number: &str) -> Option<String> {
    number.rsplit_once('.').map(|(parent, _)| parent.to_owned())
}

/// The word that the longer title has more, apart from the first word of each.
fn extra<'a>(short: &[String], long: &'a [String]) -> Option<&'a str> {
    let (one, short) = short.split_first()?;
    let (other, long) = long.split_first()?;
    let same = short
        .iter()
        .zip(long)
        .take_while(|(one, other)| one == other)
        .count();
    let word = long.get(same)?;
    let fits = one != other && short.len() >= SHARED && long[same + 1..] == short[same..];
    fits.then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_more_is_told_and_another_title_is_not() {
        let words = |title: &str| -> Vec<String> { title.split(' ').map(str::to_owned).collect() };
        let of = |short, long| extra(&words(short), &words(long)).map(str::to_owned);
        assert_eq!(
            of("red door key box", "blue door spare key box"),
            Some("spare".to_owned())
        );
        assert_eq!(of("red door key box", "blue door key box"), None);
        assert_eq!(of("red door key box", "red door spare key box"), None);
        assert_eq!(of("red door", "blue spare door"), None);
        assert_eq!(
            (role("a.b.c"), role("a"), chapter("7.2.1.1")),
            ("a.b", "a", "7.2")
        );
    }
}
