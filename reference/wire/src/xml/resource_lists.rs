//! URI lists (RFC 4826) with copy control (RFC 5364).

use super::Violation;

/// One recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The recipient's address, verbatim.
    pub uri: String,
    /// `display-name`, if any.
    pub display_name: Option<String>,
    /// `to`, `cc` or `bcc`; absent means `bcc` (RFC 5364 section 4).
    pub copy_control: Option<String>,
    /// Whether the recipient's address is hidden from the others (RFC 5364 section 4).
    pub anonymize: bool,
}

/// Reads a list, nested lists flattened, duplicates kept.
pub fn parse(_document: &[u8]) -> Result<Vec<Entry>, Violation> {
    Err(Violation::NotWellFormed)
}

/// Writes one flat list.
pub fn write(_entries: &[Entry]) -> Vec<u8> {
    Vec::new()
}
