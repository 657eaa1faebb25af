//! What the operator of a store has to know: said once when it begins, and once when it is over.

use machines::store::{Answer, Outcome};

/// The voice of one store.
#[derive(Debug)]
pub(crate) struct Log {
    name: String,
    trouble: Option<String>,
    #[cfg(test)]
    pub(crate) said: Vec<String>,
}

impl Log {
    /// `name` says which store it is.
    pub(crate) fn new(name: String) -> Log {
        Log {
            name,
            trouble: None,
            #[cfg(test)]
            said: Vec::new(),
        }
    }

    /// Says a line.
    pub(crate) fn say(&mut self, line: &str) {
        eprintln!("im-server: store {}: {line}", self.name);
        #[cfg(test)]
        self.said.push(line.to_owned());
    }

    /// Tells of the first failure of its kind, and of the first success behind it.
    pub(crate) fn outcomes(&mut self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            match (outcome, &self.trouble) {
                (Err(why), _) => self.failed(why, "messages are refused with 500"),
                // Reading works on a full disk too.
                (Ok(Answer::Kept { .. } | Answer::Removed(true)), Some(_)) => self.written(),
                _ => {}
            }
        }
    }

    /// Tells of a failure, unless that is known already, and of what follows until it is over.
    pub(crate) fn failed(&mut self, why: &str, meanwhile: &str) {
        if self.trouble.as_deref() != Some(why) {
            self.say(&format!("{why}. Until then {meanwhile}"));
            self.trouble = Some(why.to_owned());
        }
    }

    /// Something was written: tells that what was wrong is over.
    pub(crate) fn written(&mut self) {
        if self.trouble.take().is_some() {
            self.say("it works again");
        }
    }
}
