//! What crosses the sockets, octet for octet: numbered, and with what caused it, for whoever wants to look on.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use machines::port::{Input, Transport};

/// Which way octets went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// In.
    Received,
    /// Out.
    Sent,
}

/// What the octets are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// HTTP/1.1 of documents.
    Http,
    /// MSRP.
    Msrp,
    /// SIP.
    Sip,
}

/// One message that crossed a socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Crossing<'a> {
    /// From 1, in the order in which a program decided to send, or read.
    pub number: u64,
    /// The number of what was received and made the program send this; none: a user, a timer or the program itself did.
    pub cause: Option<u64>,
    /// In or out.
    pub way: Way,
    /// What it is.
    pub protocol: Protocol,
    /// How it came or went.
    pub transport: Transport,
    /// Our end.
    pub local: SocketAddr,
    /// The other end.
    pub remote: SocketAddr,
    /// The message, as it was on the wire.
    pub bytes: &'a [u8],
}

/// Tells somebody of everything that crosses; clones count together.
#[derive(Clone)]
pub struct Trace(Arc<Shared>);

struct Shared {
    count: AtomicU64,
    tell: Box<dyn Fn(&Crossing<'_>) + Send + Sync>,
}

impl Trace {
    /// Calls `tell`, which must not wait, for each message: before it is acted on, or once it is sent.
    pub fn new(tell: impl Fn(&Crossing<'_>) + Send + Sync + 'static) -> Trace {
        Trace(Arc::new(Shared {
            count: AtomicU64::new(0),
            tell: Box::new(tell),
        }))
    }

    fn next(&self) -> u64 {
        self.0.count.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("Trace")
    }
}

/// The number of a message that was received, when somebody looks on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Cause(Option<u64>);

/// The number that something to send has got, and what it comes from.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mark {
    number: u64,
    cause: Cause,
}

/// An input, and the message that it comes from.
#[derive(Debug)]
pub(crate) struct Caused {
    pub(crate) input: Input,
    pub(crate) cause: Cause,
}

impl From<Input> for Caused {
    fn from(input: Input) -> Caused {
        let cause = Cause::default();
        Caused { input, cause }
    }
}

/// Where octets cross.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) protocol: Protocol,
    pub(crate) transport: Transport,
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
}

impl Place {
    /// A connection over TCP; nobody is told of one whose ends the system does not know any more.
    pub(crate) fn of(protocol: Protocol, stream: &tokio::net::TcpStream) -> Option<Place> {
        let canonical = |end: SocketAddr| SocketAddr::new(end.ip().to_canonical(), end.port());
        Some(Place {
            protocol,
            transport: Transport::Tcp,
            local: canonical(stream.local_addr().ok()?),
            remote: canonical(stream.peer_addr().ok()?),
        })
    }
}

/// What the tasks of a driver tell, if anybody looks on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Teller(pub(crate) Option<Trace>);

impl Teller {
    /// A number for something that is to be sent.
    pub(crate) fn mark(&self, cause: Cause) -> Mark {
        let number = self.0.as_ref().map_or(0, Trace::next);
        Mark { number, cause }
    }

    pub(crate) fn sent(&self, place: Option<Place>, mark: Mark, bytes: &[u8]) {
        self.tell(Way::Sent, place, mark, bytes);
    }

    pub(crate) fn received(&self, place: Option<Place>, bytes: &[u8]) -> Cause {
        let mark = self.mark(Cause::default());
        self.tell(Way::Received, place, mark, bytes);
        Cause(self.0.as_ref().map(|_| mark.number))
    }

    fn tell(&self, way: Way, place: Option<Place>, mark: Mark, bytes: &[u8]) {
        if let (Some(trace), Some(place)) = (&self.0, place) {
            (trace.0.tell)(&Crossing {
                number: mark.number,
                cause: mark.cause.0,
                way,
                protocol: place.protocol,
                transport: place.transport,
                local: place.local,
                remote: place.remote,
                bytes,
            });
        }
    }
}
