//! What an operator decides about a participating function.

use std::net::SocketAddr;
use std::time::Duration;

use machines::port::Transport;

use super::Deferral;

/// Which user of a session the function serves; one instance is one side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// Who sends: requests come from the served user.
    Originating,
    /// Who is sent to: requests go to the served user.
    Terminating,
}

/// How the function stands in the signalling path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// A dialog on each side, and in the path of the media.
    B2bua,
    /// In the path of the signalling only (RFC 3261 16).
    Proxy,
}

/// The settings of one participating function; every shard gets the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// Which side it serves.
    pub side: Side,
    /// How it stands in the path.
    pub mode: Mode,
    /// Where requests go that name no next hop; only what comes from there is trusted.
    pub core: SocketAddr,
    /// How they go there; requests over 1300 octets go by TCP all the same (RFC 3261 18.1.1).
    pub core_transport: Transport,
    /// The domain of the served users.
    pub domain: String,
    /// Release version of the Server header (Appendix F).
    pub release: String,
    /// MSRP content types that a served user may send by way of a B2BUA; `*` and `type/*` match.
    pub accept_types: Vec<String>,
    /// Who may not reach a served user, and with what; whatever the users themselves allow.
    pub barred: Vec<Bar>,
    /// XCAP root of the XDMS that has the users' access policies; without it nobody has any.
    pub xcap_root: Option<String>,
    /// How long a call may stay without its final response (timer C of RFC 3261 16.6).
    pub patience: Duration,
    /// Whether messages for users who are not there are kept, and how many; that takes a store.
    pub deferred: Option<Deferral>,
    /// Start of the identifier sequence: same seed and same inputs give the same octets.
    pub seed: u64,
}

/// A rule of the user access policy: what `from` may not do to `user`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bar {
    /// The served user; none: every one.
    pub user: Option<String>,
    /// Who is barred.
    pub from: String,
    /// Whether sessions may be set up all the same (`allow-session`).
    pub allow_session: bool,
    /// Whether messages may be sent all the same (`allow-pager-mode-message`).
    pub allow_pager_mode_message: bool,
}

impl Bar {
    /// Bars somebody from every user.
    pub fn entirely(from: &str) -> Self {
        Self {
            user: None,
            from: from.to_owned(),
            allow_session: false,
            allow_pager_mode_message: false,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            side: Side::Terminating,
            mode: Mode::B2bua,
            core: SocketAddr::from(([127, 0, 0, 1], 5060)),
            core_transport: Transport::Udp,
            domain: "im.example".into(),
            release: "IM-serv/OMA1.0 Shall/0.1".into(),
            accept_types: vec!["message/CPIM".into(), "text/*".into()],
            barred: Vec::new(),
            xcap_root: None,
            patience: Duration::from_secs(240),
            deferred: None,
            seed: 1,
        }
    }
}
