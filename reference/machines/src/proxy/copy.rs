//! The copy of a request that a proxy sends on, and the mark by which it knows the request again (RFC 3261 16.6, 16.3).

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

use wire::sip::{Message, NameAddr, Start, Uri, Via};

use super::Target;
use crate::port::{Flow, Transport};

/// RFC 3261 16.6 steps 1 to 6; the Via comes from the layer.
pub(super) fn of(request: Message, target: Target, record_route: Option<String>) -> Message {
    let mut copy = request;
    if let Some(uri) = &target.uri {
        readdress(&mut copy, uri);
    }
    let hops = copy
        .header("Max-Forwards")
        .and_then(|hops| hops.trim().parse::<u8>().ok());
    copy.set(
        "Max-Forwards",
        hops.map_or(70, |hops| hops.saturating_sub(1)).to_string(),
    );
    if let Some(own) = record_route {
        copy.push_first("Record-Route", own);
    }
    for route in target.routes.into_iter().rev() {
        copy.push_first("Route", route);
    }
    obey_strict_router(&mut copy);
    copy
}

/// Gives the request another Request-URI.
pub(super) fn readdress(request: &mut Message, to: &str) {
    if let Start::Request { uri, .. } = &mut request.start {
        to.clone_into(uri);
    }
}

/// Where the Route or the Request-URI of a request sends it, when that is an address (RFC 3261 16.6 step 7);
/// `otherwise` is the transport when the URI names none.
pub fn next_hop(request: &Message, otherwise: Transport) -> Option<Flow> {
    let route = request.values("Route").into_iter().next();
    let uri = match route {
        Some(route) => NameAddr::parse(&route).ok()?.uri,
        None => Uri::parse(request.uri()?).ok()?,
    };
    address(&uri, otherwise)
}

fn address(uri: &Uri, otherwise: Transport) -> Option<Flow> {
    let host = uri.params.value("maddr").unwrap_or(&uri.host);
    let ip: IpAddr = host.trim_matches(['[', ']']).parse().ok()?;
    let transport = match uri.params.value("transport") {
        Some(name) if name.eq_ignore_ascii_case("tcp") => Transport::Tcp,
        Some(name) if name.eq_ignore_ascii_case("udp") => Transport::Udp,
        Some(_) | None => otherwise,
    };
    Some(Flow {
        transport,
        remote: SocketAddr::new(ip, uri.port.unwrap_or(5060)),
    })
}

/// What decides where a request goes, as 16 digits: the same request back with the same mark has looped
/// (RFC 3261 16.6 step 8, RFC 5393 4.2.1).
pub(super) fn mark(request: &Message) -> String {
    let tag = |party: Option<NameAddr>| party.and_then(|it| it.tag().map(str::to_owned));
    hash(&(
        request.uri(),
        request.values("Route"),
        (tag(request.from()), tag(request.to())),
        (request.call_id(), request.cseq().map(|cseq| cseq.number)),
        request.header("Proxy-Require"),
        request.header("Proxy-Authorization"),
    ))
}

pub(super) fn hash(value: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Whether the request has been here before and would go the same way again (RFC 3261 16.3 step 4).
pub(super) fn passed(request: &Message, local: SocketAddr) -> bool {
    let end = format!(".{}", mark(request));
    let vias = request.values("Via");
    let mut vias = vias.iter().filter_map(|via| Via::parse(via).ok());
    vias.any(|via| {
        let ours = via.host.trim_matches(['[', ']']).parse() == Ok(local.ip());
        let marked = via.branch().is_some_and(|branch| branch.ends_with(&end));
        ours && via.port.unwrap_or(5060) == local.port() && marked
    })
}

/// Takes our own Via off a response.
pub(super) fn drop_via(response: &mut Message) {
    let rest = response.values("Via");
    response.remove("Via");
    for via in rest.into_iter().skip(1).rev() {
        response.push_first("Via", via);
    }
}

// RFC 3261 16.6 step 6: a next hop without `lr` wants to be the Request-URI itself.
fn obey_strict_router(copy: &mut Message) {
    let mut routes = copy.values("Route");
    let first = routes.first().and_then(|route| NameAddr::parse(route).ok());
    let Some(strict) = first.filter(|first| !first.uri.params.has("lr")) else {
        return;
    };
    routes.remove(0);
    routes.push(format!("<{}>", copy.uri().unwrap_or_default()));
    copy.remove("Route");
    for route in routes {
        copy.push("Route", route);
    }
    readdress(copy, &strict.uri.to_string());
}
