//! Clauses by subjects: where several systems disagree first, then where they agree.

mod text;

use clauses::{Catalogue, Level};
use serde::Serialize;
use trace::run_file;

use crate::{ClauseSummary, Run, Totals, summarise};
pub use text::{render_matrix_json, render_matrix_markdown, render_matrix_text};

/// Several subjects judged by one catalogue; schema `shall.matrix/1`.
#[derive(Clone, Debug, Serialize)]
pub struct Matrix {
    /// `shall.matrix/1`.
    pub schema: &'static str,
    /// One column a run, in the order given.
    pub subjects: Vec<Column>,
    /// Clauses on which not all of the subjects agree, in the order of the catalogue.
    pub differing: Vec<Row>,
    /// Clauses on which they agree.
    pub agreed: Vec<Row>,
    /// Clauses that one run alone was asked for, as of another edition or a narrower run: nothing to compare.
    pub alone: Vec<Row>,
}

/// One subject.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    /// Its name, with the run's where two have the same name.
    pub subject: String,
    /// Where its run was read.
    pub run: String,
    pub edition: String,
    /// Counts of the clauses, supporting rules left out.
    pub totals: Totals,
}

/// What each subject did about one clause or supporting rule.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub clause: String,
    pub level: Level,
    pub requirement: String,
    /// A verdict, or `pending`, `excluded` or `superseded`; `None` where the run was not asked for the clause. One a subject.
    pub outcomes: Vec<Option<&'static str>>,
    /// Why, for each subject; empty where it passed.
    pub reasons: Vec<String>,
}

impl Matrix {
    /// Sets runs side by side; each has the name of the place it was read from.
    #[must_use]
    pub fn of(catalogue: &Catalogue, runs: &[(String, run_file::Run)]) -> Self {
        let summaries: Vec<_> = runs
            .iter()
            .map(|(_, run)| summarise(catalogue, &Run::of_file(run)))
            .collect();
        let column = |((place, run), summary): (&(String, run_file::Run), &crate::Summary)| {
            let alike = runs
                .iter()
                .filter(|(_, other)| other.subject == run.subject);
            Column {
                subject: match alike.count() {
                    1 => run.subject.clone(),
                    _ => format!("{} ({place})", run.subject),
                },
                run: place.clone(),
                edition: run.edition.clone(),
                totals: summary.totals.clone(),
            }
        };
        let mut matrix = Self {
            schema: "shall.matrix/1",
            subjects: runs.iter().zip(&summaries).map(column).collect(),
            differing: Vec::new(),
            agreed: Vec::new(),
            alone: Vec::new(),
        };
        for clause in catalogue.iter() {
            let outcomes: Vec<_> = summaries.iter().map(|s| s.get(&clause.id)).collect();
            if outcomes.iter().all(Option::is_none) {
                continue;
            }
            let row = row(clause, &outcomes);
            let asked = row.outcomes.iter().flatten().count();
            match (asked, row.is_agreed()) {
                (1, _) if runs.len() > 1 => matrix.alone.push(row),
                (_, true) => matrix.agreed.push(row),
                (_, false) => matrix.differing.push(row),
            }
        }
        matrix
    }
}

impl Row {
    /// Whether all subjects that were asked for it came to the same.
    fn is_agreed(&self) -> bool {
        let mut asked = self.outcomes.iter().flatten();
        let first = asked.next();
        asked.all(|outcome| Some(outcome) == first)
    }
}

fn row(clause: &clauses::Clause, outcomes: &[Option<&ClauseSummary>]) -> Row {
    let word = |summary: &ClauseSummary| summary.verdict.map_or(summary.status, |v| v.word());
    let reason = |summary: &&ClauseSummary| summary.reason.clone();
    Row {
        clause: clause.id.clone(),
        level: clause.level,
        requirement: clause.requirement.clone(),
        outcomes: outcomes.iter().map(|o| o.map(word)).collect(),
        reasons: outcomes
            .iter()
            .map(|o| o.as_ref().map(reason).unwrap_or_default())
            .collect(),
    }
}
