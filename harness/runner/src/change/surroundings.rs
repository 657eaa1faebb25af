//! What an analysis is held against: scenarios, steps, sabotages, role files and stored runs.

use std::fs;
use std::path::Path;

use clauses::{Catalogue, Citation, citations};
use cucumber::World as _;
use reports::change::{Stored, Surroundings};
use steps::Stage;
use trace::run_file::{self, Bounds};

use crate::certificate::{Certificate, Fault, key};
use crate::certify::{RUN, content};
use crate::cli::ChangeOptions;
use crate::edition::counted;
use crate::judge::archived;
use crate::{Bundle, Error, Plan};

/// Where a checkout keeps the roles, whose comments cite clauses.
const ROLES: &str = "reference/roles/src";
/// Files of a folder of sources that are read, and octets of each.
const MOST_FILES: usize = 20_000;
const LARGEST: u64 = 4 << 20;

/// All but the earlier change requests; scenarios, steps and sabotages count for what they judge in this edition.
pub(super) fn surroundings(
    options: &ChangeOptions,
    bundle: &Bundle,
    edition: &Catalogue,
) -> Result<Surroundings, Error> {
    let whole = bundle.catalogue()?;
    let folder = match &options.source {
        Some(folder) if !folder.is_dir() => {
            return Err(Error::Usage(format!(
                "--source {}: it is no folder\n  help: give the folder of role files, in a checkout {ROLES}",
                folder.display()
            )));
        }
        Some(folder) => Some(folder.as_path()),
        None => Some(Path::new(ROLES)).filter(|folder| folder.is_dir()),
    };
    let sources = folder.map(|folder| sources(&whole, folder));
    let counted = |all: Vec<Citation>| all.into_iter().flat_map(|one| counted(edition, one));
    let runs = options.results.iter().map(|path| stored(path));
    Ok(Surroundings {
        earlier: Vec::new(),
        scenarios: counted(bundle.citations().collect()).collect(),
        steps: pairs(edition, steps(bundle, &whole)?),
        sources: counted(sources.unwrap_or_default()).collect(),
        searched: folder.map(|folder| folder.display().to_string()),
        sabotages: pairs(edition, sabotages()?),
        runs: runs.collect::<Result<_, _>>()?,
    })
}

fn pairs(edition: &Catalogue, all: Vec<(String, String)>) -> Vec<(String, String)> {
    let count = |(clause, what): (String, String)| {
        let ids = edition.judged_by(&clause).map(str::to_owned);
        ids.map(move |id| (id, what.clone())).collect::<Vec<_>>()
    };
    all.into_iter().flat_map(count).collect()
}

/// The judging steps of each clause: where each is defined in the sources of the harness, and its words.
fn steps(bundle: &Bundle, catalogue: &Catalogue) -> Result<Vec<(String, String)>, Error> {
    let known = Stage::collection();
    let mut all = Vec::new();
    for feature in Plan::read(bundle, catalogue)? {
        for step in feature.scenarios.iter().flat_map(|s| &s.steps) {
            let Some(clause) = citations::leading_id(&step.value) else {
                continue;
            };
            if let Ok(Some((_, _, Some(place), _))) = known.find(step) {
                let words = step.value.split_once(']').map_or("", |(_, words)| words);
                let said = format!("{}:{}{words}", place.path, place.line);
                all.push((clause.to_owned(), said));
            }
        }
    }
    all.sort();
    all.dedup();
    Ok(all)
}

/// Citations in the Rust sources below a folder.
fn sources(catalogue: &Catalogue, folder: &Path) -> Vec<Citation> {
    let (mut found, mut files) = (Vec::new(), 0);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, kind) = (entry.path(), entry.file_type());
            // Links are not followed, so that none leads in a circle.
            if kind.is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
                continue;
            }
            let small = entry.metadata().is_ok_and(|about| about.len() <= LARGEST);
            let rust = path.extension().is_some_and(|ending| ending == "rs");
            if !rust || !small || files == MOST_FILES {
                continue;
            }
            files += 1;
            if let Ok(text) = fs::read_to_string(&path) {
                let name = path.display().to_string();
                found.extend(citations::in_source(catalogue, &name, &text));
            }
        }
    }
    found.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    found
}

fn sabotages() -> Result<Vec<(String, String)>, Error> {
    let all = sabotage::Mutation::load()?;
    Ok(all.into_iter().map(|one| (one.clause, one.name)).collect())
}

/// A run of `--results`: a run's folder, a run file, or what `shall certify` wrote.
fn stored(path: &Path) -> Result<Stored, Error> {
    let bundled = path.extension().is_some_and(|ending| ending == "zip");
    let (name, run, certified) = if bundled {
        let (run, by) = certified(path)?;
        (path.to_owned(), run, Some(by))
    } else {
        let (path, run) = archived(path)?;
        (path, run, None)
    };
    Ok(Stored {
        name: name.display().to_string(),
        run,
        certified,
    })
}

/// The run of a bundle whose every octet is as it was certified, and who signed.
fn certified(path: &Path) -> Result<(run_file::Run, String), Error> {
    let refused = |refusal| Error::Refused {
        path: path.to_owned(),
        refusal,
    };
    let read = Certificate::open(&content(path)?).map_err(refused)?;
    let run = read.entries.get(RUN);
    let run = run.ok_or_else(|| refused(Fault::Missing.of(RUN)))?;
    let run = run_file::read(run.as_slice(), &Bounds::default()).map_err(|error| {
        let reason = error.to_string();
        refused(Fault::Run { reason }.of(RUN))
    })?;
    let by = read.signer.as_ref().map(key::fingerprint);
    Ok((run, by.unwrap_or_else(|| "nobody".to_owned())))
}
