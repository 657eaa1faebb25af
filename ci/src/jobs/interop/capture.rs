//! A capture of the tester's own ports, read by tshark and compared with `run.jsonl`.

mod record;
mod wire;

use super::tools;
use crate::context::Context;
use crate::job::Outcome;
use crate::jobs::shall;
use std::collections::BTreeMap;
use wire::Capture;

/// What one SIP message looks like to a reader that shares no code with the recorder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    transport: String,
    start: String,
    /// Call-ID and the two users: two embedded subjects with one seed choose equal Call-IDs.
    call: String,
}

impl Seen {
    fn new(transport: &str, start: &str, call_id: &str, from: &str, to: &str) -> Seen {
        let mut users = [address(from), address(to)];
        users.sort_unstable();
        Seen {
            transport: transport.to_owned(),
            start: start.to_owned(),
            call: format!("{call_id} of {} and {}", users[0], users[1]),
        }
    }
}

/// The URI of a From or To value.
fn address(value: &str) -> &str {
    let inside = value
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    let plain = || value.split(';').next().unwrap_or_default().trim();
    inside.map_or_else(plain, |(uri, _)| uri)
}

/// What two readers agree on.
#[derive(Debug, Default)]
struct Comparison {
    faults: Vec<String>,
    alike: usize,
    /// On the wire after the last recorded message of their call, or repeated then: its scenario had ended.
    later: usize,
}

/// Runs the features under a capture and compares.
pub(super) fn check(context: &Context) -> Outcome {
    if !tools::is_root() {
        return Outcome::Skipped("capturing on the loopback interface needs root".into());
    }
    match compared(context) {
        Ok(both) => Outcome::of(
            both.faults,
            format!(
                "{} SIP messages of run.jsonl on the wire; {} more came after their scenario",
                both.alike, both.later
            ),
        ),
        Err(fault) => Outcome::fault(fault),
    }
}

fn compared(context: &Context) -> Result<Comparison, String> {
    let binary = shall::build(context)?;
    let out = context
        .fresh("capture")
        .map_err(|fault| fault.to_string())?;
    let capture = Capture::begin(&out.join("lo.pcapng"))?;
    let run = shall::run(context, &binary, &out.join("run"), &[]);
    let file = capture.end()?;
    let run = run?;
    // Whether the subject conforms is for the job `features`.
    if run.code != Some(1)
        && let Some(fault) = shall::demand(&run, 0, "shall run under a capture")
    {
        return Err(fault);
    }
    let record = record::read(&out.join("run/run.jsonl"))?;
    let on_wire = wire::read(&file, &record)?;
    if record.seen.is_empty() {
        return Err("run.jsonl holds no SIP frame".into());
    }
    Ok(comparison(&record.seen, &on_wire))
}

/// Call by call: the messages on the wire are those recorded, as often and as worded.
fn comparison(recorded: &[Seen], on_wire: &[Seen]) -> Comparison {
    let mut calls: BTreeMap<&str, (Vec<&Seen>, Vec<&Seen>)> = BTreeMap::new();
    for seen in recorded {
        calls.entry(&seen.call).or_default().0.push(seen);
    }
    for seen in on_wire {
        calls.entry(&seen.call).or_default().1.push(seen);
    }
    let mut comparison = Comparison::default();
    for (call, (recorded, on_wire)) in calls {
        if recorded.is_empty() {
            let first = on_wire.first().map_or("", |seen| &seen.start);
            comparison.faults.push(format!(
                "Call-ID {call}: not in run.jsonl, {} messages by tshark, first `{first}`",
                on_wire.len()
            ));
            continue;
        }
        let faults = differences(call, &recorded, &on_wire);
        if faults.is_empty() {
            comparison.alike += recorded.len();
            comparison.later += on_wire.len() - recorded.len();
        }
        comparison.faults.extend(faults);
    }
    comparison
}

/// What was recorded and not on the wire, and what was on the wire while the call was recorded and is unknown to
/// the record. A retransmission that crossed the end of its scenario is known by its first copy.
fn differences(call: &str, recorded: &[&Seen], on_wire: &[&Seen]) -> Vec<String> {
    let mut counts: BTreeMap<&Seen, (usize, usize)> = BTreeMap::new();
    for seen in recorded {
        counts.entry(seen).or_default().0 += 1;
    }
    for (place, seen) in on_wire.iter().enumerate() {
        if place < recorded.len() || counts.contains_key(seen) {
            counts.entry(seen).or_default().1 += 1;
        }
    }
    let unequal = counts
        .into_iter()
        .filter(|(_, (recorded, on_wire))| on_wire < recorded || *recorded == 0);
    let told = unequal.map(|(seen, (recorded, on_wire))| {
        format!(
            "Call-ID {call}, {}, `{}`: {recorded} in run.jsonl, {on_wire} by tshark",
            seen.transport, seen.start
        )
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(start: &str) -> Seen {
        Seen::new("udp", start, "1@a", "Ann <sip:a@b>;tag=1", "sip:c@d;tag=2")
    }

    #[test]
    fn equal_sets_are_alike_and_later_messages_are_told() {
        let (invite, ok, bye) = (
            seen("INVITE a SIP/2.0"),
            seen("SIP/2.0 200 OK"),
            seen("BYE a SIP/2.0"),
        );
        let wire = [ok.clone(), invite.clone(), bye.clone(), bye];
        let found = comparison(&[invite, ok], &wire);
        assert_eq!((found.faults.len(), found.alike, found.later), (0, 2, 2));
        let again = [wire[1].clone(), wire[1].clone(), wire[0].clone()];
        let found = comparison(&[wire[1].clone(), wire[0].clone()], &again);
        assert_eq!((found.faults.len(), found.alike, found.later), (0, 2, 1));
    }

    #[test]
    fn what_only_one_reader_saw_is_a_fault() {
        let (invite, ok) = (seen("INVITE a SIP/2.0"), seen("SIP/2.0 200 OK"));
        let found = comparison(
            &[invite.clone(), invite.clone()],
            &[invite.clone(), ok.clone()],
        );
        assert_eq!(found.faults.len(), 2);
        assert_eq!(
            comparison(std::slice::from_ref(&invite), &[]).faults.len(),
            1
        );
        assert_eq!(comparison(&[], &[ok]).faults.len(), 1);
    }
}
