//! What the driver and a role node say to each other: every input a node can get and every output it can give.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::store::{Ask, Outcome, StoreId};

/// What carries a SIP message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Transport {
    /// Unreliable: transactions retransmit (RFC 3261 17).
    Udp,
    /// Reliable and framed by Content-Length (RFC 3261 18.3).
    Tcp,
}

impl Transport {
    /// Whether the transport itself makes sure that octets arrive.
    pub fn reliable(self) -> bool {
        matches!(self, Transport::Tcp)
    }
}

/// Where a SIP message came from, or goes to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Flow {
    /// What carries it.
    pub transport: Transport,
    /// The far end.
    pub remote: SocketAddr,
}

/// One MSRP connection; the top bit is set on those that the driver accepted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LinkId(pub u64);

/// One timer, numbered by the node that arms it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TimerId(pub u64);

/// One HTTP request of a node, numbered by the node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FetchId(pub u64);

/// What a node asks of an HTTP server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fetch {
    /// What shall be done.
    pub method: FetchMethod,
    /// Where: `http://host:port/path`.
    pub uri: String,
    /// Header fields beside Host and Content-Length.
    pub headers: Vec<(&'static str, String)>,
    /// What a PUT carries.
    pub body: Vec<u8>,
}

/// What an HTTP server shall do with a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FetchMethod {
    /// Hand it out.
    Get,
    /// Take it, in place of the one that is there.
    Put,
}

impl Fetch {
    /// Asks for the document at `uri`.
    pub fn get(uri: impl Into<String>) -> Fetch {
        Fetch {
            method: FetchMethod::Get,
            uri: uri.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }
}

/// What became of an HTTP request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fetched {
    /// 200, and what came with it.
    Document {
        /// The media type as it was said; empty when it was not.
        content_type: String,
        /// The document, 1 MiB at most.
        body: Vec<u8>,
    },
    /// Another status.
    Status(u16),
    /// No answer that can be used, and why: refused, late, too long, not HTTP.
    Failed(String),
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
pub enum Input {
    /// A well-formed SIP message arrived.
    Sip {
        /// From where.
        flow: Flow,
        /// The message.
        message: wire::sip::Message,
    },
    /// Octets arrived that are no SIP message.
    Malformed {
        /// From where.
        flow: Flow,
        /// What arrived, as it was.
        bytes: Vec<u8>,
    },
    /// A whole MSRP frame arrived.
    Msrp {
        /// On which link.
        link: LinkId,
        /// The frame.
        frame: wire::msrp::Frame,
    },
    /// The link is connected.
    LinkUp {
        /// Which link.
        link: LinkId,
    },
    /// The link is closed, or could not be connected.
    LinkDown {
        /// Which link.
        link: LinkId,
    },
    /// The link's send queue is over its limit: stop giving it more.
    LinkFull {
        /// Which link.
        link: LinkId,
    },
    /// The link's send queue is nearly empty again.
    LinkDrained {
        /// Which link.
        link: LinkId,
    },
    /// A message could not be sent (RFC 3261 17.1.4, 17.2.4).
    SendFailed {
        /// To where.
        flow: Flow,
    },
    /// The HTTP server has answered, or has not.
    Fetched {
        /// Which one.
        id: FetchId,
        /// What became of it.
        outcome: Fetched,
    },
    /// What was asked of the store is done and outlasts the end of this process, or nothing of it is done.
    Stored {
        /// Which question.
        id: StoreId,
        /// What became of it.
        outcome: Outcome,
    },
    /// A timer ran out.
    Fired(TimerId),
    /// The user said something: one line without its end.
    User(String),
    /// End every session, then say [`Output::Done`].
    Shutdown,
}

/// What the driver shall do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Send a SIP message.
    Sip {
        /// To where.
        flow: Flow,
        /// The octets of the message.
        bytes: Vec<u8>,
    },
    /// Start a timer, or start it anew.
    Arm {
        /// Which timer.
        timer: TimerId,
        /// How long, in protocol time.
        after: Duration,
    },
    /// Forget a timer.
    Disarm(TimerId),
    /// Open an MSRP connection.
    Connect {
        /// The id that it shall have.
        link: LinkId,
        /// The far end.
        to: SocketAddr,
    },
    /// Ask an HTTP server; the outcome comes as [`Input::Fetched`], always and once.
    Fetch {
        /// The number that the outcome shall have.
        id: FetchId,
        /// What is asked.
        what: Fetch,
        /// How long to wait, in protocol time.
        within: Duration,
    },
    /// Ask something of durable storage; the outcome comes as [`Input::Stored`], always and once.
    Store {
        /// The number that the outcome shall have.
        id: StoreId,
        /// What is asked.
        ask: Ask,
    },
    /// Send octets of MSRP.
    Msrp {
        /// On which link.
        link: LinkId,
        /// The octets, one frame or more.
        bytes: Vec<u8>,
    },
    /// Close a link after what is queued on it.
    Close(LinkId),
    /// Stop reading from a link.
    Pause(LinkId),
    /// Read from it again.
    Resume(LinkId),
    /// Tell the user something: one line without its end.
    User(String),
    /// An input was dropped, and why.
    Ignored(String),
    /// After [`Input::Shutdown`]: all sessions ended.
    Done,
}

/// One shard of a role: it owns its sessions, and shares nothing.
pub trait Node: Send {
    /// Takes one input and appends what it causes.
    fn handle(&mut self, input: Input, out: &mut Vec<Output>);
}

/// Picks the shard, below the number given, that an input belongs to.
pub type Router = Arc<dyn Fn(&Input, usize) -> usize + Send + Sync>;

/// The addresses that a node may print.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Local {
    /// Where SIP is heard.
    pub sip: SocketAddr,
    /// Where MSRP connections are accepted.
    pub msrp: SocketAddr,
}
