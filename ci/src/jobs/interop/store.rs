//! What a store promises holds on PostgreSQL as on SQLite: the same checks on both.

use std::time::Duration;

use super::super::postgresql::Cluster;
use crate::command;
use crate::context::Context;
use crate::job::Outcome;

pub(super) fn check(context: &Context) -> Outcome {
    match checked(context) {
        Ok(told) => Outcome::Passed(told),
        Err(fault) => Outcome::fault(fault),
    }
}

fn checked(context: &Context) -> Result<String, String> {
    let cluster = Cluster::start()?;
    let mut test = command::cargo(context);
    test.args(["test", "--quiet", "--package", "shall-app", "--lib"])
        .args(["on_postgresql", "--", "--nocapture"])
        .env("SHALL_POSTGRESQL", cluster.address());
    let ended = command::capture(&mut test, LIMIT)?;
    let told = ended.stdout.lines();
    // A test that looked at nothing passes too.
    let told = told
        .rev()
        .find(|line| line.ends_with(" checks on PostgreSQL"));
    match (ended.code, told) {
        (Some(0), Some(told)) => Ok(told.to_owned()),
        _ => Err(format!(
            "{}\n{}",
            command::tail(&ended.stdout, 20),
            command::tail(&ended.stderr, 5)
        )),
    }
}

/// Compiling included.
const LIMIT: Duration = Duration::from_secs(900);
