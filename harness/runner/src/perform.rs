//! Plays a plan: cucumber runs the steps, the scenes bring what crossed the wire.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cucumber::{World as _, event, parser, writer};
use gherkin::Feature;
use sabotage::Mutation;
use steps::Stage;
use trace::Exchange;
use trace::run_file::Staging;
use world::{Checked, Lab, Scene, Setting, Tamper, Transport};

use crate::plan::cited;
use crate::{Plan, Turn, terminal::Progress};

/// What one play of one scenario brought.
pub struct Played {
    pub feature: String,
    pub scenario: String,
    pub line: usize,
    pub turn: Turn,
    /// Clauses its Then lines name.
    pub cited: Vec<String>,
    pub exchange: Exchange,
    pub checked: Vec<Checked>,
    pub staging: Staging,
}

impl Played {
    /// Where it stands among all plays of a run.
    pub(crate) fn place(&self) -> (&str, usize, &str) {
        (&self.feature, self.line, &self.turn.transport)
    }

    /// A play of which nothing is known yet.
    fn of(feature: &Feature, scenario: &gherkin::Scenario) -> Self {
        let path = feature.path.as_ref();
        Self {
            feature: path.map_or_else(String::new, |p| p.to_string_lossy().into_owned()),
            scenario: scenario.name.clone(),
            line: scenario.position.line,
            turn: Turn::of(&scenario.tags),
            cited: cited(scenario),
            exchange: Exchange::default(),
            checked: Vec::new(),
            staging: Staging {
                steps: scenario.steps.iter().map(text_of).collect(),
                ..Staging::default()
            },
        }
    }
}

struct Planned(Vec<Feature>);

impl cucumber::Parser<&'static str> for Planned {
    type Cli = cucumber::cli::Empty;
    type Output = futures::stream::Iter<std::vec::IntoIter<parser::Result<Feature>>>;

    fn parse(self, _: &'static str, _: cucumber::cli::Empty) -> Self::Output {
        let features: Vec<parser::Result<Feature>> = self.0.into_iter().map(Ok).collect();
        futures::stream::iter(features)
    }
}

/// The scenes bring everything; nothing is left for a writer.
struct Silent;

impl cucumber::Writer<Stage> for Silent {
    type Cli = cucumber::cli::Empty;

    async fn handle_event(
        &mut self,
        _: parser::Result<cucumber::Event<event::Cucumber<Stage>>>,
        _: &Self::Cli,
    ) {
    }
}

impl writer::Normalized for Silent {}

fn fault_of(finished: &event::ScenarioFinished) -> Option<String> {
    match finished {
        event::ScenarioFinished::StepPassed => None,
        event::ScenarioFinished::StepSkipped => {
            Some("a step has no definition; `cargo ci pairs` names it".to_owned())
        }
        event::ScenarioFinished::StepFailed(_, _, error) => Some(format!("a step failed: {error}")),
        event::ScenarioFinished::BeforeHookFailed(_) => {
            Some("the scene could not be set".to_owned())
        }
    }
}

/// The tester must keep the rules it judges by; scenarios tagged `@violates` break them on purpose.
fn own_fault(exchange: &Exchange) -> Option<String> {
    trace::own_fault(exchange)
        .map(|(frame, fault)| format!("the tester's own message, frame {frame}, is wrong: {fault}"))
}

/// Ends the scene and takes what it brought.
async fn finish(played: &mut Played, scene: Option<Scene>, deliberate: bool) {
    let Some(mut scene) = scene else {
        let lost = "the scenario lost its scene";
        played.staging.fault.get_or_insert(lost.to_owned());
        return;
    };
    let staging = &mut played.staging;
    staging.blocked.clone_from(&scene.blocked);
    played.checked = scene.finish().await;
    played.exchange = scene.exchange();
    if !deliberate && staging.fault.is_none() {
        staging.fault = own_fault(&played.exchange);
    }
    staging.unable = scene.cannot();
    staging.names = scene.names();
    staging.scale = scene.scale;
    staging.number = scene.number();
}

/// A step as its feature has it.
fn text_of(step: &gherkin::Step) -> (usize, String) {
    let text = format!("{} {}", step.keyword.trim(), step.value);
    (step.position.line, text)
}

/// Scenes at a subject's side, broken by the mutation that the scenario's turn names.
pub(crate) fn live(
    lab: Arc<Lab>,
    mutations: &[Mutation],
) -> impl Fn(&gherkin::Scenario) -> Scene + Send + Sync + 'static {
    let named = mutations.iter().map(|m| (m.name.clone(), m.clone()));
    let mutations: HashMap<String, Mutation> = named.collect();
    move |scenario| {
        let turn = Turn::of(&scenario.tags);
        let mutation = turn.mutation.and_then(|name| mutations.get(&name));
        let tamper = mutation.map(|m| Box::new(m.clone()) as Box<dyn Tamper>);
        let setting = Setting::of(&scenario.tags);
        lab.scene(transport(&turn.transport), setting, tamper)
    }
}

/// Plays every scenario of the plan in the scene that `seat` gives it, `jobs` at once; `done` hears of each as it ends.
pub async fn perform(
    plan: &Plan,
    seat: impl Fn(&gherkin::Scenario) -> Scene + Send + Sync + 'static,
    jobs: usize,
    progress: Arc<Progress>,
    done: Arc<Mutex<Vec<Played>>>,
) {
    if plan.is_empty() {
        return;
    }
    Stage::cucumber::<&str>()
        .with_parser(Planned(plan.features.clone()))
        .with_writer(Silent)
        .max_concurrent_scenarios(jobs)
        .before(move |_, _, scenario, stage| {
            stage.seat(seat(scenario));
            Box::pin(std::future::ready(()))
        })
        .after(move |feature, _, scenario, finished, stage| {
            let (done, progress) = (Arc::clone(&done), Arc::clone(&progress));
            let mut played = Played::of(feature, scenario);
            played.staging.fault = fault_of(finished);
            let deliberate = scenario.tags.iter().any(|t| t == "violates");
            Box::pin(async move {
                finish(&mut played, stage.and_then(Stage::clear), deliberate).await;
                progress.step(&played);
                done.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(played);
            })
        })
        .with_cli(cucumber::cli::Opts {
            re_filter: None,
            tags_filter: None,
            parser: cucumber::cli::Empty,
            runner: cucumber::runner::basic::Cli::default(),
            writer: cucumber::cli::Empty,
            custom: cucumber::cli::Empty,
        })
        .run("features")
        .await;
}

pub(crate) fn transport(name: &str) -> Transport {
    if name == "tcp" {
        Transport::Tcp
    } else {
        Transport::Udp
    }
}
