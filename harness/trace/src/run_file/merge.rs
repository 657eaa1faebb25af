//! The parts of a run that was shared out, made one run again.

use std::collections::BTreeMap;

use super::{Run, Scenario, Shard, to_millisecond};

/// Why run files are not the parts of one run; the names are those that the caller gave.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Mismatch {
    #[error("{name} is a whole run, no part of one")]
    Whole { name: String },
    #[error("{first} and {second} are parts of different runs: {what}")]
    Different {
        first: String,
        second: String,
        what: &'static str,
    },
    #[error("{first} and {second} are both part {part} of {of}")]
    Doubled {
        first: String,
        second: String,
        part: usize,
        of: usize,
    },
    #[error("of the {of} parts, these are missing: {missing}")]
    Missing { missing: String, of: usize },
    #[error("the parts hold {found} scenarios together, {wanted} were shared out")]
    Scenarios { found: usize, wanted: usize },
}

/// Makes one run of all its parts, in whatever order they come; `name` of each stands in errors.
///
/// The run begins with the first part and ends with the last. Scenarios have the order and the numbers that a whole
/// run gives them.
pub fn merge(parts: Vec<(String, Run)>) -> Result<Run, Mismatch> {
    let shard = check(&parts)?;
    let parts: Vec<Run> = parts.into_iter().map(|(_, run)| run).collect();
    let started_ms = parts.iter().map(|run| run.started_ms).min();
    let started_ms = started_ms.unwrap_or_default();
    let mut whole = Run {
        started_ms,
        selected: shard.selected,
        wall_seconds: wall_seconds(&parts, started_ms),
        interrupted: parts.iter().any(|run| run.interrupted),
        ..Run::default()
    };
    for part in parts {
        let later_us = (part.started_ms - started_ms).saturating_mul(1000);
        whole
            .scenarios
            .extend(part.scenarios.into_iter().map(|s| later(s, later_us)));
        (whole.subject, whole.edition) = (part.subject, part.edition);
        whole.change_requests = part.change_requests;
        (whole.transports, whole.profiles) = (part.transports, part.profiles);
    }
    let (found, wanted) = (whole.scenarios.len(), shard.scenarios);
    // A run that was ended early may lack some; none has more.
    let ended = whole.interrupted || whole.wall_seconds.is_none();
    if found > wanted || (found < wanted && !ended) {
        return Err(Mismatch::Scenarios { found, wanted });
    }
    whole.scenarios.sort_by(|a, b| place(a).cmp(&place(b)));
    for (id, scenario) in whole.scenarios.iter_mut().enumerate() {
        scenario.id = id;
    }
    Ok(whole)
}

/// What all the parts say of the whole, if they are all its parts and each is there once.
fn check(parts: &[(String, Run)]) -> Result<Shard, Mismatch> {
    let mut seen: BTreeMap<usize, &str> = BTreeMap::new();
    let mut agreed: Option<(&str, &Run, &Shard)> = None;
    for (name, run) in parts {
        let Some(shard) = &run.shard else {
            return Err(Mismatch::Whole { name: name.clone() });
        };
        if let Some((first, other, of)) = agreed
            && let Some(what) = difference((other, of), (run, shard))
        {
            let (first, second) = (first.to_owned(), name.clone());
            return Err(Mismatch::Different {
                first,
                second,
                what,
            });
        }
        if let Some(first) = seen.insert(shard.part, name) {
            return Err(Mismatch::Doubled {
                first: first.to_owned(),
                second: name.clone(),
                part: shard.part,
                of: shard.of,
            });
        }
        agreed = Some((name, run, shard));
    }
    let of = agreed.map_or(1, |(_, _, shard)| shard.of);
    let missing = (1..=of).filter(|part| !seen.contains_key(part));
    // Some are enough to look for; a foreign file may claim any number of parts.
    let missing: Vec<String> = missing.take(20).map(|part| part.to_string()).collect();
    match agreed {
        Some((_, _, shard)) if missing.is_empty() => Ok(shard.clone()),
        _ => Err(Mismatch::Missing {
            missing: missing.join(", "),
            of,
        }),
    }
}

fn difference((a, s): (&Run, &Shard), (b, t): (&Run, &Shard)) -> Option<&'static str> {
    let differs = [
        (a.subject != b.subject, "the subjects have other names"),
        (
            a.edition != b.edition || a.change_requests != b.change_requests,
            "the editions of the catalogue differ",
        ),
        (a.transports != b.transports, "the transports differ"),
        (a.profiles != b.profiles, "the profiles differ"),
        (s.of != t.of, "the numbers of parts differ"),
        (
            s.selected != t.selected || s.scenarios != t.scenarios,
            "other clauses or tags were asked for",
        ),
    ];
    let first = differs.into_iter().find(|(differs, _)| *differs);
    first.map(|(_, what)| what)
}

/// From the beginning of the first part to the end of the last, in seconds; `None` when one was cut off.
fn wall_seconds(parts: &[Run], started_ms: u64) -> Option<f64> {
    let ends = parts.iter().map(|run| {
        let later = std::time::Duration::from_millis(run.started_ms - started_ms);
        run.wall_seconds.map(|wall| later.as_secs_f64() + wall)
    });
    ends.collect::<Option<Vec<f64>>>()
        .map(|ends| to_millisecond(ends.into_iter().fold(0.0, f64::max)))
}

fn later(mut scenario: Scenario, by_us: u64) -> Scenario {
    for frame in &mut scenario.exchange.frames {
        frame.at_us = frame.at_us.saturating_add(by_us);
    }
    scenario
}

/// Where a scenario stands in a whole run.
fn place(scenario: &Scenario) -> (&str, usize, &str) {
    (&scenario.feature, scenario.line, &scenario.transport)
}
