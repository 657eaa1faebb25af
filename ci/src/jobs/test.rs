//! Job `test`: the tests of all crates; snapshots may not change themselves.

use crate::command;
use crate::context::Context;
use crate::job::Outcome;

pub(super) fn check(context: &Context) -> Outcome {
    let mut command = command::cargo(context);
    command
        .args(["test", "--quiet", "--workspace"])
        .env("INSTA_UPDATE", "no");
    match command::stream(&mut command) {
        Ok(()) => Outcome::Passed("all crates".into()),
        Err(fault) => Outcome::fault(fault),
    }
}
