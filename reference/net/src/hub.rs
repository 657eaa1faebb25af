//! What all tasks of one driver share: the way to the shards, the open connections, the counts, the signal to stop.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use machines::port::{Flow, Input, LinkId, Local, Router};
use tokio::sync::{mpsc, watch};

use crate::bind::Sockets;
use crate::msrp::Link;
use crate::seats::Seats;
use crate::trace::{Cause, Caused, Teller};
use crate::{Options, http, sip, store};

/// What a shard can be told.
pub(crate) enum Event {
    Input(Caused),
    /// A link that was accepted belongs to this shard.
    Adopt(LinkId, Arc<Link>),
    /// A message was not sent.
    Unsent(Flow, Option<Vec<u8>>),
}

pub(crate) struct Hub {
    pub(crate) local: Local,
    pub(crate) limits: wire::Limits,
    pub(crate) scale: f64,
    pub(crate) seats: Arc<Seats>,
    pub(crate) sip: sip::Sip,
    pub(crate) http: http::client::Client,
    pub(crate) store: store::Queue,
    pub(crate) count: Count,
    pub(crate) teller: Teller,
    pub(crate) stopped: watch::Receiver<bool>,
    router: Router,
    user: Option<mpsc::Sender<String>>,
    shards: Vec<mpsc::Sender<Event>>,
    guard: mpsc::Sender<()>,
}

#[derive(Default)]
pub(crate) struct Count {
    pub(crate) refused: AtomicU64,
    pub(crate) malformed: AtomicU64,
    pub(crate) ignored: AtomicU64,
    pub(crate) lost: AtomicU64,
    reasons: Mutex<VecDeque<String>>,
}

impl Hub {
    pub(crate) fn new(
        options: &Options,
        sockets: &Sockets,
        shards: usize,
        router: Router,
        stopped: watch::Receiver<bool>,
        guard: mpsc::Sender<()>,
        store: store::Queue,
    ) -> (Arc<Hub>, Vec<mpsc::Receiver<Event>>) {
        let (senders, inboxes) = (0..shards).map(|_| mpsc::channel(INBOX)).unzip();
        let patience = TRANSACTION.div_f64(options.time_scale);
        let hub = Hub {
            local: sockets.local,
            limits: options.limits,
            scale: options.time_scale,
            seats: Seats::new(options.connections, patience),
            sip: sip::Sip::new(Arc::clone(&sockets.sip_udp), sockets.local.sip),
            http: http::client::Client::default(),
            store,
            count: Count::default(),
            teller: Teller(options.trace.clone()),
            stopped,
            router,
            user: options.user.clone(),
            shards: senders,
            guard,
        };
        (Arc::new(hub), inboxes)
    }

    /// Runs a task that ends when the driver stops.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut stopped = self.stopped.clone();
        let guard = self.guard.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = task => {}
                _ = stopped.wait_for(|stop| *stop) => {}
            }
            drop(guard);
        });
    }

    /// Like [`Hub::spawn`], for a task that sees to its own end.
    pub(crate) fn spawn_polite(&self, task: impl Future<Output = ()> + Send + 'static) {
        let guard = self.guard.clone();
        tokio::spawn(async move {
            task.await;
            drop(guard);
        });
    }

    pub(crate) fn shard_of(&self, input: &Input) -> usize {
        (self.router)(input, self.shards.len()) % self.shards.len()
    }

    /// Waits for room in the shard's inbox: a stream is not read faster than its shard works.
    pub(crate) async fn tell(&self, shard: usize, event: Event) {
        let _ = self.shards[shard].send(event).await;
    }

    /// For datagrams: when the inbox is full the input is lost, as the network may lose it.
    pub(crate) fn offer(&self, input: Input, cause: Cause) {
        let shard = self.shard_of(&input);
        let event = Event::Input(Caused { input, cause });
        if self.shards[shard].try_send(event).is_err() {
            self.count.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Hands a line of the node to whoever listens for the user; a user who is that slow misses it.
    pub(crate) fn tell_user(&self, line: String) {
        use mpsc::error::TrySendError;
        let missed = match self.user.as_ref().map(|user| user.try_send(line)) {
            Some(Ok(())) => return,
            Some(Err(TrySendError::Full(_))) => "a line that the user was too slow for",
            Some(Err(TrySendError::Closed(_))) | None => "a line for a user who is not there",
        };
        self.count.ignored(missed.to_owned());
    }

    /// A line of the user for the first shard; false when its inbox is full.
    pub(crate) fn hear_user(&self, line: String) -> bool {
        self.shards[0]
            .try_send(Event::Input(Input::User(line).into()))
            .is_ok()
    }

    /// 64*T1, the longest life of a transaction, in real time.
    pub(crate) fn patience(&self) -> Duration {
        TRANSACTION.div_f64(self.scale)
    }

    /// How long a connection may take to open, or to send its last octets.
    pub(crate) fn grace(&self) -> Duration {
        GRACE.min(self.patience()).max(Duration::from_millis(250))
    }
}

impl Count {
    pub(crate) fn ignored(&self, reason: String) {
        self.ignored.fetch_add(1, Ordering::Relaxed);
        let mut reasons = self.reasons.lock().unwrap_or_else(PoisonError::into_inner);
        if reasons.len() == REASONS {
            reasons.pop_front();
        }
        reasons.push_back(reason);
    }

    pub(crate) fn reasons(&self) -> Vec<String> {
        self.reasons
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }
}

const INBOX: usize = 256;
const REASONS: usize = 64;
const TRANSACTION: Duration = Duration::from_secs(32);
const GRACE: Duration = Duration::from_secs(5);
