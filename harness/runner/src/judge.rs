//! `shall judge`: an archived run judged again by the features and the catalogue of today, without any socket.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use clauses::Catalogue;
use gherkin::Feature;
use trace::Verdict;
use trace::run_file::{self, Bounds, Scenario};
use world::{Lab, Profile, Recorded, Scene};

use crate::cli::JudgeOptions;
use crate::edition::Edition;
use crate::files::{Told, prepare};
use crate::perform::transport;
use crate::run::{archive, tell};
use crate::terminal::{self, Progress};
use crate::{Bundle, Error, Plan, Played, Turn, perform};

/// Tag that leads from a scenario of the plan to its record.
const RECORD: &str = "record=";
/// Scenarios judged at once.
const AT_ONCE: usize = 16;

pub(crate) async fn judge(options: JudgeOptions) -> Result<u8, Error> {
    let bundle = Bundle::open(options.features.as_deref())?;
    let whole = bundle.catalogue()?;
    let (path, file) = archived(&options.run)?;
    let edition = Edition::of_run(&whole, &path, &file)?;
    let Derived { run: again, lost } = derive(&bundle, &whole, &path, &file).await?;
    prepare(&options.out)?;
    for line in &lost {
        terminal::error(line);
    }
    let told = Told::of(&edition.catalogue, &again, None, &options.out);
    let code = tell(&told, &options.out, None, options.format)?;
    for line in changed(&file, &again) {
        terminal::error(&line);
    }
    Ok(code)
}

/// What features and catalogue make of a run file.
pub(crate) struct Derived {
    pub(crate) run: run_file::Run,
    /// Scenarios of the file that are no more, a line each.
    pub(crate) lost: Vec<String>,
}

/// Judges every scenario of `file`, which was read from `path`, by its edition of the whole catalogue.
pub(crate) async fn derive(
    bundle: &Bundle,
    whole: &Catalogue,
    path: &Path,
    file: &run_file::Run,
) -> Result<Derived, Error> {
    let features = Plan::read(bundle, whole)?;
    let edition = Edition::of_run(whole, path, file)?;
    let profiles = subjects(path, file)?;
    let (plan, lost) = planned(&features, file);
    let played = replay(&plan, &profiles, file).await;
    let line = |scenario: &Scenario| {
        format!(
            "{}: there is no scenario {:?} any more; its clauses have what the others give them",
            scenario.feature, scenario.name
        )
    };
    Ok(Derived {
        run: run_file::Run {
            transports: file.transports.clone(),
            started_ms: file.started_ms,
            interrupted: file.interrupted || file.wall_seconds.is_none(),
            wall_seconds: Some(file.wall_seconds.unwrap_or_default()),
            selected: file.selected.clone(),
            shard: file.shard.clone(),
            ..archive(&edition, &profiles, played)
        },
        lost: lost.into_iter().map(line).collect(),
    })
}

/// The run file that a path means, itself or in a run's folder, read back.
pub(crate) fn archived(path: &Path) -> Result<(PathBuf, run_file::Run), Error> {
    let path = match path.is_dir() {
        true => path.join("run.jsonl"),
        false => path.to_owned(),
    };
    let file = File::open(&path).map_err(|source| Error::File {
        path: path.clone(),
        source,
        help: "give the folder that `shall run` wrote with --out, or its run.jsonl",
    })?;
    let bounds = Bounds::default();
    let read = run_file::read(BufReader::new(file), &bounds).map_err(|source| Error::Archive {
        path: path.clone(),
        source,
    })?;
    Ok((path, read))
}

fn subjects(path: &Path, file: &run_file::Run) -> Result<Vec<Profile>, Error> {
    let read = |value: &serde_json::Value| serde_json::from_value(value.clone());
    let profiles: Result<Vec<Profile>, _> = file.profiles.iter().map(read).collect();
    match profiles {
        Ok(profiles) if !profiles.is_empty() => Ok(profiles),
        Ok(_) => Err(Error::Unjudgeable {
            path: path.to_owned(),
            problem: "it holds no profile of its subject".to_owned(),
        }),
        Err(error) => Err(Error::Unjudgeable {
            path: path.to_owned(),
            problem: format!("its profile cannot be read: {error}"),
        }),
    }
}

/// Today's scenarios for those of the file, and those that are no more.
fn planned<'a>(features: &[Feature], file: &'a run_file::Run) -> (Plan, Vec<&'a Scenario>) {
    let path = |feature: &Feature| {
        let path = feature.path.as_ref().map(|p| p.to_string_lossy());
        format!("features/{}", path.unwrap_or_default())
    };
    let mut of_feature: BTreeMap<String, Vec<&Scenario>> = BTreeMap::new();
    for scenario in &file.scenarios {
        let all = of_feature.entry(scenario.feature.clone()).or_default();
        all.push(scenario);
    }
    let mut plan = Plan::default();
    let mut found = HashSet::new();
    for feature in features {
        let recorded = of_feature.remove(&path(feature)).unwrap_or_default();
        let mut copy = feature.clone();
        copy.scenarios.clear();
        for scenario in recorded {
            let today = feature.scenarios.iter().find(|s| s.name == scenario.name);
            if let Some(today) = today {
                let turn = Turn {
                    transport: scenario.transport.clone(),
                    mutation: None,
                };
                let mut again = today.clone();
                again.tags.extend(turn.tags());
                again.tags.push(format!("{RECORD}{}", scenario.id));
                plan.clauses.extend(crate::plan::cited(&again));
                copy.scenarios.push(again);
                found.insert(scenario.id);
            }
        }
        if !copy.scenarios.is_empty() {
            plan.features.push(copy);
        }
    }
    if let Some(selected) = &file.selected {
        plan.clauses.retain(|clause| selected.contains(clause));
    }
    let lost = file.scenarios.iter().filter(|s| !found.contains(&s.id));
    (plan, lost.collect())
}

/// Lets every scenario look at what was recorded of it; in the order of the file.
async fn replay(plan: &Plan, profiles: &[Profile], file: &run_file::Run) -> Vec<Played> {
    let done = Arc::new(Mutex::new(Vec::new()));
    let progress = Arc::new(Progress::new(plan.len()));
    let records: HashMap<usize, Scenario> =
        file.scenarios.iter().map(|s| (s.id, s.clone())).collect();
    let records = Arc::new(records);
    for profile in profiles {
        let part = plan.of_kind(profile.kind);
        let lab = Lab::archive(profile.clone());
        let records = Arc::clone(&records);
        let seat = move |scenario: &gherkin::Scenario| recorded(&lab, &records, scenario);
        perform(
            &part,
            seat,
            AT_ONCE,
            Arc::clone(&progress),
            Arc::clone(&done),
        )
        .await;
    }
    let mut played = std::mem::take(&mut *done.lock().unwrap_or_else(PoisonError::into_inner));
    played.sort_by(|a: &Played, b: &Played| a.place().cmp(&b.place()));
    played
}

fn recorded(
    lab: &Arc<Lab>,
    records: &HashMap<usize, Scenario>,
    scenario: &gherkin::Scenario,
) -> Scene {
    let id = scenario.tags.iter().find_map(|t| t.strip_prefix(RECORD));
    let record = id
        .and_then(|id| id.parse().ok())
        .map(|id: usize| records.get(&id));
    let record = record.flatten().cloned().unwrap_or_default();
    lab.replay(Recorded {
        number: record.staging.number,
        transport: transport(&record.transport),
        scale: record.staging.scale,
        names: record.staging.names,
        blocked: record.staging.blocked,
        unable: record.staging.unable,
        exchange: record.exchange,
    })
}

/// What the run file says otherwise, a line each.
pub(crate) fn changed(file: &run_file::Run, again: &run_file::Run) -> Vec<String> {
    let (before, after) = (worst(file), worst(again));
    let all: BTreeSet<&Judged<'_>> = before.keys().chain(after.keys()).collect();
    let line = |key: &Judged<'_>| {
        let word = |verdicts: &BTreeMap<Judged<'_>, Verdict>| {
            verdicts.get(key).map_or("not judged", |v| v.word())
        };
        let (old, new) = (word(&before), word(&after));
        let (clause, _, scenario, transport) = key;
        let said = format!("{clause}: was {old}, is {new} ({scenario}, {transport})");
        (old != new).then_some(said)
    };
    all.into_iter().filter_map(line).collect()
}

/// Clause, feature, scenario, transport.
type Judged<'a> = (&'a str, &'a str, &'a str, &'a str);

/// The worst verdict on each clause in each scenario.
fn worst(run: &run_file::Run) -> BTreeMap<Judged<'_>, Verdict> {
    let mut verdicts = BTreeMap::new();
    for j in run.scenarios.iter().flat_map(|s| &s.judgements) {
        let key: Judged<'_> = (&j.clause, &j.feature, &j.scenario, &j.transport);
        let verdict = verdicts.entry(key).or_insert(j.verdict);
        *verdict = j.verdict.max(*verdict);
    }
    verdicts
}
