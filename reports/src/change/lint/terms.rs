//! Terms in several spellings: hyphens, capitals, blanks at a slash, doubled letters; and one thing under two names.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::typing::untagged;
use super::{Report, Text, pattern};
use crate::change::statements::{Item, Kind};

static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[A-Za-z]{2,}\b"));
static SLASHED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b([A-Z][A-Za-z0-9]+) ?/ ?([A-Z][A-Za-z0-9]+)\b"));
static SUBSCRIBED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\bsubscri(?:be|bed|bing|ption|ptions) to (?:the )?([a-z]+ (?:state|status|information|list|data|event|events|presence))\b",
    )
});
/// Shortest word whose doubled letters and endings are compared.
const LONG: usize = 7;
/// Times that a term is written in capitals before small letters tell.
const USUAL: usize = 3;

/// The forms of each term, with how often and where first.
type Forms<'a> = BTreeMap<String, BTreeMap<String, (usize, usize, &'a Item)>>;

pub(super) fn check(text: &Text<'_>, report: &mut Report<'_>) {
    let mut forms = Forms::new();
    let mut hyphened: BTreeSet<String> = BTreeSet::new();
    for (order, item) in text.spoken().enumerate() {
        let words = untagged(item);
        let mut add = |key: String, form: &str| {
            let forms = forms.entry(key).or_default();
            forms.entry(form.to_owned()).or_insert((0, order, item)).0 += 1;
        };
        for (form, one, other) in pairs(&words) {
            let key = format!("{} {}", one.to_lowercase(), other.to_lowercase());
            if form.contains('-') {
                hyphened.insert(key.clone());
            }
            add(key, form);
        }
        for found in SLASHED.captures_iter(&words) {
            add(
                format!("{}/{}", &found[1], &found[2]).to_lowercase(),
                &found[0],
            );
        }
        for word in WORD.find_iter(&words).filter(|word| word.len() >= LONG) {
            let lower = word.as_str().to_lowercase();
            add(sounded(&lower), &lower);
        }
    }
    for (key, forms) in forms.iter().filter(|(_, forms)| forms.len() > 1) {
        let two = key.contains(' ');
        // Where nothing else tells, names and terms have their capitals.
        let most = forms.iter().max_by_key(|(form, (count, order, _))| {
            let capitals = form.chars().filter(|c| c.is_uppercase()).count();
            let registered = text.tables.headers.contains_key(form.as_str());
            (registered, *count, capitals, Reverse(*order))
        });
        let Some((usual, (count, ..))) = most else {
            continue;
        };
        for (form, (_, _, item)) in forms.iter().filter(|(form, _)| *form != usual) {
            let varies = !two || hyphened.contains(key) || acronym(form);
            // The registered spelling of an attribute is told as such.
            let attribute = key == "accept types" || key == "accept type";
            if (varies || (*count >= USUAL && lowered(usual, form))) && !attribute {
                report.suggest(
                    "spelling-varies",
                    item,
                    form,
                    format!("the text says `{usual}` elsewhere"),
                    format!("Write {usual}."),
                );
            }
        }
    }
    names(text, report);
}

/// Neighbouring words with the blank or the hyphen between them.
fn pairs(text: &str) -> Vec<(&str, &str, &str)> {
    let words: Vec<_> = WORD.find_iter(text).collect();
    let pair = |two: &[regex::Match<'_>]| {
        let (one, other) = (two[0].range(), two[1].range());
        let joined = matches!(&text[one.end..other.start], " " | "-");
        let before = &text[..one.start];
        // The end of `a-b-c` is no term of its own, and a sentence opens with a capital.
        let inner = before.ends_with('-');
        let opens = before.trim_end().is_empty() || before.trim_end().ends_with(['.', ':']);
        let lower = |at: usize| text[at..].chars().nth(1).is_some_and(char::is_lowercase);
        (joined && !inner && !(opens && lower(one.start)))
            .then(|| (&text[one.start..other.end], &text[one], &text[other]))
    };
    words.windows(2).filter_map(pair).collect()
}

/// A term that opens with an acronym, whose other word is a capital's by rule.
fn acronym(form: &str) -> bool {
    let first = form.split([' ', '-']).next().unwrap_or_default();
    let keyword = matches!(first, "MAY" | "MUST" | "AND" | "OR" | "IF" | "NOT");
    first.len() < 5 && !keyword && first.chars().all(char::is_uppercase)
}

/// Whether a term in capitals has lost the one of its second word.
fn lowered(usual: &str, form: &str) -> bool {
    let capital = |text: &str| text.starts_with(char::is_uppercase);
    let (Some((one, other)), Some((first, second))) = (usual.split_once(' '), form.split_once(' '))
    else {
        return false;
    };
    one == first && capital(one) && capital(other) && !capital(second)
}

/// A word with its doubled letters single, and one spelling of -ise and -our.
fn sounded(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    letters.dedup();
    let single: String = letters.into_iter().collect();
    let endings = [
        ("ising", "izing"),
        ("ised", "ized"),
        ("ise", "ize"),
        ("isation", "ization"),
    ];
    let single = single.replace("our", "or");
    let ending = endings.iter().find_map(|(british, american)| {
        Some(format!("{}{american}", single.strip_suffix(british)?))
    });
    ending.unwrap_or(single)
}

/// What is subscribed to, under two names in one subclause.
fn names(text: &Text<'_>, report: &mut Report<'_>) {
    let mut said: BTreeMap<usize, (String, String)> = BTreeMap::new();
    let stating = [Kind::Heading, Kind::Statement, Kind::Stem];
    for item in text.spoken().filter(|item| stating.contains(&item.kind)) {
        let Some(subclause) = item.subclause else {
            continue;
        };
        for found in SUBSCRIBED.captures_iter(&item.text) {
            let name = found[1].to_lowercase();
            match said.get(&subclause) {
                Some((first, form)) if *first != name => report.add(
                    "two-names",
                    item,
                    &found[1],
                    format!("what is subscribed to is called `{form}` before"),
                ),
                Some(_) => {}
                None => {
                    said.insert(subclause, (name, found[1].to_owned()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word_sound_alike_and_other_words_do_not() {
        assert_eq!(sounded("signalling"), sounded("signaling"));
        assert_eq!(sounded("authorise"), sounded("authorize"));
        assert_eq!(sounded("behaviour"), sounded("behavior"));
        assert_ne!(sounded("request"), sounded("requests"));
    }

    #[test]
    fn two_neighbours_are_a_pair_unless_a_hyphen_goes_before_or_a_sentence_opens() {
        assert!(pairs("Ad-hoc ").is_empty() && pairs("One. Ad-hoc, ").is_empty());
        let found: Vec<&str> = pairs("in the IM Server; on-going ones")
            .into_iter()
            .map(|p| p.0)
            .collect();
        assert_eq!(found, ["the IM", "IM Server", "on-going"]);
        assert!(lowered("Media Types", "Media types") && !lowered("Media Types", "media types"));
    }
}
