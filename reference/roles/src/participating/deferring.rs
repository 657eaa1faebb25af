//! Messages for users who are not there (12.4.2.2): kept when they cannot be passed on, and delivered when the user comes.

use std::collections::HashMap;

use machines::port::{Flow, Output};
use machines::store::{Outcome, StoreId};
use machines::transactions::Key;
use wire::sip::{Message, Uri};

use super::registration::Availability;
use super::{Participating, Purpose, Side};
use crate::groups::name_of;
use crate::messaging::deferred::{Deferred, Heard, Parcel, Said};

/// What a function that keeps messages knows of them.
#[derive(Debug)]
pub(super) struct Deferring {
    deferred: Deferred,
    /// Messages on their way to users who have registered, by the sender's transaction.
    passed: HashMap<Key, Message>,
    /// Kept messages on their way.
    parcels: HashMap<Key, Parcel>,
    begun: bool,
}

impl Deferring {
    pub(super) fn new(config: &super::Config, shard: usize) -> Option<Deferring> {
        let keeps = config.side == Side::Terminating;
        let own = config.deferred.clone().filter(|_| keeps)?;
        let first = StoreId(0);
        Some(Deferring {
            deferred: Deferred::new(own, config.domain.clone(), shard, first),
            passed: HashMap::new(),
            parcels: HashMap::new(),
            begun: false,
        })
    }
}

impl Participating {
    /// A MESSAGE outside of dialogs: on to a user who is there, else to the store.
    pub(super) fn message(&mut self, key: Key, flow: Flow, request: &Message) {
        let user = request.uri().and_then(name_of).unwrap_or_default();
        let Some(deferring) = &mut self.deferring else {
            return self.forward(key, flow, request);
        };
        let local = self.stack.local.sip.to_string();
        let is_own = |via: &String| via.split([' ', ';']).any(|word| word == local);
        let delivered = request.values("Via").iter().any(is_own);
        let asked = request.uri().and_then(|uri| Uri::parse(uri).ok());
        let served = asked.is_some_and(|uri| uri.host.eq_ignore_ascii_case(&self.config.domain));
        let waits = deferring.deferred.waits(&user);
        let there = self.registrations.has(&user);
        let trusted = flow.remote.ip() == self.config.core.ip();
        // What the core brings back to us on its way to the user is on its way already.
        if delivered || !served || !trusted {
            return self.forward(key, flow, request);
        }
        if there && !waits {
            if deferring.passed.len() < PASSED {
                deferring.passed.insert(key, request.clone());
            }
            self.forward(key, flow, request);
            return self.forget_answered(key);
        }
        if let Err(response) = self.proxy.validate(request) {
            return self.stack.respond(key, response);
        }
        if let Err(refusal) = self.may_reach(flow, request) {
            return self.refuse(key, request, refusal);
        }
        let message = request.clone();
        self.hear(Heard::Hold {
            key,
            message,
            there,
        });
    }

    // What was refused at once is on no way.
    fn forget_answered(&mut self, key: Key) {
        let answered = self.stack.with_layer(|layer, _| layer.answered(key));
        if let Some(deferring) = self.deferring.as_mut().filter(|_| answered) {
            deferring.passed.remove(&key);
        }
    }

    /// The final response to a message that was passed on, unless the message is kept instead.
    pub(super) fn keeps(&mut self, key: Key, code: u16) -> bool {
        let Some(deferring) = &mut self.deferring else {
            return false;
        };
        let Some(message) = deferring.passed.remove(&key) else {
            return false;
        };
        let kept = matches!(code, 408 | 430 | 480);
        if kept {
            let there = false;
            self.hear(Heard::Hold {
                key,
                message,
                there,
            });
        }
        kept
    }

    /// A response to a kept message, or the end of waiting for one; false when it is none of ours.
    pub(super) fn parcel_answered(
        &mut self,
        key: Key,
        code: u16,
        response: Option<&Message>,
    ) -> bool {
        let Some(deferring) = &mut self.deferring else {
            return false;
        };
        if code < 200 {
            return deferring.parcels.contains_key(&key);
        }
        let Some(parcel) = deferring.parcels.remove(&key) else {
            return false;
        };
        let seconds = |value: &str| value.split([' ', ';', '(']).next()?.parse().ok();
        let retry_after = response.and_then(|response| response.header("Retry-After"));
        self.hear(Heard::Answered {
            parcel,
            code,
            retry_after: retry_after.and_then(seconds),
        });
        true
    }

    pub(super) fn stored(&mut self, id: StoreId, outcome: Outcome) {
        self.hear(Heard::Stored { id, outcome });
    }

    pub(super) fn deferred_fired(&mut self, user: String) {
        self.hear(Heard::Fired(user));
    }

    /// With the first input: users whose messages were kept before may be there.
    pub(super) fn begin(&mut self) {
        if let Some(deferring) = &mut self.deferring
            && !std::mem::replace(&mut deferring.begun, true)
        {
            self.hear(Heard::Begun);
        }
    }

    // 6.1.1/on-register/1
    pub(super) fn tell_availability(&mut self) {
        for change in self.registrations.take_changes() {
            let named = |user: &str| name_of(user).unwrap_or_default();
            let heard = match &change {
                Availability::Available { user } => Heard::Available(named(user)),
                Availability::Unavailable { user } => Heard::Gone(named(user)),
            };
            self.hear(heard);
        }
    }

    fn hear(&mut self, heard: Heard) {
        let mut said = Vec::new();
        match &mut self.deferring {
            Some(deferring) => deferring.deferred.handle(heard, &mut said),
            None => return,
        }
        for said in said {
            self.say(said);
        }
    }

    fn say(&mut self, said: Said) {
        match said {
            Said::Store { id, ask } => self.stack.out.push(Output::Store { id, ask }),
            Said::Respond { key, message } => {
                let message = message.with("Server", self.config.release.clone());
                self.stack.respond(key, message);
            }
            Said::Send { parcel, message } => {
                let core = self.core();
                let key = self.stack.request(message, core);
                if let Some(deferring) = &mut self.deferring {
                    deferring.parcels.insert(key, parcel);
                }
            }
            Said::Arm { user, after } => self.stack.arm(Purpose::Deferred(user), after),
            Said::Disarm(user) => self.stack.disarm(&Purpose::Deferred(user)),
            Said::Log(what) => self.stack.ignore(what),
        }
    }
}

/// The most messages on their way that can still be kept when they do not arrive.
const PASSED: usize = 10_000;
