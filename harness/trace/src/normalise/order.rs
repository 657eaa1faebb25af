//! The order in which an exchange is told, which does not depend on who was quicker.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::lines;
use super::table::message_id;
use crate::matchers::sip_line;
use crate::{Direction, Exchange, Frame, Protocol};

/// Chairs in the order in which their conversations are told; others follow by name.
const CHAIRS: [&str; 6] = ["user", "alice", "bob", "carol", "server", "core"];

/// The word for what a client and its user say to each other.
const USER: &str = "user";

/// The frames of one dialog (same chair and Call-ID), one MSRP connection, or all HTTP of a chair.
pub(super) struct Conversation<'a> {
    pub(super) chair: &'a str,
    pub(super) protocol: &'static str,
    pub(super) frames: Vec<&'a Frame>,
}

/// Conversations in telling order, without 100 (Trying) and retransmissions.
pub(super) fn conversations(exchange: &Exchange) -> Vec<Conversation<'_>> {
    let mut groups: Vec<(String, Conversation<'_>)> = Vec::new();
    for frame in &exchange.frames {
        if is_trying(frame) || is_retransmission(exchange, frame) {
            continue;
        }
        let key = conversation_key(frame);
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, conversation)) => conversation.frames.push(frame),
            None => {
                let protocol = match frame.protocol {
                    Protocol::Sip => "SIP",
                    Protocol::Msrp => "MSRP",
                    Protocol::Http => "HTTP",
                    Protocol::User => USER,
                };
                groups.push((
                    key,
                    Conversation {
                        chair: &frame.chair,
                        protocol,
                        frames: vec![frame],
                    },
                ));
            }
        }
    }
    let mut conversations: Vec<_> = groups
        .into_iter()
        .map(|(_, conversation)| conversation)
        .collect();
    // Stable: conversations of one chair and protocol keep the order of their first frames.
    conversations.sort_by_key(|conversation| {
        let place = CHAIRS
            .iter()
            .position(|chair| *chair == conversation.chair)
            .unwrap_or(CHAIRS.len());
        (place, conversation.chair, conversation.protocol == "MSRP")
    });
    for conversation in &mut conversations {
        match conversation.protocol {
            USER => lines::by_call(&mut conversation.frames),
            _ => by_transaction(&mut conversation.frames),
        }
    }
    conversations
}

/// Keeps each transaction together, in the order of their first frames, and a message with its reports.
fn by_transaction(frames: &mut Vec<&Frame>) {
    let mut groups: Vec<(String, Vec<&Frame>)> = Vec::new();
    // The last chunk of each message; a report comes when its receiver has it, which is any time after.
    let messages: HashMap<String, String> = frames
        .iter()
        .filter(|frame| is_msrp(frame, b" SEND"))
        .filter_map(|frame| Some((message_id(frame)?, transaction_key(frame))))
        .collect();
    // An HTTP response belongs to the latest request on its connection (RFC 9112 section 9.2).
    let mut asked: HashMap<SocketAddr, usize> = HashMap::new();
    for frame in frames.drain(..) {
        let count = asked.entry(frame.remote).or_default();
        *count += usize::from(frame.direction == Direction::Received);
        let key = match frame.protocol {
            Protocol::Http => format!("{} {count}", frame.remote),
            Protocol::User => String::new(),
            Protocol::Sip | Protocol::Msrp => {
                let reported = message_id(frame).filter(|_| is_msrp(frame, b" REPORT"));
                let message = reported.and_then(|id| messages.get(&id).cloned());
                message.unwrap_or_else(|| transaction_key(frame))
            }
        };
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, group)) => group.push(frame),
            None => groups.push((key, vec![frame])),
        }
    }
    in_sequence(&mut groups);
    frames.extend(groups.into_iter().flat_map(|(_, group)| group));
}

/// The subject's requests of one dialog in the order of their numbers: a long one goes by TCP (RFC 3261 18.1.1), and may
/// arrive after shorter ones that were sent later.
fn in_sequence(groups: &mut [(String, Vec<&Frame>)]) {
    let number = |(_, group): &(String, Vec<&Frame>)| -> Option<u32> {
        let first = group.first()?;
        let asks = first.direction == Direction::Received && !first.bytes.starts_with(b"SIP/2.0 ");
        let cseq = sip_line(&first.bytes, "cseq", "cseq").filter(|_| asks)?;
        cseq.split(' ').next()?.parse().ok()
    };
    let places: Vec<usize> = (0..groups.len())
        .filter(|at| number(&groups[*at]).is_some())
        .collect();
    let mut sorted: Vec<(String, Vec<&Frame>)> =
        places.iter().map(|at| groups[*at].clone()).collect();
    sorted.sort_by_key(number);
    for (place, group) in places.into_iter().zip(sorted) {
        groups[place] = group;
    }
}

fn conversation_key(frame: &Frame) -> String {
    match frame.protocol {
        Protocol::Sip => format!(
            "{} {}",
            frame.chair,
            sip_line(&frame.bytes, "call-id", "i").unwrap_or_default()
        ),
        Protocol::Msrp => format!("{} msrp {} {}", frame.chair, frame.local, frame.remote),
        Protocol::Http => format!("{} http", frame.chair),
        Protocol::User => "user".to_owned(),
    }
}

fn transaction_key(frame: &Frame) -> String {
    let starter = |request: bool| {
        if request == (frame.direction == Direction::Sent) {
            "ours"
        } else {
            "theirs"
        }
    };
    let first = String::from_utf8_lossy(
        frame
            .bytes
            .split(|byte| *byte == b'\r' || *byte == b'\n')
            .next()
            .unwrap_or(&[]),
    );
    let mut words = first.split(' ');
    match frame.protocol {
        Protocol::Sip => {
            let cseq = sip_line(&frame.bytes, "cseq", "cseq").unwrap_or_default();
            let cseq = cseq.replace("ACK", "INVITE");
            format!("{} {cseq}", starter(!first.starts_with("SIP/2.0 ")))
        }
        Protocol::User => String::new(),
        Protocol::Msrp | Protocol::Http => {
            let id = words.nth(1).unwrap_or_default().to_owned();
            let response = words.next().is_some_and(|word| {
                word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit())
            });
            format!("{} {id}", starter(!response))
        }
    }
}

fn is_msrp(frame: &Frame, method: &[u8]) -> bool {
    let mut lines = frame.bytes.split(|byte| *byte == b'\r');
    let first = lines.next().unwrap_or_default();
    frame.protocol == Protocol::Msrp && first.ends_with(method)
}

fn is_trying(frame: &Frame) -> bool {
    frame.protocol == Protocol::Sip && frame.bytes.starts_with(b"SIP/2.0 100")
}

/// An earlier frame of the same chair and direction had the same octets.
fn is_retransmission(exchange: &Exchange, frame: &Frame) -> bool {
    let same = |other: &&Frame| {
        other.direction == frame.direction
            && other.chair == frame.chair
            && other.bytes == frame.bytes
    };
    frame.protocol == Protocol::Sip
        && exchange
            .frames
            .iter()
            .take_while(|other| !std::ptr::eq(*other, frame))
            .any(|other| same(&other))
}
