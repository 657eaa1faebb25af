//! Job `lint`: clippy over every target, warnings refused.

use crate::command;
use crate::context::Context;
use crate::job::Outcome;

pub(super) fn check(context: &Context) -> Outcome {
    let mut command = command::cargo(context);
    command.args([
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]);
    match command::stream(&mut command) {
        Ok(()) => Outcome::Passed("all targets".into()),
        Err(fault) => Outcome::fault(fault),
    }
}
