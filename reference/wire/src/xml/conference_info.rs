//! Conference state (RFC 4575), the parts of it that a roster needs.

use super::Violation;

/// A conference and who is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConferenceInfo {
    /// The conference address.
    pub entity: String,
    /// `full`, `partial` or `deleted`.
    pub state: String,
    /// Rises by one with every notification (RFC 4575 section 4.6).
    pub version: u32,
    /// The users in document order.
    pub users: Vec<User>,
    /// `conference-state/user-count`.
    pub user_count: Option<u32>,
}

/// One user of a conference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// The user's address, compared octet by octet (RFC 4575 section 4.5).
    pub entity: String,
    /// `display-text`.
    pub display_text: Option<String>,
    /// `full`, `partial` or `deleted`.
    pub state: Option<String>,
    /// The user's devices in document order.
    pub endpoints: Vec<Endpoint>,
}

/// One device of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// The device's address.
    pub entity: String,
    /// `connected`, `disconnected`, ...
    pub status: Option<String>,
    /// `full`, `partial` or `deleted`.
    pub state: Option<String>,
}

impl ConferenceInfo {
    /// Reads a document.
    pub fn parse(_document: &[u8]) -> Result<Self, Violation> {
        Err(Violation::NotWellFormed)
    }

    /// Writes the document.
    pub fn write(&self) -> Vec<u8> {
        Vec::new()
    }
}
