//! A person at a prompt: reads what the user shall do, does it with a client, and types what the client shows.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinHandle;

use super::Lines;
use crate::{Command, Told};

/// Lines typed ahead; a person types no more while this many wait.
const AHEAD: usize = 64;
type Typed = Receiver<String>;

/// The terminal of a run, which one scenario after the other uses.
#[derive(Clone, Default)]
pub(crate) struct Prompt(Arc<Mutex<Option<Typed>>>);

impl Prompt {
    /// Shows the orders of one scenario and tells what is typed; `sip` is where the client hears SIP.
    pub(super) fn talk(&self, sip: SocketAddr, mut lines: Lines) -> JoinHandle<()> {
        let terminal = Arc::clone(&self.0);
        let address = sip.to_string();
        tokio::spawn(async move {
            let mut terminal = terminal.lock().await;
            let typed = terminal.get_or_insert_with(typed_lines);
            let mut person = Person::default();
            // A receiver that is gone ends the scenario, not the person.
            let _ = lines.told.send(Told::Ready { address }.line()).await;
            loop {
                tokio::select! {
                    order = lines.orders.recv() => match order {
                        Some(order) => show(&person.order(&order)),
                        None => return,
                    },
                    line = typed.recv() => match line {
                        Some(line) => {
                            if let Some(told) = person.says(&line) {
                                let _ = lines.told.send(told).await;
                            }
                        }
                        None => return,
                    },
                }
            }
        })
    }
}

fn show(text: &str) {
    // A closed standard error leaves nobody to tell.
    let _ = writeln!(std::io::stderr(), "\n> {text}");
}

/// Standard input, line by line; its thread ends with it or with the run.
fn typed_lines() -> Typed {
    let (lines, typed) = channel(AHEAD);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if lines.blocking_send(line).is_err() {
                return;
            }
        }
    });
    typed
}

/// What the words of one scenario refer to.
#[derive(Default)]
struct Person {
    action: String,
    call: String,
    incoming: usize,
}

impl Person {
    /// An order in words.
    fn order(&mut self, line: &str) -> String {
        let Ok(command) = Command::read(line) else {
            return line.to_owned();
        };
        let value: Option<String> = line.split('"').nth(3).map(str::to_owned);
        self.action = value.unwrap_or_default();
        if let Command::Invite { call, .. } | Command::Extend { name: call, .. } = &command {
            self.call.clone_from(call);
        }
        let secretly = |anonymous: bool| if anonymous { ", anonymously" } else { "" };
        match command {
            Command::Invite {
                group: Some(group),
                anonymous,
                ..
            } => {
                format!("call the group {group}{}", secretly(anonymous))
            }
            Command::Invite { to, anonymous, .. } if to.len() == 1 => {
                format!("call {}{}", to[0], secretly(anonymous))
            }
            Command::Invite { to, anonymous, .. } => format!(
                "start a conference with {}{}",
                to.join(", "),
                secretly(anonymous)
            ),
            Command::Accept { .. } => "take the incoming call".to_owned(),
            Command::Reject { .. } => "turn the incoming call down".to_owned(),
            Command::Leave { anonymous, .. } => format!("leave the session{}", secretly(anonymous)),
            Command::Modify { types, .. } => {
                format!(
                    "offer the content types {} in the session",
                    types.join(", ")
                )
            }
            Command::Refresh { .. } => "refresh the session, if your client lets you".to_owned(),
            Command::Extend { with, .. } => {
                format!("make the session a conference with {} too", with.join(", "))
            }
            Command::Subscribe { .. } => "follow who is in the session".to_owned(),
            Command::Send { text, to, .. } => {
                let to = to.map_or_else(String::new, |to| format!(" to {to} alone"));
                format!("say \"{text}\" in the session{to}")
            }
            Command::Deliver { .. } => "open a session and deliver what was recorded".to_owned(),
            Command::Message { to, text } => {
                format!("send the message \"{text}\" to {}", to.join(", "))
            }
            Command::Start | Command::Quit => "start your client, or end it".to_owned(),
        }
    }

    /// What a typed line tells: an event as it stands, a word that stands for one, or what the client shows.
    fn says(&mut self, line: &str) -> Option<String> {
        let line = line.trim();
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (call, text) = (self.call.clone(), rest.to_owned());
        let told = match word {
            "" => return None,
            _ if line.starts_with('{') => return Some(line.to_owned()),
            "cannot" => Told::Cannot {
                action: self.action.clone(),
                why: text,
            },
            "incoming" => {
                self.incoming += 1;
                self.call = format!("in{}", self.incoming);
                Told::Incoming {
                    call: self.call.clone(),
                    from: text,
                    name: None,
                }
            }
            "ringing" => Told::Ringing { call },
            "established" => Told::Established {
                call,
                session: text,
                group: false,
            },
            "modified" => Told::Modified { call },
            "ended" => Told::Ended { call, why: text },
            _ => Told::Notice {
                text: line.to_owned(),
            },
        };
        Some(told.line())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn orders_are_words_and_words_are_events() {
        let mut person = Person::default();
        let order = r#"{"do":"invite","call":"c1","to":["sip:bob@x"]}"#;
        assert_eq!(person.order(order), "call sip:bob@x");
        let mut told = |line: &str| Told::read(&person.says(line).unwrap()).unwrap();
        assert_eq!(told("ringing"), Told::Ringing { call: "c1".into() });
        let why = "no such button".to_owned();
        let action = "invite".to_owned();
        assert_eq!(told("cannot no such button"), Told::Cannot { action, why });
        let text = "Too many guests".to_owned();
        assert_eq!(told("Too many guests"), Told::Notice { text });
        assert!(matches!(told("incoming sip:a@x"), Told::Incoming { call, .. } if call == "in1"));
        assert!(matches!(told("ended"), Told::Ended { call, .. } if call == "in1"));
        assert_eq!(person.says("  "), None);
    }
}
