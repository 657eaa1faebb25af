//! What the first characters of a paragraph say: heading, bullet, number, letter, note, banner.

use std::sync::LazyLock;

use regex::Regex;

/// A mark in front of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A bullet without anything that could be cited.
    Bullet,
    /// `a)`, `b.`
    Letter(char),
    /// No mark.
    None,
    /// `3.`, `3)`
    Number(u32),
    /// `i.`, `iv)`
    Roman(u32),
}

/// A paragraph without its marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marked<'a> {
    pub(super) mark: Mark,
    /// Whether a bullet stands before it.
    pub(super) bullet: bool,
    /// Number of bullets before it; two and more are left-overs.
    pub(super) bullets: usize,
    pub(super) text: &'a str,
}

/// A heading's number, empty where it has none, and title.
pub(super) type Heading<'a> = (&'a str, &'a str);

static HEADING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^\s*((?:\d+|[A-Z])(?:\.(?:\d+|[xX]+))+\.?|[xX](?:\.[xX])+|\?{2,}|\d+)\s*(\S.*)$")
});
static NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\(?(\d{1,3})[.)]\s*"));
static LETTER: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\(?([a-zA-Z])(?:[.)]\s*|\s{2,})"));
static ROMAN: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\(?(i{1,3}|iv|vi{0,3}|ix|x)[.)]\s*"));
static NOTE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(editor['’]?s?['’]?\s+note|note)\s*(\d*)\s*(:|-|–|$)\s*"));
static BANNER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*(\*{3,}|={3,}|-{5,}|_{5,}|(?i:change\s+\d+\s*:))"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

/// The number and the title of a heading; none if the paragraph is another thing.
pub(super) fn heading(text: &str) -> Option<Heading<'_>> {
    let parts = HEADING.captures(text)?;
    let (number, title) = (parts.get(1)?.as_str(), parts.get(2)?.as_str().trim());
    let dotted = number.contains('.') || number.starts_with('?');
    let opens = title.chars().next()?;
    let spaced = number.starts_with('?') || parts.get(2)?.start() > parts.get(1)?.end();
    // A plain number opens a heading of the form only when a capital follows it.
    let titled = opens.is_uppercase() || (dotted && (opens.is_alphabetic() || opens == '"'));
    let short = title.chars().count() <= 120 && !title.ends_with([';', ':']);
    let sentence = title.ends_with('.') && title.split_whitespace().count() > 8;
    let forced = super::words::has_keyword(title);
    (spaced && titled && short && !sentence && !forced)
        .then(|| (number.trim_end_matches('.'), title))
}

/// `note` with its number, or `editor's note`; the rest is its text.
pub(super) fn note(text: &str) -> Option<(bool, Option<u32>, &str)> {
    let parts = NOTE.captures(text)?;
    let editors = parts[1].to_lowercase().starts_with("editor");
    Some((editors, parts[2].parse().ok(), &text[parts[0].len()..]))
}

/// A line that only separates changes.
pub(super) fn is_banner(text: &str) -> bool {
    BANNER.is_match(text)
}

/// Takes bullets and a number or a letter off a paragraph.
pub(super) fn marked(text: &str) -> Marked<'_> {
    let mut rest = text.trim();
    let mut bullets = 0;
    while let Some(after) = rest.strip_prefix(['·', '•', '▪', '●', '–', '-', '*', '\u{f0b7}', '○'])
    {
        // `-5` is a number and `*x*` an emphasis.
        if !after.is_empty() && !after.starts_with(char::is_whitespace) {
            break;
        }
        rest = after.trim_start();
        bullets += 1;
    }
    let (mark, text) = number(rest, bullets > 0);
    let bullet = bullets > 0;
    match mark {
        Mark::None if bullet => Marked {
            mark: Mark::Bullet,
            bullet,
            bullets,
            text,
        },
        mark => Marked {
            mark,
            bullet,
            bullets,
            text,
        },
    }
}

fn number(rest: &str, bullet: bool) -> (Mark, &str) {
    if let Some(found) = NUMBER.captures(rest) {
        let value = found[1].parse().unwrap_or_default();
        return (Mark::Number(value), &rest[found[0].len()..]);
    }
    if let Some(found) = ROMAN.captures(rest) {
        return (Mark::Roman(roman(&found[1])), &rest[found[0].len()..]);
    }
    match LETTER.captures(rest) {
        Some(found) if bullet || !found[0].ends_with("  ") || found[0].contains([')', '.']) => {
            let letter = found[1].chars().next().unwrap_or('a');
            (
                Mark::Letter(letter.to_ascii_lowercase()),
                &rest[found[0].len()..],
            )
        }
        _ => (Mark::None, rest),
    }
}

fn roman(text: &str) -> u32 {
    match text {
        "iv" => 4,
        "ix" => 9,
        "x" => 10,
        other if other.starts_with('v') => 4 + other.len() as u32,
        other => other.len() as u32,
    }
}

/// Whether nothing says that a paragraph begins here.
pub(super) fn is_plain(text: &str) -> bool {
    marked(text).mark == Mark::None
        && heading(text).is_none()
        && note(text).is_none()
        && !is_banner(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_come_in_several_styles_and_steps_are_none() {
        assert_eq!(heading("7.2.1  Ringing "), Some(("7.2.1", "Ringing")));
        assert_eq!(
            heading("C.1 Filter Criteria"),
            Some(("C.1", "Filter Criteria"))
        );
        assert_eq!(
            heading("?????Leaving a session"),
            Some(("?????", "Leaving a session"))
        );
        assert_eq!(heading("5 Recommendation"), Some(("5", "Recommendation")));
        for other in [
            "1. SHALL answer",
            "200 (OK) ends it",
            "7.2.1 SHALL hold",
            "3GPP rules",
        ] {
            assert_eq!(heading(other), None, "{other}");
        }
    }

    #[test]
    fn marks_are_taken_off_one_after_the_other() {
        let of = |text| {
            let found = marked(text);
            (found.mark, found.bullets, found.text.to_owned())
        };
        assert_eq!(of("(2) SHALL"), (Mark::Number(2), 0, "SHALL".to_owned()));
        assert_eq!(
            of("· -   4. SHALL go"),
            (Mark::Number(4), 2, "SHALL go".to_owned())
        );
        assert_eq!(
            of("-    a   set it"),
            (Mark::Letter('a'), 1, "set it".to_owned())
        );
        assert_eq!(of("i.  Include"), (Mark::Roman(1), 0, "Include".to_owned()));
        assert_eq!(of("· "), (Mark::Bullet, 1, String::new()));
        assert_eq!(
            of("a server answers"),
            (Mark::None, 0, "a server answers".to_owned())
        );
    }

    #[test]
    fn notes_know_their_number() {
        assert_eq!(note("NOTE 2: text"), Some((false, Some(2), "text")));
        assert_eq!(note("Editor's Note: later"), Some((true, None, "later")));
        assert_eq!(note("notes are kept"), None);
    }
}
