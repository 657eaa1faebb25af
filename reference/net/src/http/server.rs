//! Serves HTTP: requests are read whole within bounds, answered by a function, one thread a request.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper::{StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::DOCUMENT;
use super::tap::{Latest, Tap};
use crate::trace::{Teller, Trace};
use crate::{Error, bind, connection};

/// A request, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query as they were written.
    pub target: String,
    /// Header fields in order; octets that are no text are replaced.
    pub headers: Vec<(String, String)>,
    /// The body, 1 MiB at most: longer ones are answered by 413 and never seen.
    pub body: Vec<u8>,
}

/// What to answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// Three digits.
    pub status: u16,
    /// Header fields.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Answers requests; it may wait for a disk.
pub type Service = Arc<dyn Fn(Request) -> Response + Send + Sync>;

/// A listening server; dropping it closes everything.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub local: SocketAddr,
    tasks: JoinSet<()>,
}

impl Server {
    /// Stops listening and closes every connection.
    pub async fn shutdown(mut self) {
        self.tasks.shutdown().await;
    }
}

/// Listens on an address that the service is then told by [`Bound::serve`].
pub struct Bound {
    /// Where it listens; a port 0 is filled in.
    pub local: SocketAddr,
    listener: TcpListener,
}

/// Listens; port 0 takes a free one.
pub fn listen(address: SocketAddr) -> Result<Bound, Error> {
    let refused = |source| bind::refused(address, "HTTP")(source);
    let listener = bind::listen(address).map_err(refused)?;
    let local = listener.local_addr().map_err(refused)?;
    Ok(Bound { local, listener })
}

impl Bound {
    /// Answers what comes, until the server is shut down; `trace` is told of it.
    pub fn serve(self, service: Service, trace: Option<Trace>) -> Server {
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(self.listener, service, Teller(trace)));
        Server {
            local: self.local,
            tasks,
        }
    }
}

async fn accept(listener: TcpListener, service: Service, teller: Teller) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let threads = Arc::new(Semaphore::new(THREADS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        // Beyond the limit connections wait in the system's queue; slow ones are closed soon.
        let Ok(place) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        let (stream, _) = connection::accept(&listener).await;
        let (service, threads) = (Arc::clone(&service), Arc::clone(&threads));
        let stream = Tap::new(stream, teller.clone(), Latest::default());
        connections.spawn(async move {
            converse(stream, service, threads).await;
            drop(place);
        });
    }
}

async fn converse(stream: Tap, service: Service, threads: Arc<Semaphore>) {
    let answer = service_fn(|request| {
        let (service, threads) = (Arc::clone(&service), Arc::clone(&threads));
        async move { Ok::<_, Infallible>(answer(request, service, &threads).await) }
    });
    let mut builder = Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD)
        .max_headers(FIELDS);
    let talk = builder.serve_connection(TokioIo::new(stream), answer);
    // A peer that breaks the protocol has been told by hyper; one that does not read is given up.
    tokio::select! {
        _ = talk => {}
        () = sleep(LIFE) => {}
    }
}

async fn answer(
    request: hyper::Request<Incoming>,
    service: Service,
    threads: &Semaphore,
) -> hyper::Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = match timeout(BODY_TIME, collect(body)).await {
        Ok(Ok(body)) => body,
        Ok(Err(status)) => return refusal(status),
        Err(_) => return refusal(StatusCode::REQUEST_TIMEOUT),
    };
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let request = Request {
        method: head.method.to_string(),
        target: head
            .uri
            .path_and_query()
            .map_or_else(String::new, ToString::to_string),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        body,
    };
    let Ok(_thread) = threads.acquire().await else {
        return refusal(StatusCode::SERVICE_UNAVAILABLE);
    };
    match tokio::task::spawn_blocking(move || service(request)).await {
        Ok(response) => rendered(response),
        Err(_) => refusal(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// Reads a body within the bound; the error is the status to answer.
async fn collect(mut body: Incoming) -> Result<Vec<u8>, StatusCode> {
    let mut octets = Vec::new();
    if body.size_hint().lower() > DOCUMENT as u64 {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| StatusCode::BAD_REQUEST)?.into_data() {
            if octets.len() + data.len() > DOCUMENT {
                return Err(StatusCode::PAYLOAD_TOO_LARGE);
            }
            octets.extend_from_slice(&data);
        }
    }
    Ok(octets)
}

fn rendered(response: Response) -> hyper::Response<Full<Bytes>> {
    let mut rendered = hyper::Response::new(Full::new(Bytes::from(response.body)));
    *rendered.status_mut() =
        StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
            rendered.headers_mut().append(name, value);
        }
    }
    rendered
}

/// What is unread of the body goes with the connection.
fn refusal(status: StatusCode) -> hyper::Response<Full<Bytes>> {
    let mut refusal = hyper::Response::new(Full::default());
    *refusal.status_mut() = status;
    let close = HeaderValue::from_static("close");
    refusal.headers_mut().insert(header::CONNECTION, close);
    refusal
}

/// Connections at once.
const CONNECTIONS: usize = 256;
/// Requests that are being answered at once.
const THREADS: usize = 8;
/// Octets of a head, and its fields.
const HEAD: usize = 32 * 1024;
const FIELDS: usize = 64;
/// How long a head may take, the wait for it on an idle connection included.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(10);
/// How long a connection lives at most.
const LIFE: Duration = Duration::from_secs(300);
