//! The processes of a system: started from the example's files on free ports, heard line by line.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

/// A message that crossed a socket, as `--trace` tells it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Crossing {
    pub(crate) number: u64,
    pub(crate) because: Option<u64>,
    pub(crate) at_us: u64,
    pub(crate) way: String,
    pub(crate) protocol: String,
    pub(crate) transport: String,
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    pub(crate) message: String,
}

/// What a process says.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    /// A message crossed one of its sockets.
    Crossed(Crossing),
    /// What its user is told.
    Told(Value),
    /// Any other line.
    Line(String),
}

struct Process {
    name: &'static str,
    child: Child,
    input: Option<ChildStdin>,
}

/// All processes, and all that they have said.
pub(crate) struct System {
    folder: PathBuf,
    ports: HashMap<String, String>,
    processes: Vec<Process>,
    sender: Sender<(&'static str, Said)>,
    receiver: Receiver<(&'static str, Said)>,
    pub(crate) heard: Vec<(&'static str, Said)>,
}

impl System {
    /// Nothing runs yet; configurations with the ports of this test go to that folder.
    pub(crate) fn new(folder: PathBuf) -> Self {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let (sender, receiver) = channel();
        Self {
            folder,
            ports: HashMap::new(),
            processes: Vec::new(),
            sender,
            receiver,
            heard: Vec::new(),
        }
    }

    /// Starts a program with the example's configuration of that name, and waits until it can be used.
    pub(crate) fn start(&mut self, program: &Path, name: &'static str, act: Option<&str>) {
        let example = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../reference/app/examples/system")
            .join(name)
            .with_extension("yaml");
        let text = self.relocated(&std::fs::read_to_string(example).unwrap());
        let config = self.folder.join(name).with_extension("yaml");
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new(program);
        command.arg("--config").arg(config);
        command.args(["--trace", "/dev/stderr"]).args(act);
        let pipes = (Stdio::piped(), Stdio::piped(), Stdio::piped());
        command.stdin(pipes.0).stdout(pipes.1).stderr(pipes.2);
        let mut child = command.spawn().unwrap();
        self.listen(name, child.stdout.take().unwrap(), |line| {
            serde_json::from_str(line).map(Said::Told).ok()
        });
        self.listen(name, child.stderr.take().unwrap(), |line| {
            serde_json::from_str(line).map(Said::Crossed).ok()
        });
        let input = child.stdin.take();
        let since = self.heard.len();
        self.processes.push(Process { name, child, input });
        self.wait(&format!("{name} is ready"), |system| {
            system.heard[since..].iter().any(|(who, said)| match said {
                Said::Line(line) => *who == name && line.starts_with("im-server ready "),
                Said::Told(told) => *who == name && told["event"] == "ready",
                Said::Crossed(_) => false,
            })
        });
    }

    /// The same text with free ports in place of the example's, the same ones for every process.
    fn relocated(&mut self, text: &str) -> String {
        let mut parts = text.split("127.0.0.1:");
        let mut relocated = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|c: char| !c.is_ascii_digit());
            let (port, rest) = part.split_at(end.unwrap_or(part.len()));
            let own = match port {
                "0" => "0".to_owned(),
                port => self
                    .ports
                    .entry(port.to_owned())
                    .or_insert_with(|| ports::free().port().to_string())
                    .clone(),
            };
            relocated += &format!("127.0.0.1:{own}{rest}");
        }
        relocated
    }

    fn listen(
        &self,
        name: &'static str,
        pipe: impl Read + Send + 'static,
        read: fn(&str) -> Option<Said>,
    ) {
        let sender = self.sender.clone();
        thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                let said = read(&line).unwrap_or(Said::Line(line));
                // Nobody listens after a failure.
                let _ = sender.send((name, said));
            }
        });
    }

    /// A user gives a command.
    pub(crate) fn say(&mut self, name: &str, command: &Value) {
        let process = self.process(name);
        let input = process.input.as_mut().unwrap();
        writeln!(input, "{command}").unwrap();
    }

    /// Stops a process where it is (`STOP`), lets it go on (`CONT`), or asks it to end (`TERM`).
    pub(crate) fn signal(&mut self, name: &str, signal: &str) {
        let pid = self.process(name).child.id().to_string();
        let told = Command::new("kill")
            .args([&format!("-{signal}"), &pid])
            .status();
        assert!(told.unwrap().success());
    }

    /// Waits for the end of a process that was asked to end.
    pub(crate) fn ended(&mut self, name: &str) {
        let status = self.process(name).child.wait().unwrap();
        assert!(status.success(), "{name} ended with {status}");
    }

    /// Hears everything until this holds.
    #[track_caller]
    pub(crate) fn wait(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !holds(self) {
            match self
                .receiver
                .recv_timeout(until.saturating_duration_since(Instant::now()))
            {
                Ok(said) => self.heard.push(said),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let last: Vec<String> = self.heard.iter().rev().take(12).map(line).collect();
                    panic!(
                        "not in time: {what}; last were, backwards:\n{}",
                        last.join("\n")
                    );
                }
            }
        }
    }

    /// What has been said when all processes are gone.
    pub(crate) fn finish(mut self) -> Vec<(&'static str, Said)> {
        self.sender = channel().0;
        while let Ok(said) = self.receiver.recv_timeout(PATIENCE) {
            self.heard.push(said);
        }
        std::mem::take(&mut self.heard)
    }

    fn process(&mut self, name: &str) -> &mut Process {
        let found = self.processes.iter_mut().find(|one| one.name == name);
        found.unwrap()
    }
}

impl Drop for System {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // One that is gone already is fine.
            let _ = process.child.kill();
            let _ = process.child.wait();
        }
    }
}

fn line((who, said): &(&'static str, Said)) -> String {
    match said {
        Said::Crossed(crossing) => {
            let first = crossing.message.lines().next().unwrap_or_default();
            format!("{who} {}: {first}", crossing.way)
        }
        Said::Told(told) => format!("{who} tells: {told}"),
        Said::Line(line) => format!("{who}: {line}"),
    }
}

/// Longer than anything that is waited for takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
