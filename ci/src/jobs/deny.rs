//! Job `deny`: cargo-deny over `deny.toml`; where it cannot be had, licences and sources by `cargo metadata`.

mod licences;

use crate::command;
use crate::context::Context;
use crate::job::Outcome;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

pub(super) fn check(context: &Context) -> Outcome {
    match tool(context) {
        Ok(path) => with_tool(context, path),
        Err(why) if context.strict => without_tool(context, &why),
        Err(why) => Outcome::Skipped(why),
    }
}

/// cargo-deny on the search path, or built once below the target folder.
fn tool(context: &Context) -> Result<PathBuf, String> {
    if command::on_path("cargo-deny") {
        return Ok("cargo-deny".into());
    }
    let root = context.target.join("tools");
    let path = root
        .join("bin/cargo-deny")
        .with_extension(std::env::consts::EXE_EXTENSION);
    if path.is_file() {
        return Ok(path);
    }
    println!(
        "cargo-deny is missing; building it once in {} (one to three minutes)",
        context.short(&root)
    );
    let mut install = command::cargo(context);
    install
        .args([
            "install",
            "--quiet",
            "cargo-deny",
            "--locked",
            "--debug",
            "--root",
        ])
        .arg(&root);
    install.arg("--target-dir").arg(root.join("target"));
    let built = command::capture(&mut install, Duration::from_secs(600))?;
    let products = std::fs::remove_dir_all(root.join("target"));
    if let Err(fault) = products {
        println!("  {}: {fault}", root.join("target").display());
    }
    if built.code == Some(0) && path.is_file() {
        return Ok(path);
    }
    Err(format!(
        "cargo-deny is not installed and `cargo install cargo-deny --locked` failed: {}",
        command::tail(&built.stderr, 3)
    ))
}

fn with_tool(context: &Context, path: PathBuf) -> Outcome {
    let mut check = Command::new(&path);
    check.current_dir(&context.root).args([
        "--log-level",
        "error",
        "check",
        "bans",
        "licenses",
        "sources",
    ]);
    if let Err(fault) = command::stream(&mut check) {
        return Outcome::fault(fault);
    }
    let mut advisories = Command::new(&path);
    advisories
        .current_dir(&context.root)
        .args(["check", "advisories"]);
    match command::capture(&mut advisories, Duration::from_secs(120)) {
        Ok(done) if done.code == Some(0) => {
            Outcome::Passed("bans, licences, sources, advisories".into())
        }
        Ok(done) if done.timed_out || done.stderr.contains("failed to fetch advisory database") => {
            Outcome::Passed(
                "bans, licences, sources; advisories NOT checked: their database is out of reach"
                    .into(),
            )
        }
        Ok(done) => Outcome::fault(format!(
            "cargo deny check advisories\n{}",
            command::tail(&done.stderr, 60)
        )),
        Err(fault) => Outcome::fault(fault),
    }
}

fn without_tool(context: &Context, why: &str) -> Outcome {
    println!("{why}\nlicences and sources are read from cargo metadata instead");
    match licences::check(context) {
        Ok((faults, count)) => Outcome::of(
            faults,
            format!(
                "{count} packages by cargo metadata; bans by job layers; advisories NOT checked"
            ),
        ),
        Err(fault) => Outcome::fault(fault),
    }
}
