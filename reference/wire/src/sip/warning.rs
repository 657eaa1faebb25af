//! `Warning` (RFC 3261 section 20.43).

use std::fmt;

use super::{Violation, lexis};

/// A reason a person can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Three digits.
    pub code: u16,
    /// Host or pseudonym that adds it.
    pub agent: String,
    /// Without quotes and escapes.
    pub text: String,
}

impl Warning {
    /// Reads one element (no comma list).
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let (code, rest) = text
            .trim_ascii()
            .split_once(' ')
            .ok_or(Violation::Warning)?;
        let (agent, text) = rest.split_once(' ').ok_or(Violation::Warning)?;
        let number = lexis::number(code).filter(|_| code.len() == 3);
        let code = number.ok_or(Violation::Warning)?;
        let host = lexis::host_port(agent).is_ok() || lexis::is_token(agent.as_bytes());
        if !host || !text.starts_with('"') {
            return Err(Violation::Warning);
        }
        let (quoted, rest) = lexis::take_quoted(text)?;
        if !rest.trim_ascii().is_empty() {
            return Err(Violation::Warning);
        }
        Ok(Self {
            code,
            agent: agent.to_owned(),
            text: lexis::unquote(quoted),
        })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = lexis::quote(&self.text);
        write!(f, "{:03} {} {text}", self.code, self.agent)
    }
}
