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
                (Err(why), trouble) if trouble.as_ref() != Some(why) => {
                    self.say(&format!("{why}. Until then messages are refused with 500"));
                    self.trouble = Some(why.clone());
                }
                // Reading works on a full disk too.
                (Ok(Answer::Kept { .. } | Answer::Removed(true)), Some(_)) => {
                    self.say("it works again");
                    self.trouble = None;
                }
                _ => {}
            }
        }
    }
}
