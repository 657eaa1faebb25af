//! `exchange.pcapng` of a run, opened by tshark: as many messages as `run.jsonl` holds, none malformed.
//!
//! tshark is told nothing, but for a port that the system handed out and that tshark's own table gives to another
//! protocol: 57000, for one, is IRC to it.

use super::run_file::{Frame, frames};
use crate::command;
use crate::context::Context;
use crate::job::Outcome;
use crate::jobs::shall;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What is counted, as tshark names it.
type Counts = BTreeMap<&'static str, usize>;

/// Plays the features and compares what the run file and tshark say.
pub(super) fn check(context: &Context) -> Outcome {
    match compared(context) {
        Ok((faults, counts)) => {
            let told: Vec<String> = counts
                .iter()
                .map(|(name, count)| format!("{count} {name}"))
                .collect();
            Outcome::of(faults, format!("a capture with {}", told.join(", ")))
        }
        Err(fault) => Outcome::fault(fault),
    }
}

fn compared(context: &Context) -> Result<(Vec<String>, Counts), String> {
    let binary = shall::build(context)?;
    let out = context
        .fresh("exchange")
        .map_err(|fault| fault.to_string())?;
    let run = shall::run(context, &binary, &out, &[])?;
    if let Some(fault) = shall::demand(&run, 0, "shall run for its capture") {
        return Err(fault);
    }
    let frames = frames(&out.join("run.jsonl"))?;
    let named = renamed(&frames, &table()?);
    let lines = dissected(&out.join("exchange.pcapng"), &named)?;
    let recorded = recorded(&frames);
    Ok((faults(&recorded, &lines), recorded))
}

/// Every port for which tshark has a protocol, as `tcp.port` and number.
fn table() -> Result<BTreeSet<(String, u16)>, String> {
    let mut command = Command::new("tshark");
    command.args(["-G", "decodes"]);
    let captured = command::capture(&mut command, Duration::from_secs(120))?;
    let row = |line: &str| {
        let mut fields = line.split('\t');
        Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
    };
    let table: BTreeSet<(String, u16)> = captured.stdout.lines().filter_map(row).collect();
    if table.is_empty() {
        return Err("`tshark -G decodes` lists no port".into());
    }
    Ok(table)
}

/// What tshark must be told of ports in its table, in the form of its option `-d`.
fn renamed(frames: &[Frame], table: &BTreeSet<(String, u16)>) -> BTreeSet<String> {
    let mut told = BTreeSet::new();
    for frame in frames.iter().filter(|frame| frame.protocol != "user") {
        for end in [frame.local, frame.remote] {
            let row = (format!("{}.port", frame.transport), end.port());
            if table.contains(&row) {
                told.insert(format!("{}=={},{}", row.0, row.1, frame.protocol));
            }
        }
    }
    told
}

/// Messages by protocol, and bodies by kind.
fn recorded(frames: &[Frame]) -> Counts {
    let mut counts = Counts::new();
    for frame in frames.iter().filter(|frame| !frame.bytes.is_empty()) {
        let name = match frame.protocol.as_str() {
            "sip" => "sip",
            "msrp" => "msrp",
            "http" => "http",
            _ => continue,
        };
        *counts.entry(name).or_default() += 1;
        let text = String::from_utf8_lossy(&frame.bytes).to_lowercase();
        let types = || {
            text.lines()
                .filter(|line| line.starts_with("content-type:"))
        };
        for (body, word) in [("sdp", "/sdp"), ("xml", "+xml")] {
            if name == "sip" && types().any(|line| line.contains(word)) {
                *counts.entry(body).or_default() += 1;
            }
        }
    }
    counts
}

/// One line a packet: its layers, and what tshark remarks on its connection.
fn dissected(file: &Path, named: &BTreeSet<String>) -> Result<Vec<String>, String> {
    let mut command = Command::new("tshark");
    command.arg("-n").arg("-r").arg(file);
    for rule in named {
        command.args(["-d", rule]);
    }
    command.args([
        "-T",
        "fields",
        "-e",
        "frame.protocols",
        "-e",
        "tcp.analysis.flags",
    ]);
    let captured = command::capture(&mut command, Duration::from_secs(120))?;
    match captured.code {
        Some(0) => Ok(captured.stdout.lines().map(str::to_owned).collect()),
        _ => {
            let said = command::tail(&captured.stderr, 5);
            Err(format!("tshark cannot read exchange.pcapng: {said}"))
        }
    }
}

fn faults(recorded: &Counts, lines: &[String]) -> Vec<String> {
    let layers = |line: &str| -> Vec<String> {
        let protocols = line.split('\t').next().unwrap_or_default();
        protocols.split(':').map(str::to_owned).collect()
    };
    let packets: Vec<Vec<String>> = lines.iter().map(|line| layers(line)).collect();
    let has = |packet: &[String], name: &str| packet.iter().any(|layer| layer == name);
    let mut faults = Vec::new();
    for name in ["sip", "msrp", "http", "sdp", "xml"] {
        // Bodies are counted in SIP; XML over HTTP is of kinds that tshark need not know.
        let of_sip = |packet: &[String]| has(packet, "sip") || !matches!(name, "sdp" | "xml");
        let seen = packets.iter().filter(|p| has(p, name) && of_sip(p)).count();
        let wanted = recorded.get(name).copied().unwrap_or_default();
        if seen != wanted || wanted == 0 {
            faults.push(format!("{name}: {wanted} in run.jsonl, {seen} by tshark"));
        }
    }
    let malformed = |packet: &&Vec<String>| has(packet, "_ws.malformed");
    let malformed = packets.iter().filter(malformed).count();
    let remarked = |line: &&String| line.split('\t').nth(1).is_some_and(|f| !f.is_empty());
    let remarked = lines.iter().filter(remarked).count();
    for (count, what) in [
        (malformed, "malformed"),
        (remarked, "out of order in their connection"),
    ] {
        if count > 0 {
            faults.push(format!("{count} packets are {what}, says tshark"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_port_of_the_table_is_told() {
        let frame = |transport: &str, protocol: &str, port: u16| Frame {
            protocol: protocol.into(),
            transport: transport.into(),
            local: ([127, 0, 0, 1], port).into(),
            remote: ([127, 0, 0, 1], 40_000).into(),
            bytes: Vec::new(),
        };
        let table = BTreeSet::from([("tcp.port".to_owned(), 57_000)]);
        let frames = [
            frame("tcp", "msrp", 57_000),
            frame("udp", "sip", 57_000),
            frame("line", "user", 57_000),
            frame("tcp", "sip", 57_001),
        ];
        let told: Vec<String> = renamed(&frames, &table).into_iter().collect();
        assert_eq!(told, ["tcp.port==57000,msrp"]);
    }

    #[test]
    fn other_counts_and_malformed_packets_are_faults() {
        let names = ["sip", "msrp", "http", "sdp", "xml"];
        let recorded: Counts = names.into_iter().map(|name| (name, 1)).collect();
        let lines = [
            "raw:ip:udp:sip:sdp\t",
            "raw:ip:tcp:msrp:data-text-lines\t",
            "raw:ip:tcp:http:xml\t",
            "raw:ip:tcp:sip:mime_multipart:xml\t",
        ];
        let lines = |changed: [&str; 2]| -> Vec<String> {
            let change = |line: &str| line.replacen(changed[0], changed[1], 1);
            lines.into_iter().map(change).collect()
        };
        let first = |recorded: &Counts, lines: &[String]| -> Vec<String> {
            faults(recorded, lines)
                .iter()
                .map(|f| f[..4].to_owned())
                .collect()
        };
        let two_sip = Counts::from([("sip", 2)]);
        let recorded: Counts = recorded.into_iter().chain(two_sip).collect();
        assert_eq!(first(&recorded, &lines(["", ""])), [""; 0]);
        assert_eq!(first(&recorded, &lines([":msrp", ":data"])), ["msrp"]);
        assert_eq!(
            first(&recorded, &lines([":sdp", ":_ws.malformed"])),
            ["sdp:", "1 pa"]
        );
        assert_eq!(first(&recorded, &lines(["sdp\t", "sdp\t1"])), ["1 pa"]);
        assert_eq!(
            first(&Counts::new(), &[]).len(),
            5,
            "nothing there is no success"
        );
    }
}
