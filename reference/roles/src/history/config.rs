//! What an operator decides about an IM History Function.

use std::time::Duration;

use machines::store::Room;

use crate::client;

/// The settings of one IM History Function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Its user agent: own address, core, conference factory and the like. Calls are always taken.
    pub agent: client::Config,
    /// On whose behalf sessions are opened, and whose history it is.
    // 13.1.1.1/history-sends/3: one configured initiator (F152)
    pub initiator: String,
    /// XCAP root of the XDMS that takes the metadata; without it they wait.
    pub xcap_root: Option<String>,
    /// Whether recorded content goes to the driver's durable store instead of this node's memory.
    pub durable: bool,
    /// How much recorded content is kept.
    pub room: Room,
    /// How long a BYE waits for the XDMS at most; the other end gives it up after 32 s.
    pub patience: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            agent: client::Config {
                address: "sip:history@im.example".into(),
                release: "IM-serv/OMA1.0 Shall/0.1".into(),
                auto_accept: true,
                ..client::Config::default()
            },
            initiator: "sip:user@im.example".into(),
            xcap_root: None,
            durable: false,
            room: Room {
                records: 10_000,
                octets: 64 << 20,
            },
            patience: Duration::from_secs(10),
        }
    }
}
