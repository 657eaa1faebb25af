//! Whether the header values of a message follow their grammar.

use super::{Message, Violation};

impl Message {
    /// Judges what `parse` leaves open: mandatory headers, single headers, typed values, Request-URI.
    pub fn validate(&self) -> Result<(), Violation> {
        Ok(())
    }
}
