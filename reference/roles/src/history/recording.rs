//! What is recorded of one session: its messages as envelopes, and what the metadata will say of it.

use std::collections::BTreeMap;

use machines::msrp_receiver::Incoming;
use wire::cpim::Cpim;
use wire::sip::{Header, Message};
use wire::xml::history::{self, Conference};

use crate::client::upper::Participant;
use crate::messaging::leg::matches_any;

/// One session that is being recorded.
#[derive(Debug)]
pub(super) struct Recording {
    /// The name of its content, which nothing else has.
    pub(super) reference: String,
    /// Whether it became a session.
    pub(super) established: bool,
    /// The IM Session Identity.
    pub(super) identity: Option<String>,
    /// All headers of the message that opened it.
    headers: Vec<Header>,
    octets: u64,
    /// Display names by address.
    participants: BTreeMap<String, Option<String>>,
    first: Option<String>,
    last: Option<String>,
}

impl Recording {
    // 13.1.1.1/on-200/3
    pub(super) fn new(reference: String, opened: Message) -> Self {
        Self {
            reference,
            established: false,
            identity: None,
            headers: opened.headers,
            octets: 0,
            participants: BTreeMap::new(),
            first: None,
            last: None,
        }
    }

    /// Takes a message; gives the envelope to be kept.
    pub(super) fn take(&mut self, peer: &str, own: &str, message: Incoming) -> Vec<u8> {
        let wrapped = matches_any(&["message/cpim".to_owned()], &message.content_type);
        let read = wrapped.then(|| Cpim::parse_lenient(&message.body).ok());
        let (envelope, bytes) = match read.flatten() {
            Some(cpim) => (cpim, message.body),
            None => {
                let cpim = wrap(peer, own, message);
                let bytes = cpim.to_bytes();
                (cpim, bytes)
            }
        };
        if let Some(from) = envelope.header("From") {
            let address = from.rsplit_once('<').map_or(&*from, |(_, rest)| rest);
            let address = address.trim_end_matches('>').trim().to_owned();
            self.meets(address, None);
        }
        if let Some(at) = envelope.header("DateTime") {
            let at = at.into_owned();
            self.first.get_or_insert_with(|| at.clone());
            self.last = Some(at);
        }
        self.octets += bytes.len() as u64;
        bytes
    }

    /// Remembers who is in the session.
    pub(super) fn meet(&mut self, list: Vec<Participant>) {
        for one in list {
            self.meets(one.address, one.name);
        }
    }

    fn meets(&mut self, address: String, name: Option<String>) {
        if self.participants.len() < PARTICIPANTS || self.participants.contains_key(&address) {
            let known = self.participants.entry(address).or_default();
            *known = name.or(known.take());
        }
    }

    /// What the XDMS shall know of it.
    pub(super) fn metadata(self) -> history::History {
        let header = |name: &str| {
            let mut found = self.headers.iter();
            let found = found.find(|header| header.name.eq_ignore_ascii_case(name));
            found.map(|header| header.value.clone())
        };
        history::History {
            size: Some(self.octets),
            subject: header("Subject").or_else(|| header("s")),
            date: header("Date"),
            conference: Conference {
                time_start: self.first,
                time_end: self.last,
                recording_name: self.identity,
                participants: self.participants.into_iter().collect(),
            },
            reference: self.reference,
        }
    }
}

// Whatever is not in an envelope gets one, so that it says who sent it.
fn wrap(peer: &str, own: &str, message: Incoming) -> Cpim {
    let header = |name: &str, value: String| (name.to_owned(), value);
    Cpim {
        headers: vec![
            header("From", format!("<{peer}>")),
            header("To", format!("<{own}>")),
        ],
        content_headers: vec![header("Content-Type", message.content_type)],
        content: message.body,
    }
}

/// Participants that the metadata of one session name.
const PARTICIPANTS: usize = 256;
