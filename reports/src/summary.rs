//! The outcome of a run, clause by clause: `summary.json`, schema `shall.summary/1`.

use clauses::Level;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, Write};
use trace::Verdict;

/// Stable interface; keys may be added, never renamed.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// `shall.summary/1`.
    pub schema: &'static str,
    pub edition: String,
    pub subject: String,
    pub transports: Vec<String>,
    pub wall_seconds: f64,
    /// Whether the run was ended before all scenarios had run.
    pub interrupted: bool,
    /// Counts of `clauses`.
    pub totals: Totals,
    /// Clauses of the edition.
    pub clauses: Vec<ClauseSummary>,
    /// Counts of `supporting`.
    pub supporting_totals: Totals,
    /// Rules of RFCs, reported apart; they fail a run like clauses do.
    pub supporting: Vec<ClauseSummary>,
    /// Expectations that no longer hold; any makes the run fail.
    pub stale: Vec<String>,
    /// What is wrong on our side, such as a judged id that the catalogue does not hold.
    pub faults: Vec<String>,
    /// Every id of the catalogue, also those that the run was not to judge.
    #[serde(skip)]
    pub known: BTreeSet<String>,
}

/// How many clauses have which outcome; each clause counts once, `unproven` apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    pub pass: usize,
    pub fail: usize,
    pub warning: usize,
    pub inconclusive: usize,
    pub not_applicable: usize,
    pub excluded: usize,
    pub superseded: usize,
    /// To be judged once their scenarios are written; neither kept nor broken.
    pub pending: usize,
    pub error: usize,
    /// Judged clauses without a kill; `None` when no kill table is known.
    pub unproven: Option<usize>,
}

/// The outcome of one clause.
#[derive(Clone, Debug, Serialize)]
pub struct ClauseSummary {
    pub id: String,
    pub actor: String,
    pub level: Level,
    /// Worst over scenarios and transports; `None` for clauses that are not judged.
    pub verdict: Option<Verdict>,
    /// `judged`, `pending`, `excluded` or `superseded`.
    pub status: &'static str,
    pub scenarios: Vec<ScenarioVerdict>,
    /// Proof of the verdict, from the scenarios that gave it.
    pub evidence: Vec<Proof>,
    /// Why, unless the clause passed.
    pub reason: String,
    /// The expectation that covers the verdict, so that it does not fail the run.
    pub expected: Option<String>,
}

/// The verdict that one scenario gave on a clause, over one transport.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScenarioVerdict {
    /// Number of the scenario in `run.jsonl`.
    pub scenario_id: Option<usize>,
    pub name: String,
    pub feature: String,
    /// Line of the judging step, from 1.
    pub line: usize,
    pub transport: String,
    pub verdict: Verdict,
}

/// Octets of a frame that prove a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// Number of the scenario in `run.jsonl`.
    pub scenario_id: Option<usize>,
    /// Index of the frame in the exchange of the scenario.
    pub frame: usize,
    /// First octet, and the octet after the last.
    pub octets: (usize, usize),
    pub scenario: String,
    pub transport: String,
}

impl Totals {
    /// Counts the outcomes of clauses.
    pub fn of(clauses: &[ClauseSummary]) -> Totals {
        let mut totals = Totals::default();
        for clause in clauses {
            let place = match (clause.verdict, clause.status) {
                (Some(Verdict::Pass), _) => &mut totals.pass,
                (Some(Verdict::Fail), _) => &mut totals.fail,
                (Some(Verdict::Warning), _) => &mut totals.warning,
                (Some(Verdict::Inconclusive), _) => &mut totals.inconclusive,
                (Some(Verdict::NotApplicable), _) => &mut totals.not_applicable,
                (Some(Verdict::Error), _) => &mut totals.error,
                (None, "pending") => &mut totals.pending,
                (None, "superseded") => &mut totals.superseded,
                (None, _) => &mut totals.excluded,
            };
            *place += 1;
        }
        totals
    }
}

impl Summary {
    /// Clauses and supporting rules together.
    pub fn all(&self) -> impl Iterator<Item = &ClauseSummary> {
        self.clauses.iter().chain(&self.supporting)
    }

    /// Clauses and rules that nobody judges until their scenarios are written.
    pub fn pending(&self) -> impl Iterator<Item = &ClauseSummary> {
        self.all().filter(|clause| clause.status == "pending")
    }

    /// The outcome of one clause or supporting rule.
    pub fn get(&self, id: &str) -> Option<&ClauseSummary> {
        self.all().find(|clause| clause.id == id)
    }
}

/// Writes `summary.json`.
pub fn render_summary(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    write_json(summary, out)
}

pub(crate) fn write_json(value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}
