//! Cuts a paragraph into its statements: one a keyword, and those that go without one.

use std::sync::LazyLock;

use regex::Regex;

use crate::change::words::{self, Keyword};

/// A statement within a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) keyword: Keyword,
    pub(super) text: String,
}

/// What is done when a check fails, without a keyword of its own.
static REFUSAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:and )?if not,?\s+(?:then\s+)?(?:it\s+)?(?:will\s+)?(?:perform|reject|refuse|return|respond|answer|send|release|ignore|discard)\b",
    )
});
static CHECK: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:check|validate|verify)\b"));
static CHECKED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\band (?:perform|reject|refuse|return|respond|answer|send|release)\b.*\b(?:if|when) (?:it|they|that \w+) (?:is|are|does|do|has|may|can) ?not\b",
    )
});
/// A second action of another kind than what the first puts into a message.
static SECOND: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\band (?:re-?start|start|stop)\b|\bby retrieving\b"));
static INSTEAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:otherwise,?|and) do not \w+|\botherwise,? (?:set|include|use|send|reject|return|perform|respond|add|remove|ignore)\b",
    )
});
/// A step number in the middle of a paragraph, run together with the step before.
static RUN_TOGETHER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[\pL)\]”’';,.]\s*((\d{1,2})\.\s+(?:SHALL|SHOULD|MAY|MUST)\b)"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

/// A paragraph cut where another step is printed inside it; the later parts with their number.
pub(in crate::change) fn run_together(text: &str) -> Vec<(Option<u32>, &str)> {
    let mut parts = Vec::new();
    let (mut from, mut number) = (0, None);
    for found in RUN_TOGETHER.captures_iter(text) {
        let Some(mark) = found.get(1) else { continue };
        parts.push((number, text[from..mark.start()].trim()));
        number = found[2].parse().ok();
        from = mark.start() + found[2].len() + 1;
    }
    parts.push((number, text[from..].trim()));
    parts
}

/// The statements of a paragraph; `stemmed` says that a stem gives force to words without a keyword.
pub(super) fn pieces(text: &str, stemmed: bool) -> Vec<Piece> {
    let mut keywords = words::keywords(text);
    if words::ends_with_keyword(text) {
        keywords.pop();
    }
    let mut cuts: Vec<(usize, Keyword)> = Vec::new();
    match keywords.first() {
        None if stemmed => cuts.push((0, Keyword::None)),
        None => return Vec::new(),
        Some((at, _)) if stemmed && lacks_subject(&text[..*at]) => cuts.push((0, Keyword::None)),
        Some(_) => {}
    }
    for (index, (at, keyword)) in keywords.iter().enumerate() {
        let from = if index == 0 && cuts.is_empty() {
            0
        } else {
            boundary(text, *at)
        };
        cuts.push((from, *keyword));
    }
    let mut all = Vec::new();
    for (index, (from, keyword)) in cuts.iter().enumerate() {
        let to = cuts.get(index + 1).map_or(text.len(), |(at, _)| *at);
        let part = &text[(*from).min(to)..to];
        let mut inner: Vec<usize> = implied(part);
        inner.retain(|at| *at > 0);
        let first = inner.first().copied().unwrap_or(part.len());
        all.push(Piece {
            keyword: *keyword,
            text: tidy(&part[..first]),
        });
        for (nth, at) in inner.iter().enumerate() {
            let end = inner.get(nth + 1).copied().unwrap_or(part.len());
            all.push(Piece {
                keyword: Keyword::None,
                text: tidy(&part[*at..end]),
            });
        }
    }
    all
}

/// Places of statements without a keyword within a part that has at most one.
fn implied(part: &str) -> Vec<usize> {
    let mut at: Vec<usize> = Vec::new();
    at.extend(REFUSAL.find(part).map(|found| found.start()));
    if at.is_empty() && CHECK.is_match(part) {
        at.extend(CHECKED.find(part).map(|found| found.start()));
    }
    at.extend(SECOND.find(part).map(|found| found.start()));
    at.extend(INSTEAD.find(part).map(|found| found.start()));
    at.sort_unstable();
    at
}

/// Whether the words before a keyword are an action themselves, as in `include a body, which SHALL …`.
fn lacks_subject(before: &str) -> bool {
    let before = before.trim_end();
    let ends = [", which", ", and", " and"];
    !before.is_empty() && ends.iter().any(|end| before.ends_with(end))
}

/// Where the clause of a later keyword begins: after the last full stop, semicolon or comma before it; a condition at the
/// head of its sentence belongs to it.
fn boundary(text: &str, keyword: usize) -> usize {
    let before = &text[..keyword];
    let last = |ends: &[&str]| {
        let after = |end: &&str| before.rfind(*end).map(|at| at + 1);
        ends.iter().filter_map(after).max()
    };
    let sentence = last(&[". ", "; ", ".  "]);
    let head = sentence.filter(|at| words::is_trigger(&text[*at..]));
    head.or_else(|| last(&[". ", "; ", ", ", " and if ", ".  "]))
        .unwrap_or(keyword)
}

fn tidy(text: &str) -> String {
    let text = text.trim().trim_start_matches([',', ';', '.']).trim_start();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keywords(text: &str, stemmed: bool) -> Vec<Keyword> {
        pieces(text, stemmed)
            .into_iter()
            .map(|piece| piece.keyword)
            .collect()
    }

    #[test]
    fn a_check_and_its_refusal_are_two_statements() {
        let found = pieces(
            "SHALL check the list and if not, reject the request with a 403. Otherwise, continue;",
            true,
        );
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].keyword, Keyword::None);
        assert!(found[1].text.starts_with("and if not, reject"));
        let refused = "SHALL verify who calls and refuse it with a 403 when that user may not;";
        assert_eq!(keywords(refused, true), [Keyword::Shall, Keyword::None]);
        let two = "SHALL check whether it is known and perform the actions of 9.1 if it is not;";
        assert_eq!(keywords(two, true), [Keyword::Shall, Keyword::None]);
    }

    #[test]
    fn each_keyword_is_a_statement_and_a_trailing_one_is_none() {
        let text = "SHALL count them. If there are too many, the IM Server SHOULD tell the user.";
        assert_eq!(keywords(text, true), [Keyword::Shall, Keyword::Should]);
        assert_eq!(
            pieces(text, true)[1].text,
            "If there are too many, the IM Server SHOULD tell the user."
        );
        assert_eq!(
            keywords("SHALL answer; and the IM Client SHALL", true),
            [Keyword::Shall]
        );
        let inner = "include a body, which SHALL be short";
        assert_eq!(keywords(inner, true), [Keyword::None, Keyword::Shall]);
    }

    #[test]
    fn flow_control_states_nothing_unless_it_forbids() {
        assert_eq!(
            keywords("SHALL answer; otherwise continue with the next step", true).len(),
            1
        );
        assert_eq!(
            keywords("SHALL answer; otherwise do not proceed", true).len(),
            2
        );
    }

    #[test]
    fn steps_run_together_are_parted() {
        let parts = run_together("SHALL put it in the header5. SHALL send it.");
        assert_eq!(
            parts,
            [
                (None, "SHALL put it in the header"),
                (Some(5), "SHALL send it.")
            ]
        );
    }
}
