//! The boundary of the trust domain (RFC 3325): whose word on identities counts, and who may read it.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use machines::port::{Flow, Transport};
use wire::sip::{Message, NameAddr, Uri};

use super::config::Config;

/// The servers inside.
#[derive(Debug)]
pub(super) struct Trust {
    inside: BTreeSet<SocketAddr>,
}

impl Trust {
    /// Those that the configuration names, in whatever part.
    pub(super) fn new(config: &Config) -> Self {
        let filters = config
            .filters
            .iter()
            .filter_map(|filter| filter.to.as_ref());
        let routes = config.routes.iter().map(|route| &route.to);
        let named = filters.chain(routes).filter_map(|uri| Uri::parse(uri).ok());
        let named = named.filter_map(|uri| place(&uri));
        Self {
            inside: config.trusted.iter().copied().chain(named).collect(),
        }
    }

    /// Whether what goes there stays inside.
    pub(super) fn reaches(&self, flow: Flow) -> bool {
        self.inside.contains(&flow.remote)
    }

    /// Whether a request came from inside. A connection comes from any port of the server's host, so that there the
    /// port is the one that its Via names.
    pub(super) fn admits(&self, flow: Flow, request: &Message) -> bool {
        if flow.transport == Transport::Udp {
            return self.reaches(flow);
        }
        let Some(via) = request.via() else {
            return false;
        };
        let named = SocketAddr::new(flow.remote.ip(), via.port.unwrap_or(5060));
        self.inside.contains(&named)
    }
}

/// The address that a SIP URI holds, if it does.
pub(super) fn place(uri: &Uri) -> Option<SocketAddr> {
    let ip = uri.host.trim_matches(['[', ']']).parse().ok()?;
    Some(SocketAddr::new(ip, uri.port.unwrap_or(5060)))
}

/// Takes off what a message from outside says of its sender's identity (RFC 3325 5); whether it said anything.
pub(super) fn strip(message: &mut Message) -> bool {
    let said = message.header(ASSERTED).is_some();
    message.remove(ASSERTED);
    said
}

/// Puts in what we know of the sender (RFC 3325 5): one SIP and one tel URI at most, of those that are the user's the
/// one that the sender prefers.
pub(super) fn assert(message: &mut Message, identities: &[String]) {
    let preferred: Vec<String> = message.values(PREFERRED);
    message.remove(PREFERRED);
    for tel in [false, true] {
        let kind = |uri: &&String| uri.starts_with("tel:") == tel;
        let wanted = |uri: &&String| preferred.iter().any(|value| names(value, uri));
        let of_kind = || identities.iter().filter(kind);
        if let Some(uri) = of_kind().find(wanted).or_else(|| of_kind().next()) {
            message.push(ASSERTED, format!("<{uri}>"));
        }
    }
}

/// Takes off what the sender wants to keep inside (RFC 3323, RFC 3325 9.3).
pub(super) fn keep_private(message: &mut Message) {
    let wishes = message.headers("Privacy");
    let wished = wishes
        .flat_map(|value| value.split(';'))
        .any(|wish| wish.trim().eq_ignore_ascii_case("id"));
    if wished {
        message.remove(ASSERTED);
    }
}

fn names(value: &str, identity: &str) -> bool {
    match (NameAddr::parse(value), Uri::parse(identity)) {
        (Ok(value), Ok(identity)) => value.uri.same_as(&identity),
        _ => false,
    }
}

pub(super) const ASSERTED: &str = "P-Asserted-Identity";
const PREFERRED: &str = "P-Preferred-Identity";
