//! Job `change`: Word files that LibreOffice makes anew, and what `shall change` says of them, in JSON and in a Chromium.

mod stage;

use super::browser;
use super::{interop, office, shall};
use crate::command;
use crate::context::Context;
use crate::job::Outcome;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What becomes of the statements of a file; effects that are not listed come to nothing.
type Effects = &'static [(&'static str, u64)];

/// File, and what it changes.
const FILES: [(&str, Effects); 2] = [
    // Rewords one clause, renumbers a section, adds a step.
    (
        "guest_book",
        &[
            ("reworded", 1),
            ("added", 1),
            ("unchanged", 4),
            ("renumbered", 2),
        ],
    ),
    // The same with deleted and moved paragraphs, where the word processor counts the steps.
    (
        "ringing",
        &[
            ("reworded", 1),
            ("added", 1),
            ("removed", 1),
            ("unchanged", 6),
            ("renumbered", 1),
        ],
    ),
];

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
    let binary = shall::build(context)?;
    let names = FILES.map(|(name, _)| name);
    let files = office::made(context, &out, &names)?;
    let features = stage::set(context, &out)?;
    let mut faults = Vec::new();
    for ((name, effects), file) in FILES.iter().zip(&files) {
        let changed = analysed(context, &binary, &features, file)?;
        let said = totals(&changed, effects).err();
        faults.extend(said.map(|fault| format!("{name}: {fault}")));
    }
    let told = format!("{} Word files of LibreOffice analysed", files.len());
    Ok((faults, told))
}

/// What `shall change` says in JSON; the page lies beside it.
fn analysed(
    context: &Context,
    shall: &Path,
    features: &Path,
    file: &Path,
) -> Result<Value, String> {
    let folder = file.with_extension("");
    let mut command = Command::new(shall);
    command.current_dir(&context.root).arg("change").arg(file);
    command
        .arg("--features")
        .arg(features)
        .arg("--out")
        .arg(&folder);
    let captured = command::capture(&mut command, Duration::from_secs(60))?;
    if let Some(fault) = shall::demand(&captured, 0, "shall change") {
        return Err(fault);
    }
    let path = folder.join("change.json");
    let text =
        std::fs::read_to_string(&path).map_err(|fault| format!("{}: {fault}", path.display()))?;
    serde_json::from_str(&text).map_err(|fault| format!("{}: {fault}", path.display()))
}

/// Every effect comes as often as is said, and none else.
fn totals(changed: &Value, wanted: Effects) -> Result<(), String> {
    let totals = changed["totals"].as_object().ok_or("no totals")?;
    for (effect, count) in totals.iter().filter(|(name, _)| *name != "statements") {
        let wanted = wanted.iter().find(|(name, _)| name == effect);
        let wanted = wanted.map_or(0, |(_, count)| *count);
        if *count != wanted {
            return Err(format!("{count} {effect}, not {wanted}"));
        }
    }
    Ok(())
}
