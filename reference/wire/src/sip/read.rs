//! Strict reading of one message.

use super::{Message, Violation};

pub(super) fn message(_bytes: &[u8]) -> Result<Message, Violation> {
    Err(Violation::Empty)
}
