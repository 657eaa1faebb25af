//! `Event` and `Subscription-State` (RFC 6665 section 8.2).

use std::fmt;

use super::{Params, Violation, lexis};

/// What is subscribed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `conference`, `presence`, ...
    pub package: String,
    /// `id` and others.
    pub params: Params,
}

/// How a subscription stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionState {
    /// `active`, `pending`, `terminated` or an extension.
    pub state: String,
    /// `expires`, `reason`, `retry-after`.
    pub params: Params,
}

impl Event {
    /// Reads the value.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let (package, params) = lexis::word_and_params(text, Violation::Event)?;
        Ok(Self { package, params })
    }
}

impl SubscriptionState {
    /// Reads the value.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let (state, params) = lexis::word_and_params(text, Violation::SubscriptionState)?;
        Ok(Self { state, params })
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.package, self.params)
    }
}

impl fmt::Display for SubscriptionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.state, self.params)
    }
}
