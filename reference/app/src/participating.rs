//! Starts a participating function at its own address.

use std::sync::Arc;

use machines::port::{Local, Node};
use machines::store::Store;
use roles::participating::{Config, Participating, router};

use crate::config::{ParticipatingConfig, ServerConfig};
use crate::{Error, printable};

/// Listens; `server` has what all functions of the process share.
pub(crate) async fn start(
    function: &ParticipatingConfig,
    server: &ServerConfig,
    store: Option<Arc<dyn Store>>,
) -> Result<net::Handle, Error> {
    let options = net::Options {
        sip: function.sip,
        msrp: function.msrp,
        time_scale: server.time_scale,
        connections: server.connections,
        store,
        trace: server.trace.clone(),
        ..net::Options::default()
    };
    let role = Config {
        xcap_root: server.role.xcap_root.clone(),
        ..function.role.clone()
    };
    let nodes = |bound: &Local| {
        let local = printable(*bound, server.advertise);
        let node =
            |shard| -> Box<dyn Node> { Box::new(Participating::new(role.clone(), local, shard)) };
        (0..function.shards).map(node).collect()
    };
    Ok(net::serve(options, nodes, router(&function.role)).await?)
}
