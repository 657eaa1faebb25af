//! Job `change`: Word files that LibreOffice makes anew, and what `shall change` says of them, in JSON and in a Chromium.

mod checks;
mod media;
mod stage;

use super::browser::{self, Browser};
use super::{interop, office, shall};
use crate::command;
use crate::context::Context;
use crate::job::Outcome;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A Word file, the exit code of `shall change`, and what becomes of its statements: effects that are not listed
/// come to nothing.
struct File {
    name: &'static str,
    exit: i32,
    effects: &'static [(&'static str, u64)],
}

const FILES: [File; 2] = [
    // Rewords one clause, renumbers a section, adds a step.
    File {
        name: "guest_book",
        exit: 0,
        effects: &[
            ("reworded", 1),
            ("added", 1),
            ("unchanged", 4),
            ("renumbered", 2),
        ],
    },
    // The same with deleted and moved paragraphs, where the word processor counts the steps; a reference is wrong.
    File {
        name: "ringing",
        exit: 1,
        effects: &[
            ("reworded", 1),
            ("added", 1),
            ("removed", 1),
            ("unchanged", 6),
            ("renumbered", 1),
        ],
    },
];
/// The clauses that the runs of `--results` judge.
const CLAUSES: &str = "7.2.1.1/*";

pub(super) fn check(context: &Context) -> Outcome {
    let tools = [office::TOOLS, browser::TOOLS].concat();
    if let Err(why) = interop::ensure(&tools) {
        return Outcome::Skipped(why);
    }
    match checked(context) {
        Ok((faults, told)) => Outcome::of(faults, told),
        Err(fault) => Outcome::fault(fault),
    }
}

fn checked(context: &Context) -> Result<(Vec<String>, String), String> {
    let out = context.fresh("change").map_err(|fault| fault.to_string())?;
    let names = FILES.map(|file| file.name);
    let files = office::made(context, &out, &names)?;
    let stage = Stage::set(context, &out)?;
    let browser = Browser::open(&out.join("browser"))?;
    let mut faults = Vec::new();
    for (wanted, file) in FILES.iter().zip(&files) {
        let changed = stage.analysed(context, wanted, file)?;
        let of_file = |fault: String| format!("{}: {fault}", wanted.name);
        faults.extend(changed.totals(wanted).err().map(of_file));
        faults.extend(
            browser::tried(&browser, &checks::EACH, &changed)?
                .into_iter()
                .map(of_file),
        );
        // Only this one has something of all that a page shows.
        if wanted.exit == 1 {
            faults.extend(
                browser::tried(&browser, &checks::FULL, &changed)?
                    .into_iter()
                    .map(of_file),
            );
            media::pictures(&browser, &changed)?;
        }
    }
    let told = format!(
        "{} Word files of LibreOffice, {} checks of their pages, pictures in {}",
        files.len(),
        checks::EACH.len() * files.len() + checks::FULL.len(),
        context.short(&out)
    );
    Ok((faults, told))
}

/// What the change requests are compared with.
struct Stage {
    shall: PathBuf,
    features: PathBuf,
    /// A run of the reference.
    run: PathBuf,
}

impl Stage {
    fn set(context: &Context, out: &Path) -> Result<Self, String> {
        let shall = shall::build(context)?;
        let run = out.join("run");
        let ran = shall::run(
            context,
            &shall,
            &run,
            &["--transport", "udp", "--clause", CLAUSES],
        )?;
        match shall::demand(&ran, 0, "shall run") {
            Some(fault) => Err(fault),
            None => Ok(Self {
                shall,
                features: stage::written(context, out)?,
                run,
            }),
        }
    }

    fn analysed(&self, context: &Context, wanted: &File, file: &Path) -> Result<Changed, String> {
        let folder = file.with_extension("");
        let mut command = Command::new(&self.shall);
        command.current_dir(&context.root).arg("change").arg(file);
        command
            .arg("--features")
            .arg(&self.features)
            .arg("--results")
            .arg(&self.run);
        let captured =
            command::capture(command.arg("--out").arg(&folder), Duration::from_secs(60))?;
        if let Some(fault) = shall::demand(&captured, wanted.exit, "shall change") {
            return Err(fault);
        }
        let path = folder.join("change.json");
        let failed = |fault: &dyn std::fmt::Display| format!("{}: {fault}", path.display());
        let text = std::fs::read_to_string(&path).map_err(|fault| failed(&fault))?;
        let analysis = serde_json::from_str(&text).map_err(|fault| failed(&fault))?;
        Ok(Changed { folder, analysis })
    }
}

/// What `shall change` says in JSON, and the folder where its page lies beside it.
struct Changed {
    folder: PathBuf,
    analysis: Value,
}

impl Changed {
    /// Address of the page with this fragment.
    fn address(&self, fragment: &str) -> String {
        format!(
            "file://{}{fragment}",
            self.folder.join("change.html").display()
        )
    }

    /// The entries of a list of the analysis.
    fn list(&self, pointer: &str) -> &[Value] {
        let list = self.analysis.pointer(pointer);
        list.and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Every effect comes as often as is said, and none else.
    fn totals(&self, wanted: &File) -> Result<(), String> {
        let totals = self.analysis["totals"].as_object().ok_or("no totals")?;
        for (effect, count) in totals.iter().filter(|(name, _)| *name != "statements") {
            let wanted = wanted.effects.iter().find(|(name, _)| name == effect);
            let wanted = wanted.map_or(0, |(_, count)| *count);
            if *count != wanted {
                return Err(format!("{count} {effect}, not {wanted}"));
            }
        }
        Ok(())
    }
}
