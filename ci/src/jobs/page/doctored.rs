//! Run files as a bad subject would leave them: octets taken out, and octets that would like to run.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use std::path::Path;

/// Clause that the broken run fails.
pub(super) const CLAUSE: &str = "7.2.1.1/server-sends-1xx/2";
/// What would run in a page that took it for more than text.
pub(super) const HOSTILE: &str =
    "<script>window.ran=1</script><img src=x onerror=window.ran=1>\"'><svg onload=window.ran=1>";
/// Where it stands in the broken run: what comes before it.
pub(super) const PLACES: [&str; 4] = [
    "MESSAGE sip:",
    "\r\nSubject: ",
    "\r\nFrom: \"",
    // The sender in a CPIM message.
    "\r\nFrom: ",
];

/// The lines of a run file.
pub(super) fn records(path: &Path) -> Result<Vec<Value>, String> {
    let failed = |fault: &dyn std::fmt::Display| format!("{}: {fault}", path.display());
    let text = std::fs::read_to_string(path).map_err(|fault| failed(&fault))?;
    let lines = text.lines().map(serde_json::from_str);
    lines
        .collect::<Result<_, _>>()
        .map_err(|fault| failed(&fault))
}

/// The octets of a frame.
pub(super) fn octets(frame: &Value) -> Result<Vec<u8>, String> {
    let text = frame["bytes"].as_str().ok_or("a frame has bytes")?;
    BASE64_STANDARD
        .decode(text)
        .map_err(|fault| fault.to_string())
}

/// The run without Server in any 180, and with hostile values wherever a subject could put them.
pub(super) fn broken(records: &[Value]) -> Result<Vec<Value>, String> {
    let mut broken = records.to_vec();
    for record in broken.iter_mut().filter(|record| record["kind"] == "frame") {
        let after = changed(&octets(record)?);
        record["bytes"] = json!(BASE64_STANDARD.encode(after));
    }
    // The subject has a name as well.
    broken[0]["profiles"][0]["subject"] = json!(HOSTILE);
    match broken == records {
        true => Err("nothing in the run could be broken".to_owned()),
        false => Ok(broken),
    }
}

fn changed(octets: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(octets) else {
        return octets.to_vec();
    };
    if text.starts_with("SIP/2.0 180 ") {
        lines(text, |line| match line.starts_with("Server:") {
            true => String::new(),
            false => line.to_owned(),
        })
    } else if text.starts_with("MESSAGE sip:") {
        lines(text, hostile_header)
    } else if text.starts_with("MSRP ") && text.contains("message/cpim") {
        lines(text, |line| match line.starts_with("From: ") {
            true => format!("From: {HOSTILE} <im:x@y>\r\n"),
            false => line.to_owned(),
        })
    } else {
        octets.to_vec()
    }
}

fn hostile_header(line: &str) -> String {
    if line.starts_with("MESSAGE sip:") {
        format!("MESSAGE sip:{HOSTILE}@example.com SIP/2.0\r\nSubject: {HOSTILE}\r\n")
    } else if let Some(rest) = line.strip_prefix("From: ") {
        format!("From: \"{HOSTILE}\" {rest}")
    } else {
        line.to_owned()
    }
}

fn lines(text: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let lines = text.split_inclusive('\n').map(change);
    lines.collect::<String>().into_bytes()
}

/// The same scenarios over and over, with numbers of their own, until there are so many.
pub(super) fn repeated(records: &[Value], many: usize) -> Vec<Value> {
    let begins = |record: &Value| record["kind"] == "scenario";
    let of = |record: &Value| record[number_key(record)].as_u64();
    let count = records.iter().filter(|record| begins(record)).count();
    let mut repeated = vec![records[0].clone()];
    for number in 0..many {
        let original = (number % count.max(1)) as u64;
        for record in records.iter().filter(|record| of(record) == Some(original)) {
            let mut record = record.clone();
            let key = number_key(&record);
            record[key] = json!(number);
            repeated.push(record);
        }
    }
    repeated.extend(records.last().cloned());
    repeated
}

/// Under which key a record says of which scenario it is.
fn number_key(record: &Value) -> &'static str {
    match record["kind"] == "scenario" {
        true => "id",
        false => "scenario_id",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_repeated_with_numbers_of_its_own() {
        let records = [
            json!({ "kind": "run" }),
            json!({ "kind": "scenario", "id": 0 }),
            json!({ "kind": "frame", "scenario_id": 0 }),
            json!({ "kind": "end" }),
        ];
        let repeated = repeated(&records, 3);
        assert_eq!(repeated.len(), 2 + 3 * 2);
        assert_eq!(repeated[6]["scenario_id"], 2);
    }

    #[test]
    fn a_180_loses_its_server_and_nothing_else() {
        let before = "SIP/2.0 180 Ringing\r\nServer: x\r\nTo: y\r\n\r\n";
        let after = b"SIP/2.0 180 Ringing\r\nTo: y\r\n\r\n";
        assert_eq!(changed(before.as_bytes()), after);
    }
}
