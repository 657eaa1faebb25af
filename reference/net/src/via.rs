//! The topmost Via: marked on receipt, read to route a response, rewritten when a request changes transport.

use std::net::{IpAddr, SocketAddr};

use wire::scan::Scan;
use wire::sip::{Message, Via};

/// Port of SIP when Via names none (RFC 3261 18.2.2).
const DEFAULT_PORT: u16 = 5060;

/// Adds `received` and fills `rport` in the topmost Via of a request (RFC 3261 18.2.1, RFC 3581 4).
pub(crate) fn mark(message: &mut Message, remote: SocketAddr) {
    let Some(header) = message
        .headers
        .iter_mut()
        .find(|header| is_via(&header.name))
    else {
        return;
    };
    let end = end_of_first(&header.value);
    let Ok(mut via) = Via::parse(header.value[..end].trim()) else {
        return;
    };
    let wants_port = via.params.get("rport") == Some(None);
    if !wants_port && address(&via.host) == Some(remote.ip()) {
        return;
    }
    via.params.set("received", Some(remote.ip().to_string()));
    if wants_port {
        via.params.set("rport", Some(remote.port().to_string()));
    }
    header.value = format!("{via}{}", &header.value[end..]);
}

/// Where a response goes over UDP (RFC 3261 18.2.2, RFC 3581 4); `None` if its Via says nothing usable.
pub(crate) fn destination(response: &[u8], remote: SocketAddr) -> Option<SocketAddr> {
    let via = topmost(response)?;
    let port = via.port.unwrap_or(DEFAULT_PORT);
    if let Some(group) = via.params.value("maddr").and_then(address) {
        return Some(SocketAddr::new(group, port));
    }
    let received = via.params.value("received").and_then(address);
    let port = via
        .params
        .value("rport")
        .and_then(|port| port.parse().ok())
        .unwrap_or(port);
    Some(SocketAddr::new(received.unwrap_or(remote.ip()), port))
}

/// Where to connect for a response whose connection is gone (RFC 3261 18.2.2).
pub(crate) fn reconnect(response: &[u8], remote: SocketAddr) -> Option<SocketAddr> {
    let via = topmost(response)?;
    let host = via
        .params
        .value("received")
        .and_then(address)
        .or_else(|| address(&via.host));
    Some(SocketAddr::new(
        host.unwrap_or(remote.ip()),
        via.port.unwrap_or(DEFAULT_PORT),
    ))
}

/// The branch of the topmost Via.
pub(crate) fn branch(message: &[u8]) -> Option<String> {
    topmost(message)?.params.value("branch").map(str::to_owned)
}

/// Makes the topmost Via say TCP instead of UDP (RFC 3261 18.1.1); the same octets otherwise.
pub(crate) fn over_tcp(request: &[u8]) -> Vec<u8> {
    let mut bytes = request.to_vec();
    if let Some(field) = Scan::sip(request).values("Via").into_iter().next() {
        let span = field.span.start.min(bytes.len())..field.span.end.min(bytes.len());
        let via = &mut bytes[span];
        if let Some(at) = via
            .windows(3)
            .position(|word| word.eq_ignore_ascii_case(b"UDP"))
        {
            via[at..at + 3].copy_from_slice(b"TCP");
        }
    }
    bytes
}

fn topmost(message: &[u8]) -> Option<Via> {
    let field = Scan::sip(message).values("Via").into_iter().next()?;
    Via::parse(&field.value).ok()
}

fn is_via(name: &str) -> bool {
    name.eq_ignore_ascii_case("via") || name.eq_ignore_ascii_case("v")
}

/// Where the first of several comma-joined values ends; commas in quotes do not count.
fn end_of_first(value: &str) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    for (at, letter) in value.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => return at,
            _ => {}
        }
    }
    value.len()
}

fn address(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()
}
