//! A run of the `shall` binary in a folder of its own, and what it said.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

pub(crate) const SHALL: &str = env!("CARGO_BIN_EXE_shall");
/// Less than the 32 s that one lost transaction takes, and enough for a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

pub(crate) const SUBJECT: &str = r#"
subject: a subject of the tests
domain: example.com
conference_factory: sip:conference-factory@example.com
unallocated_factory: sip:no-such-factory@example.com
barred_user: sip:mallory@example.com
users: "sip:{chair}.{n}@example.com"
max_participants: 4
"#;

/// A folder of one test, for profiles and reports.
pub(crate) struct Folder(pub(crate) PathBuf);

/// What a run of the binary said.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) error: String,
    pub(crate) took: Duration,
    pub(crate) summary: Option<Value>,
}

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("adapters-{name}"));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    }

    pub(crate) fn shall(&self, arguments: &[&str]) -> Said {
        let began = Instant::now();
        let out = self.0.join("out");
        let mut command = Command::new(SHALL);
        command.arg("run").args(arguments).arg("--out").arg(&out);
        let output = command.output().unwrap();
        let text = std::fs::read(out.join("summary.json")).ok();
        Said {
            code: output.status.code(),
            error: String::from_utf8(output.stderr).unwrap(),
            took: began.elapsed(),
            summary: text.map(|t| serde_json::from_slice(&t).unwrap()),
        }
    }
}

impl Said {
    /// Ended with this code, and its message has each of these words.
    #[track_caller]
    pub(crate) fn expect(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.error);
        for word in words {
            assert!(self.error.contains(word), "{word:?} in: {}", self.error);
        }
    }

    /// Verdict of each clause, supporting ones included.
    pub(crate) fn verdicts(&self) -> Vec<(String, String)> {
        let summary = self.summary.as_ref().unwrap();
        let lists = [&summary["clauses"], &summary["supporting"]];
        let clauses = lists.iter().filter_map(|l| l.as_array()).flatten();
        let pair = |c: &Value| (c["id"].to_string(), c["verdict"].to_string());
        clauses.map(pair).collect()
    }

    /// Ended in time without a single pass, and says what to do.
    #[track_caller]
    pub(crate) fn expect_unreached(&self, subject: SocketAddr, core: SocketAddr) {
        let (subject, core) = (subject.to_string(), core.to_string());
        self.expect(3, &[&subject, "does not answer SIP", "help: ", &core]);
        assert!(self.took < LIMIT, "{:?}", self.took);
        let passes = |s: &Value| s["totals"]["pass"] != 0;
        assert!(!self.summary.as_ref().is_some_and(passes));
    }
}

/// A program of this project; built when it is not there yet.
pub(crate) fn program(name: &str) -> PathBuf {
    let path = Path::new(SHALL).with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let release = Path::new(SHALL).parent().unwrap().ends_with("release");
    if !path.exists() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "-p", "shall-app"]);
        cargo.args(release.then_some("--release"));
        assert!(cargo.status().unwrap().success());
    }
    path
}
