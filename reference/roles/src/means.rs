//! What every procedure of a shard works with: transactions, timers, identifiers, the switch, and who is at the other end.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use machines::dialog::{Dialog, Id};
use machines::port::{Flow, Local, Output, Transport};
use machines::timers::Timers;
use machines::transactions::{self, Event, Key, Layer};
use machines::{session_timer, subscription};
use wire::sip::Message;

use crate::Config;
use crate::controlling::inviting_more::Referrals;
use crate::groups::Groups;
use crate::identifiers::Identifiers;
use crate::messaging::fan_out::FanOut;
use crate::messaging::leg::LegId;
use crate::messaging::patience::Patience;
use crate::messaging::switch::Switch;
use crate::stack;

/// Whose dialog or transaction it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Party {
    /// Number of the session in this shard.
    pub(crate) session: u64,
    /// Which part of it.
    pub(crate) role: Role,
}

/// The part that somebody plays in a session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Role {
    /// By position; 0 is the inviter.
    Participant(usize),
    /// By number.
    Subscriber(u64),
}

/// A transaction and whose it is.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) party: Party,
    pub(crate) method: String,
}

/// What a timer is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Purpose {
    /// Session timer of a participant.
    Session(Party, session_timer::Timer),
    /// A modification that waits for its turn (RFC 3261 14.1).
    Again(Party),
    /// A participant's MSRP connection broke.
    Lost(Party),
    /// A participant does not take the messages meant for it.
    Stall(Party),
    /// What the switch waits for.
    Switch(Patience),
    /// Life of a subscription.
    Subscription(Party, subscription::Timer),
}

/// The means of one shard.
#[derive(Debug)]
pub(crate) struct Means {
    pub(crate) config: Config,
    pub(crate) local: Local,
    pub(crate) ids: Identifiers,
    pub(crate) switch: Switch,
    pub(crate) fan_out: FanOut,
    pub(crate) out: Vec<Output>,
    pub(crate) calls: HashMap<Key, Call>,
    pub(crate) dialogs: HashMap<Id, Party>,
    pub(crate) groups: Groups,
    pub(crate) referrals: Referrals,
    timers: Timers<Purpose>,
    layer: Layer,
    spoken: Vec<transactions::Output>,
    events: VecDeque<Event>,
    legs: u64,
}

impl Means {
    pub(crate) fn new(config: Config, local: Local, shard: usize) -> Self {
        let mut ids = Identifiers::new(config.seed, shard);
        let layer = Layer::new(local.sip, ids.fork());
        Self {
            switch: Switch::new(
                config.accept_types.clone(),
                config.barred_nicknames.clone(),
                config.announce,
            ),
            fan_out: FanOut::default(),
            config,
            local,
            ids,
            out: Vec::new(),
            calls: HashMap::new(),
            dialogs: HashMap::new(),
            groups: Groups::default(),
            referrals: Referrals::default(),
            timers: Timers::new(),
            layer,
            spoken: Vec::new(),
            events: VecDeque::new(),
            legs: 0,
        }
    }

    /// Runs the transaction layer once and sorts what it says.
    pub(crate) fn with_layer<T>(
        &mut self,
        act: impl FnOnce(&mut Layer, &mut Vec<transactions::Output>) -> T,
    ) -> T {
        let result = act(&mut self.layer, &mut self.spoken);
        for spoken in self.spoken.drain(..) {
            match spoken {
                transactions::Output::Port(output) => self.out.push(output),
                transactions::Output::Event(event) => self.events.push_back(event),
            }
        }
        result
    }

    pub(crate) fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Sends a request on behalf of a party, who will get the responses.
    pub(crate) fn request(&mut self, message: Message, flow: Flow, party: Party) -> Key {
        let method = message.method().unwrap_or_default().to_owned();
        let key = self.with_layer(|layer, out| layer.request(message, flow, out));
        self.calls.insert(key, Call { party, method });
        key
    }

    pub(crate) fn respond(&mut self, key: Key, message: Message) {
        self.with_layer(|layer, out| layer.respond(key, message, out));
    }

    pub(crate) fn cancel(&mut self, key: Key) {
        self.with_layer(|layer, out| layer.cancel(key, out));
    }

    pub(crate) fn acknowledge(&mut self, key: Key, ack: Message, flow: Flow) {
        self.with_layer(|layer, out| layer.acknowledge(key, ack, flow, out));
    }

    /// The tag that our responses in this transaction carry.
    pub(crate) fn tag(&mut self, key: Key) -> String {
        self.layer.tag(key)
    }

    /// The request of a transaction that we started, without its body.
    pub(crate) fn request_of(&self, key: Key) -> Option<Message> {
        self.layer.request_of(key).cloned()
    }

    pub(crate) fn arm(&mut self, purpose: Purpose, after: std::time::Duration) {
        let timer = self.timers.arm(purpose);
        self.out.push(Output::Arm { timer, after });
    }

    pub(crate) fn disarm(&mut self, purpose: &Purpose) {
        if let Some(timer) = self.timers.disarm(purpose) {
            self.out.push(Output::Disarm(timer));
        }
    }

    pub(crate) fn fired(&mut self, timer: machines::port::TimerId) -> Option<Purpose> {
        self.timers.fired(timer)
    }

    pub(crate) fn ignore(&mut self, what: impl Into<String>) {
        self.out.push(Output::Ignored(what.into()));
    }

    /// A new MSRP session of ours for a participant of the room.
    pub(crate) fn reserve_leg(&mut self, room: u64, member: usize) -> (LegId, String) {
        self.legs += 1;
        let leg = LegId(self.legs);
        let own = format!("msrp://{}/{};tcp", self.local.msrp, self.ids.msrp_session());
        self.switch.reserve(leg, room, member, own.clone());
        (leg, own)
    }

    /// Times those who are behind, and no longer those who have caught up.
    pub(crate) fn time_stalls(&mut self) {
        for stall in self.switch.take_stalls() {
            let party = Party {
                session: stall.room,
                role: Role::Participant(stall.member),
            };
            if stall.behind {
                self.arm(Purpose::Stall(party), PATIENCE);
            } else {
                self.disarm(&Purpose::Stall(party));
            }
        }
        self.switch.tell_rooms(&mut self.ids, &mut self.out);
        for patience in self.switch.take_alarms() {
            self.arm(Purpose::Switch(patience), patience.within());
        }
        for loss in self.switch.take_losses() {
            let party = Party {
                session: loss.room,
                role: Role::Participant(loss.member),
            };
            if loss.lost {
                self.arm(Purpose::Lost(party), GRACE);
            } else {
                self.disarm(&Purpose::Lost(party));
            }
        }
    }

    /// Towards the SIP/IP core.
    pub(crate) fn core(&self) -> Flow {
        Flow {
            transport: self.config.core_transport,
            remote: self.config.core,
        }
    }

    /// Where a request in the dialog goes: to the route or target when that is an address, else to the core.
    pub(crate) fn hop(&self, dialog: &Dialog, otherwise: Transport) -> Flow {
        stack::hop(&dialog.next_hop(), otherwise, self.core())
    }

    /// The server's host as it is printed in URIs.
    pub(crate) fn host(&self) -> String {
        match self.local.sip.ip() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        }
    }
}

/// How long a participant without its MSRP connection stays: RFC 4975 5.4 takes the session for failed and lets a new
/// offer and answer mend it, so there is time for a connection or a re-INVITE, and for one retransmission of that.
const GRACE: std::time::Duration = std::time::Duration::from_secs(10);

/// How long a participant may hold up the others: the time that RFC 4975 7.1.1 gives to a transaction.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);
