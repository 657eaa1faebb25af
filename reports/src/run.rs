//! What a run found, as the reports take it.

use std::collections::{BTreeMap, BTreeSet};
use trace::{Judgement, run_file};

/// One run over one or more transports.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Edition of the catalogue.
    pub edition: String,
    /// Name of the subject.
    pub subject: String,
    /// `udp`, `tcp`.
    pub transports: Vec<String>,
    /// Wall time in seconds.
    pub wall_seconds: f64,
    /// Claims of the subject's profile; one set to false makes its clauses not applicable.
    pub claims: BTreeMap<String, bool>,
    /// Ids that the run was to judge; `None` is the whole catalogue. Others stay out of the summary.
    pub selected: Option<BTreeSet<String>>,
    /// Scenarios that ran, also those without a judgement.
    pub scenarios: Vec<ScenarioRun>,
    /// Verdicts in the order in which they were given.
    pub judgements: Vec<Judgement>,
}

/// One scenario on one transport.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScenarioRun {
    pub name: String,
    /// Feature file, relative to `features/`.
    pub feature: String,
    /// Line of the scenario, from 1.
    pub line: usize,
    pub transport: String,
}

impl Run {
    /// The run that a run file holds; claims and selection are not in it and stay empty.
    pub fn of_file(file: &run_file::Run) -> Run {
        let scenario = |scenario: &run_file::Scenario| ScenarioRun {
            name: scenario.name.clone(),
            feature: scenario.feature.clone(),
            line: scenario.line,
            transport: scenario.transport.clone(),
        };
        Run {
            edition: file.edition.clone(),
            subject: file.subject.clone(),
            transports: file.transports.clone(),
            wall_seconds: file.wall_seconds.unwrap_or_default(),
            scenarios: file.scenarios.iter().map(scenario).collect(),
            judgements: file
                .scenarios
                .iter()
                .flat_map(|s| s.judgements.clone())
                .collect(),
            ..Run::default()
        }
    }
}
