//! Whether the subject is still there: a run does not wait out every clock for a server that has gone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use machines::port::Transport;
use trace::{Direction, Exchange};
use wire::scan::Scan;

use crate::Scene;
use crate::core::lock;
use crate::lab::{Lab, LabError};
use crate::profile::{Adapter, Setting};

/// So long nothing may be heard of a subject before it is asked.
pub(crate) const QUIET: Duration = Duration::from_secs(4);
/// And so long it may take to say anything at all.
const PATIENCE: Duration = Duration::from_secs(3);
/// Seconds that the first call of a run may take until it reaches a guest.
const FIRST_CALL: f64 = 5.0;

/// What a run knows of its subject's life.
pub(crate) struct Pulse {
    heard: Mutex<Instant>,
    gone: AtomicBool,
    asking: AtomicBool,
}

impl Pulse {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            heard: Mutex::new(Instant::now()),
            gone: AtomicBool::new(false),
            asking: AtomicBool::new(false),
        })
    }

    /// Something came from the subject.
    pub(crate) fn beat(&self) {
        *lock(&self.heard) = Instant::now();
    }

    /// Whether it was asked and did not answer.
    pub(crate) fn gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }
}

impl Lab {
    /// Asks the subject for a sign of life when nothing has been heard of it for a while.
    pub(crate) async fn listen_for_life(self: &Arc<Self>, transport: Transport) {
        let pulse = &self.pulse;
        let quiet = lock(&pulse.heard).elapsed() >= QUIET;
        if self.profile.adapter == Adapter::Embedded
            || self.profile.kind.is_told()
            || !quiet
            || pulse.asking.swap(true, Ordering::Relaxed)
        {
            return;
        }
        let mut scene = self.scene(transport, Setting::default(), None);
        let alive = Box::pin(scene.knock(PATIENCE)).await;
        pulse.gone.store(!alive, Ordering::Relaxed);
        pulse.asking.store(false, Ordering::Relaxed);
    }
}

impl Scene {
    /// A first call of alice to bob, which he declines: does the subject send its requests to the tester?
    pub(crate) async fn first_call(&mut self) -> Result<(), LabError> {
        let factory = self.lab.profile.conference_factory.clone();
        self.invite("alice", &["bob".to_owned()], &factory).await;
        let limit = FIRST_CALL * self.scale;
        self.wait(Some(limit), |ex| reaction(ex).map(drop)).await;
        let reaction = reaction(&self.exchange());
        if reaction == Some(Reaction::Invites) {
            self.decline("bob", 486).await;
        }
        self.finish().await;
        let what = match reaction {
            // Who refuses a call that nothing is wrong with shows no check by refusing others.
            Some(Reaction::Refuses(code)) => format!("answered {code}"),
            None => "did not answer".to_owned(),
            Some(Reaction::Invites | Reaction::Accepts) => return Ok(()),
        };
        Err(LabError::NoInvitation(
            self.subject,
            what,
            self.table.core.address,
        ))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reaction {
    Invites,
    Accepts,
    Refuses(u16),
}

/// What a subject did with the first INVITE of an exchange.
fn reaction(exchange: &Exchange) -> Option<Reaction> {
    let scans = exchange.frames.iter();
    let mut received = scans
        .filter(|f| f.direction == Direction::Received)
        .map(|f| Scan::sip(&f.bytes));
    received.find_map(|scan| {
        let invite = scan
            .field("CSeq")
            .is_some_and(|c| c.value.ends_with("INVITE"));
        match scan.code() {
            _ if !invite => None,
            None => Some(Reaction::Invites),
            Some(200..300) => Some(Reaction::Accepts),
            Some(code @ 300..) => Some(Reaction::Refuses(code)),
            Some(_) => None,
        }
    })
}
