//! Messages for users who are not there: kept before 202, offered one at a time when the user comes, forgotten once the client has them.

mod interface;
mod letter;
mod mailbox;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use machines::store::{Answer, Ask, Outcome, Record, Room, StoreId};
use machines::transactions::Key;
use wire::sip::{Message, Warning};

use crate::controlling::general::reason;
use crate::groups::name_of;
use crate::routing::shard_of_user;
pub use interface::Config;
pub(crate) use interface::{Counts, Heard, Parcel, Said};
use mailbox::{Mailbox, Next, Stage};

/// What a question to the store was about.
#[derive(Debug)]
enum Asked {
    Keep {
        key: Key,
        message: Message,
        user: String,
        there: bool,
    },
    First(String),
    Removal(String),
    Users,
}

/// The deferred messages of one shard.
#[derive(Debug)]
pub(crate) struct Deferred {
    config: Config,
    /// Agent of our Warning headers.
    domain: String,
    shard: usize,
    asked: BTreeMap<StoreId, Asked>,
    latest: u64,
    mailboxes: BTreeMap<String, Mailbox>,
    /// Users whose turn comes when the number of busy mailboxes falls.
    ready: VecDeque<String>,
    /// Mailboxes that wait for the store or for their client.
    busy: usize,
    counts: Counts,
}

impl Deferred {
    /// `first` is the lowest number that questions to the store get; a node that asks on its own stays below it.
    pub(crate) fn new(config: Config, domain: String, shard: usize, first: StoreId) -> Self {
        Self {
            config,
            domain,
            shard,
            asked: BTreeMap::new(),
            latest: first.0,
            mailboxes: BTreeMap::new(),
            ready: VecDeque::new(),
            busy: 0,
            counts: Counts::default(),
        }
    }

    /// Whether messages may wait for the user: then the next one goes behind them, by [`Heard::Hold`].
    pub(crate) fn waits(&self, user: &str) -> bool {
        self.mailboxes.contains_key(user)
    }

    /// What has become of messages.
    #[cfg(test)]
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Takes one input and appends what it causes.
    pub(crate) fn handle(&mut self, heard: Heard, out: &mut Vec<Said>) {
        match heard {
            Heard::Begun => self.users(String::new(), out),
            Heard::Hold {
                key,
                message,
                there,
            } => self.hold(key, message, there, out),
            Heard::Available(user) => self.come(user, out),
            Heard::Gone(user) => self.gone(&user, out),
            Heard::Stored { id, outcome } => self.stored(id, outcome, out),
            Heard::Answered {
                parcel,
                code,
                retry_after,
            } => self.answered(&parcel, code, retry_after, out),
            Heard::Fired(user) => self.with(user, out, Mailbox::fired),
        }
        self.begin_deliveries(out);
    }

    fn ask(&mut self, ask: Ask, about: Asked, out: &mut Vec<Said>) {
        self.latest += 1;
        let id = StoreId(self.latest);
        self.asked.insert(id, about);
        out.push(Said::Store { id, ask });
    }

    fn users(&mut self, after: String, out: &mut Vec<Said>) {
        let ask = Ask::Folders {
            prefix: FOLDER.into(),
            after,
            limit: PAGE,
        };
        self.ask(ask, Asked::Users, out);
    }

    fn hold(&mut self, key: Key, message: Message, there: bool, out: &mut Vec<Said>) {
        let user = message.uri().and_then(name_of);
        let (Some(user), Some(name)) = (user, letter::identity(&message)) else {
            return self.refuse(key, &message, 400, "no address of a user", out);
        };
        let ask = Ask::Append {
            folder: folder(&user),
            name,
            bytes: letter::keep(&message),
            validity: letter::validity(&message, self.config.lifetime),
            room: Room {
                records: self.config.messages,
                octets: self.config.octets,
            },
        };
        let about = Asked::Keep {
            key,
            message,
            user,
            there,
        };
        self.ask(ask, about, out);
    }

    fn stored(&mut self, id: StoreId, outcome: Outcome, out: &mut Vec<Said>) {
        match (self.asked.remove(&id), outcome) {
            (
                Some(Asked::Keep {
                    key,
                    message,
                    user,
                    there,
                }),
                outcome,
            ) => self.kept(key, &message, user, there, outcome, out),
            (Some(Asked::First(user)), Ok(Answer::First { record, expired })) => {
                self.counts.expired += expired;
                if expired > 0 {
                    out.push(Said::Log(format!(
                        "{expired} messages for {user} came out of date and are gone; {} since the start",
                        self.counts.expired
                    )));
                }
                self.found(user, record, out);
            }
            (Some(Asked::Removal(user)), Ok(Answer::Removed(_))) => {
                self.counts.delivered += 1;
                self.with(user, out, Mailbox::removed);
            }
            (Some(Asked::Users), Ok(Answer::Folders(folders))) => self.names(&folders, out),
            (Some(Asked::First(user) | Asked::Removal(user)), other) => {
                self.log_failure(&user, other, out);
                self.with(user, out, |mailbox| mailbox.rest(RETRY));
            }
            (Some(Asked::Users), other) => self.log_failure("anybody", other, out),
            (None, _) => out.push(Said::Log("an answer of the store to no question".into())),
        }
    }

    fn log_failure(&self, user: &str, outcome: Outcome, out: &mut Vec<Said>) {
        let why = outcome.map_or_else(
            |why| why,
            |other| format!("an answer to another question: {other:?}"),
        );
        out.push(Said::Log(format!("deferred messages for {user}: {why}")));
    }

    // RFC 3428 7: 202 says that the message is kept, so it is said after that.
    fn kept(
        &mut self,
        key: Key,
        message: &Message,
        user: String,
        there: bool,
        outcome: Outcome,
        out: &mut Vec<Said>,
    ) {
        match outcome {
            Ok(Answer::Kept { .. }) => {
                self.counts.kept += 1;
                let message = Message::response(message, 202, reason(202));
                out.push(Said::Respond { key, message });
                if there {
                    self.come(user, out);
                }
            }
            Ok(Answer::NoRoom) => self.refuse(key, message, 480, "too many messages wait", out),
            Ok(Answer::OutOfDate) => self.refuse(key, message, 480, "message out of date", out),
            other => {
                self.log_failure(&user, other, out);
                self.refuse(key, message, 500, "message not stored", out);
            }
        }
    }

    fn refuse(&mut self, key: Key, message: &Message, code: u16, why: &str, out: &mut Vec<Said>) {
        self.counts.refused += 1;
        let warning = Warning {
            code: 399,
            agent: self.domain.clone(),
            text: why.to_owned(),
        };
        let mut response =
            Message::response(message, code, reason(code)).with("Warning", warning.to_string());
        if code == 500 {
            // RFC 3261 21.5.1: the condition may pass.
            response.push("Retry-After", RETRY_AFTER);
        }
        out.push(Said::Respond {
            key,
            message: response,
        });
    }

    fn names(&mut self, folders: &[String], out: &mut Vec<Said>) {
        let whole = folders.len() >= PAGE as usize && self.mailboxes.len() < MAILBOXES;
        let last = folders.last().filter(|_| whole).cloned();
        for folder in folders {
            let mine = |user: &&str| shard_of_user(user, self.config.shards) == self.shard;
            if let Some(user) = folder.strip_prefix(FOLDER).filter(mine) {
                self.come(user.to_owned(), out);
            }
        }
        if let Some(last) = last {
            self.users(last, out);
        }
    }

    fn come(&mut self, user: String, out: &mut Vec<Said>) {
        let known = self.mailboxes.contains_key(&user);
        if !known && self.mailboxes.len() >= MAILBOXES {
            return out.push(Said::Log(format!(
                "{user} is there, but too many others are being served: the next REGISTER is waited for"
            )));
        }
        self.mailboxes.entry(user.clone()).or_default();
        self.with(user, out, Mailbox::come);
    }

    fn gone(&mut self, user: &str, out: &mut Vec<Said>) {
        if self.mailboxes.contains_key(user) {
            self.with(user.to_owned(), out, Mailbox::gone);
        }
    }

    fn found(&mut self, user: String, record: Option<Record>, out: &mut Vec<Said>) {
        let Some(record) = record else {
            return self.with(user, out, Mailbox::empty);
        };
        let number = record.number;
        match letter::send(&record) {
            Some(message) => {
                let parcel = Parcel {
                    user: user.clone(),
                    number,
                };
                self.with(user, out, |mailbox| mailbox.sent(number));
                out.push(Said::Send { parcel, message });
            }
            None => {
                out.push(Said::Log(format!(
                    "record {number} of {user} is no message"
                )));
                self.with(user, out, |mailbox| mailbox.skip(number));
            }
        }
    }

    fn answered(
        &mut self,
        parcel: &Parcel,
        code: u16,
        retry_after: Option<u32>,
        out: &mut Vec<Said>,
    ) {
        let Parcel { user, number } = parcel;
        let underway = |mailbox: &Mailbox| mailbox.stage == Stage::Underway(*number);
        if !self.mailboxes.get(user).is_some_and(underway) {
            return out.push(Said::Log(format!(
                "{code} to a message that is not underway"
            )));
        }
        let pause = retry_after.map_or(RETRY, |seconds| Duration::from_secs(seconds.into()));
        match code {
            200..300 => self.with(user.clone(), out, Mailbox::acknowledged),
            code if REFUSED.contains(&code) || code >= 600 => {
                out.push(Said::Log(format!(
                    "the client of {user} answers {code} to message {number}: it waits for the next REGISTER, or its end"
                )));
                self.with(user.clone(), out, |mailbox| mailbox.skip(*number));
            }
            500..600 => self.with(user.clone(), out, |mailbox| {
                mailbox.rest(pause.min(LONGEST))
            }),
            _ => self.with(user.clone(), out, Mailbox::unreachable),
        }
    }

    /// Lets a mailbox take a step and does what follows from it.
    fn with(&mut self, user: String, out: &mut Vec<Said>, step: impl FnOnce(&mut Mailbox) -> Next) {
        let Some(mailbox) = self.mailboxes.get_mut(&user) else {
            return;
        };
        let (armed, busy) = (mailbox.armed(), mailbox.busy());
        let next = step(mailbox);
        self.busy = self.busy + usize::from(mailbox.busy()) - usize::from(busy);
        if armed && !mailbox.armed() {
            out.push(Said::Disarm(user.clone()));
        }
        match next {
            Next::Nothing => {}
            Next::Forget => {
                self.mailboxes.remove(&user);
            }
            Next::Queue => self.ready.push_back(user),
            Next::Look { after } => {
                let folder = folder(&user);
                self.ask(Ask::First { folder, after }, Asked::First(user), out);
            }
            Next::Remove { number } => {
                let folder = folder(&user);
                self.ask(Ask::Remove { folder, number }, Asked::Removal(user), out);
            }
            Next::Arm(after) => out.push(Said::Arm { user, after }),
        }
    }

    fn begin_deliveries(&mut self, out: &mut Vec<Said>) {
        while self.busy < AT_ONCE
            && let Some(user) = self.ready.pop_front()
        {
            self.with(user, out, Mailbox::turn);
        }
    }
}

fn folder(user: &str) -> String {
    format!("{FOLDER}{user}")
}

/// What the names of our folders begin with.
pub(crate) const FOLDER: &str = "deferred/";
/// Answers of a client that will not change while it stays the same: the message is not offered again at once.
const REFUSED: [u16; 13] = [
    400, 403, 405, 406, 410, 413, 414, 415, 416, 420, 488, 493, 501,
];
/// Names of folders in one answer.
const PAGE: u32 = 256;
/// Users who are being served, or whose messages were in vain.
const MAILBOXES: usize = 100_000;
/// How many of them do so at once.
const AT_ONCE: usize = 256;
/// How long to wait after a failure that may pass, in protocol time, and at most.
const RETRY: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(3600);
const RETRY_AFTER: &str = "60";
