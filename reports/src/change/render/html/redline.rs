//! Old and new wording in one: what goes is struck out, what comes is underlined.

use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};

/// Longest wording that is compared word by word, in octets; longer ones stand one after the other.
const COMPARED: usize = 20_000;

/// Both wordings; equal words once.
pub(super) fn redline(old: &str, new: &str) -> Markup {
    if old.is_empty() || new.is_empty() || old.len() + new.len() > COMPARED {
        return html! {
            @if !old.is_empty() { del { (old) } " " }
            @if !new.is_empty() { ins { (new) } }
        };
    }
    html! {
        @for (tag, words) in runs(old, new) {
            @match tag {
                ChangeTag::Delete => del { (words) },
                ChangeTag::Insert => ins { (words) },
                ChangeTag::Equal => (words),
            }
        }
    }
}

/// Neighbouring words of one fate together; what goes stands before what comes in its place.
fn runs(old: &str, new: &str) -> Vec<(ChangeTag, String)> {
    let words = TextDiff::from_words(old, new);
    let mut runs: Vec<(ChangeTag, String)> = Vec::new();
    for change in words.iter_all_changes() {
        match runs.last_mut() {
            Some((tag, run)) if *tag == change.tag() => run.push_str(change.value()),
            _ => runs.push((change.tag(), change.value().to_owned())),
        }
    }
    runs
}
