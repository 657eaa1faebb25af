//! SIPp as inviter and as invitee of an `im-server` started as an ordinary program.

use crate::context::Context;
use crate::job::Outcome;

pub(super) fn check(_context: &Context) -> Outcome {
    Outcome::fault("not written yet")
}
