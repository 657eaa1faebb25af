//! What a run file says of each SIP message, as a reader that shares no code with the recorder would put it.

use super::super::run_file::sip_frames;
use super::Seen;
use std::collections::BTreeSet;
use std::path::Path;

/// What the run file says was on the wire.
pub(super) struct Record {
    pub(super) seen: Vec<Seen>,
    /// Transport and port of every end that spoke SIP.
    pub(super) ends: BTreeSet<(String, u16)>,
}

/// Reads all SIP frames.
pub(super) fn read(path: &Path) -> Result<Record, String> {
    let mut record = Record {
        seen: Vec::new(),
        ends: BTreeSet::new(),
    };
    for frame in sip_frames(path)? {
        for end in [frame.local, frame.remote] {
            record.ends.insert((frame.transport.clone(), end.port()));
        }
        record.seen.push(message(&frame.transport, &frame.bytes));
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
