//! A SIP/IP core of our own beside the server: its sockets, and what it has to say to the operator.

use std::net::SocketAddr;

use machines::port::{Input, Local, Node};
use tokio::sync::mpsc;

use crate::config::{CoreConfig, ServerConfig};
use crate::{Error, printable};

/// Listens, and says on standard error what is wrong and what to do; `server` has what all functions of the process share.
pub(crate) async fn start(
    config: &CoreConfig,
    server: &ServerConfig,
) -> Result<net::Handle, Error> {
    let (user, mut warnings) = mpsc::channel(WARNINGS);
    let options = net::Options {
        sip: config.listen,
        // A core carries no media.
        msrp: SocketAddr::new(config.listen.ip(), 0),
        time_scale: server.time_scale,
        user: Some(user),
        trace: server.trace.clone(),
        ..net::Options::default()
    };
    let nodes = |bound: &Local| {
        let local = printable(*bound, server.advertise);
        let core = roles::core::Core::new(config.role.clone(), local);
        vec![Box::new(core) as Box<dyn Node>]
    };
    let core = net::serve(options, nodes, |_: &Input, _| 0).await?;
    tokio::spawn(async move {
        while let Some(line) = warnings.recv().await {
            eprintln!("im-server: core: {line}");
        }
    });
    Ok(core)
}

/// Warnings that are not written yet; more are dropped.
const WARNINGS: usize = 64;
