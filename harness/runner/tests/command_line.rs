//! What the `shall` binary makes of its command line, of signals and of places it cannot write.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../reports/tests/schema/mod.rs"]
#[allow(dead_code, reason = "the schemas' own test needs more of it")]
mod schema;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const SHALL: &str = env!("CARGO_BIN_EXE_shall");
/// What a command that judges nothing may take: less than 64*T1, the longest wait it could fall into.
const SOON: Duration = Duration::from_secs(25);

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("command-{name}"));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn shall(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(SHALL);
    command.args(arguments).current_dir(folder);
    command.output().unwrap()
}

/// Ended with this code; standard error has each of these words.
#[track_caller]
fn refused(output: &Output, code: i32, words: &[&str]) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{error}");
    for word in words {
        assert!(error.contains(word), "{word:?} in: {error}");
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn profile(core: SocketAddr) -> String {
    format!(
        r#"
subject: a subject of the tests
adapter: embedded
core: {core}
domain: example.com
conference_factory: sip:conference-factory@example.com
unallocated_factory: sip:no-such-factory@example.com
barred_user: sip:mallory@example.com
users: "sip:{{chair}}.{{n}}@example.com"
max_participants: 4
"#
    )
}

#[cfg(unix)]
#[test]
fn sigterm_ends_a_run_with_a_report() {
    let folder = folder("sigterm");
    let core = ports::free();
    // In real time this run takes minutes.
    std::fs::write(folder.join("slow.yaml"), profile(core)).unwrap();
    let mut command = Command::new(SHALL);
    command.args(["run", "--profile", "slow.yaml", "--transport", "udp"]);
    command.current_dir(&folder).stdout(Stdio::null());
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    ports::await_receiver(core.port()).unwrap();
    let id = child.id().to_string();
    let kill = Command::new("kill").args(["-TERM", &id]).status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    refused(&output, 3, &["interrupted"]);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());

    let summary = json(&folder.join("out/summary.json"));
    assert_eq!(summary["interrupted"], true);
    let clauses = summary["clauses"].as_array().unwrap();
    let reason = "interrupted before it was judged";
    assert!(clauses.iter().any(|c| c["reason"] == reason));
    let page = std::fs::read_to_string(folder.join("out/summary.md")).unwrap();
    assert!(page.contains("interrupted, no verdict"), "{page}");
    let run = std::fs::read_to_string(folder.join("out/run.jsonl")).unwrap();
    let end: Value = serde_json::from_str(run.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&end["kind"], &end["interrupted"]),
        (&"end".into(), &true.into())
    );
}

#[test]
fn the_files_of_a_run_fit_their_schemas() {
    let folder = folder("schemas");
    let output = shall(&folder, &["run", "--clause", "7.2.1.2/on-invite"]);
    refused(&output, 0, &[]);
    let summary = std::fs::read_to_string(folder.join("out/summary.json")).unwrap();
    schema::check(reports::SUMMARY_SCHEMA, &summary);
    let run = std::fs::read_to_string(folder.join("out/run.jsonl")).unwrap();
    for line in run.lines() {
        schema::check(reports::RUN_SCHEMA, line);
    }
    // A proof leads to its frame without a join by name.
    let summary: Value = serde_json::from_str(&summary).unwrap();
    let proof = &summary["clauses"][0]["evidence"][0];
    let found = run
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap());
    let frames = found.filter(|l| {
        l["kind"] == "frame"
            && l["scenario_id"] == proof["scenario_id"]
            && l["index"] == proof["frame"]
    });
    assert_eq!(frames.count(), 1, "{proof}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("out/summary.json"), "{said}");
    assert!(!said.contains('\x1b'), "{said}");
}

#[test]
fn places_that_are_not_there_are_noticed_before_the_run() {
    let folder = folder("places");
    let began = Instant::now();
    let output = shall(&folder, &["run", "--baseline", "none"]);
    refused(
        &output,
        2,
        &["none: ", "help: give the folder that an earlier run"],
    );
    std::fs::write(folder.join("file"), "").unwrap();
    let output = shall(&folder, &["run", "--out", "file"]);
    refused(
        &output,
        2,
        &["file cannot be a folder", "help: name a folder"],
    );
    // Not even root may create files there.
    if Path::new("/proc/self").exists() {
        let output = shall(&folder, &["run", "--out", "/proc/self"]);
        refused(&output, 4, &["cannot write /proc/self"]);
    }
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!(!folder.join("out").exists());
}

#[test]
fn a_full_standard_output_has_a_remedy_of_its_own() {
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else {
        return println!("skipped: no /dev/full");
    };
    let mut command = Command::new(SHALL);
    let output = command.arg("clauses").stdout(full).output().unwrap();
    refused(&output, 4, &["standard output", "help: its reader ended"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!error.contains("choose another folder"), "{error}");
}

#[test]
fn expressions_and_globs_are_checked() {
    let folder = folder("words");
    let run = |tags: &str| shall(&folder, &["run", "--tags", tags]);
    refused(&run("@long-wait and"), 2, &["column 15", "@long-wait"]);
    refused(
        &run("@long-wiat"),
        3,
        &["no scenario has the tag @long-wiat"],
    );
    let output = shall(&folder, &["run", "--clause", "7.2.1.[12]"]);
    refused(&output, 2, &["`[` in column 7", "help: "]);
    let output = shall(&folder, &["clauses", "7.2.1.9"]);
    refused(&output, 3, &["no clause matches `7.2.1.9`", "help: "]);
    let output = shall(&folder, &["clauses", "{a,b}"]);
    refused(&output, 2, &["`{` in column 1"]);
}

#[test]
fn a_step_that_is_not_defined_is_refused_with_its_line() {
    let folder = folder("undefined");
    let features = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../features");
    let copied = Command::new("cp")
        .arg("-r")
        .arg(features)
        .arg(&folder)
        .status();
    assert!(copied.unwrap().success());
    let path = folder.join("features/controlling/ad_hoc_setup.feature");
    let text = std::fs::read_to_string(&path).unwrap();
    let then = text.find("\n    Then ").unwrap() + 1;
    let line = text[..then].lines().count() + 1;
    let broken = format!(
        "{}    When alice whistles\n{}",
        &text[..then],
        &text[then..]
    );
    std::fs::write(&path, broken).unwrap();
    let place = format!("features/controlling/ad_hoc_setup.feature:{line}:5: no step is defined");
    let output = shall(&folder, &["run", "--features", "features"]);
    refused(&output, 2, &[&place, "`alice whistles`", "help: "]);
}

#[test]
fn coverage_counts_what_was_asked_for() {
    let folder = folder("coverage");
    let glob = "7.2.1.2/on-invite/1";
    let output = shall(&folder, &["clauses", glob, "--coverage"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.ends_with("1 judged (0 without a scenario), 0 excluded, 0 superseded, 0 pending\n"),
        "{said}"
    );
    let output = shall(
        &folder,
        &["clauses", glob, "--coverage", "--format", "json"],
    );
    let coverage: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&coverage["judged"], &coverage["excluded"]),
        (&1.into(), &0.into())
    );
}

#[test]
fn a_proxy_says_that_it_is_ready_and_knows_its_mutations() {
    let folder = folder("proxy");
    let proxy = [
        "proxy",
        "--listen",
        "127.0.0.1:0",
        "--subject",
        "127.0.0.1:9",
    ];
    let wrong = [&proxy[..], &["--mutation", "180 without Servr"]].concat();
    refused(
        &shall(&folder, &wrong),
        2,
        &["did you mean \"180 without Server\"?"],
    );
    let mut command = Command::new(SHALL);
    command
        .args(proxy)
        .args(["--mutation", "180 without Server"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut ready = String::new();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut ready).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(ready.starts_with("ready: sip=127.0.0.1:"), "{ready}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_fault() {
    let folder = folder("closed-pipe");
    let run = ["run", "--clause", "7.2.1.1/server-sends-1xx/1"];
    for (arguments, code) in [
        (&run[..], 0),
        (&["clauses"], 0),
        (&["compare", "out", "out"], 0),
    ] {
        let mut command = Command::new(SHALL);
        command.args(arguments).current_dir(&folder);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        refused(&child.wait_with_output().unwrap(), code, &[]);
    }
    assert!(folder.join("out/summary.json").exists());
}

#[test]
fn what_tags_leave_out_of_the_clauses_that_were_named_is_told() {
    let folder = folder("left-by-tags");
    let clauses = ["--clause", "7.2.1.1/*", "--tags", "not @long-wait"];
    let run = shall(&folder, &[&["run"][..], &clauses].concat());
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let said = String::from_utf8_lossy(&run.stderr);
    let note = "--tags leaves no scenario of 7.2.1.1/on-invite/1, 7.2.1.1/server-sends-200/3.2;";
    assert!(said.contains(note), "{said}");
}
