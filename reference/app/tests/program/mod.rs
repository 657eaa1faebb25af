//! `im-server` as an ordinary program, on free ports, with an XDMS of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server that runs as long as this does.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) sip: SocketAddr,
    pub(crate) xdms: SocketAddr,
}

impl Server {
    pub(crate) fn with(config: &Path) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_im-server"))
            .arg("--config")
            .arg(config)
            .args(["--listen", "127.0.0.1:0", "--msrp", "127.0.0.1:0"])
            .args(["--xdms", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("im-server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("its output is a pipe"))
            .read_line(&mut line)
            .expect("it says a line");
        let address = |name: &str| {
            let found = line
                .split_whitespace()
                .find_map(|word| word.strip_prefix(name));
            let address = found.and_then(|address| address.parse().ok());
            address.unwrap_or_else(|| panic!("no {name} in {line}"))
        };
        let (sip, xdms) = (address("sip="), address("xdms="));
        Server { child, sip, xdms }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
