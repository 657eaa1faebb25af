//! What became of every message, by what crossed the wire.

use std::collections::BTreeMap;

/// One message.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    /// When it was offered first, by life of the server.
    pub(super) offered: Option<u64>,
    /// When its 202 was heard.
    pub(super) accepted: Option<u64>,
    /// When the client had it and said so.
    pub(super) acknowledged: Option<u64>,
    /// Further times that it reached the client by a transaction of its own.
    pub(super) repeats: u64,
    /// Refusals heard.
    pub(super) refused: u64,
}

/// The book of the whole test.
pub(super) struct Ledger {
    pub(super) entries: Vec<Entry>,
    users: u64,
    /// Number of the server's life, from 1.
    pub(super) life: u64,
    /// The identity under which each message came first, and the branches of its transactions.
    known: BTreeMap<String, (u64, Vec<String>)>,
    /// The last message that each user acknowledged, by life.
    latest: BTreeMap<(u64, u64), u64>,
    pub(super) faults: Vec<String>,
}

impl Ledger {
    pub(super) fn new(messages: u64, users: u64) -> Ledger {
        Ledger {
            entries: vec![Entry::default(); usize::try_from(messages).unwrap_or(0)],
            users,
            life: 1,
            known: BTreeMap::new(),
            latest: BTreeMap::new(),
            faults: Vec::new(),
        }
    }

    /// The user whom a message is for: one after the other gets all of its messages.
    pub(super) fn user(&self, number: u64) -> u64 {
        number * self.users / (self.entries.len() as u64).max(1)
    }

    /// Whether the user has come: as soon as all of its messages are accepted.
    pub(super) fn is_there(&self, user: u64) -> bool {
        let mut entries = (0..).zip(&self.entries);
        entries.all(|(number, entry)| self.user(number) != user || entry.accepted.is_some())
    }

    pub(super) fn killed(&mut self) {
        self.life += 1;
    }

    fn entry(&mut self, number: u64) -> Option<&mut Entry> {
        self.entries.get_mut(usize::try_from(number).ok()?)
    }

    pub(super) fn offered(&mut self, number: u64) {
        let life = self.life;
        if let Some(entry) = self.entry(number) {
            entry.offered.get_or_insert(life);
        }
    }

    /// A final response to an offer; true when the message is accepted.
    pub(super) fn answered(&mut self, number: u64, code: u16) -> bool {
        let life = self.life;
        let Some(entry) = self.entry(number) else {
            return false;
        };
        if code == 202 {
            entry.accepted.get_or_insert(life);
        } else {
            entry.refused += 1;
        }
        code == 202
    }

    /// A message reaches its client, which answers 200.
    pub(super) fn delivered(&mut self, identity: &str, branch: &str, body: &str) {
        let life = self.life;
        let number = body
            .strip_prefix("message ")
            .and_then(|rest| rest.parse().ok());
        let Some(number) = number.filter(|number| *number < self.entries.len() as u64) else {
            self.faults.push(format!("`{body}` was offered by nobody"));
            return;
        };
        let user = self.user(number);
        if let Some((_, branches)) = self.known.get_mut(identity) {
            if branches.iter().all(|known| known != branch) {
                branches.push(branch.to_owned());
                self.repeated(number, user);
            }
            return;
        }
        self.known
            .insert(identity.to_owned(), (number, vec![branch.to_owned()]));
        self.latest.insert((user, life), number);
        let Some(entry) = self.entry(number) else {
            return;
        };
        if entry.acknowledged.replace(life).is_some() {
            // Under another identity a client cannot know it again.
            self.faults
                .push(format!("message {number} was delivered twice"));
        }
    }

    // The 200 to it may have been lost with the server; that of any other message was heard.
    fn repeated(&mut self, number: u64, user: u64) {
        let life = self.life;
        let Some(entry) = self.entry(number) else {
            return;
        };
        entry.repeats += 1;
        let acknowledged = entry.acknowledged.unwrap_or(0);
        if acknowledged == life {
            self.faults.push(format!(
                "message {number} came again to a client that had acknowledged it, without a crash"
            ));
        } else if self.latest.get(&(user, acknowledged)) != Some(&number) {
            self.faults.push(format!(
                "message {number} came again, though a later one had followed its acknowledgement"
            ));
        }
        self.latest.insert((user, life), number);
        if let Some(entry) = self.entry(number) {
            entry.acknowledged = Some(life);
        }
    }

    /// Whether everything up to `offered` is accepted and everything accepted is delivered.
    pub(super) fn settled(&self, offered: u64) -> bool {
        let count = usize::try_from(offered).unwrap_or(usize::MAX);
        let mut entries = self.entries.iter().take(count);
        entries.all(|entry| entry.accepted.is_some() && entry.acknowledged.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::crash::report::Report;
    use std::time::Duration;

    /// Two messages for one user, both accepted, the first delivered.
    fn ledger() -> Ledger {
        let mut ledger = Ledger::new(2, 1);
        for number in 0..2 {
            ledger.offered(number);
            assert!(ledger.answered(number, 202));
        }
        ledger.delivered("first", "b1", "message 0");
        ledger
    }

    fn faults(ledger: &Ledger) -> Vec<String> {
        Report::of(ledger, 1, Duration::ZERO).faults()
    }

    #[test]
    fn what_was_accepted_and_not_delivered_is_lost() {
        let mut ledger = ledger();
        assert_eq!(faults(&ledger), ["accepted and lost: [1]"]);
        ledger.delivered("second", "b2", "message 1");
        assert!(ledger.settled(2) && faults(&ledger).is_empty());
    }

    #[test]
    fn only_the_last_one_before_a_crash_may_come_again() {
        let mut ledger = ledger();
        ledger.killed();
        ledger.delivered("first", "b3", "message 0");
        ledger.delivered("second", "b4", "message 1");
        assert!(faults(&ledger).is_empty());
        ledger.delivered("first", "b3", "message 0");
        assert!(
            faults(&ledger).is_empty(),
            "a retransmission is no repetition"
        );
        ledger.killed();
        ledger.delivered("first", "b5", "message 0");
        assert!(faults(&ledger)[0].contains("though a later one"));
    }

    #[test]
    fn a_second_delivery_is_a_fault() {
        let mut again = ledger();
        again.delivered("first", "b2", "message 0");
        assert!(faults(&again)[0].contains("without a crash"));
        let mut unknown = ledger();
        unknown.killed();
        unknown.delivered("another", "b2", "message 0");
        assert!(faults(&unknown)[0].contains("twice"));
        let mut strange = ledger();
        strange.delivered("x", "b2", "message 9");
        assert!(faults(&strange)[0].contains("nobody"));
    }

    #[test]
    fn nothing_accepted_is_no_success() {
        let mut ledger = Ledger::new(2, 1);
        assert!(!faults(&ledger).is_empty());
        ledger.offered(0);
        assert!(!ledger.answered(0, 500));
        assert!(faults(&ledger)[0].contains("0 of 1"));
    }
}
