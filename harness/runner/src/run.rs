//! `shall run`: plays, judges, reports.

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use clauses::Catalogue;
use reports::{Date, Expectations, Run, ScenarioRun, Summary};
use trace::run_file::{Record, SCHEMA, Writer};
use trace::{Judgement, Names, Verdict, failure_text, normalise};
use world::{Lab, Profile, Transport};

use crate::cli::{Format, RunOptions, TransportName};
use crate::terminal::{self, Progress};
use crate::{Bundle, Error, Plan, Played, Selection, Turn, judgements, perform};

/// Failures explained in full; the rest are in the reports.
const EXPLAINED: usize = 10;

pub(crate) fn selection(choice: &crate::cli::Choice) -> Selection {
    Selection {
        clauses: choice.clause.clone(),
        exclude: choice.exclude.clone(),
        ..Selection::default()
    }
}

/// The profile at `path`, or that of the embedded reference.
pub(crate) fn profile(bundle: &Bundle, path: Option<&Path>) -> Result<Profile, Error> {
    match path {
        None => {
            let path = "profiles/reference.yaml";
            let help = "give the folder that holds clauses/, profiles/ and the *.feature files";
            let text = bundle.text(path).ok_or_else(|| Error::File {
                path: bundle.shown(path).into(),
                source: io::ErrorKind::NotFound.into(),
                help,
            })?;
            Ok(Profile::parse(&bundle.shown(path), text)?)
        }
        Some(path) => {
            let help =
                "name an existing profile; features/profiles/remote.yaml is a commented example";
            let text = fs::read_to_string(path).map_err(|source| Error::File {
                path: path.to_owned(),
                source,
                help,
            })?;
            Ok(Profile::parse(&path.to_string_lossy(), &text)?)
        }
    }
}

fn shard(text: &str) -> Result<(usize, usize), Error> {
    let parts = text
        .split_once('/')
        .and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    parts.filter(|(k, n)| (1..=*n).contains(k)).ok_or_else(|| {
        Error::Usage(format!(
            "`--shard {text}` is not K/N with K from 1 to N, such as 1/4"
        ))
    })
}

pub(crate) async fn run(options: RunOptions) -> Result<u8, Error> {
    let bundle = Bundle::open(options.choice.features.as_deref())?;
    let catalogue = bundle.catalogue()?;
    let profile = profile(&bundle, options.profile.as_deref())?;
    let expectations = options
        .expect
        .as_ref()
        .map(Expectations::load)
        .transpose()?;
    let mut selection = selection(&options.choice);
    selection.tags.clone_from(&options.tags);
    selection.shard = options.shard.as_deref().map(shard).transpose()?;
    let transports = transports(&options.transport);
    let turn = |(name, _): &(&str, Transport)| Turn {
        transport: (*name).to_owned(),
        mutation: None,
    };
    let plan = Plan::make(&Plan::read(&bundle, &catalogue)?, &selection, |_| {
        transports.iter().map(turn).collect()
    })?;
    // A folder that cannot be written is better known before the run than after.
    fs::create_dir_all(&options.out).map_err(|source| Error::Write {
        path: options.out.clone(),
        source,
    })?;
    let began = Instant::now();
    let started = SystemTime::now();
    let sockets: Vec<Transport> = transports.iter().map(|(_, t)| *t).collect();
    let lab = Lab::open(profile, &sockets).await?;
    if let Err(error) = lab.reach().await {
        lab.close().await;
        return Err(error.into());
    }
    let played = play(&lab, &plan, usize::from(options.choice.jobs)).await;
    lab.close().await;

    let judged: Vec<Vec<Judgement>> = played.iter().map(|p| judgements(&catalogue, p)).collect();
    let mut run = collect(&plan, &played, &judged);
    run.subject.clone_from(&lab.profile.subject);
    run.claims.clone_from(&lab.profile.claims);
    run.transports = transports.iter().map(|(n, _)| (*n).to_owned()).collect();
    run.wall_seconds = began.elapsed().as_secs_f64();
    run.selected = (!selection.is_whole()).then(|| plan.clauses.clone());
    let mut summary = reports::summarise(&catalogue, &run);
    if let Some(expectations) = &expectations {
        expectations.apply(&mut summary, today(started));
    }
    let changed = write_all(&options, &run, &summary, &played, &judged, started)?;
    show(&options, &catalogue, &summary, &played, &judged)?;
    for path in &changed {
        let path = path.display();
        terminal::error(&format!("the messages differ from the baseline: {path}"));
    }
    let code = reports::exit_code(&summary);
    Ok(if code == 0 && !changed.is_empty() {
        1
    } else {
        code
    })
}

fn transports(asked: &[TransportName]) -> Vec<(&'static str, Transport)> {
    let all = [
        (TransportName::Udp, "udp", Transport::Udp),
        (TransportName::Tcp, "tcp", Transport::Tcp),
    ];
    let wanted = all.into_iter().filter(|(name, ..)| asked.contains(name));
    wanted.map(|(_, name, socket)| (name, socket)).collect()
}

/// What the reports get: scenarios that ran and the judgements that were asked for.
fn collect(plan: &Plan, played: &[Played], judged: &[Vec<Judgement>]) -> Run {
    let mut run = Run {
        edition: "CR-000 to CR-004".to_owned(),
        ..Run::default()
    };
    for (p, judged) in played.iter().zip(judged) {
        run.scenarios.push(ScenarioRun {
            name: p.scenario.clone(),
            feature: format!("features/{}", p.feature),
            line: p.line,
            transport: p.turn.transport.clone(),
        });
        let wanted = judged.iter().filter(|j| plan.clauses.contains(&j.clause));
        run.judgements.extend(wanted.cloned());
    }
    run
}

/// Plays until all is done or Ctrl-C; what was played is reported either way.
async fn play(lab: &Arc<Lab>, plan: &Plan, jobs: usize) -> Vec<Played> {
    let done = Arc::new(Mutex::new(Vec::new()));
    let playing = perform(
        Arc::clone(lab),
        plan,
        &[],
        jobs,
        Progress::new(plan.len()),
        Arc::clone(&done),
    );
    tokio::select! {
        () = playing => {}
        _ = tokio::signal::ctrl_c() => terminal::error("interrupted; the report holds what was judged so far"),
    }
    let mut played = std::mem::take(&mut *done.lock().unwrap_or_else(PoisonError::into_inner));
    played.sort_by(|a, b| {
        (&a.feature, a.line, &a.turn.transport).cmp(&(&b.feature, b.line, &b.turn.transport))
    });
    played
}

fn today(now: SystemTime) -> Date {
    let days = now
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_secs() / 86_400);
    Date::of_days(days)
}

fn show(
    options: &RunOptions,
    catalogue: &Catalogue,
    summary: &Summary,
    played: &[Played],
    judged: &[Vec<Judgement>],
) -> Result<(), Error> {
    let written = |source| Error::Write {
        path: PathBuf::from("standard output"),
        source,
    };
    if options.format == Format::Json {
        return reports::render_summary(summary, &mut io::stdout().lock()).map_err(written);
    }
    let mut failures = Vec::new();
    for (p, judgement) in played
        .iter()
        .zip(judged)
        .flat_map(|(p, all)| all.iter().map(move |j| (p, j)))
    {
        if matches!(
            judgement.verdict,
            Verdict::Fail | Verdict::Error | Verdict::Warning
        ) && failures.len() < EXPLAINED
        {
            let requirement = catalogue
                .get(&judgement.clause)
                .map(|c| c.requirement.clone())
                .unwrap_or_default();
            failures.push((
                judgement.clone(),
                failure_text(judgement, &requirement, &p.exchange),
            ));
        }
    }
    terminal::summary(catalogue, summary, &failures).map_err(written)
}

/// File name of a scenario's snapshot.
#[must_use]
pub(crate) fn snapshot_name(played: &Played) -> String {
    let plain = |text: &str| {
        text.chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '_'
                }
            })
            .collect::<String>()
    };
    format!(
        "{}.{}",
        played
            .feature
            .trim_end_matches(".feature")
            .replace('/', "."),
        plain(&played.scenario)
    )
}

fn write_all(
    options: &RunOptions,
    run: &Run,
    summary: &Summary,
    played: &[Played],
    judged: &[Vec<Judgement>],
    started: SystemTime,
) -> Result<Vec<PathBuf>, Error> {
    let at = |name: &str| options.out.join(name);
    let file = |path: &Path| {
        fs::File::create(path)
            .map(BufWriter::new)
            .map_err(|source| Error::Write {
                path: path.to_owned(),
                source,
            })
    };
    let failed = |path: PathBuf| move |source| Error::Write { path, source };
    let path = at("summary.json");
    reports::render_summary(summary, &mut file(&path)?).map_err(failed(path))?;
    let path = at("junit.xml");
    reports::render_junit(summary, run, &mut file(&path)?).map_err(failed(path))?;
    let path = at("summary.md");
    reports::render_markdown(summary, &mut file(&path)?).map_err(failed(path))?;
    let path = at("run.jsonl");
    write_run(file(&path)?, run, played, judged, started)?;
    let mut changed = Vec::new();
    for p in played {
        let folder = at("snapshots").join(&p.turn.transport);
        fs::create_dir_all(&folder).map_err(failed(folder.clone()))?;
        let path = folder.join(format!("{}.txt", snapshot_name(p)));
        let text = normalise(&p.exchange, &Names(p.names.clone()));
        fs::write(&path, &text).map_err(failed(path))?;
        if let Some(baseline) = &options.baseline {
            let old = baseline
                .join(&p.turn.transport)
                .join(format!("{}.txt", snapshot_name(p)));
            if fs::read_to_string(&old).map_or(true, |before| before != text) {
                changed.push(old);
            }
        }
    }
    Ok(changed)
}

fn write_run(
    sink: BufWriter<fs::File>,
    run: &Run,
    played: &[Played],
    judged: &[Vec<Judgement>],
    started: SystemTime,
) -> Result<(), Error> {
    let mut sink = sink;
    let mut writer = Writer::new(&mut sink);
    let started_ms = started
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX));
    writer.write(&Record::Run {
        schema: SCHEMA.to_owned(),
        subject: run.subject.clone(),
        edition: run.edition.clone(),
        transports: run.transports.clone(),
        started_ms,
    })?;
    for (id, (p, judged)) in played.iter().zip(judged).enumerate() {
        let feature = format!("features/{}", p.feature);
        writer.write(&Record::Scenario {
            id,
            name: p.scenario.clone(),
            feature,
            line: p.line,
            transport: p.turn.transport.clone(),
        })?;
        for frame in &p.exchange.frames {
            writer.write(&Record::Frame {
                scenario_id: id,
                frame: frame.clone(),
            })?;
        }
        for judgement in judged {
            writer.write(&Record::Judgement {
                scenario_id: id,
                judgement: judgement.clone(),
            })?;
        }
    }
    writer.write(&Record::End {
        wall_seconds: run.wall_seconds,
    })?;
    sink.flush().map_err(|source| Error::Write {
        path: PathBuf::from("run.jsonl"),
        source,
    })
}
