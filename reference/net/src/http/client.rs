//! Asks HTTP servers for the shards: documents out and in, connections used again, everything bounded.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::{Method, Request, Response, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use machines::port::{Fetch, FetchId, FetchMethod, Fetched, Input};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use super::DOCUMENT;
use super::tap::{Latest, Tap};
use crate::hub::{Event, Hub};
use crate::trace::{Cause, Caused};

/// What the fetches of one driver share.
pub(crate) struct Client {
    asked: AtomicUsize,
    at_once: Semaphore,
    idle: Mutex<VecDeque<Idle>>,
}

/// A connection, and what was last received on it.
struct Sender {
    request: SendRequest<Full<Bytes>>,
    latest: Latest,
}

/// A connection that waits for its next request.
struct Idle {
    authority: String,
    sender: Sender,
    since: Instant,
}

impl Default for Client {
    fn default() -> Self {
        Client {
            asked: AtomicUsize::new(0),
            at_once: Semaphore::new(AT_ONCE),
            idle: Mutex::default(),
        }
    }
}

/// Starts a fetch; its outcome is told to `shard`. Beyond the limit the outcome comes at once, as the error.
pub(crate) fn fetch(
    hub: &Arc<Hub>,
    shard: usize,
    id: FetchId,
    what: Fetch,
    within: Duration,
    cause: Cause,
) -> Result<(), Fetched> {
    if hub.http.asked.fetch_add(1, Ordering::Relaxed) >= ASKED {
        hub.http.asked.fetch_sub(1, Ordering::Relaxed);
        return Err(Fetched::Failed(
            "too many documents are being fetched".into(),
        ));
    }
    let task = Arc::clone(hub);
    hub.spawn(async move {
        let limit = Duration::try_from_secs_f64(within.as_secs_f64() / task.scale);
        let work = carry_out(&task, &what, cause);
        let (outcome, cause) = match timeout(limit.unwrap_or(within), work).await {
            Ok(Ok(fetched)) => fetched,
            Ok(Err(reason)) => (Fetched::Failed(reason), cause),
            Err(_) => {
                let reason = format!("{} gave no answer in time", what.uri);
                (Fetched::Failed(reason), cause)
            }
        };
        task.http.asked.fetch_sub(1, Ordering::Relaxed);
        let input = Input::Fetched { id, outcome };
        task.tell(shard, Event::Input(Caused { input, cause }))
            .await;
    });
    Ok(())
}

// The outcome, and what it comes from.
async fn carry_out(hub: &Arc<Hub>, what: &Fetch, cause: Cause) -> Result<(Fetched, Cause), String> {
    let spelled = &what.uri;
    let uri: Uri = spelled
        .parse()
        .map_err(|error| format!("{spelled}: {error}"))?;
    let authority = match uri.authority() {
        Some(authority) if uri.scheme_str() == Some("http") => authority.as_str().to_owned(),
        _ => return Err(format!("{uri} is no http URI with a host")),
    };
    // The semaphore lives as long as the hub and is never closed.
    let _place = hub.http.at_once.acquire().await.map_err(said(&uri))?;
    if let Some(mut sender) = hub.http.take(&authority, cause).await
        // The server may just have closed it; what fails here is asked again on a connection of its own.
        && let Ok(response) = ask(&mut sender, what, &uri, &authority).await
    {
        return finish(hub, sender, response, authority, &uri).await;
    }
    let mut sender = connect(hub, &uri, &authority, cause).await?;
    let response = ask(&mut sender, what, &uri, &authority)
        .await
        .map_err(said(&uri))?;
    finish(hub, sender, response, authority, &uri).await
}

async fn connect(hub: &Hub, uri: &Uri, authority: &str, cause: Cause) -> Result<Sender, String> {
    let port = if uri.port().is_some() { "" } else { ":80" };
    let stream = TcpStream::connect(format!("{authority}{port}"))
        .await
        .map_err(said(uri))?;
    stream.set_nodelay(true).map_err(said(uri))?;
    let latest = Latest::default();
    latest.set(cause);
    let stream = Tap::new(stream, hub.teller.clone(), latest.clone());
    let (request, connection) = Builder::new()
        .max_buf_size(HEAD)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(said(uri))?;
    hub.spawn(async move {
        // Its failure is told to whoever waits for a response on it.
        let _ = connection.await;
    });
    Ok(Sender { request, latest })
}

async fn ask(
    sender: &mut Sender,
    what: &Fetch,
    uri: &Uri,
    host: &str,
) -> hyper::Result<Response<Incoming>> {
    let target = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::new(Full::new(Bytes::from(what.body.clone())));
    *request.method_mut() = match what.method {
        FetchMethod::Get => Method::GET,
        FetchMethod::Put => Method::PUT,
    };
    *request.uri_mut() = target.parse().unwrap_or_default();
    for (name, value) in &what.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<header::HeaderName>(), value.parse()) {
            request.headers_mut().insert(name, value);
        }
    }
    if let Ok(host) = host.parse() {
        request.headers_mut().insert(header::HOST, host);
    }
    sender.request.send_request(request).await
}

async fn finish(
    hub: &Hub,
    sender: Sender,
    response: Response<Incoming>,
    authority: String,
    uri: &Uri,
) -> Result<(Fetched, Cause), String> {
    let status = response.status();
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.map_or_else(String::new, |value| {
        String::from_utf8_lossy(value.as_bytes()).into_owned()
    });
    let body = collect(response.into_body(), uri).await?;
    let cause = sender.latest.get();
    hub.http.keep(authority, sender);
    let fetched = match status {
        StatusCode::OK => Fetched::Document { content_type, body },
        other => Fetched::Status(other.as_u16()),
    };
    Ok((fetched, cause))
}

async fn collect(mut incoming: Incoming, uri: &Uri) -> Result<Vec<u8>, String> {
    let too_long = || format!("{uri} is longer than {DOCUMENT} octets");
    if incoming.size_hint().lower() > DOCUMENT as u64 {
        return Err(too_long());
    }
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        if let Ok(data) = frame.map_err(said(uri))?.into_data() {
            if body.len() + data.len() > DOCUMENT {
                return Err(too_long());
            }
            body.extend_from_slice(&data);
        }
    }
    Ok(body)
}

impl Client {
    async fn take(&self, authority: &str, cause: Cause) -> Option<Sender> {
        loop {
            let found = {
                let mut idle = self.lock();
                idle.retain(|one| one.since.elapsed() < REST && !one.sender.request.is_closed());
                let place = idle.iter().position(|one| one.authority == authority)?;
                idle.remove(place)
            };
            let mut sender = found?.sender;
            if sender.request.ready().await.is_ok() {
                sender.latest.set(cause);
                return Some(sender);
            }
        }
    }

    fn keep(&self, authority: String, sender: Sender) {
        let mut idle = self.lock();
        if idle.len() == IDLE {
            idle.pop_front();
        }
        idle.push_back(Idle {
            authority,
            sender,
            since: Instant::now(),
        });
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn said<E: std::fmt::Display>(uri: &Uri) -> impl FnOnce(E) -> String {
    move |error| format!("{uri}: {error}")
}

/// Fetches that have begun and not ended, waiting ones included.
const ASKED: usize = 8192;
/// Fetches that have a connection.
const AT_ONCE: usize = 256;
/// Connections kept for the next fetch.
const IDLE: usize = 64;
/// How long they are kept.
const REST: Duration = Duration::from_secs(30);
/// Octets of a response's head.
const HEAD: usize = 64 * 1024;
