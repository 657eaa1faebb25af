//! The four SIP transactions of RFC 3261 17 as corrected by RFC 6026, and what they have in common.

use std::time::Duration;

pub mod client;
pub mod invite_client;
pub mod invite_server;
pub mod server;

/// The timers of RFC 3261 table 4 and RFC 6026, and the 200 ms before an automatic 100.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Timer {
    /// INVITE request again.
    A,
    /// INVITE gets no response.
    B,
    /// Proxy INVITE; unused by a user agent.
    C,
    /// Wait for repeated responses to INVITE.
    D,
    /// Other request again.
    E,
    /// Other request gets no response.
    F,
    /// INVITE response again.
    G,
    /// No ACK arrives.
    H,
    /// Wait for repeated ACKs.
    I,
    /// Wait for repeated requests.
    J,
    /// Wait for repeated responses.
    K,
    /// Wait for repeated INVITEs after a 2xx (RFC 6026 8.7).
    L,
    /// Wait for repeated 2xx (RFC 6026 8.4).
    M,
    /// 200 ms until the automatic 100 (RFC 3261 17.2.1).
    Trying,
    /// 2xx again (RFC 3261 13.3.1.4).
    Success,
    /// No ACK to the 2xx (RFC 3261 13.3.1.4).
    Unacknowledged,
}

impl Timer {
    pub(crate) const ALL: [Timer; 16] = [
        Timer::A,
        Timer::B,
        Timer::C,
        Timer::D,
        Timer::E,
        Timer::F,
        Timer::G,
        Timer::H,
        Timer::I,
        Timer::J,
        Timer::K,
        Timer::L,
        Timer::M,
        Timer::Trying,
        Timer::Success,
        Timer::Unacknowledged,
    ];
}

/// What a transaction asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Start a timer, or start it anew.
    Arm {
        /// Which.
        timer: Timer,
        /// Protocol time until it fires.
        after: Duration,
    },
    /// Give the message just received to the transaction user.
    Deliver,
    /// Stop a timer.
    Disarm(Timer),
    /// Tell the transaction user that the transport failed.
    Failed,
    /// The input means nothing in this state, and why.
    Ignored(&'static str),
    /// Send these octets.
    Send(Vec<u8>),
    /// Forget the transaction.
    Terminated,
    /// Tell the transaction user that nobody answered.
    TimedOut,
    /// Send a 100 (RFC 3261 17.2.1).
    Trying,
}

/// Estimate of a round trip (RFC 3261 17.1.1.1).
pub const T1: Duration = Duration::from_millis(500);

/// Longest pause between two copies of a message.
pub const T2: Duration = Duration::from_secs(4);

/// Longest life of a message in the network.
pub const T4: Duration = Duration::from_secs(5);

/// 64*T1: how long a transaction tries.
pub const LIFETIME: Duration = Duration::from_secs(32);

/// How long the transaction user may take before a 100 is sent for it.
pub const TRYING: Duration = Duration::from_millis(200);

fn arm(timer: Timer, after: Duration, out: &mut Vec<Output>) {
    out.push(Output::Arm { timer, after });
}
