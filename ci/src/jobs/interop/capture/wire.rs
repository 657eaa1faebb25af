//! tshark: captures the loopback interface, then tells the SIP messages it finds.

use super::record::Record;
use super::{CALL, START, Seen};
use crate::command;
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

/// The SIP messages of a capture between ends that the record names.
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
        "fields",
        "-E",
        "separator=/t",
        "-E",
        &format!("aggregator={AGGREGATOR}"),
    ]);
    command.args(FIELDS.iter().flat_map(|field| ["-e", field]));
    let captured = command::capture(&mut command, Duration::from_secs(120))?;
    if captured.code != Some(0) {
        return Err(format!(
            "tshark cannot read the capture: {}",
            command::tail(&captured.stderr, 5)
        ));
    }
    Ok(captured
        .stdout
        .lines()
        .flat_map(|line| messages(line, record))
        .collect())
}

/// The messages that tshark found in one packet.
fn messages(line: &str, record: &Record) -> Vec<Seen> {
    let cells: Vec<&str> = line.split('\t').collect();
    let [
        udp_from,
        udp_to,
        tcp_from,
        tcp_to,
        requests,
        responses,
        calls,
    ] = cells[..]
    else {
        return Vec::new();
    };
    let (transport, from, to) = if udp_from.is_empty() {
        ("tcp", tcp_from, tcp_to)
    } else {
        ("udp", udp_from, udp_to)
    };
    let (Ok(from), Ok(to)) = (from.parse::<u16>(), to.parse::<u16>()) else {
        return Vec::new();
    };
    if !record
        .pairs
        .contains(&(transport.to_owned(), from.min(to), from.max(to)))
    {
        return Vec::new();
    }
    let starts = requests
        .split(AGGREGATOR)
        .chain(responses.split(AGGREGATOR))
        .map(|text| (START, text));
    let all = starts.chain(calls.split(AGGREGATOR).map(|text| (CALL, text)));
    let seen = all
        .filter(|(_, text)| !text.is_empty())
        .map(|(kind, text)| Seen {
            transport: transport.to_owned(),
            ports: (from, to),
            what: (kind, text.to_owned()),
        });
    seen.collect()
}

const FIELDS: [&str; 7] = [
    "udp.srcport",
    "udp.dstport",
    "tcp.srcport",
    "tcp.dstport",
    "sip.Request-Line",
    "sip.Status-Line",
    "sip.Call-ID",
];

/// Between several values of one field; no start line or Call-ID of ours holds it.
const AGGREGATOR: char = '^';
