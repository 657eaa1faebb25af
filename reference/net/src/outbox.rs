//! What waits to be sent on one connection: bounded, with a high-water mark.

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use machines::port::Flow;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::trace::Mark;

/// Over this many octets the node is told that the link is full.
pub(crate) const HIGH_WATER: usize = 256 * 1024;
/// Down to this many octets it is told that the link drained.
pub(crate) const LOW_WATER: usize = 64 * 1024;
/// Beyond this the connection is given up: the peer does not read and the node does not stop.
pub(crate) const OVERFLOW: usize = 4 * 1024 * 1024;

/// Octets to send, and who asked.
pub(crate) struct Item {
    pub(crate) bytes: Vec<u8>,
    pub(crate) origin: Option<Origin>,
    pub(crate) mark: Mark,
}

/// Who is told when a SIP message could not be sent.
pub(crate) struct Origin {
    pub(crate) shard: usize,
    pub(crate) flow: Flow,
    /// The same request as it would have gone over UDP (RFC 3261 18.1.1).
    pub(crate) fallback: Option<Vec<u8>>,
}

/// What became of an item that was pushed.
pub(crate) enum Pushed {
    Queued,
    /// Queued, and the queue went over the high-water mark.
    Full,
    /// The connection is closed or overflows; the item comes back.
    Refused(Item),
}

#[derive(Default)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    wake: Notify,
    drained: Notify,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Item>,
    octets: usize,
    full: bool,
    closing: bool,
    dead: bool,
}

impl Outbox {
    pub(crate) fn push(&self, item: Item) -> Pushed {
        let mut state = self.lock();
        if state.closing || state.dead {
            return Pushed::Refused(item);
        }
        if state.octets + item.bytes.len() > OVERFLOW {
            state.dead = true;
            drop(state);
            self.wake.notify_one();
            return Pushed::Refused(item);
        }
        state.octets += item.bytes.len();
        state.queue.push_back(item);
        let newly_full = !state.full && state.octets > HIGH_WATER;
        state.full |= newly_full;
        drop(state);
        self.wake.notify_one();
        if newly_full {
            Pushed::Full
        } else {
            Pushed::Queued
        }
    }

    /// Sends what is queued, then closes.
    pub(crate) fn close(&self) {
        self.lock().closing = true;
        self.wake.notify_one();
    }

    /// Closes at once.
    pub(crate) fn abort(&self) {
        self.lock().dead = true;
        self.wake.notify_one();
    }

    /// Takes what was never sent; nothing can be pushed afterwards.
    pub(crate) fn unsent(&self) -> Vec<Item> {
        let mut state = self.lock();
        state.dead = true;
        state.octets = 0;
        state.queue.drain(..).collect()
    }

    /// Ends when a full queue is nearly empty again.
    pub(crate) async fn drained(&self) {
        self.drained.notified().await;
    }

    /// Writes until the connection is closed or fails; `moved` is called with each item that was sent.
    pub(crate) async fn write(
        &self,
        stream: &TcpStream,
        moved: &(dyn Fn(&Item) + Sync),
    ) -> io::Result<()> {
        loop {
            let woken = self.wake.notified();
            match self.next() {
                Next::Item(item) => {
                    let item = self.write_item(stream, item).await?;
                    moved(&item);
                    if self.has_drained() {
                        self.drained.notify_one();
                    }
                }
                Next::Empty => woken.await,
                Next::End => return Ok(()),
            }
        }
    }

    /// The item leaves the queue only in part, so that what fails can still be reported.
    async fn write_item(&self, stream: &TcpStream, item: Item) -> io::Result<Item> {
        let mut sent = 0;
        while sent < item.bytes.len() {
            let ready = tokio::select! {
                ready = stream.writable() => ready,
                () = self.died() => Err(io::ErrorKind::ConnectionAborted.into()),
            };
            let wrote = ready.and_then(|()| stream.try_write(&item.bytes[sent..]));
            match wrote {
                Ok(count) => {
                    sent += count;
                    let mut state = self.lock();
                    state.octets = state.octets.saturating_sub(count);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => {
                    self.lock().queue.push_front(item);
                    return Err(error);
                }
            }
        }
        Ok(item)
    }

    async fn died(&self) {
        loop {
            let woken = self.wake.notified();
            if self.lock().dead {
                return;
            }
            woken.await;
        }
    }

    fn next(&self) -> Next {
        let mut state = self.lock();
        if state.dead {
            return Next::End;
        }
        match state.queue.pop_front() {
            Some(item) => Next::Item(item),
            None if state.closing => Next::End,
            None => {
                state.queue.shrink_to(0);
                Next::Empty
            }
        }
    }

    fn has_drained(&self) -> bool {
        let mut state = self.lock();
        let drained = state.full && state.octets <= LOW_WATER;
        state.full &= !drained;
        drained
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Next {
    Item(Item),
    Empty,
    End,
}
