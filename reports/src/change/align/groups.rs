//! Sentences of the catalogue and paragraphs of the change request, in the form in which they are compared.

use std::collections::{BTreeMap, BTreeSet};

use clauses::{Catalogue, Clause, Level, fingerprint};

use super::{force, likeness};
use crate::change::statements::Structure;
use crate::change::{Document, words};

/// A paragraph with its statements.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) statements: Vec<usize>,
    pub(super) subclause: String,
    pub(super) title: String,
    /// Index of its list in the text.
    pub(super) of: usize,
    pub(super) step: String,
    pub(super) level: Level,
    pub(super) sha: String,
    pub(super) simhash: u64,
    pub(super) words: BTreeSet<String>,
    /// The whole paragraph in the form in which summaries are compared.
    pub(super) said: String,
    /// Wording before a tracked change; empty when the change inserts it.
    pub(super) old: Option<String>,
    /// Digest of the old wording.
    pub(super) old_sha: Option<String>,
}

/// The clauses that one sentence of the specification makes.
#[derive(Clone, Debug)]
pub(super) struct Group<'a> {
    pub(super) clauses: Vec<&'a Clause>,
    /// As the id has it, with the change request in front where needed.
    pub(super) subclause: &'a str,
    pub(super) title: &'a str,
    pub(super) list: &'a str,
    pub(super) step: &'a str,
    pub(super) sha: &'a str,
    pub(super) simhash: u64,
    /// Words of its trigger and of the name of its list.
    pub(super) speaks: BTreeSet<String>,
    /// Words of the summaries of its clauses.
    pub(super) words: BTreeSet<String>,
    /// The same for each clause.
    pub(super) parts: Vec<BTreeSet<String>>,
}

/// A paragraph that the change deletes.
#[derive(Clone, Debug)]
pub(super) struct Gone {
    pub(super) sha: String,
    pub(super) subclause: String,
    pub(super) old: String,
}

/// The paragraphs with statements, and those whose statements the change deletes.
pub(super) fn units(
    document: &Document,
    new: &Structure,
    old: &Structure,
) -> (Vec<Unit>, Vec<Gone>) {
    let mut by_paragraph: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, statement) in new.statements.iter().enumerate() {
        by_paragraph.entry(statement.at).or_default().push(index);
    }
    let titles: BTreeMap<&str, &str> = new
        .subclauses
        .iter()
        .map(|s| (s.number.as_str(), s.title.as_str()))
        .collect();
    let mut units = Vec::with_capacity(by_paragraph.len());
    for (at, statements) in by_paragraph {
        let first = &new.statements[statements[0]];
        let print = fingerprint::of(&first.paragraph);
        let before = document.paragraphs[at].old.clone();
        units.push(Unit {
            subclause: first.subclause.clone(),
            title: titles
                .get(first.subclause.as_str())
                .copied()
                .unwrap_or_default()
                .to_owned(),
            of: first.of,
            step: first.step.clone(),
            level: force(first.level),
            sha: print.sha256,
            simhash: bits(&print.simhash),
            words: likeness::words(&first.paragraph),
            said: said(&first.paragraph),
            old_sha: before.as_ref().map(|old| fingerprint::of(old).sha256),
            old: before,
            statements,
        });
    }
    let mut gone = Vec::new();
    let mut last = None;
    for statement in &old.statements {
        let paragraph = &document.paragraphs[statement.at];
        if paragraph.text.is_empty() && paragraph.old.is_some() && last != Some(statement.at) {
            last = Some(statement.at);
            gone.push(Gone {
                sha: fingerprint::of(&statement.paragraph).sha256,
                subclause: statement.subclause.clone(),
                old: statement.paragraph.clone(),
            });
        }
    }
    (units, gone)
}

/// The sentences of the catalogue in its order; rules of RFCs are none.
pub(super) fn groups(catalogue: &Catalogue) -> Vec<Group<'_>> {
    let mut all: Vec<Group<'_>> = Vec::new();
    let mut places: BTreeMap<(&str, u32, &str), usize> = BTreeMap::new();
    for clause in catalogue.iter() {
        let (Some(source), Some(print)) = (&clause.source, &clause.fingerprint) else {
            continue;
        };
        let key = (
            source.change_request.as_str(),
            source.line,
            print.sha256.as_str(),
        );
        let mut parts = clause.id.split('/');
        let subclause = parts.next().unwrap_or_default();
        let place = *places.entry(key).or_insert_with(|| {
            all.push(Group {
                clauses: Vec::new(),
                subclause,
                title: catalogue.title(subclause).unwrap_or_default(),
                list: parts.next().unwrap_or_default(),
                step: parts.next().unwrap_or_default(),
                sha: &print.sha256,
                simhash: bits(&print.simhash),
                speaks: BTreeSet::new(),
                words: BTreeSet::new(),
                parts: Vec::new(),
            });
            all.len() - 1
        });
        let group = &mut all[place];
        if group.clauses.is_empty() {
            group.speaks = likeness::words(&format!("{} {}", clause.trigger, group.list));
        }
        let words = likeness::words(&clause.requirement);
        group.words.extend(words.iter().cloned());
        group.parts.push(words);
        group.clauses.push(clause);
    }
    all
}

/// A statement without its mark, its subject and its keyword, for comparing with a summary.
pub(super) fn said(text: &str) -> String {
    let first = words::keywords(text).first().copied();
    let opens = |at: usize| {
        let before = fingerprint::normalise(&text[..at]);
        let subject = before.strip_prefix("the ").unwrap_or(&before);
        let named = words::actors(subject).first().copied();
        before.is_empty() || named.is_some_and(|(_, actor)| actor == subject)
    };
    let rest = match first.filter(|(at, _)| opens(*at)) {
        Some((at, _)) => text[at..].split_once(' ').map_or("", |(_, rest)| rest),
        None => text,
    };
    let plain = fingerprint::normalise(rest);
    plain.strip_suffix(" and").unwrap_or(&plain).to_owned()
}

fn bits(simhash: &str) -> u64 {
    u64::from_str_radix(simhash, 16).unwrap_or_default()
}
