//! Other people's programs: found, or installed from Debian where that is allowed.

use super::super::postgresql;
use crate::command;
use std::process::Command;
use std::time::Duration;

/// A Debian package, and whether what we need of it is there.
pub(in crate::jobs) type Tool = (&'static str, fn() -> bool);

pub(super) const PEERS: &[Tool] = &[
    ("sip-tester", || command::on_path("sipp")),
    ("tshark", || command::on_path("tshark")),
    ("libxml2-utils", || command::on_path("xmllint")),
    ("kamailio", || command::on_path("kamailio")),
    DATABASE,
];

pub(in crate::jobs) const DATABASE: Tool = ("postgresql", || postgresql::programs().is_some());

/// Makes programs available, or says what to install.
pub(in crate::jobs) fn ensure(tools: &[Tool]) -> Result<(), String> {
    let packages = missing(tools);
    if packages.is_empty() {
        return Ok(());
    }
    let names = packages.join(" ");
    if !command::on_path("apt-get") {
        return Err(format!(
            "missing programs; install the equivalents of the Debian packages {names}"
        ));
    }
    if !is_root() {
        return Err(format!(
            "missing programs; install them with: sudo apt-get install {names}"
        ));
    }
    apt(&["update", "--quiet"])?;
    let install = [
        &["install", "--quiet", "--yes", "--no-install-recommends"],
        packages.as_slice(),
    ]
    .concat();
    apt(&install)?;
    let still = missing(tools);
    if still.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "apt-get installed, yet missing: {}",
            still.join(" ")
        ))
    }
}

fn missing(tools: &[Tool]) -> Vec<&'static str> {
    let missing = tools.iter().filter(|(_, there)| !there());
    missing.map(|(package, _)| *package).collect()
}

fn apt(words: &[&str]) -> Result<(), String> {
    let mut command = Command::new("apt-get");
    command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
    let captured = command::capture(&mut command, Duration::from_secs(600))?;
    if captured.code == Some(0) {
        return Ok(());
    }
    Err(format!(
        "apt-get {} failed: {}",
        words.join(" "),
        command::tail(&captured.stderr, 3)
    ))
}

/// True when this process may install and capture.
pub(in crate::jobs) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
