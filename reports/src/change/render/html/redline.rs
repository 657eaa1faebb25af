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
    let words = TextDiff::from_words(old, new);
    html! {
        @for change in words.iter_all_changes() {
            @match change.tag() {
                ChangeTag::Delete => del { (change.value()) },
                ChangeTag::Insert => ins { (change.value()) },
                ChangeTag::Equal => (change.value()),
            }
        }
    }
}
