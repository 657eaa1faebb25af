//! `Content-Type`, `Content-Disposition` and `Accept-Contact`: a word with parameters.

use std::fmt;

use super::{Params, Violation, lexis};

/// Wanted or unwanted features of a callee (RFC 3841 section 9.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptContact {
    /// Feature tags, `require`, `explicit`.
    pub params: Params,
}

/// A media type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentType {
    /// `type/subtype` as spelled.
    pub value: String,
    /// `boundary`, `charset`, ...
    pub params: Params,
}

/// What a body is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disposition {
    /// `session`, `recipient-list`, ...
    pub value: String,
    /// `handling` and others.
    pub params: Params,
}

impl AcceptContact {
    /// Reads one element (no comma list).
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let (star, params) = lexis::word_and_params(text, Violation::AcceptContact)?;
        match star.as_str() {
            "*" => Ok(Self { params }),
            _ => Err(Violation::AcceptContact),
        }
    }
}

impl ContentType {
    /// Reads the value.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let (kind, rest) = lexis::take_token(text.trim_ascii());
        let rest = rest.trim_ascii_start().strip_prefix('/');
        let rest = rest.ok_or(Violation::ContentType)?.trim_ascii_start();
        let (subtype, params) = lexis::take_token(rest);
        if kind.is_empty() || subtype.is_empty() {
            return Err(Violation::ContentType);
        }
        Ok(Self {
            value: format!("{kind}/{subtype}"),
            params: lexis::params(params)?,
        })
    }

    /// Whether it is that type, parameters aside.
    pub fn is(&self, value: &str) -> bool {
        self.value.eq_ignore_ascii_case(value)
    }
}

impl Disposition {
    /// Reads the value.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let (value, params) = lexis::word_and_params(text, Violation::Disposition)?;
        Ok(Self { value, params })
    }
}

impl fmt::Display for AcceptContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "*{}", self.params)
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.value, self.params)
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.value, self.params)
    }
}
