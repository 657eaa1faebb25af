//! `shall run`: plays, judges, reports.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use clauses::Catalogue;
use gherkin::Feature;
use reports::{Expectations, Summary};
use trace::run_file::{self, Scenario, Shard};
use trace::{Verdict, failure_text};
use world::{Profile, Transport};

use crate::cast::{Cast, named, profiles};
use crate::cli::{Format, RunOptions, TransportName};
use crate::edition::Edition;
use crate::files::{Told, baseline, prepare, write_all};
use crate::globs;
use crate::interrupt::Interrupt;
use crate::phrases;
use crate::plan::{left_by_tags, within};
use crate::terminal;
use crate::{Bundle, Error, Plan, Played, Selection, Tags, Turn, judgements};

/// Failures explained in full; the rest are in the reports.
const EXPLAINED: usize = 10;

pub(crate) fn selection(choice: &crate::cli::Choice) -> Result<Selection, Error> {
    globs::check(choice.clause.iter().chain(&choice.exclude))?;
    Ok(Selection {
        clauses: choice.clause.clone(),
        exclude: choice.exclude.clone(),
        ..Selection::default()
    })
}

fn shard(text: &str) -> Result<(usize, usize), Error> {
    let parts = text
        .split_once('/')
        .and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    parts.filter(|(k, n)| (1..=*n).contains(k)).ok_or_else(|| {
        Error::Usage(format!(
            "`--shard {text}` is not a part\n  help: write K/N with K from 1 to N, such as 1/4"
        ))
    })
}

pub(crate) async fn run(options: RunOptions) -> Result<u8, Error> {
    let bundle = Bundle::open(options.choice.features.as_deref())?;
    let whole = bundle.catalogue()?;
    let edition = Edition::of(&whole, options.edition.as_deref())?;
    let catalogue = &edition.catalogue;
    let features = Plan::read(&bundle, &whole)?;
    // Of those that the binary carries, `cargo ci pairs` has made sure.
    if options.choice.features.is_some() {
        phrases::check(&bundle, &features)?;
    }
    let profiles = profiles(&bundle, &whole, &features, options.profile.as_deref())?;
    let expectations = expected(options.expect.as_deref(), &whole)?;
    let selection = chosen(&options, &profiles, &features)?;
    let transports = transports(&options.transport);
    let turns = |_: &gherkin::Scenario| transports.iter().map(turn).collect();
    let plan = Plan::make(catalogue, &features, &selection, turns)?;
    tell_untagged(&left_by_tags(catalogue, &features, &selection, &plan));
    options.baseline.as_deref().map(baseline).transpose()?;
    let mut interrupt = Interrupt::listen().map_err(Error::Signals)?;
    prepare(&options.out)?;
    let began = Instant::now();
    let started = SystemTime::now();
    let sockets: Vec<Transport> = transports.iter().map(|(_, t)| *t).collect();
    let jobs = usize::from(options.choice.jobs);
    let (played, interrupted) = tokio::select! {
        cast = Cast::open(&profiles, &plan, &sockets) => attend(&cast?, jobs, &mut interrupt).await?,
        () = interrupt.wait() => (Vec::new(), true),
    };
    if interrupted {
        terminal::error("interrupted; the report holds what was judged so far");
    }

    let mut file = run_file::Run {
        started_ms: ms(started),
        transports: transports.iter().map(|(n, _)| (*n).to_owned()).collect(),
        interrupted,
        wall_seconds: Some(run_file::to_millisecond(began.elapsed().as_secs_f64())),
        ..archive(&edition, &profiles, played)
    };
    let asked = |selection: &Selection, clauses: &BTreeSet<String>| match selection.kind {
        _ if !selection.is_whole() => Some(clauses.clone()),
        Some(kind) => Some(within(catalogue, &features, kind)),
        None => None,
    };
    file.selected = asked(&selection, &plan.clauses);
    let (clauses, scenarios) = &plan.whole;
    file.shard = selection.shard.map(|(part, of)| Shard {
        part,
        of,
        scenarios: *scenarios,
        selected: asked(&selection.unshared(), clauses),
    });
    let told = Told::of(catalogue, &file, expectations.as_ref(), &options.out);
    tell(
        &told,
        &options.out,
        options.baseline.as_deref(),
        options.format,
    )
}

/// Names clauses that were asked for and that no scenario with these tags judges.
fn tell_untagged(clauses: &[String]) {
    if !clauses.is_empty() {
        terminal::note(&format!(
            "--tags leaves no scenario of {}; nothing will be said of {}",
            clauses.join(", "),
            if clauses.len() == 1 { "it" } else { "them" }
        ));
    }
}

/// Writes the files of a run and tells it; the exit code.
pub(crate) fn tell(
    told: &Told<'_>,
    out: &Path,
    older: Option<&Path>,
    format: Format,
) -> Result<u8, Error> {
    let changed = write_all(out, told, older)?;
    show(format, out, told)?;
    Ok(exit_code(&told.summary, &changed))
}

fn turn((transport, _): &(&str, Transport)) -> Turn {
    Turn {
        transport: (*transport).to_owned(),
        mutation: None,
    }
}

/// Milliseconds since the Unix epoch.
fn ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// What `--expect` names.
pub(crate) fn expected(
    path: Option<&Path>,
    catalogue: &Catalogue,
) -> Result<Option<Expectations>, Error> {
    let read = path.map(|path| Expectations::load(path)?.known_to(catalogue));
    Ok(read.transpose()?)
}

/// What the options select, for the kind of subject that the profile describes.
fn chosen(
    options: &RunOptions,
    profiles: &[Profile],
    features: &[Feature],
) -> Result<Selection, Error> {
    let own = options.profile.as_ref().and(profiles.first());
    let tags = options.tags.as_deref();
    Ok(Selection {
        shard: options.shard.as_deref().map(shard).transpose()?,
        kind: own.map(|profile| profile.kind),
        tags: tags.map(|t| Tags::read(t, features)).transpose()?,
        ..selection(&options.choice)?
    })
}

/// The verdicts' code, or 1 when messages changed that the baseline holds; names them.
fn exit_code(summary: &Summary, changed: &[PathBuf]) -> u8 {
    for path in changed {
        let path = path.display();
        terminal::error(&format!("the messages differ from the baseline: {path}"));
    }
    match reports::exit_code(summary) {
        0 if !changed.is_empty() => 1,
        code => code,
    }
}

fn transports(asked: &[TransportName]) -> Vec<(&'static str, Transport)> {
    let all = [
        (TransportName::Udp, "udp", Transport::Udp),
        (TransportName::Tcp, "tcp", Transport::Tcp),
    ];
    let wanted = all.into_iter().filter(|(name, ..)| asked.contains(name));
    wanted.map(|(_, name, socket)| (name, socket)).collect()
}

/// What is kept of a run: its scenarios, judged, in the order of their places.
pub(crate) fn archive(
    edition: &Edition,
    profiles: &[Profile],
    played: Vec<Played>,
) -> run_file::Run {
    let claims = profiles.iter().flat_map(|profile| &profile.claims);
    let denied: BTreeSet<&str> = claims
        .filter(|(_, has)| !**has)
        .map(|(claim, _)| claim.as_str())
        .collect();
    let scenario = |(id, p): (usize, Played)| Scenario {
        id,
        judgements: judgements(&edition.catalogue, &denied, &p),
        name: p.scenario,
        feature: format!("features/{}", p.feature),
        line: p.line,
        transport: p.turn.transport,
        staging: p.staging,
        exchange: p.exchange,
    };
    run_file::Run {
        subject: named(profiles),
        edition: edition.name.clone(),
        change_requests: edition.change_requests.clone(),
        profiles: profiles.iter().map(published).collect(),
        scenarios: played.into_iter().enumerate().map(scenario).collect(),
        ..run_file::Run::default()
    }
}

/// Keys of a profile that may hold a secret, and that nothing is judged by.
pub(crate) const SECRET: [&str; 3] = ["command", "config", "password"];

/// A profile without its secrets.
fn published(profile: &Profile) -> serde_json::Value {
    let mut value = serde_json::to_value(profile).unwrap_or_default();
    if let Some(keys) = value.as_object_mut() {
        keys.retain(|key, _| !SECRET.contains(&key.as_str()));
    }
    value
}

/// Makes sure that the subjects are there, plays the plan, and leaves nothing running.
async fn attend(
    cast: &Cast,
    jobs: usize,
    interrupt: &mut Interrupt,
) -> Result<(Vec<Played>, bool), Error> {
    let reached = tokio::select! {
        reached = cast.reach() => Some(reached),
        () = interrupt.wait() => None,
    };
    let played = match reached {
        Some(Ok(())) => Ok(play(cast, jobs, interrupt).await),
        Some(Err(error)) => Err(error),
        None => Ok((Vec::new(), true)),
    };
    cast.close().await;
    played
}

/// Plays until all is done or a signal says stop; what was played is reported either way.
async fn play(cast: &Cast, jobs: usize, interrupt: &mut Interrupt) -> (Vec<Played>, bool) {
    let done = Arc::new(Mutex::new(Vec::new()));
    let interrupted = tokio::select! {
        () = cast.perform(&[], jobs, &done) => false,
        () = interrupt.wait() => true,
    };
    let mut played = std::mem::take(&mut *done.lock().unwrap_or_else(PoisonError::into_inner));
    played.sort_by(|a: &Played, b: &Played| a.place().cmp(&b.place()));
    (played, interrupted)
}

/// Writes the outcome to standard output.
fn show(format: Format, out: &Path, told: &Told<'_>) -> Result<(), Error> {
    let summary = &told.summary;
    if format == Format::Json {
        return terminal::told(reports::render_summary(summary, &mut io::stdout().lock()));
    }
    let mut failures = Vec::new();
    let scenarios = told.file.scenarios.iter();
    for (scenario, judgement) in scenarios.flat_map(|s| s.judgements.iter().map(move |j| (s, j))) {
        let asked = told.run.selected.as_ref();
        let asked = asked.is_none_or(|selected| selected.contains(&judgement.clause));
        let broken = matches!(
            judgement.verdict,
            Verdict::Fail | Verdict::Error | Verdict::Warning
        );
        if asked && broken && failures.len() < EXPLAINED {
            let requirement = told
                .catalogue
                .get(&judgement.clause)
                .map(|c| c.requirement.clone())
                .unwrap_or_default();
            failures.push((
                judgement.clone(),
                failure_text(judgement, &requirement, &scenario.exchange),
            ));
        }
    }
    terminal::told(terminal::summary(told.catalogue, summary, &failures, out))
}
