//! How like two wordings are: the bits of their similarity hashes, and the words shared with the catalogue's summary.

use std::collections::BTreeSet;
use std::fmt;

use clauses::fingerprint;

use super::groups::{Group, Unit};

/// Words that most sentences of a specification have.
const STOCK: [&str; 46] = [
    "a",
    "according",
    "an",
    "and",
    "are",
    "as",
    "be",
    "by",
    "described",
    "following",
    "for",
    "from",
    "has",
    "have",
    "if",
    "im",
    "in",
    "is",
    "it",
    "its",
    "may",
    "must",
    "not",
    "of",
    "on",
    "or",
    "procedures",
    "rules",
    "sets",
    "shall",
    "should",
    "sip",
    "specified",
    "such",
    "subclause",
    "that",
    "the",
    "then",
    "this",
    "to",
    "upon",
    "when",
    "where",
    "which",
    "will",
    "with",
];
/// Endings that verbs and plurals have, the longer ones first.
const ENDINGS: [&str; 8] = ["ations", "ation", "ing", "ies", "ed", "es", "s", "e"];
/// Bits that two unrelated sentences differ in, on average.
const UNRELATED: u32 = 32;

/// Fewest telling words of a summary that say something when a wording holds them.
const TELLING: usize = 3;
/// What holding all words of a summary weighs, in per cent of sharing all of both.
const HOLDING: u32 = 60;

/// Three measures of one pair of wordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Likeness {
    /// Differing bits of 64 of the old and the new wording.
    pub(super) bits: u32,
    /// Words that the new wording shares with the summary, in per cent of both.
    pub(super) shared: u32,
    /// Words of a clause's summary that the new wording has, in per cent of the summary; 0 where that is not asked.
    pub(super) held: u32,
}

impl Likeness {
    /// How like a paragraph is to a sentence, where that is at least `least`; a `near` one may say more than its summary.
    pub(super) fn of(unit: &Unit, group: &Group<'_>, near: bool, least: u32) -> Option<Self> {
        let like = Self {
            bits: (unit.simhash ^ group.simhash).count_ones(),
            shared: 100,
            held: 0,
        };
        // Words are counted only where they can decide.
        if like.weight() < least {
            return None;
        }
        let parts = group.parts.iter().filter(|_| near);
        let held = parts.map(|summary| held(&unit.words, summary)).max();
        let like = Self {
            shared: shared(&unit.words, &group.words),
            held: held.unwrap_or_default(),
            ..like
        };
        (like.weight() >= least).then_some(like)
    }

    /// How like a paragraph is to a summary, by their words alone.
    pub(super) fn of_words(unit: &Unit, summary: &BTreeSet<String>) -> Self {
        Self {
            bits: UNRELATED,
            shared: shared(&unit.words, summary),
            held: held(&unit.words, summary),
        }
    }

    /// All measures together, 0 (nothing in common) to 200 (the same).
    pub(super) fn weight(self) -> u32 {
        let bits = UNRELATED.saturating_sub(self.bits) * 100 / UNRELATED;
        bits + self.shared.max(self.held * HOLDING / 100)
    }
}

impl fmt::Display for Likeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bits, shared, held } = self;
        f.write_str("likeness: ")?;
        if *bits < UNRELATED {
            write!(f, "{bits} of 64 bits of the wording differ, ")?;
        }
        write!(f, "{shared} % of the words are those of the summary")?;
        if held > shared {
            write!(f, ", of which it has {held} %")?;
        }
        Ok(())
    }
}

/// The telling words of a text without their endings; `RFC 3261` is one word.
pub(super) fn words(text: &str) -> BTreeSet<String> {
    let plain = fingerprint::normalise(text).replace("rfc ", "rfc");
    let telling = plain
        .split(' ')
        .filter(|word| !word.is_empty() && !STOCK.contains(word));
    telling.map(|word| bare(word).to_owned()).collect()
}

fn bare(word: &str) -> &str {
    let long = |rest: &&str| rest.chars().count() >= 3;
    let cut = |end: &&str| word.strip_suffix(*end).filter(long);
    ENDINGS.iter().find_map(cut).unwrap_or(word)
}

/// Words that two texts share, in per cent of the words of both.
pub(super) fn shared(one: &BTreeSet<String>, other: &BTreeSet<String>) -> u32 {
    let both = one.intersection(other).count();
    let all = (one.len() + other.len()).max(1);
    u32::try_from(200 * both / all).unwrap_or_default()
}

/// Words of a summary that a text has, in per cent of the summary; nothing of one that hardly says anything.
fn held(text: &BTreeSet<String>, summary: &BTreeSet<String>) -> u32 {
    let both = text.intersection(summary).count();
    let held = u32::try_from(100 * both / summary.len().max(1)).unwrap_or_default();
    if summary.len() < TELLING { 0 } else { held }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_are_one_and_stock_words_say_nothing() {
        assert_eq!(
            words("1. SHALL include the headers, as RFC 3261 describes"),
            words("including a header [RFC3261] describing it")
        );
        assert!(words("The IM SHALL").is_empty());
    }

    #[test]
    fn sharing_is_measured_from_nothing_to_all() {
        let of = |one, other| shared(&words(one), &words(other));
        assert_eq!(of("answers twice", "answer twice"), 100);
        assert_eq!(of("open doors", "open windows"), 50);
        assert_eq!(of("doors", "windows"), 0);
        assert_eq!(of("", ""), 0);
    }

    #[test]
    fn a_longer_wording_holds_a_summary_that_says_something() {
        let of = |text, summary| held(&words(text), &words(summary));
        assert_eq!(
            of(
                "open every door of the house at noon",
                "open the doors at noon"
            ),
            100
        );
        assert_eq!(of("open every door", "open windows, doors, gates"), 50);
        assert_eq!(of("open every door", "open doors"), 0);
    }
}
