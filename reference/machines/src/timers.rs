//! Numbers the timers of a node: what a timer means on one side, its id on the other.

use std::collections::HashMap;
use std::hash::Hash;

use crate::port::TimerId;

/// The running timers, each known by its meaning and by its id.
#[derive(Clone, Debug)]
pub struct Timers<T> {
    by_meaning: HashMap<T, TimerId>,
    by_id: HashMap<TimerId, T>,
    next: u64,
}

impl<T: Clone + Eq + Hash> Timers<T> {
    /// None running.
    pub fn new() -> Timers<T> {
        Timers {
            by_meaning: HashMap::new(),
            by_id: HashMap::new(),
            next: 1,
        }
    }

    /// The id to arm; a timer of that meaning that already runs keeps its id and starts anew.
    pub fn arm(&mut self, meaning: T) -> TimerId {
        if let Some(id) = self.by_meaning.get(&meaning) {
            return *id;
        }
        let id = TimerId(self.next);
        self.next += 1;
        self.by_meaning.insert(meaning.clone(), id);
        self.by_id.insert(id, meaning);
        id
    }

    /// The id to disarm, if such a timer runs.
    pub fn disarm(&mut self, meaning: &T) -> Option<TimerId> {
        let id = self.by_meaning.remove(meaning)?;
        self.by_id.remove(&id);
        Some(id)
    }

    /// What the timer meant; nothing when it was disarmed in the meantime.
    pub fn fired(&mut self, id: TimerId) -> Option<T> {
        let meaning = self.by_id.remove(&id)?;
        self.by_meaning.remove(&meaning);
        Some(meaning)
    }

    /// How many run.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether none runs.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}

impl<T: Clone + Eq + Hash> Default for Timers<T> {
    fn default() -> Timers<T> {
        Timers::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_fires_once_and_only_while_it_runs() {
        let mut timers = Timers::new();
        let id = timers.arm("refresh");
        assert_eq!(timers.arm("refresh"), id);
        assert_eq!(timers.fired(id), Some("refresh"));
        assert_eq!(timers.fired(id), None);
        let again = timers.arm("refresh");
        assert_ne!(again, id);
        assert_eq!(timers.disarm(&"refresh"), Some(again));
        assert_eq!(timers.fired(again), None);
        assert!(timers.is_empty());
    }
}
