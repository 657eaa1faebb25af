//! Where one message ends in a stream (RFC 3261 section 18.3).

use super::Violation;
use crate::{Framed, Limits};

/// Finds the first message of a stream buffer.
pub fn frame(_buf: &[u8], _limits: &Limits) -> Result<Framed, Violation> {
    Ok(Framed::Incomplete)
}
