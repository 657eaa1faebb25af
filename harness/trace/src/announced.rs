//! What a subject says of itself in the headers of its messages.

use std::collections::BTreeSet;

use wire::scan::Scan;

use crate::{Direction, Exchange, Protocol};

/// Headers in which it does.
const HEADERS: [&str; 9] = [
    "Allow",
    "Supported",
    "Server",
    "User-Agent",
    "Accept",
    "Allow-Events",
    "Require",
    "Session-Expires",
    "Min-SE",
];

/// One value of a header, and the first frame that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    pub header: &'static str,
    pub value: String,
    /// Index in the exchange.
    pub frame: usize,
}

/// Every value that the subject announces in an exchange, once.
#[must_use]
pub fn announced(exchange: &Exchange) -> Vec<Announced> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    let sip = exchange.received().filter(|f| f.protocol == Protocol::Sip);
    for frame in sip {
        let message = Scan::sip(&frame.bytes);
        for header in HEADERS {
            for field in message.values(header) {
                let value = field.value.trim().to_owned();
                if !value.is_empty() && seen.insert((header, value.clone())) {
                    let frame = frame.index;
                    all.push(Announced {
                        header,
                        value,
                        frame,
                    });
                }
            }
        }
    }
    all
}

/// Method and status code of every final answer of the subject, each pair once, with its frame.
#[must_use]
pub fn answered(exchange: &Exchange) -> Vec<(String, u16, usize)> {
    let mut all: Vec<(String, u16, usize)> = Vec::new();
    // An echo of the tester's own messages is no answer.
    let own: BTreeSet<&[u8]> = exchange.sent().map(|f| f.bytes.as_slice()).collect();
    for frame in &exchange.frames {
        let message = Scan::sip(&frame.bytes);
        let code = message.code().filter(|code| *code >= 200);
        let theirs = frame.direction == Direction::Received
            && frame.protocol == Protocol::Sip
            && !own.contains(frame.bytes.as_slice());
        let method = message.field("CSeq").map(|field| field.value);
        let method = method.and_then(|v| v.split_whitespace().nth(1).map(str::to_owned));
        if let (true, Some(code), Some(method)) = (theirs, code, method)
            && !all.iter().any(|(m, c, _)| (m, *c) == (&method, code))
        {
            all.push((method, code, frame.index));
        }
    }
    all
}
