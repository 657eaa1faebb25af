//! What an operator decides about a server.

use std::net::SocketAddr;
use std::time::Duration;

use machines::port::Transport;

/// The settings of one IM server; every shard gets the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The server's domain: agent of its Warning headers.
    pub domain: String,
    /// Where requests towards invited users and subscribers go.
    pub core: SocketAddr,
    /// How they go there; requests over 1300 octets go by TCP all the same (RFC 3261 18.1.1).
    pub core_transport: Transport,
    /// The conference-factory URIs that are allocated.
    pub conference_factories: Vec<String>,
    /// Conference factories that set up sessions and have no MESSAGE URI-list service.
    pub session_only_factories: Vec<String>,
    /// Whether the other factories have that service (RFC 5365).
    pub uri_list_message: bool,
    /// How many users the list of a MESSAGE may name, repetitions not counted.
    pub max_recipients: usize,
    /// Whether a MESSAGE may ask for anonymity (8.3.1.1.1/on-message/6).
    pub allow_anonymous_messages: bool,
    /// Addresses that may not set up a session or send a MESSAGE.
    pub barred: Vec<String>,
    /// How many users the list of an ad-hoc session may name, the inviter and repetitions not counted.
    pub max_participants: usize,
    /// MSRP content types that the server lets pass; `*` and `type/*` match.
    pub accept_types: Vec<String>,
    /// Nicknames that nobody may take in a chat room (RFC 7701 7.2), whatever their letter case.
    pub barred_nicknames: Vec<String>,
    /// Whether a session is told in a message of its own who comes and goes.
    pub announce: bool,
    /// Session interval that the server asks for, in seconds.
    pub session_expires: u32,
    /// Smallest session interval that it accepts, in seconds (RFC 4028: 90 or more).
    pub min_se: u32,
    /// Release version of the Server header (Appendix F), such as `IM-serv/OMA1.0 Shall/0.1`.
    pub release: String,
    /// What happens to an invitee who asks for `Privacy: id` where it is not allowed.
    pub anonymity: Anonymity,
    /// Where the XDMS is, such as `http://127.0.0.1:8090/services`; without it there are no pre-defined groups.
    pub xcap_root: Option<String>,
    /// Application usage of group documents; `org.openmobilealliance.poc-groups` for an older XDMS.
    pub groups_auid: String,
    /// How many subscriptions one user may hold to one conference state.
    pub max_subscriptions: usize,
    /// Least time between two NOTIFYs that tell a subscriber of changes (RFC 4575 3.10 recommends 5 s).
    pub notify_interval: Duration,
    /// Whether the other participants are offered what a participant's modification changes for them (NOTE of 7.2.1.6).
    pub propagate_modification: bool,
    /// Start of the identifier sequence: same seed and same inputs give the same octets.
    pub seed: u64,
}

/// Application usage of group documents since Shared Group XDM 2.0.
pub const GROUPS_AUID: &str = "org.openmobilealliance.groups";

/// Local policy of 7.2.2.2/on-200/3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anonymity {
    /// The wish is ignored and the invitee joins under its address.
    Ignore,
    /// The invitee is released at once.
    Release,
}

impl Config {
    /// Every conference factory, with a MESSAGE URI-list service or without.
    pub(crate) fn factories(&self) -> impl Iterator<Item = &String> {
        self.conference_factories
            .iter()
            .chain(&self.session_only_factories)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            domain: "im.example".into(),
            core: SocketAddr::from(([127, 0, 0, 1], 5060)),
            core_transport: Transport::Udp,
            conference_factories: vec!["sip:conference-factory@im.example".into()],
            session_only_factories: Vec::new(),
            uri_list_message: true,
            max_recipients: 100,
            allow_anonymous_messages: false,
            barred: Vec::new(),
            max_participants: 20,
            accept_types: vec!["message/CPIM".into(), "text/plain".into()],
            barred_nicknames: Vec::new(),
            announce: false,
            session_expires: 1800,
            min_se: 90,
            release: "IM-serv/OMA1.0 Shall/0.1".into(),
            anonymity: Anonymity::Ignore,
            xcap_root: None,
            groups_auid: GROUPS_AUID.into(),
            max_subscriptions: 8,
            notify_interval: Duration::from_secs(5),
            propagate_modification: true,
            seed: 1,
        }
    }
}
