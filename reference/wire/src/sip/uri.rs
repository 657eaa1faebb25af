//! URIs: `sip:` and `sips:` taken apart (RFC 3261 section 19.1), all others kept opaque.

use std::fmt;

use super::{Params, Violation, lexis};

/// A URI. For schemes other than sip and sips, `host` holds everything after the colon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri {
    /// As spelled, without the colon.
    pub scheme: String,
    /// User part with its password, escapes kept.
    pub user: Option<String>,
    /// As spelled; IPv6 keeps its brackets.
    pub host: String,
    /// `None` if not printed.
    pub port: Option<u16>,
    /// URI parameters.
    pub params: Params,
    /// Header components, escapes kept.
    pub headers: Vec<(String, String)>,
}

impl Uri {
    /// Reads an addr-spec: no angle brackets, no blanks.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let (scheme, rest) = text.split_once(':').ok_or(Violation::Uri)?;
        let first = scheme.bytes().next().ok_or(Violation::Uri)?;
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        if !first.is_ascii_alphabetic() || !scheme.bytes().all(legal) || rest.is_empty() {
            return Err(Violation::Uri);
        }
        check_octets(rest.as_bytes())?;
        if !scheme.eq_ignore_ascii_case("sip") && !scheme.eq_ignore_ascii_case("sips") {
            return Ok(Self::opaque(scheme, rest));
        }
        let (user, rest) = match rest.split_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, rest),
        };
        let bad_user = |user: &str| user.is_empty() || user.contains(['[', ']']);
        if user.is_some_and(bad_user) || rest.contains('@') {
            return Err(Violation::Uri);
        }
        let (rest, headers) = match rest.split_once('?') {
            Some((rest, headers)) => (rest, uri_headers(headers)?),
            None => (rest, Vec::new()),
        };
        let (place, params) = match rest.split_once(';') {
            Some((place, params)) => (place, uri_params(params)?),
            None => (rest, Params::default()),
        };
        let (host, port) = lexis::host_port(place)?;
        Ok(Self {
            scheme: scheme.to_owned(),
            user: user.map(str::to_owned),
            host: host.to_owned(),
            port,
            params,
            headers,
        })
    }

    /// A URI that is not taken apart.
    pub(super) fn opaque(scheme: &str, rest: &str) -> Self {
        Self {
            scheme: scheme.to_owned(),
            user: None,
            host: rest.to_owned(),
            port: None,
            params: Params::default(),
            headers: Vec::new(),
        }
    }

    /// Whether the scheme is sip or sips.
    pub fn is_sip(&self) -> bool {
        let scheme = &self.scheme;
        scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips")
    }

    /// Equality of RFC 3261 section 19.1.4; other schemes: scheme without case, the rest octet by octet.
    pub fn same_as(&self, other: &Self) -> bool {
        if !self.scheme.eq_ignore_ascii_case(&other.scheme) {
            return false;
        }
        if !self.is_sip() {
            return self.host == other.host;
        }
        let user = |uri: &Self| uri.user.as_deref().map(decoded);
        user(self) == user(other)
            && same_host(&self.host, &other.host)
            && self.port == other.port
            && same_params(&self.params, &other.params)
            && same_headers(&self.headers, &other.headers)
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.scheme)?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        f.write_str(&self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        write!(f, "{}", self.params)?;
        let mut separator = '?';
        for (name, value) in &self.headers {
            write!(f, "{separator}{name}={value}")?;
            separator = '&';
        }
        Ok(())
    }
}

/// Reserved and unreserved octets; brackets for IPv6 and parameters.
const LEGAL: [bool; 256] = lexis::class(b";/?:@&=+$,-_.!~*'()[]");

/// Legal octets and escapes only.
fn check_octets(rest: &[u8]) -> Result<(), Violation> {
    for (at, byte) in rest.iter().enumerate() {
        if LEGAL[usize::from(*byte)] {
            continue;
        }
        if *byte != b'%' {
            return Err(Violation::Uri);
        }
        let digits = rest.get(at + 1..at + 3).unwrap_or_default();
        if digits.len() != 2 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(Violation::UriEscape);
        }
    }
    Ok(())
}

fn uri_params(text: &str) -> Result<Params, Violation> {
    let mut params = Vec::new();
    for param in text.split(';') {
        let (name, value) = match param.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (param, None),
        };
        if name.is_empty() || value.is_some_and(|value| value.is_empty() || value.contains('=')) {
            return Err(Violation::Uri);
        }
        params.push((name.to_owned(), value.map(str::to_owned)));
    }
    Ok(Params(params))
}

fn uri_headers(text: &str) -> Result<Vec<(String, String)>, Violation> {
    let pair = |header: &str| match header.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(Violation::Uri),
    };
    text.split('&').map(pair).collect()
}

/// Escapes of octets outside the reserved set mean the octet itself.
fn decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let octet = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match octet {
            Some(octet) if b";/?:@&=+$,%".contains(&octet) => {
                out.push(b'%');
                out.extend(format!("{octet:02X}").bytes());
            }
            Some(octet) => out.push(octet),
            None => out.push(bytes[at]),
        }
        at += if octet.is_some() { 3 } else { 1 };
    }
    out
}

fn same_host(one: &str, other: &str) -> bool {
    let address = |host: &str| {
        let inner = host.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse::<std::net::Ipv6Addr>().ok()
    };
    match (address(one), address(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one.eq_ignore_ascii_case(other),
    }
}

fn same_params(one: &Params, other: &Params) -> bool {
    // These never match by absence; the others are compared only when both print them.
    const DECISIVE: [&str; 5] = ["maddr", "method", "transport", "ttl", "user"];
    let value = |value: Option<&str>| value.map(|text| decoded(text).to_ascii_lowercase());
    let decisive = DECISIVE.iter().all(|name| one.has(name) == other.has(name));
    decisive
        && one.0.iter().all(|(name, have)| match other.get(name) {
            Some(there) => value(have.as_deref()) == value(there),
            None => true,
        })
}

fn same_headers(one: &[(String, String)], other: &[(String, String)]) -> bool {
    let sorted = |headers: &[(String, String)]| {
        let plain = headers
            .iter()
            .map(|(name, value)| (decoded(name).to_ascii_lowercase(), decoded(value)));
        let mut plain: Vec<_> = plain.collect();
        plain.sort();
        plain
    };
    sorted(one) == sorted(other)
}
