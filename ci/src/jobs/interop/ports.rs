//! Ports of this machine: free ones, and when somebody has taken one.

use std::net::{Ipv4Addr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

/// A port that was free a moment ago.
pub(in crate::jobs) fn free_port() -> Result<u16, String> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|fault| fault.to_string())?;
    let address = listener.local_addr().map_err(|fault| fault.to_string())?;
    Ok(address.port())
}

/// Returns when somebody listens on the TCP port: its entry is in the system's table.
pub(in crate::jobs) fn await_listener(port: u16) -> Result<(), String> {
    await_socket("tcp", port, "0A")
}

/// The same for UDP, whose sockets are in state 7.
pub(super) fn await_receiver(port: u16) -> Result<(), String> {
    await_socket("udp", port, "07")
}

fn await_socket(protocol: &str, port: u16, state: &str) -> Result<(), String> {
    let entry = format!(":{port:04X} 00000000:0000 {state}");
    let end = Instant::now() + Duration::from_secs(5);
    let path = format!("/proc/net/{protocol}");
    while Instant::now() < end {
        let table = std::fs::read_to_string(&path).map_err(|fault| format!("{path}: {fault}"))?;
        if table.contains(&entry) {
            return Ok(());
        }
        thread::park_timeout(Duration::from_millis(20));
    }
    Err(format!(
        "nobody listened on {protocol} port {port} within 5 s"
    ))
}
