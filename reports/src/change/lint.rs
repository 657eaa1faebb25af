//! What is wrong with the text of a change request, each with place, reason and suggestion.

mod contradiction;
mod documents;
mod headings;
mod names;
mod parameters;
mod references;
mod siblings;
mod steps;
mod terms;
mod typing;
mod wording;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use clauses::Catalogue;
use serde::{Deserialize, Serialize};

use super::align::Aligned;
use super::statements::{Item, Kind, Structure};
use super::tables::{self, Tables};

/// How much a finding weighs; an error alone makes the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    Error,
    Warning,
    Note,
}

impl Class {
    /// `error`, `warning` or `note`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One rule of the lint.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    pub rule: String,
    pub class: Class,
    /// What it finds.
    pub says: String,
    /// Why that is wrong.
    pub because: String,
    /// What to do instead.
    pub instead: String,
}

/// One place where a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub rule: String,
    pub class: Class,
    pub line: usize,
    pub page: Option<usize>,
    /// Further lines of the same fault.
    pub also: Vec<usize>,
    pub subclause: String,
    /// The words at fault.
    pub quote: String,
    pub reason: String,
    pub suggestion: String,
    /// Why it is to be kept silent about, by the file of exceptions.
    pub silenced: Option<String>,
}

/// All rules, by family.
pub fn rules() -> &'static [Rule] {
    static RULES: LazyLock<Vec<Rule>> =
        LazyLock::new(|| tables::read(include_str!("../../data/change/rules.yaml")));
    &RULES
}

/// What the rules look at.
pub(super) struct Text<'a> {
    pub(super) document: &'a super::Document,
    pub(super) structure: &'a Structure,
    pub(super) catalogue: &'a Catalogue,
    pub(super) alignment: &'a [Aligned],
    pub(super) tables: &'static Tables,
}

impl Text<'_> {
    /// Paragraphs with words that could be wrong.
    fn spoken(&self) -> impl Iterator<Item = &Item> {
        let silent = [Kind::Banner, Kind::EmptyBullet];
        self.structure
            .items
            .iter()
            .filter(move |item| !silent.contains(&item.kind))
    }

    fn subclause(&self, item: &Item) -> String {
        let subclause = item
            .subclause
            .map(|index| &self.structure.subclauses[index]);
        subclause.map(|s| s.number.clone()).unwrap_or_default()
    }
}

/// Findings in the making; one of the same rule and words joins the first.
pub(super) struct Report<'a> {
    text: &'a Text<'a>,
    found: Vec<Finding>,
    places: BTreeMap<(String, String), usize>,
}

impl Report<'_> {
    /// Reports a rule at a paragraph; `quote` are the words at fault, `reason` what is wrong with them.
    fn add(&mut self, rule: &str, item: &Item, quote: &str, reason: String) {
        let known = rules().iter().find(|known| known.rule == rule);
        let Some(known) = known else {
            debug_assert!(false, "{rule} is not in rules.yaml");
            return;
        };
        let key = (rule.to_owned(), format!("{quote}\n{reason}"));
        if let Some(first) = self.places.get(&key) {
            let first = &mut self.found[*first];
            if first.line != item.line && first.also.last() != Some(&item.line) {
                first.also.push(item.line);
            }
            return;
        }
        self.places.insert(key, self.found.len());
        self.found.push(Finding {
            rule: rule.to_owned(),
            class: known.class,
            line: item.line,
            page: self.text.document.paragraphs[item.at].page,
            also: Vec::new(),
            subclause: self.text.subclause(item),
            quote: shortened(quote),
            reason,
            suggestion: known.instead.clone(),
            silenced: None,
        });
    }

    /// As [`Report::add`], with a suggestion that knows better than the rule.
    fn suggest(
        &mut self,
        rule: &str,
        item: &Item,
        quote: &str,
        reason: String,
        suggestion: String,
    ) {
        let count = self.found.len();
        self.add(rule, item, quote, reason);
        if self.found.len() > count
            && let Some(last) = self.found.last_mut()
        {
            last.suggestion = suggestion;
        }
    }
}

/// Longest quotation of a finding, in characters.
const QUOTE: usize = 120;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(QUOTE) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// All findings, in the order of the text.
pub(super) fn lint(text: &Text<'_>) -> Vec<Finding> {
    let mut report = Report {
        text,
        found: Vec::new(),
        places: BTreeMap::new(),
    };
    steps::check(text, &mut report);
    headings::check(text, &mut report);
    siblings::check(text, &mut report);
    references::check(text, &mut report);
    parameters::check(text, &mut report);
    documents::check(text, &mut report);
    names::check(text, &mut report);
    contradiction::check(text, &mut report);
    wording::check(text, &mut report);
    typing::check(text, &mut report);
    terms::check(text, &mut report);
    let mut found = report.found;
    found.sort_by_key(|finding| (finding.line, finding.class));
    found
}

fn pattern(text: &str) -> regex::Regex {
    regex::Regex::new(text).expect("a constant pattern")
}
