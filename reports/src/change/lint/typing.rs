//! Slips of typing: words, articles, quotation marks and punctuation.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::{Report, Text, pattern};
use crate::change::statements::Item;

static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[A-Za-z]+(?:-[A-Za-z]+)*\b"));
static JOINED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?:SIP|MSRP)\d{3}\b|\b[a-z]{3,}[A-Z]{4,}\b|\d[”\x22][A-Za-z]|\d\x22[A-Z]")
});
static ARTICLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:an (?:[bcdfgjklmnpqrtvwxyz][a-z]+|[BCDFGJKLPQTVWZ][a-z]+|One)\b|a (?:IM |(?:[aei]|o[a-mo-z])[a-z]+|[AEI][a-z]+|O[a-mo-z][a-z]+))",
    )
});
static QUOTES: LazyLock<Regex> = LazyLock::new(|| {
    pattern("''\\w+''|“[^“”\"]{1,60}\"|\"[^“”\"]{1,60}”|‘[^’‘'”]{1,40}'|'[^’‘' ]{1,40}’")
});
static PUNCTUATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\.;|[^.]\.\.(?:$|[^.])|\band ,|\b\w{4,}\. (?:send|set|include|the|add)\b|:-\s*$")
});
static TAG: LazyLock<Regex> = LazyLock::new(|| pattern(r"\[[^\]\[]{2,80}\]"));
static NEGATED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:don|doesn|didn)[’']t [a-z]+[^s\W]s\b|\b(?:the (?:a|an|all|each|every|the)|an? (?:the|a|an))\b|\b(?:is|are) (?:presence|absence|difference|dependence|relevance|compliance)(?:[,;.]|$| and\b| or\b)",
    )
});

pub(super) fn check(text: &Text<'_>, report: &mut Report<'_>) {
    let rules: [(&str, &Regex, &str); 5] = [
        ("words-run-together", &JOINED, "two words without a blank"),
        ("article", &ARTICLE, "the article does not fit"),
        (
            "quotes",
            &QUOTES,
            "the quotation marks do not match, or are doubled apostrophes",
        ),
        (
            "punctuation",
            &PUNCTUATION,
            "punctuation that belongs to no sentence",
        ),
        ("near-miss", &NEGATED, "the words do not fit each other"),
    ];
    for item in text.spoken() {
        for (rule, pattern, reason) in rules {
            for found in pattern.find_iter(&item.text) {
                report.add(rule, item, found.as_str().trim(), reason.to_owned());
            }
        }
    }
    near(text, report);
}

/// The text without its references, whose spelling is judged elsewhere.
pub(super) fn untagged(item: &Item) -> std::borrow::Cow<'_, str> {
    TAG.replace_all(&item.text, "[]")
}

/// Words that occur once and are one edit away from a usual one.
fn near(text: &Text<'_>, report: &mut Report<'_>) {
    let mut counts: HashMap<String, (usize, Option<&Item>)> = HashMap::new();
    for item in text.spoken() {
        for found in WORD
            .find_iter(&untagged(item))
            .filter(|found| found.len() > 5 && found.as_str().chars().any(char::is_lowercase))
        {
            let entry = counts
                .entry(found.as_str().to_lowercase())
                .or_insert((0, None));
            *entry = (entry.0 + 1, entry.1.or(Some(item)));
        }
    }
    let mut shorter: HashMap<String, Vec<&str>> = HashMap::new();
    for (word, (count, _)) in &counts {
        if *count > 1 {
            for cut in cuts(word) {
                shorter.entry(cut).or_default().push(word);
            }
        }
    }
    let mut rare: Vec<(&String, &Item)> = counts
        .iter()
        .filter(|(word, _)| !text.tables.names.words.contains(*word))
        .filter_map(|(word, (count, item))| Some((word, (*item).filter(|_| *count == 1)?)))
        .collect();
    rare.sort_by_key(|(word, item)| (item.line, *word));
    for (word, item) in rare {
        let mut usual: Vec<&str> = cuts(word)
            .iter()
            .filter_map(|cut| shorter.get(cut))
            .flatten()
            .copied()
            .collect();
        usual.sort_unstable();
        if let Some(usual) = usual
            .into_iter()
            .find(|usual| one_edit(usual, word) && !inflected(usual, word))
        {
            report.suggest(
                "near-miss",
                item,
                word,
                format!("the text says `{usual}` elsewhere"),
                format!("Write {usual}, if that is meant."),
            );
        }
    }
}

/// A word and what is left when one letter is taken out; two words with one in common are at most two edits apart.
fn cuts(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().take(40).collect();
    let without = |at: usize| {
        letters
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != at)
            .map(|(_, c)| *c)
            .collect()
    };
    (0..letters.len())
        .map(without)
        .chain(std::iter::once(word.to_owned()))
        .collect()
}

/// Whether one letter put in, taken out, changed, or changed places with its neighbour makes the other word.
pub(super) fn one_edit(one: &str, other: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let ends = |x: &[char], y: &[char]| x == y;
    match a.len() as isize - b.len() as isize {
        0 if a.is_empty() => false,
        0 => {
            ends(&a[1..], &b[1..])
                || (a.len() > 1 && a[0] == b[1] && a[1] == b[0] && ends(&a[2..], &b[2..]))
        }
        1 => ends(&a[1..], b),
        -1 => ends(a, &b[1..]),
        _ => false,
    }
}

/// Forms of one word: they differ in their ends only.
fn inflected(one: &str, other: &str) -> bool {
    let start = one
        .chars()
        .zip(other.chars())
        .take_while(|(x, y)| x == y)
        .count();
    let rest = |word: &str| word.chars().skip(start).collect::<String>();
    let (one, other) = (rest(one), rest(other));
    let ending = |text: &str| text.chars().all(|c| "sderyngt".contains(c));
    one.len() <= 3 && other.len() <= 3 && ending(&one) && ending(&other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_edit_is_a_slip_and_two_are_another_word() {
        assert!(
            one_edit("invite", "inivte")
                && one_edit("eighth", "eigth")
                && one_edit("ad-hoc", "ad-hok")
        );
        assert!(!one_edit("invite", "invite") && !one_edit("invite", "divine"));
        assert!(inflected("stored", "stores") && !inflected("ad-hoc", "ad-hok"));
    }
}
