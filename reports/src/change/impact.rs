//! What an adopted change would touch: scenarios, sources, sabotages, verdicts of stored runs.

use clauses::{Catalogue, Citation, Level};
use serde::Serialize;

use super::Document;
use super::align::{Aligned, Effect};
use super::flips::{self, MayFlip, Searched, Stored};
use super::statements::{Keyword, Statement};

/// Where clauses are worded and cited, and which runs may be touched.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// Earlier change requests, whose sentences are the old wording.
    pub earlier: Vec<Document>,
    /// Then lines of features.
    pub scenarios: Vec<Citation>,
    /// Comments of sources, where these are at hand.
    pub sources: Vec<Citation>,
    /// Clause and name of each sabotage.
    pub sabotages: Vec<(String, String)>,
    /// Words of the judging steps and where they are defined, each with its clause.
    pub steps: Vec<(String, String)>,
    /// Folder whose sources were searched for citations; none where it is not at hand.
    pub searched: Option<String>,
    pub runs: Vec<Stored>,
}

/// All that the change touches.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Impact {
    pub clauses: Vec<Touched>,
    /// Folder whose sources were searched for citations; null where it was not at hand.
    pub searched: Option<String>,
    /// The runs of `--results`.
    pub runs: Vec<Searched>,
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
    /// `file:line words` of the steps that judge it, where they are defined.
    pub steps: Vec<String>,
    /// `file:line` of sources that cite it.
    pub sources: Vec<String>,
    pub sabotages: Vec<String>,
}

/// The form's question, answered from the statements.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Compatibility {
    /// What the author wrote; empty where the form has no such question.
    pub author: String,
    /// `compatible`; `undecided`, where duties only have other words, so that somebody must read them; or `breaking`.
    pub computed: &'static str,
    /// One sentence for each statement that breaks or may break.
    pub because: Vec<String>,
}

/// Follows each changed clause to what rests on it.
pub(super) fn impact(
    alignment: &[Aligned],
    statements: &[Statement],
    catalogue: &Catalogue,
    author: &str,
    around: &Surroundings,
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
        let of = |all: &[(String, String)]| -> Vec<String> {
            let own = all.iter().filter(|(clause, _)| clause == id);
            own.map(|(_, what)| what.clone()).collect()
        };
        Some(Touched {
            clause: id.clone(),
            effect: one.effect,
            scenarios: cited(&around.scenarios, id),
            steps: of(&around.steps),
            sources: cited(&around.sources, id),
            sabotages: of(&around.sabotages),
        })
    });
    let (runs, verdicts) = flips::flips(alignment, statements, catalogue, &around.runs);
    Impact {
        clauses: clauses.collect(),
        searched: around.searched.clone(),
        runs,
        verdicts,
        compatibility: compatibility(alignment, statements, author),
    }
}

fn compatibility(alignment: &[Aligned], statements: &[Statement], author: &str) -> Compatibility {
    let mut because = Vec::new();
    let mut computed = "compatible";
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
        computed = match (one.effect, computed) {
            (Effect::Reworded, "compatible") => "undecided",
            (Effect::Reworded, decided) => decided,
            _ => "breaking",
        };
    }
    Compatibility {
        author: author.trim().to_owned(),
        computed,
        because,
    }
}
