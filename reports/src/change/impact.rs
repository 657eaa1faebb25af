//! What an adopted change would touch: scenarios, sources, sabotages, verdicts of stored runs.

use std::collections::BTreeMap;

use clauses::{Catalogue, Citation, Level};
use serde::Serialize;
use trace::{Verdict, run_file};

use super::Document;
use super::align::{Aligned, Effect};
use super::statements::{Keyword, Statement};
use crate::{Run, summarise};

/// Where clauses are worded and cited, and which runs may be touched.
#[derive(Debug, Default)]
pub struct Surroundings<'a> {
    /// Earlier change requests, whose sentences are the old wording.
    pub earlier: Vec<Document>,
    /// Then lines of features.
    pub scenarios: Vec<Citation>,
    /// Comments of sources, where these are at hand.
    pub sources: Vec<Citation>,
    /// Clause and name of each sabotage.
    pub sabotages: Vec<(String, String)>,
    /// Stored runs with the path by which the user knows them.
    pub runs: Vec<(String, &'a run_file::Run)>,
}

/// All that the change touches.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Impact {
    pub clauses: Vec<Touched>,
    /// Verdicts of the runs of `--results` that may become others.
    pub verdicts: Vec<MayFlip>,
    pub compatibility: Compatibility,
}

/// A clause whose wording, level, actor or existence changes.
#[derive(Clone, Debug, Serialize)]
pub struct Touched {
    pub clause: String,
    pub effect: Effect,
    /// `feature:line scenario`.
    pub scenarios: Vec<String>,
    /// `file:line` of sources that cite it.
    pub sources: Vec<String>,
    pub sabotages: Vec<String>,
}

/// A verdict that may become another one.
#[derive(Clone, Debug, Serialize)]
pub struct MayFlip {
    pub run: String,
    pub subject: String,
    pub clause: String,
    pub verdict: Verdict,
    pub why: String,
}

/// The form's question, answered from the statements.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Compatibility {
    /// What the author wrote; empty where the form has no such question.
    pub author: String,
    /// `compatible` or `breaking`.
    pub computed: &'static str,
    /// One sentence for each statement or clause that breaks.
    pub because: Vec<String>,
}

/// Follows each changed clause to what rests on it.
pub(super) fn impact(
    alignment: &[Aligned],
    statements: &[Statement],
    catalogue: &Catalogue,
    author: &str,
    around: &Surroundings<'_>,
) -> Impact {
    let touched = |one: &&Aligned| one.clause.is_some() && one.effect.is_change();
    let place = |c: &Citation| match c.scenario.is_empty() {
        true => format!("{}:{}", c.file, c.line),
        false => format!("{}:{} {}", c.file, c.line, c.scenario),
    };
    let cited =
        |all: &[Citation], id: &str| all.iter().filter(|c| c.clause == id).map(place).collect();
    let clauses = alignment.iter().filter(touched).filter_map(|one| {
        let id = one.clause.as_ref()?;
        let broken = around.sabotages.iter().filter(|(clause, _)| clause == id);
        Some(Touched {
            clause: id.clone(),
            effect: one.effect,
            scenarios: cited(&around.scenarios, id),
            sources: cited(&around.sources, id),
            sabotages: broken.map(|(_, name)| name.clone()).collect(),
        })
    });
    Impact {
        clauses: clauses.collect(),
        verdicts: verdicts(alignment, catalogue, around),
        compatibility: compatibility(alignment, statements, author),
    }
}

fn verdicts(
    alignment: &[Aligned],
    catalogue: &Catalogue,
    around: &Surroundings<'_>,
) -> Vec<MayFlip> {
    let changed: BTreeMap<&str, &Aligned> = alignment
        .iter()
        .filter(|one| one.effect.is_change())
        .filter_map(|one| Some((one.clause.as_deref()?, one)))
        .collect();
    let mut all = Vec::new();
    for (path, file) in &around.runs {
        let run = Run::of_file(file);
        let summary = summarise(catalogue, &run);
        for clause in summary.all() {
            let (Some(verdict), Some(one)) = (clause.verdict, changed.get(clause.id.as_str()))
            else {
                continue;
            };
            let judged = run
                .judgements
                .iter()
                .any(|judgement| judgement.clause == clause.id);
            if let Some(why) = why(one, verdict).filter(|_| judged) {
                all.push(MayFlip {
                    run: path.clone(),
                    subject: run.subject.clone(),
                    clause: clause.id.clone(),
                    verdict,
                    why,
                });
            }
        }
    }
    all
}

/// Why a verdict may become another one; none if it cannot.
fn why(one: &Aligned, verdict: Verdict) -> Option<String> {
    let word = verdict.word();
    match one.effect {
        Effect::Added | Effect::NotRestated | Effect::Unchanged => None,
        Effect::Removed => Some(format!("the clause goes, and its {word} with it")),
        Effect::Moved => Some(format!(
            "another actor has to keep it: the {word} is the wrong one's"
        )),
        Effect::Reworded => Some(format!(
            "judged {word} by the old wording; the new one may demand something else"
        )),
        Effect::LevelChanged => {
            let level = one.level.as_ref()?;
            // A kept clause stays kept, whatever its force.
            let kept = verdict == Verdict::Pass || verdict == Verdict::NotApplicable;
            (!kept).then(|| {
                format!(
                    "{} becomes {}: the same behaviour weighs otherwise",
                    level.from, level.to
                )
            })
        }
    }
}

fn compatibility(alignment: &[Aligned], statements: &[Statement], author: &str) -> Compatibility {
    let mut because = Vec::new();
    for one in alignment {
        let statement = one.statement.map(|index| &statements[index]);
        let binding = statement.is_some_and(|s| matches!(s.level, Keyword::Shall | Keyword::Must));
        let place = statement
            .map(|s| format!("{} step {} (line {})", s.subclause, s.step, s.line))
            .unwrap_or_default();
        let sentence = match (one.effect, &one.level) {
            (Effect::Added, _) if binding => format!("{place} is a new SHALL"),
            (Effect::Reworded, _) if binding => format!("{place} has a SHALL in other words"),
            (Effect::LevelChanged, Some(level))
                if binding && level.to == Level::Shall.to_string() =>
            {
                format!("{place} was {} and is {}", level.from, level.to)
            }
            (Effect::Moved, _) => format!("{place} binds another actor"),
            _ => continue,
        };
        because.push(sentence);
    }
    Compatibility {
        author: author.trim().to_owned(),
        computed: if because.is_empty() {
            "compatible"
        } else {
            "breaking"
        },
        because,
    }
}
