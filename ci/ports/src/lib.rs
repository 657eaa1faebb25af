//! Ports of this machine, for tests: free ones, and when somebody has taken one.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Below the ports that a system gives to whoever asks for any (32768 and up on Linux, 49152 by RFC 6335).
const FIRST: u32 = 10_000;
const COUNT: u32 = 22_000;
/// Ports that one process may try before it meets those of the next one.
const EACH: u32 = 64;

/// An address of this machine that is free for UDP and TCP, and stays so until somebody asks for that very port.
///
/// # Panics
///
/// When each of 22,000 ports is taken.
#[must_use]
pub fn free() -> SocketAddr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..COUNT {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let number = std::process::id().wrapping_mul(EACH).wrapping_add(number) % COUNT;
        let port = u16::try_from(FIRST + number).expect("far below 65536");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let tcp = TcpListener::bind(address);
        if tcp.is_ok() && UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
    panic!("no port from {FIRST} to {} is free", FIRST + COUNT - 1);
}

/// Returns when somebody listens on the TCP port, without a connection to it.
///
/// # Errors
///
/// When nobody does within 20 s, or the system has no table of its sockets.
pub fn await_listener(port: u16) -> Result<(), String> {
    await_socket("tcp", port, "0A")
}

/// Returns when somebody receives on the UDP port, without a datagram to it.
///
/// # Errors
///
/// When nobody does within 20 s, or the system has no table of its sockets.
pub fn await_receiver(port: u16) -> Result<(), String> {
    await_socket("udp", port, "07")
}

/// A trial bind would take the port from whom it waits for; the system's table takes nothing.
fn await_socket(protocol: &str, port: u16, state: &str) -> Result<(), String> {
    let entry = format!(":{port:04X} 00000000:0000 {state}");
    let path = format!("/proc/net/{protocol}");
    let end = Instant::now() + Duration::from_secs(20);
    while Instant::now() < end {
        let table = std::fs::read_to_string(&path).map_err(|fault| format!("{path}: {fault}"))?;
        if table.contains(&entry) {
            return Ok(());
        }
        thread::park_timeout(Duration::from_millis(20));
    }
    Err(format!(
        "nobody listened on {protocol} port {port} within 20 s"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_comes_twice_and_a_taken_one_never() {
        let first = free();
        let held = UdpSocket::bind(first);
        let next = free();
        assert!(held.is_ok() && next != first && next.port() < 32_768);
    }

    #[test]
    fn who_listens_is_seen() {
        let (udp, tcp) = (free(), free());
        let _udp = UdpSocket::bind(udp).expect("free");
        let _tcp = TcpListener::bind(tcp).expect("free");
        assert_eq!(await_receiver(udp.port()), Ok(()));
        assert_eq!(await_listener(tcp.port()), Ok(()));
    }
}
