//! `name-addr` and `addr-spec` with header parameters: From, To, Contact, Route, Refer-To and kin.

use std::fmt;

use super::{Params, Uri, Violation};

/// An address as headers print it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAddr {
    /// The name a person sees, quotes and escapes removed.
    pub display: Option<String>,
    /// The address; a lone `*` (RFC 3261 section 10.2.2) has scheme `*` and nothing else.
    pub uri: Uri,
    /// Header parameters (after the `>`).
    pub params: Params,
}

impl NameAddr {
    /// Reads one element (no comma list).
    pub fn parse(_text: &str) -> Result<Self, Violation> {
        Err(Violation::NameAddr)
    }

    /// The `tag` parameter.
    pub fn tag(&self) -> Option<&str> {
        self.params.value("tag")
    }
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>{}", self.uri, self.params)
    }
}
