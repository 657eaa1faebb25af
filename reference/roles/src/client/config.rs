//! What a user decides about a client.

use std::net::SocketAddr;
use std::time::Duration;

use machines::port::Transport;

/// The settings of one IM client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// IM Address of the user.
    pub address: String,
    /// What others shall call the user.
    pub display_name: Option<String>,
    /// Where every request goes.
    pub proxy: SocketAddr,
    /// How it goes there; requests over 1300 octets go by TCP all the same (RFC 3261 18.1.1).
    pub transport: Transport,
    /// The home network's conference-factory URI.
    pub conference_factory: String,
    /// Most users that an ad-hoc session may be asked for with (MAX-ADHOC-GROUP-SIZE).
    pub max_adhoc_group_size: usize,
    /// MSRP content types that the client takes.
    pub accept_types: Vec<String>,
    /// Session interval that the client asks for, in seconds.
    pub session_expires: u32,
    /// Release version of User-Agent and Server (Appendix F).
    pub release: String,
    /// Whether a call is taken while another session goes on.
    pub simultaneous_sessions: bool,
    /// Whether calls are taken without asking the user.
    pub auto_accept: bool,
    /// Whether sessions of groups are followed without being asked to.
    pub auto_subscribe: bool,
    /// Whether requests carry P-Asserted-Identity, as towards a server without a core before it.
    pub assert_identity: bool,
    /// How to register and to authenticate; without it the client does neither.
    pub register: Option<Credentials>,
    /// How long a call of ours may stay without final answer, and an incoming one without the user's.
    pub patience: Duration,
    /// Start of the identifier sequence: same seed and same inputs give the same octets.
    pub seed: u64,
}

/// A user of the registrar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The name of digest authentication.
    pub user: String,
    /// Its password.
    pub password: String,
    /// How long a registration shall hold, in seconds.
    pub expires: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            address: "sip:user@im.example".into(),
            display_name: None,
            proxy: SocketAddr::from(([127, 0, 0, 1], 5060)),
            transport: Transport::Udp,
            conference_factory: "sip:conference-factory@im.example".into(),
            max_adhoc_group_size: 20,
            accept_types: vec!["message/cpim".into(), "text/plain".into()],
            session_expires: 1800,
            release: "IM-client/OMA1.0 Shall/0.1".into(),
            simultaneous_sessions: true,
            auto_accept: false,
            auto_subscribe: true,
            assert_identity: false,
            register: None,
            patience: Duration::from_secs(180),
            seed: 1,
        }
    }
}
