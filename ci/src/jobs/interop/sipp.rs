//! SIPp as every kind of client of an `im-server` started as an ordinary program.

mod followers;
mod msrp_peer;
mod server;

use crate::command::{self, Captured};
use crate::context::Context;
use crate::job::Outcome;
use ports::await_listener;
use server::Server;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// Transports of the inviter; the server reaches the invitee over TCP, as for any large request.
const TRANSPORTS: [(&str, &str); 2] = [("udp", "u1"), ("tcp", "t1")];

/// Calls of the inviter over each transport, one after the other.
const CALLS: &str = "5";

/// Sets up and leaves ad-hoc sessions over UDP and TCP.
pub(super) fn check(context: &Context) -> Outcome {
    let mut faults = Vec::new();
    for (name, mode) in TRANSPORTS {
        if let Err(fault) = calls(context, name, mode) {
            faults.push(format!("inviter over {name}: {fault}"));
        }
    }
    faults.extend(followers::subscriber(context).err());
    faults.extend(followers::messenger(context).err());
    let told = match msrp_peer::check(context) {
        Ok(messages) => messages,
        Err(fault) => {
            faults.push(fault);
            0
        }
    };
    Outcome::of(
        faults,
        format!(
            "{CALLS} sessions set up and left over udp, {CALLS} over tcp, \
             {CALLS} subscriptions to a group, {CALLS} messages to a list, \
             {told} messages of the switch read by Kamailio"
        ),
    )
}

fn calls(context: &Context, name: &str, mode: &str) -> Result<(), String> {
    let out = context
        .fresh(&format!("sipp-{name}"))
        .map_err(|fault| fault.to_string())?;
    let core = ports::free().port();
    let server = Server::start(context, &out, core, "tcp")?;
    let sink = Sink::open()?;
    let invitee = invitee(context, &out, core, sink.port);
    await_listener(core)?;
    let inviter = inviter(context, &out, mode, server.sip, sink.port);
    let ended = [("inviter", inviter), ("invitee", join(invitee))];
    let mut faults: Vec<String> = ended
        .into_iter()
        .filter_map(|(chair, ended)| failed(chair, ended, &out))
        .collect();
    faults.extend(server.stop().err());
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n"))
    }
}

fn inviter(
    context: &Context,
    out: &Path,
    mode: &str,
    server: SocketAddr,
    msrp: u16,
) -> Result<Captured, String> {
    let mut command = sipp(context, out, "invite.xml");
    command.args(["-key", "msrp_port", &msrp.to_string()]);
    let port = ports::free().port().to_string();
    command
        .arg(server.to_string())
        .args(["-t", mode, "-p", &port]);
    command.args(["-key", "inviter", "sip:alice@example.com"]);
    command.args(["-key", "factory", server::FACTORY]);
    command::capture(&mut command, LIMIT)
}

fn invitee(
    context: &Context,
    out: &Path,
    port: u16,
    msrp: u16,
) -> thread::JoinHandle<Result<Captured, String>> {
    let mut command = sipp(context, out, "invitee.xml");
    command.args(["-key", "msrp_port", &msrp.to_string()]);
    command.args(["-t", "t1", "-p", &port.to_string()]);
    thread::spawn(move || command::capture(&mut command, LIMIT))
}

/// What both ends have in common.
fn sipp(context: &Context, out: &Path, scenario: &str) -> Command {
    let mut command = Command::new("sipp");
    let name = scenario.trim_end_matches(".xml");
    command
        .current_dir(out)
        .arg("-sf")
        .arg(context.root.join("ci/interop").join(scenario))
        .args(["-i", "127.0.0.1", "-m", CALLS, "-l", "1", "-r", "5"])
        .args(["-nostdin", "-timeout", "30s", "-timeout_error"])
        .args(["-trace_err", "-error_file", &format!("{name}.errors")])
        .args(["-trace_msg", "-message_file", &format!("{name}.messages")])
        .args(["-key", "invitee", "sip:bob@example.com"]);
    command
}

fn failed(chair: &str, ended: Result<Captured, String>, out: &Path) -> Option<String> {
    let ended = match ended {
        Ok(ended) if ended.code == Some(0) => return None,
        Ok(ended) => ended,
        Err(fault) => return Some(format!("{chair}: {fault}")),
    };
    let code = ended
        .code
        .map_or_else(|| "no exit code".to_owned(), |code| format!("exit {code}"));
    Some(format!(
        "SIPp as {chair}: {code}; its messages are in {}\n{}",
        out.display(),
        command::tail(&ended.stderr, 12)
    ))
}

fn join(thread: thread::JoinHandle<Result<Captured, String>>) -> Result<Captured, String> {
    thread
        .join()
        .unwrap_or_else(|_| Err("the thread that waits for it failed".into()))
}

/// Accepts the MSRP connections that SIPp cannot, and keeps them open.
struct Sink {
    port: u16,
}

impl Sink {
    fn open() -> Result<Sink, String> {
        let fault = |fault: std::io::Error| format!("MSRP port: {fault}");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(fault)?;
        let port = listener.local_addr().map_err(fault)?.port();
        thread::spawn(move || {
            let open: Vec<TcpStream> = listener.incoming().take(64).flatten().collect();
            drop(open);
        });
        Ok(Sink { port })
    }
}

/// Time of all calls over one transport.
const LIMIT: Duration = Duration::from_secs(40);
