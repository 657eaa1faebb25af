//! The SIP frames of a run file, read by its published format alone.

use super::Seen;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;

/// What the run file says was on the wire.
pub(super) struct Record {
    pub(super) seen: Vec<Seen>,
    /// Transport and port of every end that spoke SIP.
    pub(super) ends: BTreeSet<(String, u16)>,
}

#[derive(Deserialize)]
struct Line {
    kind: String,
    #[serde(default)]
    protocol: String,
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
        let bytes = BASE64_STANDARD
            .decode(&line.bytes)
            .map_err(|error| fault(&error.to_string()))?;
        for end in [local, remote] {
            record.ends.insert((line.transport.clone(), end.port()));
        }
        record.seen.push(message(&line.transport, &bytes));
    }
    Ok(record)
}

/// Start line and call of a message, read as plainly as possible.
fn message(transport: &str, bytes: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.trim_start_matches(['\r', '\n']).lines();
    let start = lines.next().unwrap_or_default();
    let headers: Vec<(&str, &str)> = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(':'))
        .collect();
    let value = |name: &str, compact: &str| {
        let is =
            |found: &str| found.eq_ignore_ascii_case(name) || found.eq_ignore_ascii_case(compact);
        let header = headers.iter().find(|(found, _)| is(found.trim()));
        header.map_or("", |(_, value)| value.trim())
    };
    let call_id = value("Call-ID", "i");
    Seen::new(
        transport,
        start,
        call_id,
        value("From", "f"),
        value("To", "t"),
    )
}
