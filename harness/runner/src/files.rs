//! The files of a run: reports for programs and people, every frame, and the messages of each scenario.

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clauses::Catalogue;
use reports::{Date, Expectations, Kills, Report, Run, Summary};
use trace::run_file::{self, Scenario};
use trace::{Names, normalise};

use crate::{Error, terminal};

const MS_A_DAY: u64 = 86_400_000;

type Render = fn(&Told<'_>, &mut BufWriter<fs::File>) -> io::Result<()>;

/// The files that a run writes into its folder, and what writes each.
const FILES: &[(&str, Render)] = &[
    ("summary.json", |told, out| {
        reports::render_summary(&told.summary, out)
    }),
    ("summary.md", |told, out| {
        reports::render_markdown(&told.summary, out)
    }),
    ("junit.xml", |told, out| {
        reports::render_junit(&told.summary, &told.run, out)
    }),
    ("report.html", |told, out| {
        let report = Report {
            catalogue: told.catalogue,
            summary: &told.summary,
            run: told.file,
            kills: told.kills.as_ref(),
        };
        reports::render_html(&report, out)
    }),
    ("results.sarif", |told, out| {
        reports::render_sarif(told.catalogue, &told.summary, &told.run, out)
    }),
    ("badge.svg", |told, out| {
        reports::render_badge(&told.summary, out)
    }),
    ("exchange.pcapng", |told, out| {
        reports::render_pcapng(told.file, out)
    }),
    ("run.jsonl", |told, out| {
        told.file.write(out).map_err(io::Error::other)
    }),
];

/// Names of the files that a run writes into its folder.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

pub(crate) fn failed(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Write { path, source }
}

/// Makes a folder that was asked for; one that cannot be is the wrong one to ask for.
pub(crate) fn folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|error| {
        let path = path.display();
        Error::Usage(format!(
            "{path} cannot be a folder: {error}\n  help: name a folder that can be written, or one that is not there yet"
        ))
    })
}

/// A folder that cannot be written is better known before the run than after.
pub(crate) fn prepare(out: &Path) -> Result<(), Error> {
    folder(out)?;
    let probe = out.join(format!(".shall-{}", std::process::id()));
    fs::write(&probe, "")
        .and_then(|()| fs::remove_file(&probe))
        .map_err(failed(&probe))?;
    for path in names().map(|name| out.join(name)) {
        // The verdicts of an earlier run must not stand for a run that comes to none.
        if path.exists() {
            fs::remove_file(&path).map_err(failed(&path))?;
        }
    }
    Ok(())
}

/// The folder of snapshots that `--baseline` means: itself, or the `snapshots` of a run's folder.
pub(crate) fn baseline(folder: &Path) -> Result<PathBuf, Error> {
    let inner = folder.join("snapshots");
    match fs::read_dir(folder) {
        Ok(_) if inner.is_dir() => Ok(inner),
        Ok(_) => Ok(folder.to_owned()),
        Err(source) => Err(Error::File {
            path: folder.to_owned(),
            source,
            help: "give the folder that an earlier run wrote with --out, or its snapshots/",
        }),
    }
}

/// File name of what is written of one scenario, without its ending.
pub(crate) fn scenario_name(scenario: &Scenario) -> String {
    let plain = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_lowercase(),
        false => '_',
    };
    let feature = scenario.feature.trim_start_matches("features/");
    format!(
        "{}.{}",
        feature.trim_end_matches(".feature").replace('/', "."),
        scenario.name.chars().map(plain).collect::<String>()
    )
}

/// What is written of a run.
pub(crate) struct Told<'a> {
    pub(crate) file: &'a run_file::Run,
    pub(crate) run: Run,
    pub(crate) summary: Summary,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) kills: Option<Kills>,
}

impl<'a> Told<'a> {
    /// Judges a run by the catalogue of its edition; `proved` is the folder that may hold a kill table.
    pub(crate) fn of(
        catalogue: &'a Catalogue,
        file: &'a run_file::Run,
        expectations: Option<&Expectations>,
        proved: &Path,
    ) -> Self {
        let run = Run::of_file(file);
        let mut summary = reports::summarise(catalogue, &run);
        if let Some(expectations) = expectations {
            expectations.apply(&mut summary, Date::of_days(file.started_ms / MS_A_DAY));
        }
        Self {
            file,
            run,
            summary,
            catalogue,
            kills: kills(proved),
        }
    }
}

/// Lets `render` write a file.
pub(crate) fn sink(
    path: &Path,
    render: impl FnOnce(&mut BufWriter<fs::File>) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = BufWriter::new(fs::File::create(path)?);
    render(&mut out)?;
    out.flush()
}

/// Writes all of it; returns the snapshots of the baseline that differ.
pub(crate) fn write_all(
    out: &Path,
    told: &Told<'_>,
    older: Option<&Path>,
) -> Result<Vec<PathBuf>, Error> {
    for (name, render) in FILES {
        let path = out.join(name);
        sink(&path, |out| render(told, out)).map_err(failed(&path))?;
    }
    snapshots(out, told.file, older)
}

/// The kill table that `shall prove` left in this folder, if it did.
pub(crate) fn kills(folder: &Path) -> Option<Kills> {
    let path = folder.join("kills.json");
    let text = fs::read_to_string(&path).ok()?;
    let read = Kills::read(&text);
    if let Err(error) = &read {
        let path = path.display();
        terminal::error(&format!("{path}: {error}; report.html has no kill table"));
    }
    read.ok()
}

/// Writes the messages of each scenario; returns those of the baseline that differ.
fn snapshots(out: &Path, run: &run_file::Run, older: Option<&Path>) -> Result<Vec<PathBuf>, Error> {
    let mut changed = Vec::new();
    let baseline = older.map(baseline).transpose()?;
    for scenario in &run.scenarios {
        let folder = out.join("snapshots").join(&scenario.transport);
        fs::create_dir_all(&folder).map_err(failed(&folder))?;
        let name = format!("{}.txt", scenario_name(scenario));
        let path = folder.join(&name);
        let text = normalise(&scenario.exchange, &Names(scenario.staging.names.clone()));
        fs::write(&path, &text).map_err(failed(&path))?;
        if let Some(baseline) = &baseline {
            let old = baseline.join(&scenario.transport).join(name);
            if fs::read_to_string(&old).map_or(true, |before| before != text) {
                changed.push(old);
            }
        }
    }
    Ok(changed)
}
