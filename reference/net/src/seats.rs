//! The limit of open connections: when it is reached, the connection that is least use makes room.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::outbox::Outbox;

pub(crate) struct Seats {
    taken: Mutex<HashMap<u64, Arc<State>>>,
    limit: usize,
    idle: Duration,
    next: AtomicU64,
    start: Instant,
}

struct State {
    outbox: Arc<Outbox>,
    /// SIP connections can be opened again at need; an MSRP link carries its session.
    replaceable: bool,
    spoken: AtomicBool,
    active: AtomicU64,
}

/// One open connection; gives its place back when dropped.
pub(crate) struct Seat {
    seats: Arc<Seats>,
    id: u64,
    state: Arc<State>,
}

impl Seats {
    /// `idle`: after this long without a message a SIP connection may have to make room.
    pub(crate) fn new(limit: usize, idle: Duration) -> Arc<Seats> {
        let limit = limit.min(descriptors().unwrap_or(usize::MAX)).max(1);
        Arc::new(Seats {
            taken: Mutex::default(),
            limit,
            idle,
            next: AtomicU64::new(0),
            start: Instant::now(),
        })
    }

    /// Takes a place for a connection, closing the oldest idle one if all are taken; `None` if no connection is idle.
    /// The flag says whether another one had to go.
    pub(crate) fn take(
        self: &Arc<Self>,
        outbox: &Arc<Outbox>,
        replaceable: bool,
    ) -> Option<(Seat, bool)> {
        let now = self.now();
        let mut taken = self.lock();
        let crowded = taken.len() >= self.limit;
        if crowded {
            let victim = self.least_used(&taken, now)?;
            if let Some(state) = taken.remove(&victim) {
                state.outbox.abort();
            }
        }
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let state = Arc::new(State {
            outbox: Arc::clone(outbox),
            replaceable,
            spoken: AtomicBool::new(false),
            active: AtomicU64::new(now),
        });
        taken.insert(id, Arc::clone(&state));
        drop(taken);
        Some((
            Seat {
                seats: Arc::clone(self),
                id,
                state,
            },
            crowded,
        ))
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// First those that never said a whole message, then idle SIP connections; the longest silent of them.
    fn least_used(&self, taken: &HashMap<u64, Arc<State>>, now: u64) -> Option<u64> {
        let idle = u64::try_from(self.idle.as_millis()).unwrap_or(u64::MAX);
        taken
            .iter()
            .map(|(id, state)| {
                (
                    state.spoken.load(Ordering::Relaxed),
                    state.active.load(Ordering::Relaxed),
                    *id,
                    state.replaceable,
                )
            })
            .filter(|(spoken, active, _, replaceable)| {
                !spoken || (*replaceable && now.saturating_sub(*active) >= idle)
            })
            .min()
            .map(|(_, _, id, _)| id)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<State>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// A whole message crossed the connection.
    pub(crate) fn spoke(&self) {
        self.state.spoken.store(true, Ordering::Relaxed);
        self.state.active.store(self.seats.now(), Ordering::Relaxed);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.lock().remove(&self.id);
    }
}

/// How many connections the system lets this process open, with some kept for listeners and files.
fn descriptors() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    let soft: usize = line.split_whitespace().next()?.parse().ok()?;
    Some(soft.saturating_sub(KEPT))
}

const KEPT: usize = 64;
