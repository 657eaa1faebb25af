//! `Session-Expires` (RFC 4028 section 4).

use std::fmt;

use super::{Params, Violation, lexis};

/// How long a session lives without a refresh, and who refreshes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionExpires {
    /// Seconds.
    pub delta: u32,
    /// `uac` or `uas`; `params` does not repeat it.
    pub refresher: Option<String>,
    /// The other parameters.
    pub params: Params,
}

impl SessionExpires {
    /// Reads the value.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let text = text.trim_ascii();
        let end = text.find(';').unwrap_or(text.len());
        let (delta, params) = text.split_at(end);
        let delta = lexis::number(delta.trim_ascii_end()).ok_or(Violation::SessionExpires)?;
        let mut params = lexis::params(params)?;
        let refresher = params.value("refresher").map(str::to_owned);
        if params.has("refresher") && refresher.is_none() {
            return Err(Violation::SessionExpires);
        }
        params.remove("refresher");
        Ok(Self {
            delta,
            refresher,
            params,
        })
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
