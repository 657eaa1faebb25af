//! A play of several acts: each begins when all that the one before has caused is over.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use trace::Act;

use crate::PARTIES;
use crate::flow::{self, Begun};
use crate::processes::{Crossing, Said, System};

/// The processes, and how far the play is.
pub(crate) struct Play {
    system: System,
    acts: Vec<Begun>,
    /// Where in what was heard the act begins.
    since: usize,
    /// What a process has been waited for to tell, in this act.
    told: Vec<(&'static str, &'static str)>,
}

impl Play {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            system: System::new(folder),
            acts: Vec::new(),
            since: 0,
            told: Vec::new(),
        }
    }

    pub(crate) fn start(&mut self, program: &Path, name: &'static str, act: Option<&str>) {
        self.system.start(program, name, act);
    }

    pub(crate) fn say(&mut self, name: &str, command: &Value) {
        self.system.say(name, command);
    }

    pub(crate) fn signal(&mut self, name: &str, signal: &str) {
        self.system.signal(name, signal);
    }

    /// Begins an act.
    pub(crate) fn act(&mut self, title: &'static str) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let at_us = u64::try_from(now.as_micros()).unwrap();
        self.acts.push(Begun { title, at_us });
        self.since = self.system.heard.len();
        self.told.clear();
    }

    /// Waits until a process has told this, once for each time that it is asked for in an act.
    #[track_caller]
    pub(crate) fn told(&mut self, name: &'static str, event: &'static str) {
        self.told.push((name, event));
        let wanted = self.told.iter().filter(|one| **one == (name, event));
        let (wanted, since) = (wanted.count(), self.since);
        self.system
            .wait(&format!("{name} tells {event}"), |system| {
                let heard = system.heard[since..].iter();
                let found = heard.filter(|(who, said)| {
                matches!(said, Said::Told(told) if *who == name && told["event"] == event)
            });
                found.count() >= wanted
            });
    }

    /// Waits until so many answers to a process's MSRP requests have come in this act.
    #[track_caller]
    pub(crate) fn greeted(&mut self, name: &'static str, answers: usize) {
        let since = self.since;
        self.system.wait(&format!("{name} is greeted"), |system| {
            let heard = crossings(system, since, name, "received");
            heard.filter(|one| is_msrp(one, " 200 OK")).count() >= answers
        });
    }

    /// Waits until the act has had so many messages, and nothing is under way.
    #[track_caller]
    pub(crate) fn rests(&mut self, messages: usize) {
        self.still(messages, false);
    }

    /// The same while calls ring.
    #[track_caller]
    pub(crate) fn rings(&mut self, messages: usize) {
        self.still(messages, true);
    }

    #[track_caller]
    fn still(&mut self, messages: usize, rings: bool) {
        let since = self.since;
        self.system
            .wait(&format!("{messages} messages, and rest"), |system| {
                let arrived = |name: &&str| {
                    let received = crossings(system, since, name, "received");
                    received.filter(|one| !flow::is_trying(one)).count()
                };
                PARTIES.iter().map(arrived).sum::<usize>() >= messages
                    && PARTIES.iter().all(|name| is_at_rest(system, name, rings))
            });
    }

    /// Everybody goes; the acts with their messages.
    pub(crate) fn finish(mut self) -> Vec<Act> {
        for user in ["alice", "bob"] {
            self.act(match user {
                "alice" => "alice goes",
                _ => "bob goes",
            });
            self.say(user, &serde_json::json!({"do": "quit"}));
            self.system.ended(user);
        }
        for server in ["history", "participating", "controlling", "core", "xdms"] {
            self.system.signal(server, "TERM");
            self.system.ended(server);
        }
        let heard = self.system.finish();
        let warned = heard.iter().filter(|(_, said)| match said {
            Said::Line(line) => !line.starts_with("im-server ready "),
            Said::Crossed(_) | Said::Told(_) => false,
        });
        let warned: Vec<_> = warned.collect();
        assert!(warned.is_empty(), "{warned:?}");
        flow::acts(&heard, &self.acts)
    }
}

fn crossings<'a>(
    system: &'a System,
    since: usize,
    name: &'a str,
    way: &'a str,
) -> impl Iterator<Item = &'a Crossing> {
    let heard = system.heard[since..].iter();
    heard.filter_map(move |(who, said)| match said {
        Said::Crossed(crossing) if *who == name && crossing.way == way => Some(crossing),
        _ => None,
    })
}

fn is_msrp(crossing: &Crossing, ending: &str) -> bool {
    let first = crossing.message.lines().next().unwrap_or_default();
    crossing.protocol == "msrp" && first.ends_with(ending)
}

/// Whether every request of a process has its answer, and every 200 to an INVITE its ACK.
fn is_at_rest(system: &System, name: &str, rings: bool) -> bool {
    let received: HashSet<Waited> = crossings(system, 0, name, "received")
        .filter_map(|one| waited(one, false))
        .collect();
    let mut sent = crossings(system, 0, name, "sent").filter_map(|one| waited(one, true));
    sent.all(|one| received.contains(&one) || rings && one.0 == "INVITE")
}

/// What is waited for: its kind, and by what it is known.
type Waited = (String, String);

/// What a message that is sent waits for, or what one that is received brings.
fn waited(crossing: &Crossing, sent: bool) -> Option<Waited> {
    let first = crossing.message.lines().next()?;
    let mut words = first.split(' ');
    if crossing.protocol == "msrp" {
        let (id, kind) = (words.nth(1)?, words.next()?);
        // RFC 4975 7.2: this asks for no answer.
        let quiet = crossing.message.contains("\r\nFailure-Report: no\r\n");
        let wanted = match sent {
            true => kind == "SEND" && !quiet,
            false => kind.len() == 3,
        };
        return wanted.then(|| ("SEND".to_owned(), id.to_owned()));
    }
    let line = |name: &str| crossing.message.lines().find(|line| line.starts_with(name));
    let (via, cseq) = (line("Via: ")?, line("CSeq: ")?);
    let (number, method) = cseq.trim_start_matches("CSeq: ").split_once(' ')?;
    let success = first.starts_with("SIP/2.0 2") && method == "INVITE";
    if (sent && success) || (!sent && method == "ACK") {
        return Some(("ACK".to_owned(), format!("{} {number}", line("Call-ID: ")?)));
    }
    let branch = via.split("branch=").nth(1)?.split([';', ',']).next()?;
    let answers = first.starts_with("SIP/2.0 ");
    let wanted = match sent {
        true => !answers && method != "ACK",
        false => answers && !first.starts_with("SIP/2.0 1"),
    };
    wanted.then(|| (method.to_owned(), branch.to_owned()))
}
