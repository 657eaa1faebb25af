//! The server's own XDMS: HTTP on one side, the database on the other.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use machines::store::Store;
use net::http::server;
use roles::xdms::{Request, answer, answer_deferred};

use crate::{Error, Sqlite, XdmsConfig};

/// Opens the database and listens.
///
/// `kept` has the deferred messages.
pub(crate) fn start(
    config: &XdmsConfig,
    kept: Option<Arc<dyn Store>>,
    trace: Option<net::Trace>,
) -> Result<server::Server, Error> {
    let store = Sqlite::open(&config.database).map_err(|source| Error::Database {
        file: config.database.display().to_string(),
        source,
    })?;
    let store = Mutex::new(store);
    let service = move |asked: server::Request| {
        let request = Request {
            method: asked.method,
            target: asked.target,
            headers: asked.headers,
            body: asked.body,
        };
        let kept = kept.as_deref();
        let listed = kept.and_then(|kept| answer_deferred(ROOT, &request, kept));
        let response = listed.unwrap_or_else(|| {
            // Every call of the store is whole, so that a thread that panicked left nothing half done.
            let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
            answer(ROOT, &request, &mut *store)
        });
        server::Response {
            status: response.status,
            headers: response.headers,
            body: response.body,
        }
    };
    Ok(server::listen(config.listen)?.serve(Arc::new(service), trace))
}

/// The XCAP root of an XDMS that listens here, as this machine reaches it.
pub(crate) fn root(mut local: SocketAddr) -> String {
    if local.ip().is_unspecified() {
        local.set_ip(match local {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    format!("http://{local}{ROOT}")
}

/// Path of the XCAP root.
const ROOT: &str = "/services";
