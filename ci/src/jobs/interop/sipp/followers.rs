//! SIPp as somebody who follows a group, and as somebody who sends a message to a list.

use super::server::{FACTORY, Server};
use super::{LIMIT, failed, join, sipp};
use crate::command;
use crate::context::Context;
use ports::await_receiver;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;

const GROUP: &str = "sip:friends@example.com";
const USER: &str = "sip:alice@example.com";

/// A group document in the XDMS of the server; SIPp subscribes to the group, is told, and unsubscribes.
pub(super) fn subscriber(context: &Context) -> Result<(), String> {
    let out = context
        .fresh("sipp-subscriber")
        .map_err(|fault| fault.to_string())?;
    let server = Server::start(context, &out, ports::free().port(), "udp")?;
    put_group(server.xdms).map_err(|fault| format!("group document: {fault}"))?;
    let mut command = sipp(context, &out, "subscribe.xml");
    command
        .arg(server.sip.to_string())
        .args(["-t", "u1", "-p", &ports::free().port().to_string()])
        .args(["-key", "group", GROUP, "-key", "subscriber", USER]);
    let ended = command::capture(&mut command, LIMIT);
    ended_well([("subscriber", ended)], server, &out)
}

/// SIPp sends messages to a list of one, and another SIPp gets the copies.
pub(super) fn messenger(context: &Context) -> Result<(), String> {
    let out = context
        .fresh("sipp-messenger")
        .map_err(|fault| fault.to_string())?;
    let core = ports::free().port();
    let server = Server::start(context, &out, core, "udp")?;
    let mut receiver = sipp(context, &out, "messaged.xml");
    receiver.args(["-t", "u1", "-p", &core.to_string()]);
    let receiver = thread::spawn(move || command::capture(&mut receiver, LIMIT));
    await_receiver(core)?;
    let mut sender = sipp(context, &out, "message.xml");
    sender
        .arg(server.sip.to_string())
        .args(["-t", "u1", "-p", &ports::free().port().to_string()])
        .args(["-key", "factory", FACTORY, "-key", "sender", USER])
        .args(["-key", "receiver", "sip:bob@example.com"]);
    let sent = command::capture(&mut sender, LIMIT);
    ended_well(
        [("sender", sent), ("receiver", join(receiver))],
        server,
        &out,
    )
}

fn ended_well<const N: usize>(
    ended: [(&str, Result<command::Captured, String>); N],
    server: Server,
    out: &std::path::Path,
) -> Result<(), String> {
    let told = ended.into_iter();
    let mut faults: Vec<String> = told
        .filter_map(|(chair, ended)| failed(chair, ended, out))
        .collect();
    faults.extend(server.stop().err());
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n"))
    }
}

/// Puts the group of alice and bob, whose members may follow its conference state (RFC 4825 7.2).
fn put_group(xdms: SocketAddr) -> Result<(), String> {
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <group xmlns=\"urn:oma:xml:poc:list-service\" xmlns:rl=\"urn:ietf:params:xml:ns:resource-lists\" \
         xmlns:cp=\"urn:ietf:params:xml:ns:common-policy\"><list-service uri=\"{GROUP}\">\
         <list><entry uri=\"{USER}\"/><entry uri=\"sip:bob@example.com\"/></list>\
         <cp:ruleset><cp:rule id=\"members\"><cp:conditions><is-list-member/></cp:conditions>\
         <cp:actions><allow-conference-state>true</allow-conference-state></cp:actions></cp:rule></cp:ruleset>\
         </list-service></group>"
    );
    let fault = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect(xdms).map_err(fault)?;
    let request = format!(
        "PUT /services/org.openmobilealliance.groups/users/{USER}/friends HTTP/1.1\r\nHost: {xdms}\r\n\
         X-XCAP-Asserted-Identity: \"{USER}\"\r\nConnection: close\r\n\
         Content-Type: application/vnd.oma.poc.groups+xml\r\nContent-Length: {}\r\n\r\n{document}",
        document.len()
    );
    stream.write_all(request.as_bytes()).map_err(fault)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(fault)?;
    if answer.starts_with("HTTP/1.1 201") {
        Ok(())
    } else {
        Err(answer)
    }
}
