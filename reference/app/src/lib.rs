//! Configuration and start-up of the reference server and client; what it says on the wire is decided in `roles`.

pub mod client;
mod clock;
pub mod config;
mod core;
mod error;
mod file;
mod history;
pub mod input;
mod log;
mod participating;
mod records;
mod store;
pub mod trace;
mod xdms;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;

use machines::port::{Local, Node};
use machines::store::Store;

pub use config::{
    CoreConfig, HistoryConfig, ParticipatingConfig, ServerConfig, StoreConfig, XdmsConfig,
};
pub use error::Error;
pub use records::{Fault, Records};
pub use store::Sqlite;

/// A running server; dropping it closes everything at once.
pub struct Running {
    /// SIP and MSRP.
    pub im: net::Handle,
    /// HTTP, if the server has an XDMS of its own.
    pub xdms: Option<net::http::server::Server>,
    /// The participating functions, in the order of the configuration.
    pub participating: Vec<net::Handle>,
    /// The IM History Function; it takes lines as a client does.
    pub history: Option<client::RunningClient>,
    /// SIP of the SIP/IP core, if there is one beside the server.
    pub core: Option<net::Handle>,
}

impl Running {
    /// Where the XDMS listens.
    pub fn xdms(&self) -> Option<SocketAddr> {
        self.xdms.as_ref().map(|server| server.local)
    }

    /// Ends every session, then closes all sockets.
    pub async fn shutdown(self) {
        self.im.shutdown().await;
        for function in self.participating {
            function.shutdown().await;
        }
        if let Some(history) = self.history {
            history.shutdown().await;
        }
        if let Some(core) = self.core {
            core.shutdown().await;
        }
        if let Some(xdms) = self.xdms {
            xdms.shutdown().await;
        }
    }
}

/// Starts a server: one shard a core unless the configuration says otherwise. Needs a tokio runtime.
pub async fn start(mut config: ServerConfig) -> Result<Running, Error> {
    let store = match config.store.take() {
        Some(store) => Some(open(store).await?),
        None => None,
    };
    let kept = || store.clone();
    let xdms = config
        .xdms
        .as_ref()
        .map(|xdms| xdms::start(xdms, kept(), config.trace.clone()));
    let xdms = xdms.transpose()?;
    if let Some(server) = &xdms {
        let own = || xdms::root(server.local);
        config.role.xcap_root.get_or_insert_with(own);
    }
    // First, so that it is there for what the server sends.
    let core = match &config.sip_ip_core {
        Some(core) => Some(core::start(core, &config).await?),
        None => None,
    };
    let options = net::Options {
        sip: config.sip,
        msrp: config.msrp,
        time_scale: config.time_scale,
        limits: wire::Limits::default(),
        connections: config.connections,
        user: None,
        store: None,
        trace: config.trace.clone(),
    };
    let nodes = |bound: &Local| {
        let local = printable(*bound, config.advertise);
        (0..config.shards)
            .map(|shard| node(&config, local, shard))
            .collect()
    };
    let router = roles::router(&config.role);
    let im = net::serve(options, nodes, router).await?;
    let mut participating = Vec::new();
    for function in &config.participating {
        let started = participating::start(function, &config, store.clone());
        participating.push(started.await?);
    }
    let history = match &config.history {
        Some(function) => Some(history::start(function, &config, store).await?),
        None => None,
    };
    Ok(Running {
        im,
        xdms,
        participating,
        history,
        core,
    })
}

/// Opens the store of the configuration.
async fn open(config: StoreConfig) -> Result<Arc<dyn Store>, Error> {
    let opened = tokio::task::spawn_blocking(move || match config {
        StoreConfig::Postgresql(config) => {
            Records::connect(&config).map_err(|source| Error::Postgresql {
                name: records::name(&config),
                source,
            })
        }
        StoreConfig::Sqlite { database, pages } => {
            Records::open(&database, pages).map_err(|source| Error::Database {
                file: database.display().to_string(),
                source,
            })
        }
    });
    match opened.await {
        Ok(opened) => Ok(Arc::new(opened?)),
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

fn node(config: &ServerConfig, local: Local, shard: usize) -> Box<dyn Node> {
    Box::new(roles::Server::new(config.role.clone(), local, shard))
}

/// Peers cannot reply to an unspecified address such as 0.0.0.0: messages name the advertised one.
pub(crate) fn printable(mut local: Local, advertise: Option<std::net::IpAddr>) -> Local {
    if let Some(ip) = advertise {
        local.sip.set_ip(ip);
        local.msrp.set_ip(ip);
    }
    local
}

/// Listens for the signals from now on, so that none is lost during start-up.
#[cfg(unix)]
pub fn signals() -> Result<impl Future<Output = ()>, Error> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Signals)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
pub fn signals() -> Result<impl Future<Output = ()>, Error> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
