//! Verdicts of stored runs that may become others: of which clause, from what to what, why, and where they were seen.

use std::collections::BTreeMap;

use clauses::{Catalogue, Clause, Level, fingerprint};
use serde::Serialize;
use trace::{Held, Verdict, run_file};

use super::align::{self, Aligned, Effect, Pair};
use super::statements::Statement;
use crate::{ClauseSummary, Proof, Run, summarise};

/// A run that was stored, as the user knows it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Where it was read.
    pub name: String,
    pub run: run_file::Run,
    /// Of a certified one, who signed, or `nobody`.
    pub certified: Option<String>,
}

/// A run that was looked through, also when nothing in it may flip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Searched {
    pub run: String,
    pub subject: String,
    pub edition: String,
    /// Of a certified one, who signed, or `nobody`; null of a plain run.
    pub certified: Option<String>,
}

/// A verdict that may become another one.
#[derive(Clone, Debug, Serialize)]
pub struct MayFlip {
    pub run: String,
    pub subject: String,
    pub clause: String,
    pub effect: Effect,
    pub verdict: Verdict,
    /// What it may become; none where the verdict goes with its clause.
    pub becomes: Option<Verdict>,
    /// Whether it becomes that for sure.
    pub certain: bool,
    pub why: String,
    /// What the run says of it; empty of a pass.
    pub reason: String,
    /// The octets on which the verdict rests.
    pub evidence: Vec<Proof>,
}

/// Looks for the clauses that change in each run.
pub(super) fn flips(
    alignment: &[Aligned],
    statements: &[Statement],
    catalogue: &Catalogue,
    runs: &[Stored],
) -> (Vec<Searched>, Vec<MayFlip>) {
    let changed: BTreeMap<&str, &Aligned> = alignment
        .iter()
        .filter(|one| one.effect.is_change())
        .filter_map(|one| Some((one.clause.as_deref()?, one)))
        .collect();
    let (mut searched, mut all) = (Vec::new(), Vec::new());
    for stored in runs {
        let run = Run::of_file(&stored.run);
        for told in summarise(catalogue, &run).all() {
            let (Some(one), Some(clause)) =
                (changed.get(told.id.as_str()), catalogue.get(&told.id))
            else {
                continue;
            };
            let statement = one.statement.map(|index| &statements[index]);
            let Some(flip) = flip(one, statement, clause, seen(told, &run)) else {
                continue;
            };
            all.push(MayFlip {
                run: stored.name.clone(),
                subject: run.subject.clone(),
                clause: told.id.clone(),
                effect: one.effect,
                verdict: flip.0,
                becomes: flip.1,
                certain: flip.2,
                why: flip.3,
                reason: told.reason.clone(),
                evidence: told.evidence.clone(),
            });
        }
        searched.push(Searched {
            run: stored.name.clone(),
            subject: run.subject.clone(),
            edition: run.edition.clone(),
            certified: stored.certified.clone(),
        });
    }
    (searched, all)
}

/// What a run saw of a clause.
enum Seen {
    /// Nobody judged it, a claim put it out of reach, or the fault was ours.
    Nothing,
    /// A permission of which the subject made no use.
    Unused,
    Verdict(Verdict),
}

fn seen(told: &ClauseSummary, run: &Run) -> Seen {
    let judgements = || run.judgements.iter().filter(|j| j.clause == told.id);
    match told.verdict {
        Some(Verdict::NotApplicable) if judgements().any(|j| j.finding.held == Held::No) => {
            Seen::Unused
        }
        Some(Verdict::Error | Verdict::NotApplicable) | None => Seen::Nothing,
        Some(_) if judgements().next().is_none() => Seen::Nothing,
        Some(verdict) => Seen::Verdict(verdict),
    }
}

/// Verdict, what it may become, whether for sure, and why.
type Flip = (Verdict, Option<Verdict>, bool, String);

fn flip(one: &Aligned, statement: Option<&Statement>, clause: &Clause, seen: Seen) -> Option<Flip> {
    let verdict = match seen {
        Seen::Nothing => return None,
        // Only as a duty does it come to a verdict.
        Seen::Unused if one.effect != Effect::LevelChanged => return None,
        Seen::Unused => Verdict::NotApplicable,
        Seen::Verdict(verdict) => verdict,
    };
    let word = verdict.word();
    let level = statement.map_or(clause.level, |statement| align::force(statement.level));
    match (one.effect, &one.level) {
        (Effect::Added | Effect::NotRestated | Effect::Unchanged, _) => None,
        (Effect::Removed, _) => {
            let why = format!("the clause goes, and its {word} with it");
            Some((verdict, None, true, why))
        }
        (Effect::Moved, _) => {
            let why = format!("another actor has to keep it, so that its {word} goes");
            Some((verdict, None, true, why))
        }
        (Effect::LevelChanged, Some(levels)) if is_level_only(statement, clause, levels) => {
            // A kept clause stays kept, whatever its force.
            let open = matches!(verdict, Verdict::Pass | Verdict::Inconclusive);
            let becomes = Some(broken(level)).filter(|becomes| !open && *becomes != verdict);
            let why = format!("{}: the same behaviour weighs otherwise", turned(levels));
            becomes.map(|becomes| (verdict, Some(becomes), true, why))
        }
        (Effect::LevelChanged | Effect::Reworded, levels) => {
            let becomes = match verdict {
                Verdict::Pass | Verdict::NotApplicable => broken(level),
                Verdict::Inconclusive => return None,
                _ => Verdict::Pass,
            };
            let levels = levels
                .as_ref()
                .map(|levels| format!("{}; ", turned(levels)));
            let why = format!(
                "{}judged {word} by the old wording; the new one may demand something else",
                levels.unwrap_or_default()
            );
            Some((verdict, Some(becomes), false, why))
        }
    }
}

fn turned(levels: &Pair) -> String {
    format!("{} becomes {}", levels.from, levels.to)
}

/// Whether the sentence is the old one but for its keyword.
fn is_level_only(statement: Option<&Statement>, clause: &Clause, levels: &Pair) -> bool {
    let (Some(statement), Some(old)) = (statement, &clause.fingerprint) else {
        return false;
    };
    let before = statement.paragraph.replacen(&levels.to, &levels.from, 1);
    fingerprint::of(&before).sha256 == old.sha256
}

/// What not keeping a clause of this level is; a permission that is not used breaks nothing.
fn broken(level: Level) -> Verdict {
    match level {
        Level::Shall => Verdict::Fail,
        Level::Should => Verdict::Warning,
        Level::May => Verdict::NotApplicable,
    }
}

#[cfg(test)]
mod tests;
