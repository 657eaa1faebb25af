//! Starts an IM History Function at its own address.

use std::sync::Arc;

use machines::store::Store;
use roles::history::History;

use crate::Error;
use crate::client::{self, RunningClient};
use crate::config::{HistoryConfig, ServerConfig};

/// Listens; `server` has what all functions of the process share.
pub(crate) async fn start(
    function: &HistoryConfig,
    server: &ServerConfig,
    store: Option<Arc<dyn Store>>,
) -> Result<RunningClient, Error> {
    let options = net::Options {
        sip: function.sip,
        msrp: function.msrp,
        time_scale: server.time_scale,
        connections: server.connections,
        store,
        trace: server.trace.clone(),
        ..net::Options::default()
    };
    let mut role = function.role.clone();
    // By now it is known where an XDMS of our own listens.
    role.xcap_root.clone_from(&server.role.xcap_root);
    let node = |local| History::new(role, local);
    client::serve(options, server.advertise, node).await
}
