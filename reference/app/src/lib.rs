//! Configuration and start-up of the reference server; what it says on the wire is decided in `roles`.

pub mod config;
mod error;

#[cfg(test)]
mod tests;

use machines::port::{Local, Node};

pub use config::ServerConfig;
pub use error::Error;

/// Starts a server: one shard a core unless the configuration says otherwise. Needs a tokio runtime.
pub async fn start(config: ServerConfig) -> Result<net::Handle, Error> {
    let options = net::Options {
        sip: config.sip,
        msrp: config.msrp,
        time_scale: config.time_scale,
        limits: wire::Limits::default(),
        connections: config.connections,
    };
    let nodes = |bound: &Local| {
        let local = printable(*bound, config.advertise);
        (0..config.shards)
            .map(|shard| node(&config, local, shard))
            .collect()
    };
    let router = roles::router(&config.role);
    Ok(net::serve(options, nodes, router).await?)
}

fn node(config: &ServerConfig, local: Local, shard: usize) -> Box<dyn Node> {
    Box::new(roles::Server::new(config.role.clone(), local, shard))
}

/// Peers cannot reply to an unspecified address such as 0.0.0.0: messages name the advertised one.
fn printable(mut local: Local, advertise: Option<std::net::IpAddr>) -> Local {
    if let Some(ip) = advertise {
        local.sip.set_ip(ip);
        local.msrp.set_ip(ip);
    }
    local
}
