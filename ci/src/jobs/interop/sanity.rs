//! Kamailio's sanity module reads every request of a run, ours and the tester's.

use super::kamailio;
use super::run_file::sip_frames;
use crate::command;
use crate::context::Context;
use crate::job::Outcome;
use crate::jobs::shall;
use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::Child;
use std::time::Duration;

/// Kamailio's answer to one request takes microseconds; this long means that it dropped it.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often Kamailio is asked whether it listens.
const ATTEMPTS: usize = 40;

/// Sends every request of a run to Kamailio; one that its checks refuse is a fault.
pub(super) fn check(context: &Context) -> Outcome {
    match asked(context) {
        Ok((sane, faults)) => Outcome::of(faults, format!("{sane} requests sane")),
        Err(fault) => Outcome::fault(fault),
    }
}

fn asked(context: &Context) -> Result<(usize, Vec<String>), String> {
    let binary = shall::build(context)?;
    let out = context.fresh("sanity").map_err(|fault| fault.to_string())?;
    let run = shall::run(context, &binary, &out.join("run"), &[])?;
    if let Some(fault) = shall::demand(&run, 0, "shall run") {
        return Err(fault);
    }
    let kamailio = Kamailio::start(&out)?;
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let mut sane = 0;
    for request in requests(&out.join("run/run.jsonl"))? {
        let answer = kamailio.ask(&request)?;
        if answer == SANE {
            sane += 1;
        } else {
            let start = String::from_utf8_lossy(&request);
            let method = start.split(' ').next().unwrap_or_default();
            *refused.entry(format!("{method}: {answer}")).or_default() += 1;
        }
    }
    if sane == 0 {
        return Err("Kamailio found no request sane".to_owned());
    }
    let told = refused
        .into_iter()
        .map(|(what, count)| format!("{what} ({count} times)"));
    Ok((sane, told.collect()))
}

/// Requests of a run file, but for ACK, which nobody answers.
fn requests(path: &Path) -> Result<Vec<Vec<u8>>, String> {
    let messages = sip_frames(path)?.into_iter().map(|frame| frame.bytes);
    let asks = |bytes: &Vec<u8>| !bytes.starts_with(b"SIP/2.0 ") && !bytes.starts_with(b"ACK ");
    Ok(messages.filter(asks).collect())
}

/// A Kamailio that answers what it finds sane, and the socket that asks it.
struct Kamailio {
    child: Child,
    address: SocketAddr,
    socket: UdpSocket,
}

impl Kamailio {
    fn start(out: &Path) -> Result<Self, String> {
        let fault = |error: std::io::Error| format!("kamailio: {error}");
        let address = ports::free();
        let child = kamailio::start(out, &configuration(address))?;
        let socket = UdpSocket::bind("127.0.0.1:0").map_err(fault)?;
        socket.set_read_timeout(Some(PATIENCE)).map_err(fault)?;
        let kamailio = Self {
            child,
            address,
            socket,
        };
        let knock = b"OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bK\r\n\
            From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: knock\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
        for _ in 0..ATTEMPTS {
            if kamailio.ask(knock)? == SANE {
                return Ok(kamailio);
            }
        }
        Err(format!("kamailio does not answer; see {}", out.display()))
    }

    /// The start line of the answer to a request, routed back to this socket.
    fn ask(&self, request: &[u8]) -> Result<String, String> {
        let fault = |error: std::io::Error| format!("kamailio: {error}");
        let local = self.socket.local_addr().map_err(fault)?;
        self.socket
            .send_to(&returning(request, local), self.address)
            .map_err(fault)?;
        let mut answer = [0; 4096];
        // A refused connection and a silent drop both mean that there is no answer.
        let Ok(length) = self.socket.recv(&mut answer) else {
            return Ok("no answer".to_owned());
        };
        let text = String::from_utf8_lossy(&answer[..length]);
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }
}

impl Drop for Kamailio {
    fn drop(&mut self) {
        command::stop(&mut self.child);
    }
}

/// The request with one Via more on top, so that its answer comes to `local` whatever the other Vias say.
fn returning(request: &[u8], local: SocketAddr) -> Vec<u8> {
    let end = request
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let via = format!("Via: SIP/2.0/UDP {local};branch=z9hG4bKsanity;rport\r\n");
    [&request[..end], via.as_bytes(), &request[end..]].concat()
}

const SANE: &str = "SIP/2.0 200 Sane";

/// Kamailio's checks: Request-URI, required headers, CSeq, Content-Length, Expires, URIs, tags.
fn configuration(address: SocketAddr) -> String {
    format!(
        "#!KAMAILIO\ndebug=0\nlog_stderror=yes\nchildren=1\ndisable_tcp=yes\nlisten=udp:{address}\n\
         loadmodule \"sl.so\"\nloadmodule \"sanity.so\"\n\
         request_route {{\n    if (!sanity_check(\"5607\", \"15\")) {{ exit; }}\n    sl_send_reply(\"200\", \"Sane\");\n}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_comes_back_to_who_asked() {
        let local = SocketAddr::from(([127, 0, 0, 1], 9));
        let text = returning(b"BYE sip:a@b SIP/2.0\r\nVia: x\r\n\r\n", local);
        let text = String::from_utf8(text).expect("ASCII");
        assert!(
            text.starts_with("BYE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;"),
            "{text}"
        );
        assert!(text.ends_with(";rport\r\nVia: x\r\n\r\n"), "{text}");
    }
}
