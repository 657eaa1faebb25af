//! Sockets, protocol clock and driver: runs pure nodes on real UDP and TCP.
//!
//! Reads bytes, frames them, hands each message to the shard that owns its session, and does what the node asks. It never decides what a message means.

mod bind;
mod connection;
pub mod http;
mod hub;
mod msrp;
mod outbox;
mod refusal;
mod seats;
mod shard;
mod sip;
mod store;
mod stream;
mod timers;
mod trace;
mod via;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use machines::port::{Input, Local, Node};
use machines::store::Store;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use hub::{Event, Hub};
pub use trace::{Crossing, Protocol, Trace, Way};

/// How many connections are kept when nothing else is said.
pub const CONNECTIONS: usize = 10_000;

/// Where to listen, and within which bounds.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address of SIP, the same for UDP and TCP; port 0 takes a free one, an IPv6 address listens on IPv6.
    pub sip: SocketAddr,
    /// Address that accepts MSRP connections; port 0 takes a free one.
    pub msrp: SocketAddr,
    /// How much faster than real time protocol timers run: at 100 a timer of 32 s fires after 0.32 s. From 0.01 to 10000.
    pub time_scale: f64,
    /// Bounds of one message, in octets.
    pub limits: wire::Limits,
    /// How many connections, SIP and MSRP together, may be open; the oldest idle one makes room.
    pub connections: usize,
    /// Who gets the lines that nodes have for their user. Without it they are dropped, and so is a line for
    /// which it has no room, since protocol timers do not wait for a user: [`Handle::ignored`] tells.
    pub user: Option<mpsc::Sender<String>>,
    /// What nodes may store things in; without it they are told so.
    pub store: Option<Arc<dyn Store>>,
    /// Who is told of everything that crosses the sockets.
    pub trace: Option<Trace>,
}

impl Default for Options {
    /// The ports registered for SIP and MSRP, on loopback, in real time.
    fn default() -> Self {
        Options {
            sip: SocketAddr::from(([127, 0, 0, 1], 5060)),
            msrp: SocketAddr::from(([127, 0, 0, 1], 2855)),
            time_scale: 1.0,
            limits: wire::Limits::default(),
            connections: CONNECTIONS,
            user: None,
            store: None,
            trace: None,
        }
    }
}

/// Why listening failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else listens there.
    #[error(
        "cannot listen for {what} on {address}: the address is in use. Stop the other program or choose another address; port 0 takes a free one"
    )]
    InUse {
        /// The address asked for.
        address: SocketAddr,
        /// What was to be heard there.
        what: &'static str,
    },
    /// The system refused the address.
    #[error(
        "cannot listen for {what} on {address}: {source}. Choose an address of this machine that you may use"
    )]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What was to be heard there.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// No shard to run.
    #[error("no node was given; at least one shard is needed")]
    NoNode,
    /// The scale is no usable number.
    #[error("time scale {0} is not between 0.01 and 10000")]
    TimeScale(f64),
}

/// What happened since the start, for tests and operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Connections open now.
    pub connections: usize,
    /// Connections refused or closed because of the limit.
    pub refused: u64,
    /// SIP messages that could not be read.
    pub malformed: u64,
    /// Inputs that the nodes had no use for.
    pub ignored: u64,
    /// Datagrams lost because a shard or the socket was busy.
    pub lost: u64,
}

/// A running driver; dropping it closes everything at once.
pub struct Handle {
    /// The addresses in use, ports filled in.
    pub local: Local,
    hub: Arc<Hub>,
    shards: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
    alive: mpsc::Receiver<()>,
}

impl Handle {
    /// What happened since the start.
    pub fn counts(&self) -> Counts {
        let count = &self.hub.count;
        Counts {
            connections: self.hub.seats.len(),
            refused: count.refused.load(Ordering::Relaxed),
            malformed: count.malformed.load(Ordering::Relaxed),
            ignored: count.ignored.load(Ordering::Relaxed),
            lost: count.lost.load(Ordering::Relaxed),
        }
    }

    /// Gives a line of the user to the first shard; false when it has too much to do to take it.
    pub fn user(&self, line: String) -> bool {
        self.hub.hear_user(line)
    }

    /// The last reasons the nodes gave for ignoring an input, oldest first, at most 64.
    pub fn ignored(&self) -> Vec<String> {
        self.hub.count.reasons()
    }

    /// Lets every node end its sessions, for 64*T1 of protocol time at most, then closes all sockets.
    pub async fn shutdown(mut self) {
        let deadline = Instant::now() + self.hub.patience() + Duration::from_millis(250);
        for shard in 0..self.shards.len() {
            let asked = self.hub.tell(shard, Event::Input(Input::Shutdown.into()));
            let _ = tokio::time::timeout_at(deadline, asked).await;
        }
        for shard in &mut self.shards {
            if tokio::time::timeout_at(deadline, &mut *shard)
                .await
                .is_err()
            {
                shard.abort();
            }
        }
        let _ = self.stop.send(true);
        let Self { hub, mut alive, .. } = self;
        let grace = hub.grace();
        drop(hub);
        let _ = tokio::time::timeout(grace, alive.recv()).await;
    }
}

/// Binds the addresses, makes one shard of each node, and starts to read.
///
/// `nodes` learns the addresses in use; `router` picks the shard of each input.
pub async fn serve(
    options: Options,
    nodes: impl FnOnce(&Local) -> Vec<Box<dyn Node>>,
    router: impl Fn(&Input, usize) -> usize + Send + Sync + 'static,
) -> Result<Handle, Error> {
    if !(0.01..=10_000.0).contains(&options.time_scale) {
        return Err(Error::TimeScale(options.time_scale));
    }
    let sockets = bind::bind(&options).await?;
    let local = sockets.local;
    let nodes = nodes(&local);
    if nodes.is_empty() {
        return Err(Error::NoNode);
    }
    let (stop, stopped) = watch::channel(false);
    let (guard, alive) = mpsc::channel(1);
    let (store, asked) = store::queue();
    let (hub, inboxes) = Hub::new(
        &options,
        &sockets,
        nodes.len(),
        Arc::new(router),
        stopped,
        guard,
        store,
    );
    let shards = nodes
        .into_iter()
        .zip(inboxes)
        .enumerate()
        .map(|(index, (node, inbox))| {
            tokio::spawn(shard::run(index, Arc::clone(&hub), node, inbox))
        })
        .collect();
    hub.spawn(store::work(Arc::clone(&hub), options.store, asked));
    hub.spawn(sip::receive(Arc::clone(&hub)));
    hub.spawn(sip::accept(Arc::clone(&hub), sockets.sip_tcp));
    hub.spawn(msrp::accept(Arc::clone(&hub), sockets.msrp));
    Ok(Handle {
        local,
        hub,
        shards,
        stop,
        alive,
    })
}
