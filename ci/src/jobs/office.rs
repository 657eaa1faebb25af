//! Word files that LibreOffice makes, with tracked changes, of the descriptions in `ci/change`.

use super::interop::Tool;
use crate::command;
use crate::context::Context;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What has to be there.
pub(super) const TOOLS: &[Tool] = &[
    ("libreoffice-writer-nogui", || command::on_path("soffice")),
    ("python3-uno", bridged),
];
/// Debian's own Python, which alone has its bridge to LibreOffice.
const PYTHON: &str = "/usr/bin/python3";
/// The maker gives up on its own before.
const LIMIT: Duration = Duration::from_secs(120);

/// Makes these files in a folder; `NAME.docx` comes of `ci/change/NAME.json`.
pub(super) fn made(context: &Context, out: &Path, names: &[&str]) -> Result<Vec<PathBuf>, String> {
    let folder = context.root.join("ci/change");
    let mut command = Command::new(PYTHON);
    command.arg(folder.join("make.py")).arg(out);
    command.args(
        names
            .iter()
            .map(|name| folder.join(name).with_extension("json")),
    );
    let captured = command::capture(&mut command, LIMIT)?;
    let files: Vec<PathBuf> = names
        .iter()
        .map(|name| out.join(name).with_extension("docx"))
        .collect();
    let there = files.iter().all(|file| file.is_file());
    if captured.code == Some(0) && there {
        return Ok(files);
    }
    let said = command::tail(&captured.stderr, 10);
    Err(format!("LibreOffice made no Word files: {said}"))
}

fn bridged() -> bool {
    let mut command = Command::new(PYTHON);
    command.args(["-c", "import uno"]);
    let captured = command::capture(&mut command, Duration::from_secs(20));
    captured.is_ok_and(|captured| captured.code == Some(0))
}
