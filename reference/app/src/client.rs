//! A running client: its sockets, and the lines to and from its user.

pub mod config;
pub mod words;

use std::net::IpAddr;

use machines::port::{Input, Local, Node};
use roles::client::upper::Command;
use tokio::sync::mpsc;

pub use config::ClientConfig;

use crate::{Error, printable};

/// A client that runs; dropping it closes everything at once.
pub struct RunningClient {
    /// SIP and MSRP.
    pub im: net::Handle,
    /// What the client tells, one JSON object a line. Whoever lets too many wait misses the later ones.
    pub told: mpsc::Receiver<String>,
}

impl RunningClient {
    /// Gives a command; waits while the client has too much to do to take it.
    pub async fn say(&self, command: &Command) {
        self.line(&command.line()).await;
    }

    /// Gives a line as it is.
    pub async fn line(&self, line: &str) {
        // A client that has ended takes nothing any more.
        for _ in 0..TRIES {
            if self.im.user(line.to_owned()) {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Ends every session, then closes all sockets; gives what was told meanwhile.
    pub async fn shutdown(self) -> Vec<String> {
        let Self { im, mut told } = self;
        im.shutdown().await;
        let mut last = Vec::new();
        while let Ok(line) = told.try_recv() {
            last.push(line);
        }
        last
    }
}

/// Starts a client. Needs a tokio runtime.
pub async fn start(config: ClientConfig) -> Result<RunningClient, Error> {
    let options = net::Options {
        sip: config.sip,
        msrp: config.msrp,
        time_scale: config.time_scale,
        trace: config.trace,
        ..net::Options::default()
    };
    let client = |local| roles::client::Client::new(config.role, local);
    serve(options, config.advertise, client).await
}

/// Starts a node that has a user.
pub(crate) async fn serve<N: Node + 'static>(
    options: net::Options,
    advertise: Option<IpAddr>,
    node: impl FnOnce(Local) -> N,
) -> Result<RunningClient, Error> {
    let (user, told) = mpsc::channel(TOLD);
    let user = Some(user);
    let options = net::Options { user, ..options };
    let nodes = |bound: &Local| {
        let node = node(printable(*bound, advertise));
        vec![Box::new(node) as Box<dyn Node>]
    };
    let im = net::serve(options, nodes, |_: &Input, _| 0).await?;
    Ok(RunningClient { im, told })
}

/// Lines that may wait for the user.
const TOLD: usize = 4096;
/// How often, and how long each time, to wait for a busy client.
const TRIES: u32 = 1000;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(5);
