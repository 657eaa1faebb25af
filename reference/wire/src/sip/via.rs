//! `Via` (RFC 3261 section 20.42) and `CSeq` (section 20.16).

use std::fmt;

use super::{Params, Violation, lexis};

/// One hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// `UDP`, `TCP`, ..., as spelled.
    pub transport: String,
    /// IPv6 keeps its brackets.
    pub host: String,
    /// `None` if not printed.
    pub port: Option<u16>,
    /// `branch`, `received`, `rport`, ...
    pub params: Params,
}

impl Via {
    /// Reads one element (no comma list).
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let (name, rest) = text.split_once('/').ok_or(Violation::Via)?;
        let (version, rest) = rest.split_once('/').ok_or(Violation::Via)?;
        if !name.trim_ascii().eq_ignore_ascii_case("SIP") || version.trim_ascii() != "2.0" {
            return Err(Violation::Via);
        }
        let (transport, rest) = lexis::take_token(rest.trim_ascii_start());
        let blank = rest.starts_with([' ', '\t']);
        if transport.is_empty() || !blank {
            return Err(Violation::Via);
        }
        let end = rest.find(';').unwrap_or(rest.len());
        let (place, params) = rest.split_at(end);
        let (host, port) = lexis::host_port(place.trim_ascii())?;
        Ok(Self {
            transport: transport.to_owned(),
            host: host.to_owned(),
            port,
            params: lexis::params(params)?,
        })
    }

    /// The `branch` parameter.
    pub fn branch(&self) -> Option<&str> {
        self.params.value("branch")
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIP/2.0/{} {}", self.transport, self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        write!(f, "{}", self.params)
    }
}

/// Place of a request in its dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CSeq {
    /// Below 2^31.
    pub number: u32,
    /// Case-sensitive.
    pub method: String,
}

impl CSeq {
    /// Reads the value.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let (number, method) = text
            .trim_ascii()
            .split_once([' ', '\t'])
            .ok_or(Violation::CSeq)?;
        let method = method.trim_ascii_start();
        let number = lexis::number(number).filter(|number| *number < 1 << 31);
        match number {
            Some(number) if lexis::is_token(method.as_bytes()) => Ok(Self {
                number,
                method: method.to_owned(),
            }),
            _ => Err(Violation::CSeq),
        }
    }
}

impl fmt::Display for CSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.method)
    }
}
