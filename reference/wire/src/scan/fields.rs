//! What a scan says when asked: start line parts and header values by name.

use super::{Field, Scan};

impl Scan {
    /// First line without its line end; octets that are not UTF-8 are replaced.
    pub fn start_line(&self) -> String {
        String::from_utf8_lossy(&self.bytes[self.start.clone()]).into_owned()
    }

    /// Whether the first line is not a status line.
    pub fn is_request(&self) -> bool {
        !self.start_line().starts_with("SIP/")
    }

    /// First word of a request line.
    pub fn method(&self) -> Option<String> {
        None
    }

    /// Second word of a request line.
    pub fn request_uri(&self) -> Option<String> {
        None
    }

    /// Second word of a status line.
    pub fn code(&self) -> Option<u16> {
        None
    }

    /// Rest of a status line.
    pub fn reason(&self) -> Option<String> {
        None
    }

    /// One field for each header line of that name, compact or full.
    pub fn fields(&self, _name: &str) -> Vec<Field> {
        Vec::new()
    }

    /// One field for each comma-separated element.
    pub fn values(&self, _name: &str) -> Vec<Field> {
        Vec::new()
    }

    /// The first header line of that name.
    pub fn field(&self, _name: &str) -> Option<Field> {
        None
    }
}
