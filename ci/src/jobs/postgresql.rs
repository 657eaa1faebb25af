//! A PostgreSQL of our own: made in a temporary folder, on a free port, gone with its test; never a service of the system.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::command;
use ports::await_listener;

/// A running server.
pub(super) struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    server: Option<Child>,
}

impl Cluster {
    /// Makes and starts one; the programs are there.
    pub(super) fn start() -> Result<Cluster, String> {
        let programs = programs().ok_or("initdb and postgres are nowhere to be found")?;
        let folder = std::env::temp_dir().join(format!("shall-postgresql-{}", std::process::id()));
        let mut cluster = Cluster {
            programs,
            folder,
            port: ports::free().port(),
            server: None,
        };
        cluster.make()?;
        cluster.run()?;
        Ok(cluster)
    }

    /// As `store: database` takes it.
    pub(super) fn address(&self) -> String {
        format!(
            "postgresql://{USER}:{PASSWORD}@127.0.0.1:{}/postgres",
            self.port
        )
    }

    /// Ends it in the middle of its work, as a power cut does, and starts it again.
    pub(super) fn crash(&mut self) -> Result<(), String> {
        self.end("-QUIT")?;
        self.run()
    }

    fn make(&self) -> Result<(), String> {
        let fault = |error: std::io::Error| format!("{}: {error}", self.folder.display());
        std::fs::create_dir_all(&self.folder).map_err(fault)?;
        let password = self.folder.join("password");
        std::fs::write(&password, PASSWORD).map_err(fault)?;
        if let Some(user) = unprivileged() {
            let mut own = Command::new("chown");
            done(own.args(["-R", user]).arg(&self.folder))?;
        }
        let mut make = self.program("initdb");
        make.args(["-A", "scram-sha-256", "-U", USER, "-N", "-D"])
            .arg(self.folder.join("data"))
            .arg("--pwfile")
            .arg(password);
        done(&mut make)
    }

    fn run(&mut self) -> Result<(), String> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("log"));
        let mut server = self.program("postgres");
        server
            .arg("-D")
            .arg(self.folder.join("data"))
            .arg("-k")
            .arg(&self.folder)
            .args(["-p", &self.port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.map_err(|error| error.to_string())?);
        let started = server.spawn().map_err(|error| format!("postgres: {error}"));
        self.server = Some(started?);
        await_listener(self.port)?;
        self.answered()
    }

    /// It listens before it answers.
    fn answered(&self) -> Result<(), String> {
        let mut ready = self.program("pg_isready");
        ready.args([
            "-q",
            "-t",
            "10",
            "-h",
            "127.0.0.1",
            "-p",
            &self.port.to_string(),
        ]);
        let end = Instant::now() + LIMIT;
        while Instant::now() < end {
            if command::capture(&mut ready, LIMIT)?.code == Some(0) {
                return Ok(());
            }
            thread::park_timeout(Duration::from_millis(50));
        }
        Err(format!(
            "postgres does not answer; its log: {}",
            tail(&self.folder.join("log"))
        ))
    }

    fn end(&mut self, signal: &str) -> Result<(), String> {
        let Some(mut server) = self.server.take() else {
            return Ok(());
        };
        done(Command::new("kill").args([signal, &server.id().to_string()]))?;
        server.wait().map(drop).map_err(|fault| fault.to_string())
    }

    /// A program of PostgreSQL, which refuses to run as root.
    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = match unprivileged() {
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", user, "--regid", user, "--clear-groups"]);
                command.arg(path);
                command
            }
            None => Command::new(path),
        };
        command.current_dir(&self.folder);
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(fault) = self.end("-QUIT") {
            println!("  PostgreSQL did not end: {fault}");
        }
        if let Err(fault) = std::fs::remove_dir_all(&self.folder) {
            println!("  {}: {fault}", self.folder.display());
        }
    }
}

/// Where the programs of the server are: on the search path, or where Debian has them.
pub(super) fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql");
    let debian = debian.into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    folders.extend(std::env::split_paths(&path));
    folders.into_iter().find(|folder| {
        let all = ["initdb", "postgres", "pg_isready"];
        all.iter().all(|program| folder.join(program).is_file())
    })
}

/// For root: a user that owns nothing else.
fn unprivileged() -> Option<&'static str> {
    if !super::interop::is_root() {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let known = |user: &str| {
        users
            .lines()
            .any(|line| line.starts_with(&format!("{user}:")))
    };
    Some(if known("postgres") {
        "postgres"
    } else {
        "games"
    })
}

fn done(command: &mut Command) -> Result<(), String> {
    let ended = command::capture(command, LIMIT)?;
    match ended.code {
        Some(0) => Ok(()),
        _ => Err(format!("{command:?}: {}", command::tail(&ended.stderr, 3))),
    }
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    command::tail(&text, 3)
}

const USER: &str = "shall";
const PASSWORD: &str = "not-a-secret";
const LIMIT: Duration = Duration::from_secs(60);
