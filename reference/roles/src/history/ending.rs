//! The end of a recorded session (13.2.5): the user plane is freed, the metadata are written, the BYE is answered.

use machines::port::{FetchId, Fetched};
use machines::transactions::Key;
use wire::sip::Message;
use wire::xml::history::History as Metadata;

use super::{History, RETRY};
use crate::client::upper::Told;

/// A BYE that waits for the XDMS.
#[derive(Debug)]
pub(super) struct Bye {
    key: Key,
    request: Box<Message>,
    /// The recording whose metadata are being written.
    reference: Option<String>,
}

impl History {
    /// The other end leaves; its connection is closed by now.
    // 13.2.5/on-bye/1
    pub(super) fn left(&mut self, call: String, key: Key, request: Box<Message>) {
        let recording = self.recordings.get(&call);
        let recording = recording.filter(|one| one.established);
        let reference = recording.map(|one| one.reference.clone());
        let bye = Bye {
            key,
            request,
            reference,
        };
        self.timers += 1;
        self.agent.arm(self.timers, self.config.patience);
        self.byes.insert(self.timers, bye);
    }

    /// A session is over, whoever ended it.
    // 13.2.5/on-bye/2
    pub(super) fn ended(&mut self, call: &str) {
        self.broken_off(call);
        let recording = self.recordings.remove(call);
        match recording.filter(|one| one.established) {
            Some(recording) => self.enter(recording.metadata()),
            None => self.answer(|bye| bye.reference.is_none()),
        }
    }

    fn enter(&mut self, metadata: Metadata) {
        if let Some(asked) = self.shelf.wait(&metadata) {
            self.agent.put(asked);
        }
        let reference = metadata.reference.clone();
        let kept = self.ledger.take(metadata);
        if !kept || !self.ledger.has_xdms() {
            let text = format!("nobody takes the metadata of {reference}");
            self.agent.tell(&Told::Notice { text });
            return self.answer(|bye| bye.reference.as_deref() == Some(&reference));
        }
        self.write();
    }

    /// Asks the XDMS for what comes next, unless it is being asked already.
    pub(super) fn write(&mut self) {
        if let Some(request) = self.ledger.next() {
            self.agent.put(request);
        }
    }

    /// The XDMS has answered, or has not.
    pub(super) fn fetched(&mut self, id: FetchId, outcome: Fetched) {
        match self.ledger.fetched(id, outcome) {
            Ok(written) => {
                for reference in &written {
                    if let Some(asked) = self.shelf.written(reference) {
                        self.agent.put(asked);
                    }
                    let text = format!("recorded as {reference}");
                    self.agent.tell(&Told::Notice { text });
                }
                self.answer(|bye| {
                    bye.reference
                        .as_ref()
                        .is_none_or(|one| written.contains(one))
                });
                self.write();
            }
            Err(why) => {
                let count = self.ledger.waiting();
                let text = format!("the metadata of {count} recordings wait: {why}");
                self.agent.tell(&Told::Notice { text });
                // RFC 3261 15.1.2: the session is over all the same.
                self.answer(|_| true);
                if !self.stopping {
                    self.agent.arm(RETRY, self.ledger.pause());
                }
            }
        }
    }

    // 13.2.5/on-bye/3
    fn answer(&mut self, which: impl Fn(&Bye) -> bool) {
        let answered = |(number, bye): (&u64, &Bye)| which(bye).then_some(*number);
        let all: Vec<u64> = self.byes.iter().filter_map(answered).collect();
        for number in all {
            self.agent.disarm(number);
            self.overdue(number);
        }
    }

    /// A BYE waits no longer.
    pub(super) fn overdue(&mut self, number: u64) {
        if let Some(bye) = self.byes.remove(&number) {
            self.agent.let_go(bye.key, &bye.request);
        }
    }
}
