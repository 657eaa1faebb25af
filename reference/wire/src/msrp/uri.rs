//! MSRP addresses and their comparison (RFC 4975 section 6).

use std::{fmt, net::IpAddr};

use super::Violation;

/// `msrp://host:port/session;transport`.
///
/// User information and further parameters are read and not kept: they take no part in comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri {
    /// `msrps`.
    pub secure: bool,
    /// Host name or address, IPv6 in brackets.
    pub host: String,
    /// Absent and present differ (RFC 4975 section 6.1).
    pub port: Option<u16>,
    /// The session identifier, case-sensitive; empty when absent (relays).
    pub session: String,
    /// `tcp`, ...
    pub transport: String,
}

impl Uri {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let (scheme, rest) = text.split_once("://").ok_or(Violation::Uri)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "msrp" => false,
            "msrps" => true,
            _ => return Err(Violation::Uri),
        };
        let (place, parameters) = rest.split_once(';').ok_or(Violation::Uri)?;
        let (authority, session) = match place.split_once('/') {
            Some((authority, session)) if !session.is_empty() => (authority, session),
            Some(_) => return Err(Violation::Uri),
            None => (place, ""),
        };
        let (host, port) = host_and_port(authority)?;
        let transport = parameters.split(';').next().unwrap_or_default();
        let sound = !transport.is_empty()
            && transport.bytes().all(|octet| octet.is_ascii_alphanumeric())
            && session.bytes().all(is_session_octet)
            && parameters.bytes().all(|octet| octet.is_ascii_graphic());
        if !sound {
            return Err(Violation::Uri);
        }
        Ok(Self {
            secure,
            host: host.to_owned(),
            port,
            session: session.to_owned(),
            transport: transport.to_owned(),
        })
    }

    /// Whether both name the same session (RFC 4975 section 6.1).
    pub fn same_as(&self, other: &Self) -> bool {
        self.secure == other.secure
            && same_host(&self.host, &other.host)
            && self.port == other.port
            && self.session == other.session
            && self.transport.eq_ignore_ascii_case(&other.transport)
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "msrps" } else { "msrp" };
        write!(f, "{scheme}://{}", self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        if !self.session.is_empty() {
            write!(f, "/{}", self.session)?;
        }
        write!(f, ";{}", self.transport)
    }
}

/// Whether two hosts are equal as addresses or, failing that, as names in any case.
pub(crate) fn same_host(one: &str, other: &str) -> bool {
    match (address(one), address(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one.eq_ignore_ascii_case(other),
    }
}

/// The IP address that a host spells, with or without brackets.
pub(crate) fn address(host: &str) -> Option<IpAddr> {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    bare.parse().ok()
}

fn host_and_port(authority: &str) -> Result<(&str, Option<u16>), Violation> {
    let place = authority
        .rsplit_once('@')
        .map_or(authority, |(_, place)| place);
    let (host, port) = match place.rfind(']') {
        Some(end) => place.split_at(end + 1),
        None => place.split_at(place.find(':').unwrap_or(place.len())),
    };
    let sound = if host.starts_with('[') {
        address(host).is_some_and(|address| address.is_ipv6())
    } else {
        !host.is_empty()
            && host
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || b"-._".contains(&octet))
    };
    if !sound {
        return Err(Violation::Uri);
    }
    let Some(digits) = port.strip_prefix(':') else {
        return if port.is_empty() {
            Ok((host, None))
        } else {
            Err(Violation::Uri)
        };
    };
    if !digits.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err(Violation::Uri);
    }
    let port = digits.parse().map_err(|_| Violation::Uri)?;
    Ok((host, Some(port)))
}

fn is_session_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~+=/".contains(&octet)
}
