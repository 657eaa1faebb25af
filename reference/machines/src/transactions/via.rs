//! The topmost Via: what we write on requests, what we add on arrival, and where it sends responses.

use std::net::{IpAddr, SocketAddr};

use wire::sip::{Message, Via};

use crate::port::{Flow, Transport};

/// The Via of a request that we send; `rport` asks for the response on the same path (RFC 3581 3).
pub(super) fn ours(transport: Transport, local: SocketAddr, branch: &str) -> String {
    let name = match transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
    };
    format!("SIP/2.0/{name} {local};branch={branch};rport")
}

/// Writes down where the request really came from (RFC 3261 18.2.1, RFC 3581 4).
pub(super) fn stamp(message: &mut Message, via: &Via, flow: Flow) {
    let source = flow.remote.ip().to_canonical();
    let rport = via.params.has("rport");
    let named = via
        .host
        .trim_matches(['[', ']'])
        .parse::<IpAddr>()
        .ok()
        .map(|ip| ip.to_canonical());
    if named == Some(source) && !rport {
        return;
    }
    let mut stamped = via.clone();
    stamped.params.set("received", Some(source.to_string()));
    if rport {
        stamped
            .params
            .set("rport", Some(flow.remote.port().to_string()));
    }
    let rest = message.values("Via");
    message.remove("Via");
    for value in rest.into_iter().skip(1).rev() {
        message.push_first("Via", value);
    }
    message.push_first("Via", stamped.to_string());
}

/// Where responses go (RFC 3261 18.2.2, RFC 3581 4).
pub(super) fn back(via: &Via, flow: Flow) -> Flow {
    match flow.transport {
        Transport::Udp if !via.params.has("rport") => {
            let remote = SocketAddr::new(flow.remote.ip(), via.port.unwrap_or(5060));
            Flow {
                transport: Transport::Udp,
                remote,
            }
        }
        Transport::Udp | Transport::Tcp => flow,
    }
}
