//! The SIP frames of a run file, read by its published format alone.

use super::super::base64;
use super::{CALL, START, Seen};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;

/// What the run file says was on the wire.
pub(super) struct Record {
    pub(super) seen: Vec<Seen>,
    /// Transport and port of every end that spoke SIP.
    pub(super) ends: BTreeSet<(String, u16)>,
    /// Transport and both ports, lower first, of every pair of ends that spoke SIP.
    pub(super) pairs: BTreeSet<(String, u16, u16)>,
}

#[derive(Deserialize)]
struct Line {
    kind: String,
    #[serde(default)]
    protocol: String,
    #[serde(default)]
    direction: String,
    #[serde(default)]
    transport: String,
    local: Option<SocketAddr>,
    remote: Option<SocketAddr>,
    #[serde(default)]
    bytes: String,
}

/// Reads all SIP frames.
pub(super) fn read(path: &Path) -> Result<Record, String> {
    let text =
        std::fs::read_to_string(path).map_err(|fault| format!("{}: {fault}", path.display()))?;
    let mut record = Record {
        seen: Vec::new(),
        ends: BTreeSet::new(),
        pairs: BTreeSet::new(),
    };
    for (index, line) in text.lines().enumerate() {
        let fault = |what: &str| format!("{}:{}: {what}", path.display(), index + 1);
        let line: Line = serde_json::from_str(line).map_err(|error| fault(&error.to_string()))?;
        if line.kind != "frame" || line.protocol != "sip" {
            continue;
        }
        let (Some(local), Some(remote)) = (line.local, line.remote) else {
            return Err(fault("a frame without its ends"));
        };
        let bytes = base64::decode(&line.bytes).ok_or_else(|| fault("bytes are not base64"))?;
        add(&mut record, &line, (local.port(), remote.port()), &bytes);
    }
    Ok(record)
}

fn add(record: &mut Record, line: &Line, (local, remote): (u16, u16), bytes: &[u8]) {
    let transport = line.transport.as_str();
    record.ends.extend([
        (transport.to_owned(), local),
        (transport.to_owned(), remote),
    ]);
    record
        .pairs
        .insert((transport.to_owned(), local.min(remote), local.max(remote)));
    let ports = if line.direction == "sent" {
        (local, remote)
    } else {
        (remote, local)
    };
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.trim_start_matches(['\r', '\n']).lines();
    let mut push = |kind, text: &str| {
        record.seen.push(Seen {
            transport: transport.to_owned(),
            ports,
            what: (kind, text.to_owned()),
        });
    };
    push(START, lines.next().unwrap_or_default());
    let headers = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(':'));
    for (_, value) in headers.filter(|(name, _)| is_call_id(name)) {
        push(CALL, value.trim());
    }
}

fn is_call_id(name: &str) -> bool {
    let name = name.trim();
    name.eq_ignore_ascii_case("call-id") || name.eq_ignore_ascii_case("i")
}
