//! Timers of one shard: armed, re-armed and forgotten by id, fired in order of time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use machines::port::TimerId;
use tokio::time::Instant;

/// A heap whose outdated entries are skipped when they come up.
#[derive(Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, u64, u64)>>,
    armed: HashMap<TimerId, u64>,
    arms: u64,
}

impl Timers {
    /// Starts the timer, or starts it anew.
    pub(crate) fn arm(&mut self, timer: TimerId, now: Instant, after: Duration) {
        let at = now.checked_add(after.min(LONGEST)).unwrap_or(now);
        self.arms += 1;
        self.armed.insert(timer, self.arms);
        self.heap.push(Reverse((at, self.arms, timer.0)));
        if self.heap.len() > 2 * self.armed.len() + SLACK {
            let armed = &self.armed;
            self.heap
                .retain(|Reverse((_, arm, timer))| armed.get(&TimerId(*timer)) == Some(arm));
        }
    }

    pub(crate) fn disarm(&mut self, timer: TimerId) {
        self.armed.remove(&timer);
    }

    /// When the next timer fires.
    pub(crate) fn next(&mut self) -> Option<Instant> {
        while let Some(Reverse((at, arm, timer))) = self.heap.peek().copied() {
            if self.armed.get(&TimerId(timer)) == Some(&arm) {
                return Some(at);
            }
            self.heap.pop();
        }
        None
    }

    /// Takes the next timer that is due.
    pub(crate) fn due(&mut self, now: Instant) -> Option<TimerId> {
        if self.next()? > now {
            return None;
        }
        let Reverse((_, _, timer)) = self.heap.pop()?;
        self.armed.remove(&TimerId(timer));
        Some(TimerId(timer))
    }

    #[cfg(test)]
    pub(crate) fn entries(&self) -> usize {
        self.heap.len()
    }
}

const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);
const SLACK: usize = 64;
