//! Job `format`: rustfmt has nothing to change.

use crate::command;
use crate::context::Context;
use crate::job::Outcome;

pub(super) fn check(context: &Context) -> Outcome {
    let mut command = command::cargo(context);
    command.args(["fmt", "--all", "--check"]);
    match command::stream(&mut command) {
        Ok(()) => Outcome::Passed("all crates".into()),
        Err(fault) => Outcome::fault(format!("{fault}\nhelp: cargo fmt --all")),
    }
}
