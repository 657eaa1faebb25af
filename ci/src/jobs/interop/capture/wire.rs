//! tshark: captures the loopback interface, then tells the SIP messages it finds.

use super::Seen;
use super::record::Record;
use crate::command;
use serde_json::Value;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A running capture.
pub(super) struct Capture {
    tshark: Child,
    file: PathBuf,
    probe: UdpSocket,
}

impl Capture {
    /// Starts tshark and returns when it really captures: a probe datagram is in its file.
    pub(super) fn begin(file: &Path) -> Result<Capture, String> {
        let probe = UdpSocket::bind("127.0.0.1:0").map_err(|fault| format!("loopback: {fault}"))?;
        let mut command = Command::new("tshark");
        command
            .args(["-i", "lo", "-n", "-q", "-B", "64", "-f", "tcp or udp", "-w"])
            .arg(file);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let tshark = command
            .spawn()
            .map_err(|fault| format!("tshark: {fault}"))?;
        let mut capture = Capture {
            tshark,
            file: file.to_owned(),
            probe,
        };
        match capture.probed("shall-capture-begins") {
            Ok(()) => Ok(capture),
            Err(fault) => {
                command::stop(&mut capture.tshark);
                Err(fault)
            }
        }
    }

    /// Ends the capture once everything sent before is in the file.
    pub(super) fn end(mut self) -> Result<PathBuf, String> {
        let probed = self.probed("shall-capture-ends");
        let pid = self.tshark.id().to_string();
        let told = Command::new("kill").args(["-INT", &pid]).status();
        if !told.is_ok_and(|status| status.success()) {
            command::stop(&mut self.tshark);
        }
        let ended = self
            .tshark
            .wait()
            .map_err(|fault| format!("tshark: {fault}"));
        probed?;
        ended?;
        Ok(self.file)
    }

    /// Sends a mark over the loopback interface until the file holds it.
    fn probed(&mut self, mark: &str) -> Result<(), String> {
        let to = self.probe.local_addr().map_err(|fault| fault.to_string())?;
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            if let Ok(Some(status)) = self.tshark.try_wait() {
                return Err(format!(
                    "tshark ended with {status} instead of capturing on lo"
                ));
            }
            self.probe
                .send_to(mark.as_bytes(), to)
                .map_err(|fault| format!("loopback: {fault}"))?;
            thread::park_timeout(Duration::from_millis(100));
            // Absent until tshark has opened it.
            let held = std::fs::read(&self.file).unwrap_or_default();
            if held
                .windows(mark.len())
                .any(|window| window == mark.as_bytes())
            {
                return Ok(());
            }
        }
        Err(format!("tshark did not see `{mark}` on lo within 20 s"))
    }
}

/// The SIP messages of a capture at ends that the record names, in their order on the wire.
pub(super) fn read(file: &Path, record: &Record) -> Result<Vec<Seen>, String> {
    let mut command = Command::new("tshark");
    command.arg("-n").arg("-r").arg(file);
    for (transport, port) in &record.ends {
        command.args(["-d", &format!("{transport}.port=={port},sip")]);
    }
    command.args([
        "-Y",
        "sip",
        "-T",
        "json",
        "--no-duplicate-keys",
        "-J",
        "tcp udp sip",
    ]);
    let captured = command::capture(&mut command, Duration::from_secs(120))?;
    if captured.code != Some(0) {
        let said = command::tail(&captured.stderr, 5);
        return Err(format!("tshark cannot read the capture: {said}"));
    }
    let packets: Vec<Value> = serde_json::from_str(&captured.stdout)
        .map_err(|fault| format!("tshark wrote no JSON: {fault}"))?;
    Ok(packets
        .iter()
        .flat_map(|packet| messages(&packet["_source"]["layers"], record))
        .collect())
}

/// The messages that tshark found in one packet; a segment may hold several.
fn messages(layers: &Value, record: &Record) -> Vec<Seen> {
    let transport = if layers["udp"].is_null() {
        "tcp"
    } else {
        "udp"
    };
    let port = |end: &str| {
        let text = layers[transport][format!("{transport}.{end}port")].as_str();
        text.and_then(|text| text.parse::<u16>().ok()).unwrap_or(0)
    };
    let ours = |port| record.ends.contains(&(transport.to_owned(), port));
    if !ours(port("src")) && !ours(port("dst")) {
        return Vec::new();
    }
    let found = all(&layers["sip"]).into_iter().filter_map(|sip| {
        let start = first(&sip["sip.Request-Line"]).or_else(|| first(&sip["sip.Status-Line"]))?;
        let value = |name: &str| first(&sip["sip.msg_hdr_tree"][name]).unwrap_or_default();
        let (from, to) = (value("sip.From"), value("sip.To"));
        Some(Seen::new(transport, start, value("sip.Call-ID"), from, to))
    });
    found.collect()
}

/// tshark writes one value as itself and several as an array.
fn all(value: &Value) -> Vec<&Value> {
    value
        .as_array()
        .map_or_else(|| vec![value], |values| values.iter().collect())
}

fn first(value: &Value) -> Option<&str> {
    all(value).first().and_then(|value| value.as_str())
}
