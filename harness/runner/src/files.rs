//! The files of a run: reports for programs and people, every frame, and the messages of each scenario.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use reports::{Run, Summary};
use trace::run_file::{self, Scenario};
use trace::{Names, normalise};

use crate::Error;

/// The files that a run writes into its folder.
pub(crate) const FILES: [&str; 4] = ["summary.json", "summary.md", "junit.xml", "run.jsonl"];

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Write { path, source }
}

/// A folder that cannot be written is better known before the run than after.
pub(crate) fn prepare(out: &Path) -> Result<(), Error> {
    fs::create_dir_all(out).map_err(failed(out))?;
    let probe = out.join(format!(".shall-{}", std::process::id()));
    fs::write(&probe, "")
        .and_then(|()| fs::remove_file(&probe))
        .map_err(failed(&probe))?;
    for path in FILES.map(|name| out.join(name)) {
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

/// File name of a scenario's snapshot.
#[must_use]
fn snapshot_name(scenario: &Scenario) -> String {
    let plain = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_lowercase(),
        false => '_',
    };
    let feature = scenario.feature.trim_start_matches("features/");
    format!(
        "{}.{}.txt",
        feature.trim_end_matches(".feature").replace('/', "."),
        scenario.name.chars().map(plain).collect::<String>()
    )
}

/// What is written of a run.
pub(crate) struct Told<'a> {
    pub(crate) file: &'a run_file::Run,
    pub(crate) run: &'a Run,
    pub(crate) summary: &'a Summary,
}

/// Writes all of it; returns the snapshots of the baseline that differ.
pub(crate) fn write_all(
    out: &Path,
    told: &Told<'_>,
    older: Option<&Path>,
) -> Result<Vec<PathBuf>, Error> {
    let at = |name: &str| out.join(name);
    let (run, summary) = (told.run, told.summary);
    let file = |path: &Path| {
        let file = fs::File::create(path).map(BufWriter::new);
        file.map_err(failed(path))
    };
    let path = at("summary.json");
    reports::render_summary(summary, &mut file(&path)?).map_err(failed(&path))?;
    let path = at("junit.xml");
    reports::render_junit(summary, run, &mut file(&path)?).map_err(failed(&path))?;
    let path = at("summary.md");
    reports::render_markdown(summary, &mut file(&path)?).map_err(failed(&path))?;
    let path = at("run.jsonl");
    let mut sink = file(&path)?;
    told.file.write(&mut sink)?;
    sink.flush().map_err(failed(&path))?;
    snapshots(out, told.file, older)
}

/// Writes the messages of each scenario; returns those of the baseline that differ.
fn snapshots(out: &Path, run: &run_file::Run, older: Option<&Path>) -> Result<Vec<PathBuf>, Error> {
    let mut changed = Vec::new();
    let baseline = older.map(baseline).transpose()?;
    for scenario in &run.scenarios {
        let folder = out.join("snapshots").join(&scenario.transport);
        fs::create_dir_all(&folder).map_err(failed(&folder))?;
        let name = snapshot_name(scenario);
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
