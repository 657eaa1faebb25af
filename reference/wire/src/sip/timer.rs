//! `Session-Expires` (RFC 4028 section 4).

use std::fmt;

use super::{Params, Violation};

/// How long a session lives without a refresh, and who refreshes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionExpires {
    /// Seconds.
    pub delta: u32,
    /// `uac` or `uas`; also in no other place: `params` does not repeat it.
    pub refresher: Option<String>,
    /// The other parameters.
    pub params: Params,
}

impl SessionExpires {
    /// Reads the value.
    pub fn parse(_text: &str) -> Result<Self, Violation> {
        Err(Violation::SessionExpires)
    }
}

impl fmt::Display for SessionExpires {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.delta)?;
        if let Some(refresher) = &self.refresher {
            write!(f, ";refresher={refresher}")?;
        }
        write!(f, "{}", self.params)
    }
}
