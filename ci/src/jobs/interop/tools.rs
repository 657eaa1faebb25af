//! SIPp, tshark, xmllint and Kamailio: found, or installed from Debian where that is allowed.

use crate::command;
use std::process::Command;
use std::time::Duration;

const TOOLS: &[(&str, &str)] = &[
    ("sipp", "sip-tester"),
    ("tshark", "tshark"),
    ("xmllint", "libxml2-utils"),
    ("kamailio", "kamailio"),
];

/// Makes the programs available, or says what to install.
pub(super) fn ensure() -> Result<(), String> {
    let packages = missing();
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
    let still = missing();
    if still.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "apt-get installed, yet missing: {}",
            still.join(" ")
        ))
    }
}

fn missing() -> Vec<&'static str> {
    TOOLS
        .iter()
        .filter(|(program, _)| !command::on_path(program))
        .map(|(_, package)| *package)
        .collect()
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
pub(super) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
