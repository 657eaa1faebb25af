//! What a node and its deferred messages say to each other.

use std::time::Duration;

use machines::store::{Ask, Outcome, StoreId};
use machines::transactions::Key;
use wire::sip::Message;

/// What an operator decides about deferred messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Messages that wait for one user at most.
    pub messages: u64,
    /// Octets of them, headers included.
    pub octets: u64,
    /// How long a message waits that does not say so itself, or says longer; in seconds.
    pub lifetime: u32,
    /// How many shards the function has; each looks after its own users.
    pub shards: usize,
}

impl Default for Config {
    /// 100 messages and 1 MiB a user, for a week.
    fn default() -> Self {
        Config {
            messages: 100,
            octets: 1 << 20,
            lifetime: 7 * 24 * 3600,
            shards: 1,
        }
    }
}

/// A message that is on its way to a client: given with it, and handed back with the client's answer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Parcel {
    pub(super) user: String,
    pub(super) number: u64,
}

/// What happened; users are named by `groups::name`.
#[derive(Clone, Debug)]
pub(crate) enum Heard {
    /// The node begins: users whose messages waited before may be there already.
    Begun,
    /// A MESSAGE that cannot be delivered now, not yet answered. `there`: the user is registered,
    /// and the message waits only because others do.
    Hold {
        key: Key,
        message: Message,
        there: bool,
    },
    /// The user is registered, or was reached.
    Available(String),
    /// The user is registered no more.
    Gone(String),
    /// The store has answered a question of ours.
    Stored { id: StoreId, outcome: Outcome },
    /// The final response to a message of ours; 408 when none came, 503 when it could not be sent.
    Answered {
        parcel: Parcel,
        code: u16,
        retry_after: Option<u32>,
    },
    /// The timer of this user.
    Fired(String),
}

/// What shall be done.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Said {
    /// Ask the store.
    Store { id: StoreId, ask: Ask },
    /// Answer a held MESSAGE; the Server header is the node's.
    Respond { key: Key, message: Message },
    /// Send a message towards its user; Route is the node's.
    Send { parcel: Parcel, message: Message },
    /// Start this user's timer.
    Arm { user: String, after: Duration },
    /// Stop it.
    Disarm(String),
    /// Tell the operator.
    Log(String),
}

/// What has become of messages since the start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Counts {
    /// Answered by 202.
    pub(crate) kept: u64,
    /// Answered by a refusal of ours.
    pub(crate) refused: u64,
    /// Acknowledged by the client and forgotten.
    pub(crate) delivered: u64,
    /// Forgotten because they came out of date.
    pub(crate) expired: u64,
}
