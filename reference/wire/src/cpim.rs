//! Message/CPIM (RFC 3862): the envelope around an instant message.

/// Why octets are not a CPIM message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// No blank line.
    #[error("no blank line before the content (RFC 3862 section 2)")]
    NoContent,
}

/// A CPIM message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cpim {
    /// The message headers, in order, names case-sensitive, values unescaped.
    pub headers: Vec<(String, String)>,
    /// The MIME headers of the content.
    pub content_headers: Vec<(String, String)>,
    /// The content.
    pub content: Vec<u8>,
}

impl Cpim {
    /// Reads a message.
    pub fn parse(_bytes: &[u8]) -> Result<Self, Violation> {
        Err(Violation::NoContent)
    }

    /// Writes the message.
    pub fn to_bytes(&self) -> Vec<u8> {
        Vec::new()
    }
}
