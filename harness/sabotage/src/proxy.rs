//! A SIP proxy for UDP and TCP that applies one mutation between two processes.
//!
//! It routes nothing: what comes in on one side goes out on the other, octet for octet unless the
//! mutation takes it. The tester's side stands for the subject; the subject's side, which is needed
//! when the subject sends requests of its own, stands for its SIP core. MSRP and HTTP go past the proxy.

mod tcp;
mod udp;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;
use trace::Protocol;
use world::Tamper;

use crate::{Direction, Mutation};

/// How many flows one side keeps, UDP and TCP each; the oldest UDP flow makes room, TCP waits.
const FLOWS: usize = 1024;

/// One side: where the proxy listens, and where it sends what it hears there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// Address of the proxy; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Address of the other process.
    pub target: SocketAddr,
}

/// Why the proxy could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}. Stop the other program or choose another address; port 0 takes a free one"
    )]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The listening socket failed while the proxy ran.
    #[error("listening failed: {0}")]
    Socket(#[from] std::io::Error),
}

/// A running proxy; dropping it ends it.
#[derive(Debug)]
pub struct Proxy {
    /// Where the tester sends to, in place of the subject.
    pub tester_side: SocketAddr,
    /// Where the subject sends to, in place of its core.
    pub subject_side: Option<SocketAddr>,
    tasks: JoinSet<Result<(), Error>>,
}

impl Proxy {
    /// Listens on both sides; `core` is the side that the subject takes for its SIP core.
    pub async fn start(
        subject: Side,
        core: Option<Side>,
        mutation: Mutation,
    ) -> Result<Self, Error> {
        let tamper = Shared(Arc::new(Mutex::new(mutation)));
        let mut tasks = JoinSet::new();
        let tester_side = open(subject, Direction::ToSubject, &tamper, &mut tasks).await?;
        let subject_side = match core {
            Some(side) => Some(open(side, Direction::FromSubject, &tamper, &mut tasks).await?),
            None => None,
        };
        Ok(Self {
            tester_side,
            subject_side,
            tasks,
        })
    }

    /// Runs until a listening socket fails.
    pub async fn wait(mut self) -> Result<(), Error> {
        match self.tasks.join_next().await {
            Some(Ok(result)) => result,
            Some(Err(error)) => Err(Error::Socket(std::io::Error::other(error))),
            None => Ok(()),
        }
    }
}

async fn open(
    side: Side,
    forward: Direction,
    tamper: &Shared,
    tasks: &mut JoinSet<Result<(), Error>>,
) -> Result<SocketAddr, Error> {
    let failed = |source| Error::Listen {
        address: side.listen,
        source,
    };
    let (socket, listener) = pair(side.listen).await.map_err(failed)?;
    let local = socket.local_addr().map_err(failed)?;
    tasks.spawn(udp::relay(socket, side.target, forward, tamper.clone()));
    tasks.spawn(tcp::relay(listener, side.target, forward, tamper.clone()));
    Ok(local)
}

/// UDP and TCP on the same port.
async fn pair(listen: SocketAddr) -> std::io::Result<(UdpSocket, TcpListener)> {
    const TRIES: usize = 20;
    let mut last = None;
    for _ in 0..TRIES {
        let listener = TcpListener::bind(listen).await?;
        match UdpSocket::bind(listener.local_addr()?).await {
            Ok(socket) => return Ok((socket, listener)),
            // A free TCP port may be taken for UDP; another free one is tried, a given one is not.
            Err(error) if listen.port() == 0 => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| std::io::ErrorKind::AddrInUse.into()))
}

/// The mutation, shared by every flow.
#[derive(Clone)]
struct Shared(Arc<Mutex<Mutation>>);

impl Shared {
    /// What goes on in the place of a message that goes this way.
    fn pass(&self, way: Direction, bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut mutation = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match way {
            Direction::FromSubject => mutation.outgoing(Protocol::Sip, bytes),
            Direction::ToSubject => mutation.incoming(Protocol::Sip, bytes),
        }
    }
}

/// The other way.
fn back(way: Direction) -> Direction {
    match way {
        Direction::FromSubject => Direction::ToSubject,
        Direction::ToSubject => Direction::FromSubject,
    }
}

#[cfg(test)]
mod tests;
