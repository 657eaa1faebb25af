//! The im-server under test: started on the same store each time, ended without warning.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::command;
use crate::context::Context;

/// A store that was away is asked again after 3 s of the clock.
const TIME_SCALE: u32 = 10;

/// A program and the files it is started with.
pub(super) struct Server {
    binary: PathBuf,
    config: PathBuf,
    log: PathBuf,
    /// Where its terminating participating function hears SIP, the same after each start.
    pub(super) sip: SocketAddr,
    child: Option<Child>,
}

impl Server {
    /// Builds the program and writes its configuration; `core` is the port of the network.
    pub(super) fn new(
        context: &Context,
        out: &Path,
        core: u16,
        database: &str,
    ) -> Result<Server, String> {
        let binary = command::build(context, "shall-app", "im-server")?;
        let sip = ports::free();
        let text = format!(
            "domain: example.com\n\
             core: {{address: \"127.0.0.1:{core}\"}}\n\
             listen: {{sip: \"127.0.0.1:0\", msrp: \"127.0.0.1:0\"}}\n\
             conference_factories: [\"sip:factory@example.com\"]\n\
             shards: 2\n\
             time_scale: {TIME_SCALE}\n\
             store: {{database: \"{database}\"}}\n\
             participating:\n  \
               - {{side: terminating, sip: \"{sip}\", deferred: {{messages: 1000}}}}\n",
        );
        let config = out.join("server.yaml");
        std::fs::write(&config, text).map_err(|fault| fault.to_string())?;
        Ok(Server {
            binary,
            config,
            log: out.join("server.log"),
            sip,
            child: None,
        })
    }

    /// Starts it and waits until it listens; one that runs goes on.
    pub(super) fn start(&mut self) -> Result<(), String> {
        if self.child.is_some() {
            return Ok(());
        }
        let said = |fault: std::io::Error| format!("im-server: {fault}");
        let mut options = std::fs::OpenOptions::new();
        let log = options.create(true).append(true).open(&self.log);
        let mut child = Command::new(&self.binary)
            .arg("--config")
            .arg(&self.config)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.map_err(said)?)
            .spawn()
            .map_err(said)?;
        let stdout = child.stdout.take();
        self.child = Some(child);
        let mut line = String::new();
        if let Some(stdout) = stdout {
            BufReader::new(stdout).read_line(&mut line).map_err(said)?;
        }
        if line.starts_with("im-server ready") {
            Ok(())
        } else {
            Err(format!(
                "im-server did not start, see {}",
                self.log.display()
            ))
        }
    }

    /// SIGKILL, and nothing of it is left.
    pub(super) fn kill(&mut self) -> Result<(), String> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        if let Ok(Some(status)) = child.try_wait() {
            return Err(format!(
                "im-server ended by itself with {status}, see {}",
                self.log.display()
            ));
        }
        child.kill().map_err(|fault| fault.to_string())?;
        child.wait().map(drop).map_err(|fault| fault.to_string())
    }

    /// The end of the test.
    pub(super) fn stop(&mut self) -> Result<(), String> {
        self.kill()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            command::stop(child);
        }
    }
}
