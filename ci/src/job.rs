//! A named check and how it ends.

use crate::context::Context;
use std::time::{Duration, Instant};

/// One check of the repository.
pub(crate) struct Job {
    pub(crate) name: &'static str,
    /// One line for the list.
    pub(crate) about: &'static str,
    /// False for jobs that take too long to belong to `all`.
    pub(crate) in_all: bool,
    pub(crate) check: fn(&Context) -> Outcome,
}

/// How a job ended.
pub(crate) enum Outcome {
    /// Every fault found, one line or paragraph each; never empty.
    Failed(Vec<String>),
    /// What was looked at, so that an empty check shows.
    Passed(String),
    /// Why the check could not be made here.
    Skipped(String),
}

/// A job that has ended.
pub(crate) struct Ended {
    pub(crate) name: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) wall: Duration,
}

impl Job {
    /// Runs the check, timed, between a heading and a line that tells its end.
    pub(crate) fn run(&self, context: &Context) -> Ended {
        println!("\n== {}: {}", self.name, self.about);
        let begun = Instant::now();
        let mut outcome = (self.check)(context);
        if let (true, Outcome::Skipped(why)) = (context.strict, &outcome) {
            outcome = Outcome::Failed(vec![format!("not checked, and CI=true: {why}")]);
        }
        let wall = begun.elapsed();
        let seconds = wall.as_secs_f64();
        match &outcome {
            Outcome::Failed(faults) => {
                for fault in faults {
                    println!("  - {}", fault.trim_end().replace('\n', "\n    "));
                }
                println!(
                    "FAILED  {}  {seconds:.1} s, {} faults",
                    self.name,
                    faults.len()
                );
            }
            Outcome::Passed(what) => println!("passed  {}  {seconds:.1} s, {what}", self.name),
            Outcome::Skipped(why) => println!("SKIPPED {}  {seconds:.1} s, {why}", self.name),
        }
        Ended {
            name: self.name,
            outcome,
            wall,
        }
    }
}

impl Outcome {
    /// Passed when there are no faults.
    pub(crate) fn of(faults: Vec<String>, looked_at: impl Into<String>) -> Outcome {
        if faults.is_empty() {
            Outcome::Passed(looked_at.into())
        } else {
            Outcome::Failed(faults)
        }
    }

    /// Failed with one fault.
    pub(crate) fn fault(fault: impl Into<String>) -> Outcome {
        Outcome::Failed(vec![fault.into()])
    }
}
