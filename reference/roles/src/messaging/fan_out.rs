//! Copies of pager-mode messages on their way: one outstanding MESSAGE a recipient, the rest in bounded queues.

use std::collections::{HashMap, VecDeque};

use machines::port::Flow;
use machines::transactions::Key;
use wire::sip::{Message, NameAddr};

use crate::means::Means;

/// What all copies of one message have in common.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    /// Without a tag: each copy gets one of its own.
    pub(crate) from: NameAddr,
    /// Headers and body after the ones that each copy makes for itself.
    pub(crate) content: Message,
}

/// A copy that has not been answered.
#[derive(Clone, Debug)]
struct Parcel {
    letter: u64,
    to: String,
}

#[derive(Debug)]
struct Underway {
    letter: Letter,
    size: usize,
    left: usize,
}

/// The copies of one shard.
#[derive(Debug, Default)]
pub(crate) struct FanOut {
    letters: HashMap<u64, Underway>,
    latest: u64,
    /// Octets of all letters, and copies that are not done.
    octets: usize,
    copies: usize,
    outstanding: HashMap<Key, Parcel>,
    /// Recipients with an outstanding MESSAGE, and what waits for its answer.
    waiting: HashMap<String, VecDeque<Parcel>>,
    /// What waits for the number of outstanding ones to fall.
    ready: VecDeque<Parcel>,
}

impl FanOut {
    /// Whether so many more copies of a message of this size can be kept.
    pub(crate) fn has_room(&self, size: usize, copies: usize) -> bool {
        self.octets + size <= OCTETS && self.copies + copies <= COPIES
    }

    fn add(&mut self, letter: Letter, recipients: usize) -> u64 {
        self.latest += 1;
        let size = letter.content.body.len() + HEAD;
        self.octets += size;
        self.copies += recipients;
        self.letters.insert(
            self.latest,
            Underway {
                letter,
                size,
                left: recipients,
            },
        );
        self.latest
    }

    fn done(&mut self, letter: u64) {
        let Some(known) = self.letters.get_mut(&letter) else {
            return;
        };
        self.copies -= 1;
        known.left -= 1;
        if known.left == 0 {
            self.octets -= known.size;
            self.letters.remove(&letter);
        }
    }

    /// The next copy that may go out now.
    fn next(&mut self) -> Option<Parcel> {
        while self.outstanding.len() < OUTSTANDING {
            let parcel = self.ready.pop_front()?;
            let Some(queue) = self.waiting.get_mut(&parcel.to) else {
                self.waiting.insert(parcel.to.clone(), VecDeque::new());
                return Some(parcel);
            };
            // RFC 3428 8: the one before has no answer yet.
            if queue.len() < WAITING {
                queue.push_back(parcel);
            } else {
                self.done(parcel.letter);
            }
        }
        None
    }

    /// Forgets an answered copy and lets the next to the same recipient line up.
    fn answered(&mut self, key: Key) -> bool {
        let Some(parcel) = self.outstanding.remove(&key) else {
            return false;
        };
        self.done(parcel.letter);
        let queue = self.waiting.remove(&parcel.to).unwrap_or_default();
        // In order, and before what came later for somebody else.
        for next in queue.into_iter().rev() {
            self.ready.push_front(next);
        }
        true
    }
}

impl Means {
    /// Sends a copy to each recipient, as soon as its turn comes (8.3.2.1).
    pub(crate) fn fan_out(&mut self, letter: Letter, recipients: &[String]) {
        if recipients.is_empty() {
            return;
        }
        let letter = self.fan_out.add(letter, recipients.len());
        self.fan_out
            .ready
            .extend(recipients.iter().map(|to| Parcel {
                letter,
                to: to.clone(),
            }));
        self.send_copies();
    }

    /// A final response to a copy, or the end of waiting for one; false when the transaction is no copy's.
    pub(crate) fn copy_answered(&mut self, key: Key, code: u16) -> bool {
        if code < 200 {
            return self.fan_out.outstanding.contains_key(&key);
        }
        let known = self.fan_out.answered(key);
        if known {
            self.send_copies();
        }
        known
    }

    fn send_copies(&mut self) {
        while let Some(parcel) = self.fan_out.next() {
            let copy = self.copy(&parcel);
            let flow: Flow = self.core();
            // 8.3.2.1/server-sends/6
            let key = self.with_layer(|layer, out| layer.request(copy, flow, out));
            self.fan_out.outstanding.insert(key, parcel);
        }
    }

    // 8.3.2.1/server-sends/1: a request of its own, outside any dialog and without Contact (RFC 3428 4).
    fn copy(&mut self, parcel: &Parcel) -> Message {
        // 8.3.2.1/server-sends/4
        let mut copy = Message::request("MESSAGE", &parcel.to);
        let Some(known) = self.fan_out.letters.get(&parcel.letter) else {
            return copy;
        };
        let Letter { from, content } = &known.letter;
        let mut from = from.clone();
        from.params.set("tag", Some(self.ids.tag()));
        copy.push("Max-Forwards", "70");
        copy.push("From", from.to_string());
        copy.push("To", format!("<{}>", parcel.to));
        copy.body.clone_from(&content.body);
        let headers = content.headers.clone();
        let host = self.host();
        copy.push("Call-ID", self.ids.call_id(&host));
        copy.push("CSeq", "1 MESSAGE");
        copy.headers.extend(headers);
        copy
    }
}

/// Outstanding copies of a shard: what the transactions of silent recipients may cost.
const OUTSTANDING: usize = 1000;
/// Copies that may wait for one recipient; more are given up, and the 202 promised nothing about them (RFC 5365 7).
const WAITING: usize = 32;
/// Copies of a shard that are not done.
const COPIES: usize = 200_000;
/// Octets of their bodies, each body counted once.
const OCTETS: usize = 64 << 20;
/// What the headers of a letter are reckoned at.
const HEAD: usize = 1024;
