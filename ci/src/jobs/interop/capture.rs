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
    /// Source and destination port.
    ports: (u16, u16),
    /// A start line or a Call-ID, with the word that tells which.
    what: (&'static str, String),
}

/// Runs the features under a capture and compares.
pub(super) fn check(context: &Context) -> Outcome {
    if !tools::is_root() {
        return Outcome::Skipped("capturing on the loopback interface needs root".into());
    }
    match compared(context) {
        Ok((faults, count)) => Outcome::of(
            faults,
            format!("{count} SIP messages on the wire and in run.jsonl alike"),
        ),
        Err(fault) => Outcome::fault(fault),
    }
}

fn compared(context: &Context) -> Result<(Vec<String>, usize), String> {
    let binary = shall::build(context)?;
    let out = context
        .fresh("capture")
        .map_err(|fault| fault.to_string())?;
    let capture = Capture::begin(&out.join("lo.pcapng"))?;
    let run = shall::run(context, &binary, &out.join("run"), &[]);
    let file = capture.end()?;
    if let Some(fault) = shall::demand(&run?, 0, "shall run under a capture") {
        return Err(fault);
    }
    let record = record::read(&out.join("run/run.jsonl"))?;
    let on_wire = wire::read(&file, &record)?;
    let count = record
        .seen
        .iter()
        .filter(|seen| seen.what.0 == START)
        .count();
    if count == 0 {
        return Err("run.jsonl holds no SIP frame".into());
    }
    Ok((differences(&record.seen, &on_wire), count))
}

/// Multiset difference, both ways.
fn differences(recorded: &[Seen], on_wire: &[Seen]) -> Vec<String> {
    let mut counts: BTreeMap<&Seen, (usize, usize)> = BTreeMap::new();
    for seen in recorded {
        counts.entry(seen).or_default().0 += 1;
    }
    for seen in on_wire {
        counts.entry(seen).or_default().1 += 1;
    }
    let unequal = counts
        .into_iter()
        .filter(|(_, (recorded, on_wire))| recorded != on_wire);
    let told = unequal.map(|(seen, (recorded, on_wire))| {
        let (from, to) = seen.ports;
        let (kind, text) = &seen.what;
        format!(
            "{} {from} -> {to}: {kind} `{text}`: {recorded} in run.jsonl, {on_wire} by tshark",
            seen.transport
        )
    });
    told.collect()
}

const CALL: &str = "Call-ID";
const START: &str = "start line";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_compared_both_ways() {
        let seen = |text: &str| Seen {
            transport: "udp".into(),
            ports: (1, 2),
            what: (START, text.into()),
        };
        let (one, other) = (seen("SIP/2.0 200 OK"), seen("BYE sip:a SIP/2.0"));
        assert!(
            differences(&[one.clone(), other.clone()], &[other.clone(), one.clone()]).is_empty()
        );
        assert_eq!(
            differences(&[one.clone(), one.clone()], &[one, other]).len(),
            2
        );
    }
}
