//! The volatile values of one exchange, numbered by kind in order of first sight.

use std::collections::{HashMap, HashSet};

use wire::percent::decode;

use super::kind::Kind;
use super::marks::{Mark, Places};
use super::text::is_word;
use super::{Names, insert};
use crate::matchers::sip_line;
use crate::{Frame, Protocol};

/// Shorter values are replaced only where their meaning is certain, never by searching for them.
const SEARCHABLE: usize = 4;

#[derive(Default)]
pub(super) struct Table {
    pub(super) places: Places,
    names: Vec<(Vec<u8>, String)>,
    numbers: HashMap<(Kind, Vec<u8>), usize>,
    counts: HashMap<Kind, usize>,
    /// Message-IDs whose content holds replaced values, so that its length is volatile.
    volatile: HashSet<String>,
}

impl Table {
    pub(super) fn new(names: &Names, places: Places) -> Self {
        let mut names: Vec<_> = names
            .0
            .iter()
            .map(|(actual, shown)| (actual.as_bytes().to_vec(), shown.clone()))
            .collect();
        names.sort_by_key(|(actual, _)| std::cmp::Reverse(actual.len()));
        Self {
            places,
            names,
            ..Self::default()
        }
    }

    /// Numbers the value of a mark, if it is new and of a numbered kind.
    pub(super) fn learn(&mut self, mark: &Mark, bytes: &[u8]) {
        if !mark.kind.numbered() {
            return;
        }
        let key = (mark.kind, decode(&bytes[mark.span.clone()]));
        let count = self.counts.entry(mark.kind).or_default();
        self.numbers.entry(key).or_insert_with(|| {
            *count += 1;
            *count
        });
    }

    /// What stands in the text for a mark.
    pub(super) fn shown(&self, mark: &Mark, bytes: &[u8]) -> String {
        let value = &bytes[mark.span.clone()];
        if mark.kind == Kind::Name {
            let name = self.names.iter().find(|(actual, _)| actual == value);
            return name.map(|(_, shown)| shown.clone()).unwrap_or_default();
        }
        if mark.kind == Kind::TransportParameter {
            return String::new();
        }
        match self.numbers.get(&(mark.kind, decode(value))) {
            Some(number) => format!("<{} {number}>", mark.kind.word()),
            None => format!("<{}>", mark.kind.word()),
        }
    }

    /// Marks scenario names and known identifiers wherever else they occur as whole words.
    pub(super) fn add_known(&self, bytes: &[u8], marks: &mut Vec<Mark>) {
        let mut known: Vec<(&[u8], Kind)> = self
            .numbers
            .keys()
            .filter(|(kind, value)| kind.searched() && value.len() >= SEARCHABLE)
            .map(|(kind, value)| (value.as_slice(), *kind))
            .collect();
        known.sort_by_key(|(value, kind)| (std::cmp::Reverse(value.len()), kind.word(), *value));
        let names = self
            .names
            .iter()
            .map(|(actual, _)| (actual.as_slice(), Kind::Name));
        for (value, kind) in names.chain(known) {
            for start in occurrences(bytes, value) {
                insert(
                    marks,
                    Mark {
                        span: start..start + value.len(),
                        kind,
                    },
                );
            }
        }
    }

    /// Remembers that the content with this frame's Message-ID has a volatile length.
    pub(super) fn note_length(&mut self, frame: &Frame, volatile: bool) {
        if let Some(id) = message_id(frame).filter(|_| volatile) {
            self.volatile.insert(id);
        }
    }

    /// Whether lengths in this frame speak of content that holds replaced values.
    pub(super) fn length_is_volatile(&self, frame: &Frame) -> bool {
        message_id(frame).is_some_and(|id| self.volatile.contains(&id))
    }
}

/// The Message-ID of an MSRP frame.
pub(super) fn message_id(frame: &Frame) -> Option<String> {
    (frame.protocol == Protocol::Msrp)
        .then(|| sip_line(&frame.bytes, "message-id", "message-id"))
        .flatten()
}

/// Where `value` stands in `bytes` with no letter or digit beside it.
fn occurrences(bytes: &[u8], value: &[u8]) -> Vec<usize> {
    if value.is_empty() {
        return Vec::new();
    }
    let bounded = |start: usize| {
        let before = start.checked_sub(1).and_then(|at| bytes.get(at));
        let after = bytes.get(start + value.len());
        !before.is_some_and(|byte| is_word(*byte)) && !after.is_some_and(|byte| is_word(*byte))
    };
    let windows = bytes.windows(value.len()).enumerate();
    windows
        .filter(|(start, window)| *window == value && bounded(*start))
        .map(|(start, _)| start)
        .collect()
}
