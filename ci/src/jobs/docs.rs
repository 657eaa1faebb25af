//! Job `docs`: rustdoc over the workspace, warnings refused.

use crate::command;
use crate::context::Context;
use crate::job::Outcome;

pub(super) fn check(context: &Context) -> Outcome {
    let mut command = command::cargo(context);
    command
        .args(["doc", "--quiet", "--workspace", "--no-deps"])
        .env("RUSTDOCFLAGS", "-D warnings");
    match command::stream(&mut command) {
        Ok(()) => Outcome::Passed("all crates".into()),
        Err(fault) => Outcome::fault(fault),
    }
}
