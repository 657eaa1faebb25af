//! URIs: `sip:` and `sips:` taken apart (RFC 3261 section 19.1), all others kept opaque.

use std::fmt;

use super::{Params, Violation};

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
    pub fn parse(_text: &str) -> Result<Self, Violation> {
        Err(Violation::Uri)
    }

    /// Equality of RFC 3261 section 19.1.4.
    pub fn same_as(&self, other: &Self) -> bool {
        self == other
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
