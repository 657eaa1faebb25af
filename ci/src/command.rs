//! Runs other programs: streamed to the terminal, or captured under a time limit.

use crate::context::Context;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// What a captured program left.
pub(crate) struct Captured {
    /// `None` when a signal or the limit ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) timed_out: bool,
}

/// The cargo that started us, in the checkout.
pub(crate) fn cargo(context: &Context) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(&context.root);
    command
}

/// Builds a binary of the workspace and gives its path.
pub(crate) fn build(context: &Context, package: &str, binary: &str) -> Result<PathBuf, String> {
    let mut command = cargo(context);
    command.args(["build", "--quiet", "--package", package, "--bin", binary]);
    stream(&mut command)?;
    let path = context
        .target
        .join("debug")
        .join(binary)
        .with_extension(std::env::consts::EXE_EXTENSION);
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!("{} was not built", path.display()))
    }
}

/// Runs with the terminal's own output; anything but exit 0 is a fault.
pub(crate) fn stream(command: &mut Command) -> Result<(), String> {
    let shown = shown(command);
    println!("$ {shown}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{shown}` ended with {status}")),
        Err(fault) => Err(format!("`{shown}` could not be started: {fault}")),
    }
}

/// Runs and keeps both outputs; killed when the limit has passed.
pub(crate) fn capture(command: &mut Command, limit: Duration) -> Result<Captured, String> {
    let shown = shown(command);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|fault| format!("`{shown}` could not be started: {fault}"))?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let end = Instant::now() + limit;
    let stdout = received(&stdout, end);
    let stderr = received(&stderr, end);
    let timed_out = stdout.is_none() || stderr.is_none();
    if timed_out {
        stop(&mut child);
    }
    let status = child
        .wait()
        .map_err(|fault| format!("`{shown}`: {fault}"))?;
    Ok(Captured {
        code: if timed_out { None } else { status.code() },
        stdout: stdout.unwrap_or_default(),
        stderr: stderr.unwrap_or_default(),
        timed_out,
    })
}

/// True when the program can be started from the search path.
pub(crate) fn on_path(program: &str) -> bool {
    let Some(folders) = std::env::var_os("PATH") else {
        return false;
    };
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

/// Ends a child that we started; one that has ended already is no fault.
pub(crate) fn stop(child: &mut Child) {
    if let Err(fault) = child.kill() {
        println!("  a program had already ended: {fault}");
    }
}

/// The last lines of a text, for faults that quote a program.
pub(crate) fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// Reads a pipe to its end on a thread of its own, so that no program blocks on a full pipe.
pub(crate) fn drain(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            let read = pipe.take(LIMIT).read_to_end(&mut bytes);
            if let Err(fault) = read {
                bytes.extend(format!("\n(pipe: {fault})").into_bytes());
            }
        }
        // Nobody listens any more when the program was given up.
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

fn received(receiver: &Receiver<String>, end: Instant) -> Option<String> {
    let left = end.saturating_duration_since(Instant::now());
    receiver.recv_timeout(left).ok()
}

fn shown(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let words = command
        .get_args()
        .map(|word| word.to_string_lossy().into_owned());
    std::iter::once(name)
        .chain(words)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Octets kept of one output.
const LIMIT: u64 = 64 << 20;
