//! An `im-server` process: started from a configuration of its own, ended by SIGTERM.

use crate::command;
use crate::context::Context;
use crate::jobs::program::Program;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

/// The URI that sets up an ad-hoc session.
pub(super) const FACTORY: &str = "sip:conference-factory@example.com";

/// A running server; dropped without [`Server::stop`], it is killed.
pub(super) struct Server {
    program: Program,
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
        command.arg("--config").arg(&file);
        let program = Program::start("im-server", command)?;
        let (sip, xdms) = program.says("its addresses", addresses)?;
        Ok(Server { program, sip, xdms })
    }

    /// Ends the server as an operator would; exit 0 is demanded.
    pub(super) fn stop(self) -> Result<(), String> {
        self.program.stop()
    }
}

/// The addresses of SIP and XDMS in the line `im-server ready sip=... msrp=... xdms=...`.
fn addresses(line: &str) -> Option<(SocketAddr, SocketAddr)> {
    let address = |name: &str| {
        let mut words = line.split_whitespace();
        let address = words.find_map(|word| word.strip_prefix(name))?;
        address.parse().ok()
    };
    address("sip=").zip(address("xdms="))
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
