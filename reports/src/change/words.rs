//! The words of a specification: keywords, actors, triggers, and the sentences that open a list.

use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

/// Force of a statement as printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub enum Keyword {
    #[serde(rename = "MAY")]
    May,
    #[serde(rename = "MUST")]
    Must,
    /// The statement itself has no keyword.
    #[default]
    #[serde(rename = "none")]
    None,
    #[serde(rename = "SHALL")]
    Shall,
    #[serde(rename = "SHOULD")]
    Should,
}

static KEYWORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(SHALL|MUST|SHOULD|MAY|shall)\b"));
static ACTOR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(IM History Function|IM Server performing the (?:Controlling|Participating)(?: IM)? Function|(?:IM|PoC|Conference|Presence) (?:Client|Server)|Participating IM Function|Controlling IM Function|SIP ?/ ?IP Core|XDMS|XDMC)\b",
    )
});
static TRIGGER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(upon|on (?:receipt|receiving|reception|expiry|request)|when|if|after|once|in case|as soon as|before|for the)\b",
    )
});
static IMS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^when the SIP ?/ ?IP Core corresponds"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

/// Places and values of the keywords of a text. Of the small ones only `shall` has force, as nobody says it else.
pub(super) fn keywords(text: &str) -> Vec<(usize, Keyword)> {
    let value = |word: &str| match word {
        "MUST" => Keyword::Must,
        "SHOULD" => Keyword::Should,
        "MAY" => Keyword::May,
        _ => Keyword::Shall,
    };
    KEYWORD
        .find_iter(text)
        .map(|found| (found.start(), value(found.as_str())))
        .collect()
}

pub(super) fn has_keyword(text: &str) -> bool {
    KEYWORD.is_match(text)
}

/// The actors that a text names, with their places, as printed.
pub(super) fn actors(text: &str) -> Vec<(usize, &str)> {
    ACTOR
        .find_iter(text)
        .map(|found| (found.start(), found.as_str()))
        .collect()
}

/// Whether a sentence begins with what makes it speak.
pub(super) fn is_trigger(text: &str) -> bool {
    TRIGGER.is_match(text.trim_start())
}

/// A sentence that only opens a list, or that states nothing beside opening it.
pub(super) fn opens_list(text: &str) -> bool {
    let bare = text.trim_end();
    if bare.is_empty() {
        return false;
    }
    let colon = bare.ends_with(':') || bare.ends_with(":-");
    let unfinished = is_trigger(bare) && bare.ends_with([',', ';']);
    colon || unfinished || ends_with_actor(bare) || ends_with_keyword(bare)
}

/// A step that only opens sub-steps; a colon alone may as well end one that states something.
pub(super) fn opens_steps(text: &str) -> bool {
    let conditional = is_trigger(text) && text.trim_end().ends_with(':');
    conditional || ends_with_actor(text) || ends_with_keyword(text)
}

/// `…, the IM Server` at the end, perhaps with `either` or a comma after it.
pub(super) fn ends_with_actor(text: &str) -> bool {
    let bare = text.trim_end_matches([':', '-', ',', ' ']);
    let bare = bare.strip_suffix(" either").unwrap_or(bare);
    actors(bare)
        .last()
        .is_some_and(|(at, actor)| at + actor.len() == bare.len())
}

/// A keyword with nothing after it: the stem of what follows.
pub(super) fn ends_with_keyword(text: &str) -> bool {
    let bare = text.trim_end_matches([':', '-', ' ']);
    KEYWORD
        .find_iter(bare)
        .last()
        .is_some_and(|found| found.end() == bare.len())
}

/// What makes a list speak: the stem without the actor at its end.
pub(super) fn trigger(stem: &str) -> String {
    let bare = stem.trim().trim_end_matches([':', '-', ',', ';', ' ']);
    let without = match ACTOR.find_iter(bare).last() {
        Some(found) if found.end() == bare.len() => {
            let before = bare[..found.start()].trim_end();
            let article = [" the", " The", " an", " An", "the", "The"];
            let cut = article.iter().find_map(|word| before.strip_suffix(word));
            cut.unwrap_or(before)
                .trim_end_matches([',', ' '])
                .to_owned()
        }
        _ => bare.to_owned(),
    };
    if is_trigger(&without) {
        without
    } else {
        String::new()
    }
}

/// The trigger of a sentence that states something itself: what stands before its subject.
pub(super) fn own_trigger(sentence: &str) -> String {
    if !is_trigger(sentence) {
        return String::new();
    }
    let end = keywords(sentence)
        .first()
        .map_or(sentence.len(), |(at, _)| *at);
    let before = &sentence[..end];
    let at = actors(before).last().map_or(end, |(at, _)| *at);
    let head = before[..at].trim_end();
    let head = head
        .strip_suffix("the")
        .or(head.strip_suffix("an"))
        .unwrap_or(head);
    head.trim_end_matches([',', ' ']).to_owned()
}

/// Short name of a list, for ids: `on-invite`, `on-200`, `client-sends`, `ims`, `general`.
pub(super) fn list_name(trigger: &str) -> String {
    if trigger.is_empty() {
        return "general".to_owned();
    }
    if IMS.is_match(trigger) {
        return "ims".to_owned();
    }
    let lower = trigger.to_lowercase();
    let exception = EXCEPTIONS
        .iter()
        .filter_map(|words| lower.find(words))
        .min();
    let whole = &lower[..exception.unwrap_or(lower.len())];
    let last = if exception.is_some() {
        "final-error"
    } else {
        "final"
    };
    let what = [
        ("re-invite", "reinvite"),
        ("final response", last),
        ("provisional response", "provisional"),
    ];
    let found = what
        .iter()
        .filter_map(|(phrase, name)| Some((whole.find(phrase)?, (*name).to_owned())))
        .chain(coded(whole))
        .min_by_key(|(at, _)| *at)
        .map(|(_, name)| name)
        .or_else(|| whole.contains("response").then(|| "response".to_owned()));
    let sends = ["sending", " sends", "generating"];
    match found {
        Some(what) if sends.iter().any(|word| lower.contains(word)) => {
            format!("when-sending-{what}")
        }
        Some(what) => format!("on-{what}"),
        None => format!("on-{}", significant(&lower)),
    }
}

/// What follows is what a list does not speak of.
const EXCEPTIONS: [&str; 3] = ["exception of", "other than", "except "];

/// Status codes and methods with their places.
fn coded(lower: &str) -> impl Iterator<Item = (usize, String)> + '_ {
    static CODED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b([1-6](?:\d\d|xx)|invite|message|subscribe|notify|refer|bye|register|update|options|publish|cancel|ack|expiry)\b",
        )
    });
    CODED
        .find_iter(lower)
        .map(|found| (found.start(), found.as_str().to_owned()))
}

/// The first three words that carry meaning.
fn significant(lower: &str) -> String {
    const EMPTY: [&str; 23] = [
        "the",
        "a",
        "an",
        "of",
        "to",
        "from",
        "when",
        "upon",
        "on",
        "in",
        "if",
        "for",
        "is",
        "and",
        "by",
        "receiving",
        "receipt",
        "im",
        "sip",
        "client",
        "server",
        "request",
        "where",
    ];
    let plain =
        |word: &str| -> String { word.chars().filter(char::is_ascii_alphanumeric).collect() };
    let words: Vec<String> = lower.split_whitespace().map(plain).collect();
    let telling = |word: &&String| !word.is_empty() && !EMPTY.contains(&word.as_str());
    let kept: Vec<&str> = words
        .iter()
        .filter(telling)
        .take(3)
        .map(String::as_str)
        .collect();
    match kept.is_empty() {
        true => "case".to_owned(),
        false => kept.join("-"),
    }
}

/// A mention of a subclause, an appendix or a chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// Number as printed, `xxx`, `7.x.y` and the like included; empty where only the title is given.
    pub(super) number: String,
    /// Title as printed; empty where none follows.
    pub(super) title: String,
    /// Place in the text, in octets.
    pub(super) at: usize,
}

static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r#"(?i:\b(?:sub-?clauses?|clause|section|chapter|appendix|annex|in(?: the)?|by|procedure)\s+)"#,
        r#"((?:[A-Z]|\d+)(?:\.(?:\d+|[xyzXYZ]+))+\b|[xX]+(?:\.[xX]+)*\b|[A-H]\b|\[[^\]]*(?:procedure|subclause)[^\]]*\])?"#,
        r#"\s*(?:[“"']{1,2}\s*([A-Z][^“”"]{3,90}?)\s*[”"']{1,2}(?:[\s.,;)]|$))?"#,
    ))
});

/// The subclauses that a text refers to, by number, by title, or both.
pub(super) fn references(text: &str) -> Vec<Reference> {
    let made = |found: regex::Captures<'_>| {
        let group = |index: usize| {
            found
                .get(index)
                .map_or(String::new(), |part| part.as_str().trim().to_owned())
        };
        let (number, title) = (group(1), group(2));
        let at = found.get(0)?.start();
        let word = found[0]
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_lowercase();
        let named = matches!(word.as_str(), "in" | "by" | "procedure");
        // `in 7.2.1` refers to a subclause; `in A` and `in "text"` do not.
        let kept = match named {
            true => number.contains('.'),
            false => !number.is_empty() || !title.is_empty(),
        };
        kept.then_some(Reference { number, title, at })
    };
    REFERENCE.captures_iter(text).filter_map(made).collect()
}

/// Letters and digits in lower case, a blank between words; for comparing titles.
pub(super) fn plain(text: &str) -> String {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_is_told_from_a_statement() {
        assert!(opens_list(
            "Upon receiving a SIP BYE request the IM Server:"
        ));
        assert!(opens_list("If the user agrees;"));
        assert!(opens_list("This describes modifying. The IM Server "));
        assert!(opens_list("the IM Client SHALL"));
        assert!(!opens_list("The IM Client SHALL answer the IM Server."));
    }

    #[test]
    fn lists_are_named_by_what_makes_them_speak() {
        assert_eq!(
            list_name("On receipt of an initial SIP INVITE request"),
            "on-invite"
        );
        assert_eq!(
            list_name("Upon receiving a SIP 200 \"OK\" response to the BYE"),
            "on-200"
        );
        assert_eq!(
            list_name("When sending a SIP NOTIFY"),
            "when-sending-notify"
        );
        assert_eq!(
            list_name("When sending a SIP 1xx response other than 100"),
            "when-sending-1xx"
        );
        assert_eq!(
            list_name("Upon receiving a SIP final response other than SIP 200"),
            "on-final-error"
        );
        assert_eq!(
            list_name("When the IM Client initiates a Session"),
            "on-initiates-session"
        );
        assert_eq!(
            list_name("When the SIP/IP Core corresponds with IMS"),
            "ims"
        );
        assert_eq!(list_name(""), "general");
    }

    #[test]
    fn a_trigger_ends_before_the_actor() {
        assert_eq!(
            trigger("Upon receiving a SIP BYE request, the IM Server:"),
            "Upon receiving a SIP BYE request"
        );
        assert_eq!(
            trigger(
                "When sending a SIP BYE request the IM Server performing the Controlling Function:"
            ),
            "When sending a SIP BYE request"
        );
        assert_eq!(
            own_trigger("Upon expiry of T the IM Server SHALL stop."),
            "Upon expiry of T"
        );
    }
}
