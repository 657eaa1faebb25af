//! `junit.xml` of a run that passes and of the same run with a header renamed, which fails.

use super::validate;
use crate::command;
use crate::context::Context;
use crate::jobs::shall;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// How many files are validated.
pub(super) const FILES: usize = 2;

/// Judges what it needs, then validates; a fault names the file.
pub(super) fn faults(context: &Context) -> Result<Vec<String>, String> {
    let shall = shall::build(context)?;
    let out = context.fresh("junit").map_err(|fault| fault.to_string())?;
    let (passed, failed) = (out.join("passed"), out.join("failed"));
    let run = shall::run(context, &shall, &passed, &["--clause", "7.2.1.1/*"])?;
    if let Some(fault) = shall::demand(&run, 0, "shall run for its junit.xml") {
        return Err(fault);
    }
    let broken = out.join("run.jsonl");
    break_header(&passed.join("run.jsonl"), &broken)?;
    let mut judge = Command::new(&shall);
    judge.arg("judge").arg(&broken).arg("--out").arg(&failed);
    let judged = command::capture(&mut judge, Duration::from_secs(60))?;
    if let Some(fault) = shall::demand(&judged, 1, "shall judge of a broken run") {
        return Err(fault);
    }
    let schema = context.root.join("reports/schema/junit.xsd");
    let files = [passed, failed].map(|folder| folder.join("junit.xml"));
    Ok(files
        .iter()
        .filter_map(|file| validate(file, &schema).err())
        .collect())
}

/// Copies a run file; what the subject sent says X-Serv where it said Server.
fn break_header(from: &Path, to: &Path) -> Result<(), String> {
    let told = |fault: &dyn std::fmt::Display| format!("{}: {fault}", from.display());
    let text = std::fs::read_to_string(from).map_err(|fault| told(&fault))?;
    let mut lines = String::new();
    for line in text.lines() {
        let mut record: Value = serde_json::from_str(line).map_err(|fault| told(&fault))?;
        if record["kind"] == "frame" && record["direction"] == "received" {
            let bytes = record["bytes"].as_str().unwrap_or_default();
            let bytes = BASE64_STANDARD
                .decode(bytes)
                .map_err(|fault| told(&fault))?;
            let sent = String::from_utf8_lossy(&bytes);
            let sent = sent.replace("\r\nServer: ", "\r\nX-Serv: ");
            record["bytes"] = BASE64_STANDARD.encode(sent).into();
        }
        lines += &format!("{record}\n");
    }
    std::fs::write(to, lines).map_err(|fault| format!("{}: {fault}", to.display()))
}
