//! How the participants of a session show in its conference state.

use std::collections::BTreeMap;

use super::roster::{CONNECTED, Shown};
use crate::controlling::recipients::ANONYMOUS;
use crate::controlling::session::{Participant, Presence, Session};

/// The names of those who must not be known: one each, the same for as long as the session lasts (RFC 4575 5.6).
#[derive(Debug, Default)]
pub(crate) struct Masks(BTreeMap<usize, usize>);

impl Masks {
    fn of(&mut self, index: usize) -> String {
        let next = self.0.len() + 1;
        match *self.0.entry(index).or_insert(next) {
            1 => ANONYMOUS.to_owned(),
            number => format!("sip:anonymous{number}@anonymous.invalid"),
        }
    }
}

/// Those of the session who are in it or on the way, each address once.
pub(crate) fn shown(session: &Session, masks: &mut Masks) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (index, participant) in session.participants.iter().enumerate() {
        let Some(status) = status(index, participant.presence) else {
            continue;
        };
        let one = show(index, participant, status, masks);
        match places.get(&one.entity) {
            // Connected once is connected.
            Some(place) if status == CONNECTED => all[*place] = one,
            Some(_) => {}
            None => {
                places.insert(one.entity.clone(), all.len());
                all.push(one);
            }
        }
    }
    all
}

fn show(index: usize, participant: &Participant, status: &'static str, masks: &mut Masks) -> Shown {
    if participant.anonymous {
        return Shown {
            entity: masks.of(index),
            display_text: None,
            status,
        };
    }
    Shown {
        entity: participant.address.uri.to_string(),
        display_text: participant.address.display.clone(),
        status,
    }
}

// RFC 4575 5.7.3; whoever is not in the session any more is not in its state either.
fn status(index: usize, presence: Presence) -> Option<&'static str> {
    match presence {
        Presence::Invited if index == 0 => Some("dialing-in"),
        Presence::Invited => Some("dialing-out"),
        Presence::Alerted => Some("alerting"),
        Presence::Connected => Some(CONNECTED),
        Presence::Leaving | Presence::Departed | Presence::Refused => None,
    }
}
