//! Completions and manual pages know every command, and the shells that are there can read theirs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn shall(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_shall"))
        .args(arguments)
        .output();
    let output = output.unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

/// Names of the commands, as `--help` lists them.
fn commands() -> Vec<String> {
    let help = String::from_utf8(shall(&["--help"]).stdout).unwrap();
    let listed = help.split("Commands:\n").nth(1).unwrap();
    let lines = listed.lines().take_while(|line| !line.is_empty());
    let first = |line: &str| line.split_whitespace().next().unwrap().to_owned();
    let names: Vec<String> = lines.map(first).filter(|name| name != "help").collect();
    assert!(names.contains(&"run".to_owned()), "{help}");
    names
}

/// Whether the shell takes the script; one that is not there takes any.
fn reads(shell: &str, script: &[u8]) -> bool {
    let mut command = Command::new(shell);
    let started = command.arg("-n").stdin(Stdio::piped()).spawn();
    let Ok(mut child) = started else {
        println!("skipped: no {shell}");
        return true;
    };
    child.stdin.take().unwrap().write_all(script).unwrap();
    child.wait().unwrap().success()
}

#[test]
fn every_shell_completes_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = shall(&["completions", shell]).stdout;
        let text = String::from_utf8_lossy(&script);
        for command in commands() {
            assert!(text.contains(&command), "{shell} lacks {command}");
        }
        assert!(reads(shell, &script), "{shell} does not read its script");
    }
}

#[test]
fn every_command_has_a_page_with_its_options() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("man");
    let _ = fs::remove_dir_all(&folder);
    shall(&["man", "--out", &folder.to_string_lossy()]);
    assert!(folder.join("shall.1").exists());
    for command in commands() {
        let page = folder.join(format!("shall-{command}.1"));
        let page = fs::read_to_string(page).unwrap();
        assert!(page.contains(".SH OPTIONS"), "{command}");
        assert!(page.contains("xample"), "{command} shows no example");
    }
}
