//! A program of ours: started, listened to, and ended as an operator would.

use crate::command;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a line, or the end, is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Lines that wait to be looked at; the program waits when there are more.
const LINES: usize = 4096;

/// A running program; dropped without [`Program::stop`], it is killed.
pub(super) struct Program {
    name: &'static str,
    child: Option<Child>,
    said: Receiver<String>,
}

impl Program {
    pub(super) fn start(name: &'static str, mut command: Command) -> Result<Self, String> {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|fault| format!("{name}: {fault}"))?;
        let (sender, said) = sync_channel(LINES);
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || {
                let lines = BufReader::new(stdout).lines().map_while(Result::ok);
                // Nobody listens any more once the program is given up.
                lines.map(|line| sender.send(line)).all(|sent| sent.is_ok())
            });
        }
        let child = Some(child);
        Ok(Self { name, child, said })
    }

    /// Waits for a line in which `found` finds something.
    pub(super) fn says<T>(
        &self,
        what: &str,
        found: impl Fn(&str) -> Option<T>,
    ) -> Result<T, String> {
        let end = Instant::now() + PATIENCE;
        let mut heard = Vec::new();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(line) = self.said.recv_timeout(left) else {
                let (name, heard) = (self.name, heard.join(" | "));
                return Err(format!("{name} did not say {what}; it said `{heard}`"));
            };
            match found(&line) {
                Some(found) => return Ok(found),
                None => heard.push(line),
            }
        }
    }

    /// Ends the program by SIGTERM; exit 0 is demanded.
    pub(super) fn stop(mut self) -> Result<(), String> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        let name = self.name;
        let pid = child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status();
        if !told.is_ok_and(|status| status.success()) {
            command::stop(&mut child);
        }
        let (sender, receiver) = channel();
        thread::spawn(move || sender.send(child.wait()));
        match receiver.recv_timeout(PATIENCE) {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(format!("{name} ended with {status} on SIGTERM")),
            Ok(Err(fault)) => Err(format!("{name}: {fault}")),
            Err(_) => Err(format!(
                "{name} (process {pid}) did not end within 10 s of SIGTERM"
            )),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            command::stop(&mut child);
        }
    }
}
