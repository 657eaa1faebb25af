//! What a run found, as the reports take it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use trace::{Exchange, Judgement, run_file};

/// One run over one or more transports.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Edition of the catalogue.
    pub edition: String,
    /// The change requests that make it up; `None` is all that the catalogue has.
    pub change_requests: Option<BTreeSet<String>>,
    /// Name of the subject.
    pub subject: String,
    /// `udp`, `tcp`.
    pub transports: Vec<String>,
    /// Wall time in seconds.
    pub wall_seconds: f64,
    /// Whether it was ended before all scenarios had run.
    pub interrupted: bool,
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScenarioRun {
    /// Number of the scenario in the run file.
    pub id: usize,
    pub name: String,
    /// Feature file, relative to `features/`.
    pub feature: String,
    /// Line of the scenario, from 1.
    pub line: usize,
    pub transport: String,
    /// From its first frame to its last.
    pub seconds: f64,
}

impl Run {
    /// The run that a run file holds.
    pub fn of_file(file: &run_file::Run) -> Run {
        let scenario = |scenario: &run_file::Scenario| ScenarioRun {
            id: scenario.id,
            name: scenario.name.clone(),
            feature: scenario.feature.clone(),
            line: scenario.line,
            transport: scenario.transport.clone(),
            seconds: seconds(&scenario.exchange),
        };
        Run {
            edition: file.edition.clone(),
            change_requests: file.change_requests.clone(),
            subject: file.subject.clone(),
            transports: file.transports.clone(),
            wall_seconds: file.wall_seconds.unwrap_or_default(),
            interrupted: file.interrupted || file.wall_seconds.is_none(),
            selected: file.selected.clone(),
            claims: file.profiles.iter().flat_map(claims).collect(),
            scenarios: file.scenarios.iter().map(scenario).collect(),
            judgements: file
                .scenarios
                .iter()
                .flat_map(|s| s.judgements.clone())
                .collect(),
        }
    }

    /// The scenario that gave a verdict; titles are unique within a feature.
    pub(crate) fn scenario_of(&self, judgement: &Judgement) -> Option<&ScenarioRun> {
        self.scenarios.iter().find(|scenario| {
            scenario.name == judgement.scenario
                && scenario.feature == judgement.feature
                && scenario.transport == judgement.transport
        })
    }
}

/// The claims of a profile as it was archived.
fn claims(profile: &serde_json::Value) -> BTreeMap<String, bool> {
    let claims = profile.get("claims").and_then(|c| c.as_object());
    let claims = claims.into_iter().flatten();
    claims
        .filter_map(|(name, value)| Some((name.clone(), value.as_bool()?)))
        .collect()
}

/// How long an exchange took, from its first frame to its last.
#[must_use]
pub fn seconds(exchange: &Exchange) -> f64 {
    let times = || exchange.frames.iter().map(|frame| frame.at_us);
    match (times().min(), times().max()) {
        (Some(first), Some(last)) => Duration::from_micros(last - first).as_secs_f64(),
        _ => 0.0,
    }
}
