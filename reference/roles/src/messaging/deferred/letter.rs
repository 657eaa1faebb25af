//! A deferred MESSAGE as it is kept, and as it goes out: the sender's own, so that a client knows it again.

use machines::store::{Record, Validity};
use wire::sip::{Message, date};

/// What tells a message from all others: a second copy of it has the same, on whatever way it came (RFC 3261 8.2.2.2).
pub(super) fn identity(message: &Message) -> Option<String> {
    let from = message.from()?;
    let cseq = message.cseq()?;
    let call = message.call_id()?;
    Some(format!(
        "{call} {} {}",
        from.tag().unwrap_or_default(),
        cseq.number
    ))
}

/// The octets to keep: nothing of the way that the message came.
pub(super) fn keep(message: &Message) -> Vec<u8> {
    let mut kept = message.clone();
    for name in OF_THE_WAY {
        kept.remove(name);
    }
    kept.to_bytes()
}

/// The kept message on its new way, with Call-ID, CSeq and tag of From as they were.
pub(super) fn send(record: &Record) -> Option<Message> {
    let mut message = Message::parse(&record.bytes).ok()?;
    message.push_first("Max-Forwards", "70");
    if message.header("Date").is_none()
        && let Some(date) = date::value(record.stored)
    {
        // RFC 3428 7: from when Expires counts, and when it was said.
        message.push("Date", date);
    }
    Some(message)
}

/// How long the message is of use (RFC 3428 7): Expires counts from Date, if there is one.
pub(super) fn validity(message: &Message, longest: u32) -> Validity {
    let longest = u64::from(longest);
    let expires = message.header("Expires");
    match expires.and_then(|value| value.trim().parse::<u64>().ok()) {
        Some(seconds) => Validity {
            seconds: Some(seconds.min(longest)),
            since: message.header("Date").and_then(date::seconds),
        },
        None => Validity {
            seconds: Some(longest),
            since: None,
        },
    }
}

const OF_THE_WAY: [&str; 6] = [
    "Via",
    "Route",
    "Record-Route",
    "Max-Forwards",
    "Proxy-Authorization",
    "Proxy-Require",
];
