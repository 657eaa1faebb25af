//! Starts Kamailio from a configuration of ours, in the foreground of its own process.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Where its words go, below the folder of the check.
pub(super) const LOG: &str = "kamailio.log";

/// Runs Kamailio on `configuration`; the caller stops it, and waits until it listens.
pub(super) fn start(out: &Path, configuration: &str) -> Result<Child, String> {
    let fault = |error: std::io::Error| format!("kamailio: {error}");
    let file = out.join("kamailio.cfg");
    std::fs::write(&file, configuration).map_err(fault)?;
    let log = File::create(out.join(LOG)).map_err(fault)?;
    Command::new("kamailio")
        .arg("-f")
        .arg(&file)
        .args(["-DD", "-E", "-m", "32", "-M", "8", "-Y"])
        .arg(out)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(fault)
}
