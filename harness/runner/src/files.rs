//! The files of a run: reports for programs and people, every frame, and the messages of each scenario.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use reports::{Run, Summary};
use trace::run_file::{Record, SCHEMA, Writer};
use trace::{Judgement, Names, normalise};

use world::Profile;

use crate::{Error, Played};

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

/// What is written of a run.
pub(crate) struct Told<'a> {
    pub(crate) run: &'a Run,
    pub(crate) summary: &'a Summary,
    pub(crate) played: &'a [Played],
    pub(crate) judged: &'a [Vec<Judgement>],
    pub(crate) profiles: &'a [Profile],
    pub(crate) started_ms: u64,
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
    write_run(&path, file(&path)?, told)?;
    let mut changed = Vec::new();
    let baseline = older.map(baseline).transpose()?;
    for p in told.played {
        let folder = at("snapshots").join(&p.turn.transport);
        fs::create_dir_all(&folder).map_err(failed(&folder))?;
        let path = folder.join(format!("{}.txt", snapshot_name(p)));
        let text = normalise(&p.exchange, &Names(p.staging.names.clone()));
        fs::write(&path, &text).map_err(failed(&path))?;
        if let Some(baseline) = &baseline {
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

fn write_run(path: &Path, mut sink: BufWriter<fs::File>, told: &Told<'_>) -> Result<(), Error> {
    let run = told.run;
    let mut writer = Writer::new(&mut sink);
    writer.write(&Record::Run {
        schema: SCHEMA.to_owned(),
        subject: run.subject.clone(),
        edition: run.edition.clone(),
        transports: run.transports.clone(),
        started_ms: told.started_ms,
        profiles: told.profiles.iter().map(published).collect(),
        selected: run.selected.clone(),
    })?;
    for (id, (p, judged)) in told.played.iter().zip(told.judged).enumerate() {
        let feature = format!("features/{}", p.feature);
        writer.write(&Record::Scenario {
            id,
            name: p.scenario.clone(),
            feature,
            line: p.line,
            transport: p.turn.transport.clone(),
            staging: p.staging.clone(),
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
        interrupted: run.interrupted,
    })?;
    sink.flush().map_err(failed(path))
}

/// A profile without what may hold a secret: how the subject is started is not what it was judged by.
fn published(profile: &Profile) -> serde_json::Value {
    let mut value = serde_json::to_value(profile).unwrap_or_default();
    if let Some(keys) = value.as_object_mut() {
        keys.retain(|key, _| !matches!(key.as_str(), "command" | "config"));
    }
    value
}
