//! An `im-server` process: started from a configuration of its own, ended by SIGTERM.

use crate::command;
use crate::context::Context;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// The URI that sets up an ad-hoc session.
pub(super) const FACTORY: &str = "sip:conference-factory@example.com";

/// A running server; dropped without [`Server::stop`], it is killed.
pub(super) struct Server {
    child: Option<Child>,
    /// Where it listens for SIP.
    pub(super) sip: SocketAddr,
    /// Where its XDMS listens.
    pub(super) xdms: SocketAddr,
}

impl Server {
    /// Starts the server on free ports, with its core at an address; returns when it is ready.
    pub(super) fn start(
        context: &Context,
        out: &Path,
        core: u16,
        transport: &str,
    ) -> Result<Server, String> {
        let binary = command::build(context, "shall-app", "im-server")?;
        let file = out.join("server.yaml");
        std::fs::write(&file, configuration(core, transport))
            .map_err(|fault| format!("{}: {fault}", file.display()))?;
        let mut command = Command::new(binary);
        command.arg("--config").arg(&file).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command
            .spawn()
            .map_err(|fault| format!("im-server: {fault}"))?;
        match ready(&mut child) {
            Ok((sip, xdms)) => Ok(Server {
                child: Some(child),
                sip,
                xdms,
            }),
            Err(fault) => {
                command::stop(&mut child);
                Err(fault)
            }
        }
    }

    /// Ends the server as an operator would; exit 0 is demanded.
    pub(super) fn stop(mut self) -> Result<(), String> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        let pid = child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status();
        if !told.is_ok_and(|status| status.success()) {
            command::stop(&mut child);
        }
        let (sender, receiver) = channel();
        thread::spawn(move || sender.send(child.wait()));
        match receiver.recv_timeout(Duration::from_secs(10)) {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(format!("im-server ended with {status} on SIGTERM")),
            Ok(Err(fault)) => Err(format!("im-server: {fault}")),
            Err(_) => Err(format!(
                "im-server (process {pid}) did not end within 10 s of SIGTERM"
            )),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            command::stop(&mut child);
        }
    }
}

/// The addresses of SIP and XDMS in the line `im-server ready sip=... msrp=... xdms=...`.
fn ready(child: &mut Child) -> Result<(SocketAddr, SocketAddr), String> {
    let stdout = child.stdout.take().ok_or("im-server has no output")?;
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // Nobody listens any more once the server is ready.
            let _ = sender.send(line);
        }
    });
    let line = receiver
        .recv_timeout(Duration::from_secs(10))
        .map_err(|_| "im-server did not say that it is ready")?;
    let address = |name: &str| {
        let mut words = line.split_whitespace();
        let address = words.find_map(|word| word.strip_prefix(name))?;
        address.parse().ok()
    };
    address("sip=")
        .zip(address("xdms="))
        .ok_or_else(|| format!("im-server said `{line}`, without its addresses"))
}

fn configuration(core: u16, transport: &str) -> String {
    format!(
        "domain: example.com\n\
         listen: {{ sip: '127.0.0.1:0', msrp: '127.0.0.1:0' }}\n\
         core: {{ address: '127.0.0.1:{core}', transport: {transport} }}\n\
         xdms: {{ listen: '127.0.0.1:0', database: ':memory:' }}\n\
         conference_factories: ['{FACTORY}']\n\
         barred: []\nannounce: true\n"
    )
}
