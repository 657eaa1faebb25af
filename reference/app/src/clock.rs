//! The time of a store: it never goes back and never jumps, whatever the machine's clock does.

use std::time::{Duration, Instant, SystemTime};

use crate::log::Log;

/// Seconds since 1970: those of the machine when the store was opened, and what has passed since.
#[derive(Debug)]
pub(crate) struct Clock {
    machine: fn() -> SystemTime,
    steady: fn() -> Instant,
    begun: Instant,
    /// What the machine said then, or the time of the latest record if that is later.
    first: u64,
    /// How far the machine's clock was off when that was last told.
    told: i64,
}

impl Clock {
    /// A clock that begins at no earlier time than `latest`.
    pub(crate) fn new(latest: u64) -> Clock {
        Clock::of(latest, SystemTime::now, Instant::now)
    }

    pub(crate) fn of(latest: u64, machine: fn() -> SystemTime, steady: fn() -> Instant) -> Clock {
        Clock {
            machine,
            steady,
            begun: steady(),
            first: since_1970(machine()).max(latest),
            told: 0,
        }
    }

    /// The time; the operator is told when the machine's differs by a minute more or less than before.
    pub(crate) fn now(&mut self, log: &mut Log) -> u64 {
        let passed = (self.steady)().saturating_duration_since(self.begun);
        let now = self.first.saturating_add(passed.as_secs());
        let machine = since_1970((self.machine)());
        let off = i64::try_from(machine).unwrap_or(i64::MAX) - i64::try_from(now).unwrap_or(0);
        if off.abs_diff(self.told) > TOLERATED.as_secs() {
            self.told = off;
            log.say(&format!(
                "the clock of this machine is {off} s off: records keep their own time, so that none is lost; look after NTP, and restart the server when the clock is right"
            ));
        }
        now
    }
}

fn since_1970(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

const TOLERATED: Duration = Duration::from_secs(60);
