//! What changed between two runs: verdicts, and the messages of scenarios.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use clauses::{Catalogue, Status};
use serde::Serialize;
use similar::{DiffTag, TextDiff};
use trace::run_file::{self, Scenario};
use trace::{Names, Verdict, normalise};

use crate::summary::write_json;
use crate::{ClauseSummary, Run, summarise};

/// Lines of one scenario's difference that people are shown; programs get all of them.
const SHOWN: usize = 60;

/// Two runs side by side; schema `shall.compare/1`.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// `shall.compare/1`.
    pub schema: &'static str,
    pub before: String,
    pub after: String,
    /// Of the catalogue, by which each was judged.
    pub editions: Editions,
    pub worse: Vec<Turned>,
    pub better: Vec<Turned>,
    /// Clauses that only the later run judged.
    pub new: Vec<Turned>,
    /// Clauses that only the earlier run judged.
    pub gone: Vec<Turned>,
    /// Clauses that only one of the two editions judges; neither better nor worse.
    pub elsewhere: Vec<Turned>,
    pub messages: Vec<Rewritten>,
}

/// What the runs were judged by.
#[derive(Clone, Debug, Serialize)]
pub struct Editions {
    pub before: String,
    pub after: String,
}

/// A clause whose verdict is another one.
#[derive(Clone, Debug, Serialize)]
pub struct Turned {
    pub clause: String,
    pub before: Option<Verdict>,
    pub after: Option<Verdict>,
    /// Why the later verdict, or the earlier one where there is no later.
    pub reason: String,
}

/// A scenario whose messages are others.
#[derive(Clone, Debug, Serialize)]
pub struct Rewritten {
    pub feature: String,
    pub scenario: String,
    pub transport: String,
    /// Unified difference of the normalised messages; empty when only one run played it.
    pub difference: String,
    /// `changed`, `new` or `gone`.
    pub what: &'static str,
}

impl Comparison {
    /// Compares two runs by one catalogue.
    #[must_use]
    pub fn of(catalogue: &Catalogue, before: &run_file::Run, after: &run_file::Run) -> Self {
        let (old, new) = (verdicts(catalogue, before), verdicts(catalogue, after));
        let mut comparison = Self {
            schema: "shall.compare/1",
            before: before.subject.clone(),
            after: after.subject.clone(),
            editions: Editions {
                before: before.edition.clone(),
                after: after.edition.clone(),
            },
            worse: Vec::new(),
            better: Vec::new(),
            new: Vec::new(),
            gone: Vec::new(),
            elsewhere: Vec::new(),
            messages: rewritten(before, after),
        };
        let [first, last] =
            [before, after].map(|run| catalogue.as_of(run.change_requests.as_ref()));
        for clause in catalogue.iter() {
            let (a, b) = (old.get(&clause.id), new.get(&clause.id));
            let said = |one: Option<&ClauseSummary>| one.and_then(|c| c.verdict);
            let mut turned = Turned {
                clause: clause.id.clone(),
                before: said(a),
                after: said(b),
                reason: b.or(a).map(|c| c.reason.clone()).unwrap_or_default(),
            };
            let absent = match (turned.before, turned.after) {
                _ if before.change_requests == after.change_requests => None,
                (Some(_), None) => unasked(&last, &clause.id, &after.edition),
                (None, Some(_)) => unasked(&first, &clause.id, &before.edition),
                _ => None,
            };
            if let Some(absent) = absent {
                turned.reason = absent;
                comparison.elsewhere.push(turned);
                continue;
            }
            match (turned.before, turned.after) {
                (Some(a), Some(b)) if a < b => comparison.worse.push(turned),
                (Some(a), Some(b)) if b < a => comparison.better.push(turned),
                (None, Some(_)) => comparison.new.push(turned),
                (Some(_), None) => comparison.gone.push(turned),
                _ => {}
            }
        }
        comparison
    }

    /// A verdict turned worse, a clause is no longer judged, or a new one is judged and not kept.
    #[must_use]
    pub fn is_regression(&self) -> bool {
        let broken = |turned: &Turned| turned.after.is_some_and(|v| v > Verdict::NotApplicable);
        !self.worse.is_empty() || !self.gone.is_empty() || self.new.iter().any(broken)
    }
}

/// Why an edition asks for no verdict on a clause; none if it does.
fn unasked(edition: &Catalogue, id: &str, name: &str) -> Option<String> {
    match edition.get(id).map(|clause| &clause.status) {
        None => Some(format!("not in the edition {name}")),
        Some(Status::Judged) => None,
        Some(Status::Superseded { by }) => {
            Some(format!("superseded by {by} in the edition {name}"))
        }
        Some(status) => Some(format!("{} in the edition {name}", status.name())),
    }
}

fn verdicts(catalogue: &Catalogue, run: &run_file::Run) -> BTreeMap<String, ClauseSummary> {
    let summary = summarise(catalogue, &Run::of_file(run));
    let judged = run.scenarios.iter().flat_map(|s| &s.judgements);
    let judged: BTreeSet<&String> = judged.map(|judgement| &judgement.clause).collect();
    let all = summary.all().filter(|clause| judged.contains(&clause.id));
    all.map(|c| (c.id.clone(), c.clone())).collect()
}

fn rewritten(before: &run_file::Run, after: &run_file::Run) -> Vec<Rewritten> {
    let key = |s: &Scenario| (s.feature.clone(), s.name.clone(), s.transport.clone());
    let by_key = |run: &run_file::Run| -> BTreeMap<_, _> {
        let text = |s: &Scenario| normalise(&s.exchange, &Names(s.staging.names.clone()));
        run.scenarios.iter().map(|s| (key(s), text(s))).collect()
    };
    let (old, new) = (by_key(before), by_key(after));
    let mut all: Vec<_> = old.keys().chain(new.keys()).collect();
    all.sort();
    all.dedup();
    let change = |key: &(String, String, String)| {
        let (difference, what) = match (old.get(key), new.get(key)) {
            (Some(a), Some(b)) if a == b => return None,
            (Some(a), Some(b)) => (difference(a, b), "changed"),
            (None, _) => (String::new(), "new"),
            (_, None) => (String::new(), "gone"),
        };
        let (feature, scenario, transport) = key.clone();
        Some(Rewritten {
            feature,
            scenario,
            transport,
            difference,
            what,
        })
    };
    all.into_iter().filter_map(change).collect()
}

/// Unified, with the message that a change is in named where it begins.
fn difference(before: &str, after: &str) -> String {
    let lines: Vec<&str> = before.lines().collect();
    let changes = TextDiff::from_lines(before, after);
    let mut text = String::new();
    for hunk in changes.unified_diff().context_radius(3).iter_hunks() {
        let mut ops = hunk.ops().iter();
        let changed = ops.find(|op| op.tag() != DiffTag::Equal);
        let at = changed.map_or(0, |op| op.old_range().start);
        let shown = hunk.to_string();
        let (place, rest) = shown.split_once('\n').unwrap_or((&shown, ""));
        text += &format!("{place} {}\n{rest}", message(&lines, at));
    }
    text
}

/// Who sent the message that this line is in, to whom, and its start line.
fn message(lines: &[&str], at: usize) -> String {
    let before = lines.get(..=at).unwrap_or(lines);
    let heading = before.iter().rposition(|line| line.starts_with("## "));
    let heading = heading.and_then(|at| lines.get(at..at + 2));
    heading.map_or(String::new(), |two| {
        let [way, start] =
            [two[0], two[1]].map(|l| l.trim_start_matches("## ").trim_end_matches("␍␊"));
        format!("{way}: {start}")
    })
}

/// Writes the comparison as JSON.
pub fn render_comparison_json(comparison: &Comparison, out: &mut impl Write) -> io::Result<()> {
    write_json(comparison, out)
}

/// Writes the comparison for people: what turned worse first, then the changed messages.
pub fn render_comparison_text(comparison: &Comparison, out: &mut impl Write) -> io::Result<()> {
    let word = |verdict: Option<Verdict>| verdict.map_or("not judged", Verdict::word);
    let Editions { before, after } = &comparison.editions;
    if before != after {
        writeln!(out, "the editions differ: {before} before, {after} after\n")?;
    }
    let groups = [
        ("worse", &comparison.worse),
        ("gone", &comparison.gone),
        ("new", &comparison.new),
        ("better", &comparison.better),
        ("other", &comparison.elsewhere),
    ];
    for (name, turned) in groups {
        for one in turned {
            let (before, after) = (word(one.before), word(one.after));
            writeln!(out, "{name:<7} {}  {before} -> {after}", one.clause)?;
            if !one.reason.is_empty() {
                writeln!(out, "        {}", one.reason)?;
            }
        }
    }
    // Which scenarios are played follows from the edition.
    let shown = |one: &&Rewritten| before == after || one.what == "changed";
    for one in comparison.messages.iter().filter(shown) {
        let Rewritten {
            scenario,
            transport,
            feature,
            ..
        } = one;
        writeln!(out, "\n{}: {scenario} ({transport}), {feature}", one.what)?;
        for line in one.difference.lines().take(SHOWN) {
            writeln!(out, "  {line}")?;
        }
        let more = one.difference.lines().count().saturating_sub(SHOWN);
        if more > 0 {
            writeln!(out, "  … {more} lines more, in --format json")?;
        }
    }
    if !comparison.elsewhere.is_empty() {
        let others = comparison.elsewhere.len();
        writeln!(
            out,
            "{others} clauses are judged in one of the two editions only"
        )?;
    }
    writeln!(
        out,
        "{} worse, {} gone, {} new, {} better; messages of {} scenarios differ",
        comparison.worse.len(),
        comparison.gone.len(),
        comparison.new.len(),
        comparison.better.len(),
        comparison.messages.len()
    )
}
