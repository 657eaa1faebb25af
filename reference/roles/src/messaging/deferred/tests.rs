//! Playbooks: what is heard, what is said, with a store that keeps everything in memory.

use std::time::Duration;

use machines::port::{Flow, Transport};
use machines::transactions::{Event, Layer};
use machines::{identifiers::Source, transactions};

use super::*;

/// A store without a disk, which may fail.
#[derive(Default)]
struct Shelf {
    records: Vec<(String, Record)>,
    latest: u64,
    fault: Option<&'static str>,
    room: Option<u64>,
    expired: u64,
}

impl Shelf {
    fn carry_out(&mut self, ask: Ask) -> Outcome {
        if let Some(fault) = self.fault {
            return Err(fault.into());
        }
        Ok(match ask {
            Ask::Append {
                folder,
                name,
                bytes,
                validity,
                ..
            } => {
                if validity.seconds == Some(0) {
                    return Ok(Answer::OutOfDate);
                }
                if self.room == Some(self.records.len() as u64) {
                    return Ok(Answer::NoRoom);
                }
                self.latest += 1;
                let record = Record {
                    number: self.latest,
                    name,
                    stored: 1_289_690_940,
                    expires: None,
                    bytes,
                };
                self.records.push((folder, record));
                Answer::Kept {
                    number: self.latest,
                }
            }
            Ask::First { folder, after } => {
                let fits =
                    |(of, record): &&(String, Record)| *of == folder && record.number > after;
                Answer::First {
                    record: self
                        .records
                        .iter()
                        .find(fits)
                        .map(|(_, record)| record.clone()),
                    expired: std::mem::take(&mut self.expired),
                }
            }
            Ask::Remove { folder, number } => {
                let before = self.records.len();
                self.records
                    .retain(|(of, record)| *of != folder || record.number != number);
                Answer::Removed(self.records.len() < before)
            }
            Ask::Folders { after, .. } => {
                let mut names: Vec<String> =
                    self.records.iter().map(|(of, _)| of.clone()).collect();
                names.sort();
                names.dedup();
                names.retain(|name| *name > after);
                Answer::Folders(names)
            }
            Ask::List { .. } => panic!("nobody asks for lists here"),
        })
    }
}

struct Stage {
    deferred: Deferred,
    shelf: Shelf,
    said: Vec<Said>,
    keys: Layer,
}

impl Stage {
    fn new() -> Stage {
        let local = "127.0.0.1:5060".parse().expect("an address");
        Stage {
            deferred: Deferred::new(Config::default(), "im.example".into(), 0, StoreId(0)),
            shelf: Shelf::default(),
            said: Vec::new(),
            keys: Layer::new(local, Source::new(1, 0)),
        }
    }

    /// Hears something, and lets the store answer all questions that come of it.
    fn hear(&mut self, heard: Heard) -> &mut Stage {
        let mut inputs = VecDeque::from([heard]);
        while let Some(heard) = inputs.pop_front() {
            let mut said = Vec::new();
            self.deferred.handle(heard, &mut said);
            for said in said {
                match said {
                    Said::Store { id, ask } => {
                        let outcome = self.shelf.carry_out(ask);
                        inputs.push_back(Heard::Stored { id, outcome });
                    }
                    other => self.said.push(other),
                }
            }
        }
        self
    }

    /// A MESSAGE of this text for the user arrives while nobody is there.
    fn message(&mut self, text: &str, user: &str) -> &mut Stage {
        self.with_headers(text, user, "")
    }

    fn with_headers(&mut self, text: &str, user: &str, more: &str) -> &mut Stage {
        let message = format!(
            "MESSAGE sip:{user} SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bK-{text}\r\n\
             Max-Forwards: 69\r\nRoute: <sip:127.0.0.1:5060;lr>\r\nFrom: <sip:alice@x>;tag=a{text}\r\n\
             To: <sip:{user}>\r\nCall-ID: {text}@x\r\nCSeq: 7 MESSAGE\r\n{more}\
             Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n{text}",
            text.len()
        );
        let message = Message::parse(message.as_bytes()).expect("well-formed");
        let flow = Flow {
            transport: Transport::Tcp,
            remote: "127.0.0.1:5070".parse().expect("an address"),
        };
        let mut out = Vec::new();
        self.keys.receive(flow, message, &mut out);
        let request = out.into_iter().find_map(|output| match output {
            transactions::Output::Event(Event::Request { key, message, .. }) => {
                Some((key, message))
            }
            _ => None,
        });
        let (key, message) = request.expect("a request");
        let there = self.deferred.waits(user);
        self.hear(Heard::Hold {
            key,
            message,
            there,
        })
    }

    /// What was said since the last look: codes and texts.
    fn look(&mut self) -> Vec<String> {
        let told = |said| match said {
            Said::Respond { message, .. } => format!("{}", message.code().unwrap_or(0)),
            Said::Send { message, .. } => {
                format!("send {}", String::from_utf8_lossy(&message.body))
            }
            Said::Arm { user, after } => format!("arm {user} {}", after.as_secs()),
            Said::Disarm(user) => format!("disarm {user}"),
            Said::Log(_) => "log".into(),
            Said::Store { .. } => unreachable!("answered above"),
        };
        self.said.drain(..).map(told).collect()
    }

    fn answer(&mut self, number: u64, code: u16) -> &mut Stage {
        let parcel = Parcel {
            user: BOB.into(),
            number,
        };
        self.hear(Heard::Answered {
            parcel,
            code,
            retry_after: None,
        })
    }

    /// Bob's timer runs out; that it runs no longer needs no saying.
    fn fire(&mut self) -> Vec<String> {
        let mut said = self.hear(Heard::Fired(BOB.into())).look();
        said.retain(|said| !said.starts_with("disarm"));
        said
    }

    fn available(&mut self) -> &mut Stage {
        self.hear(Heard::Available(BOB.into()))
    }
}

const BOB: &str = "bob@im.example";

#[test]
fn messages_go_out_in_order_one_at_a_time_and_are_forgotten_after_the_200() {
    let mut stage = Stage::new();
    stage.message("one", BOB).message("two", BOB);
    assert_eq!(stage.look(), ["202", "202"]);
    assert_eq!(stage.available().look(), ["send one"]);
    assert_eq!(stage.answer(1, 200).look(), ["send two"]);
    assert_eq!(stage.shelf.records.len(), 1);
    assert!(stage.answer(2, 200).look().is_empty());
    assert!(stage.shelf.records.is_empty());
    assert!(!stage.deferred.waits(BOB));
    assert_eq!(stage.deferred.counts().delivered, 2);
}

#[test]
fn the_client_gets_the_message_of_the_sender_without_its_way() {
    let mut stage = Stage::new();
    stage.message("one", BOB).available();
    let sent = stage.said.iter().find_map(|said| match said {
        Said::Send { message, .. } => Some(message.clone()),
        _ => None,
    });
    let sent = sent.expect("a message");
    assert_eq!(
        String::from_utf8(sent.to_bytes()).expect("text"),
        "MESSAGE sip:bob@im.example SIP/2.0\r\nMax-Forwards: 70\r\nFrom: <sip:alice@x>;tag=aone\r\n\
         To: <sip:bob@im.example>\r\nCall-ID: one@x\r\nCSeq: 7 MESSAGE\r\nContent-Type: text/plain\r\n\
         Content-Length: 3\r\nDate: Sat, 13 Nov 2010 23:29:00 GMT\r\n\r\none"
    );
}

#[test]
fn what_is_not_durable_is_not_accepted() {
    let mut stage = Stage::new();
    stage.shelf.fault = Some("read-only");
    assert_eq!(stage.message("one", BOB).look(), ["log", "500"]);
    stage.shelf.fault = None;
    stage.shelf.room = Some(0);
    assert_eq!(stage.message("two", BOB).look(), ["480"]);
    stage.shelf.room = None;
    assert_eq!(
        stage.with_headers("three", BOB, "Expires: 0\r\n").look(),
        ["480"]
    );
    assert!(stage.available().look().is_empty());
    assert_eq!(stage.deferred.counts().refused, 3);
}

#[test]
fn a_user_who_is_not_reached_is_waited_for() {
    let mut stage = Stage::new();
    stage.message("one", BOB).available().look();
    assert!(stage.answer(1, 480).look().is_empty());
    // The next message goes behind the first, and is a reason to try.
    assert!(stage.deferred.waits(BOB));
    assert_eq!(stage.message("two", BOB).look(), ["202", "send one"]);
    assert!(stage.answer(1, 408).look().is_empty());
    assert!(stage.hear(Heard::Gone(BOB.into())).look().is_empty());
    assert!(!stage.deferred.waits(BOB));
    assert_eq!(stage.available().look(), ["send one"]);
    // A REGISTER meanwhile is not forgotten.
    stage.available();
    assert_eq!(stage.answer(1, 480).look(), ["send one"]);
    assert_eq!(stage.answer(1, 200).look(), ["send two"]);
}

#[test]
fn a_refused_message_stands_in_nobodys_way() {
    let mut stage = Stage::new();
    stage
        .message("one", BOB)
        .message("two", BOB)
        .available()
        .look();
    assert_eq!(stage.answer(1, 415).look(), ["log", "send two"]);
    assert!(stage.answer(2, 200).look().is_empty());
    assert_eq!(stage.available().look(), ["send one"]);
}

#[test]
fn what_may_pass_is_tried_again() {
    let mut stage = Stage::new();
    stage.message("one", BOB).available().look();
    assert_eq!(stage.answer(1, 503).look(), [format!("arm {BOB} 30")]);
    assert_eq!(stage.fire(), ["send one"]);
    let parcel = Parcel {
        user: BOB.into(),
        number: 1,
    };
    let busy = Heard::Answered {
        parcel,
        code: 500,
        retry_after: Some(7),
    };
    assert_eq!(stage.hear(busy).look(), [format!("arm {BOB} 7")]);
    assert_eq!(
        stage.available().look(),
        [format!("disarm {BOB}"), "send one".into()]
    );
    assert_eq!(Duration::from_secs(30), RETRY);
}

#[test]
fn a_message_that_the_client_has_is_not_sent_again_though_the_store_fails() {
    let mut stage = Stage::new();
    stage
        .message("one", BOB)
        .message("two", BOB)
        .available()
        .look();
    stage.shelf.fault = Some("disk full");
    assert_eq!(
        stage.answer(1, 200).look(),
        ["log".into(), format!("arm {BOB} 30")]
    );
    assert!(stage.available().look().is_empty());
    assert_eq!(stage.fire(), ["log".into(), format!("arm {BOB} 30")]);
    stage.shelf.fault = None;
    assert_eq!(stage.fire(), ["send two"]);
}

#[test]
fn after_a_restart_every_user_is_tried_once() {
    let mut stage = Stage::new();
    stage
        .message("one", BOB)
        .message("two", "carol@im.example")
        .look();
    stage.deferred = Deferred::new(Config::default(), "im.example".into(), 0, StoreId(0));
    assert_eq!(stage.hear(Heard::Begun).look(), ["send one", "send two"]);
    assert!(stage.answer(1, 480).look().is_empty());
    assert_eq!(stage.available().look(), ["send one"]);
}

#[test]
fn what_came_out_of_date_is_counted() {
    let mut stage = Stage::new();
    stage.shelf.expired = 3;
    assert_eq!(stage.available().look(), ["log"]);
    assert_eq!(stage.deferred.counts().expired, 3);
}

#[test]
fn few_mailboxes_work_at_once() {
    let mut stage = Stage::new();
    for user in 0..AT_ONCE + 10 {
        stage.message(&format!("m{user}"), &format!("u{user}@im.example"));
    }
    stage.look();
    for user in 0..AT_ONCE + 10 {
        stage.hear(Heard::Available(format!("u{user}@im.example")));
    }
    assert_eq!(stage.look().len(), AT_ONCE);
    let parcel = Parcel {
        user: "u0@im.example".into(),
        number: 1,
    };
    let done = Heard::Answered {
        parcel,
        code: 200,
        retry_after: None,
    };
    assert_eq!(stage.hear(done).look(), [format!("send m{AT_ONCE}")]);
}
