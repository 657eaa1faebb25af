//! Subscribing to participant information (7.2.1.12): who follows which conference, and what they are sent (7.2.2.10, 7.2.2.11).

mod participants;
mod request;
mod roster;
mod subscriber;

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use machines::dialog::{self, Dialog};
use machines::subscription::{self, Input, Output, Reason, Settings, Subscription};
use machines::transactions::Key;
use wire::sip::{Message, Uri};
use wire::xml::group::Group;

use self::participants::{Masks, shown};
pub(crate) use self::request::PACKAGE;
use self::request::{Asked, accept, examine, expires, may_follow, refuse};
use self::roster::Roster;
use self::subscriber::Subscriber;
use super::general::{Refusal, contact};
use super::session::{Session, Stage};
use crate::groups::{self, Waiting};
use crate::means::{Means, Party, Purpose, Role};

/// What is followed.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Topic {
    /// A session without a group, by its number.
    Session(u64),
    /// A pre-defined group and its sessions, by the group's name.
    Group(String),
}

/// Where a subscription goes, and under which names.
struct Place {
    topic: Topic,
    lasting: bool,
    entity: String,
    contact: String,
    asserted: String,
}

/// Everybody who follows a conference of this shard.
#[derive(Debug, Default)]
pub(crate) struct Conferences {
    conferences: HashMap<Topic, Conference>,
    subscribers: HashMap<u64, Subscriber>,
    /// Number of the latest subscription.
    counter: u64,
}

/// One that is followed.
#[derive(Debug, Default)]
struct Conference {
    roster: Roster,
    masks: Masks,
    /// The session that it is about, while there is one.
    session: Option<u64>,
    subscribers: BTreeSet<u64>,
}

impl Conferences {
    /// Takes a first SUBSCRIBE to an IM Session Identity.
    pub(crate) fn subscribe_session(
        &mut self,
        session: &Session,
        key: Key,
        subscribe: &Message,
        means: &mut Means,
    ) {
        let asked = match examine(subscribe, means) {
            Ok(asked) => asked,
            Err(refusal) => return means.refuse(key, subscribe, refusal),
        };
        if session.stage == Stage::Ended {
            return means.refuse(key, subscribe, Refusal::new(404));
        }
        let place = Place {
            topic: topic(session),
            lasting: false,
            entity: session.identity.clone(),
            contact: session.identity.clone(),
            // 7.2.1.12/on-subscribe/8a
            asserted: session.asserted.clone(),
        };
        // 7.2.1.12/on-subscribe/4
        if let Some(group) = &session.group
            && !may_follow(group, &asked)
        {
            return means.refuse(key, subscribe, Refusal::new(403));
        }
        self.open(&place.topic, Some(session));
        self.subscribe(place, asked, key, subscribe, means);
    }

    /// Takes a first SUBSCRIBE to an IM Group Identity, whether the group has a session now or not.
    pub(crate) fn subscribe_group(
        &mut self,
        waiting: &Waiting,
        group: &Group,
        session: Option<&Session>,
        means: &mut Means,
    ) {
        let (key, subscribe) = (waiting.key, &waiting.message);
        let asked = match examine(subscribe, means) {
            Ok(asked) => asked,
            Err(refusal) => return means.refuse(key, subscribe, refusal),
        };
        // 7.2.1.12/on-subscribe/4, 7.2.1.12/on-subscribe/4.2
        if !may_follow(group, &asked) {
            return means.refuse(key, subscribe, Refusal::new(403));
        }
        let Some(uri) = subscribe.uri().and_then(|uri| Uri::parse(uri).ok()) else {
            return means.refuse(key, subscribe, Refusal::new(400));
        };
        let entity = groups::identity(&uri);
        let user = uri.user.as_deref().unwrap_or_default();
        let place = Place {
            topic: Topic::Group(groups::name(&uri)),
            lasting: true,
            contact: format!("sip:{user}@{}", means.local.sip),
            // 7.2.1.12/on-subscribe/8b
            asserted: entity.clone(),
            entity,
        };
        self.open(&place.topic, session);
        self.subscribe(place, asked, key, subscribe, means);
    }

    // The conference of a topic, with what is known of it now.
    fn open(&mut self, topic: &Topic, session: Option<&Session>) {
        if self.conferences.contains_key(topic) {
            return;
        }
        let mut conference = Conference::default();
        if let Some(session) = session {
            conference.session = Some(session.id);
            let users = shown(session, &mut conference.masks);
            conference.roster.update(users, true);
        }
        self.conferences.insert(topic.clone(), conference);
    }

    // 7.2.1.12/on-subscribe/5
    fn subscribe(
        &mut self,
        place: Place,
        asked: Asked,
        key: Key,
        subscribe: &Message,
        means: &mut Means,
    ) {
        if let Err(refusal) = self.room(&place.topic, &asked.address, means) {
            return means.refuse(key, subscribe, refusal);
        }
        let tag = means.tag(key);
        let Ok(dialog) = Dialog::uas(subscribe, &tag, &contact(&place.contact), true) else {
            return means.refuse(key, subscribe, Refusal::new(400));
        };
        self.counter += 1;
        let number = self.counter;
        means.dialogs.insert(dialog.id.clone(), party(number));
        if let Some(conference) = self.conferences.get_mut(&place.topic) {
            conference.subscribers.insert(number);
        }
        let subscriber = Subscriber {
            topic: place.topic,
            lasting: place.lasting,
            address: asked.address,
            entity: place.entity,
            contact: place.contact,
            asserted: place.asserted,
            dialog,
            event: asked.event,
            subscription: Subscription::new(Settings {
                interval: means.config.notify_interval,
                ..LIFE
            }),
            version: 0,
            told: None,
        };
        self.subscribers.insert(number, subscriber);
        let input = Input::Subscribe {
            expires: expires(subscribe),
        };
        self.input(number, input, Some((key, subscribe)), means);
    }

    // The NOTE of 7.2.1.12/on-subscribe/3: a storm of subscriptions is bounded.
    fn room(&self, topic: &Topic, address: &str, means: &Means) -> Result<(), Refusal> {
        if self.subscribers.len() >= SUBSCRIPTIONS {
            return Err(Refusal::new(503).with("Retry-After", "60"));
        }
        let followers = self.conferences.get(topic).map(|one| &one.subscribers);
        let mine = followers.into_iter().flatten().filter(|number| {
            let subscriber = self.subscribers.get(number);
            subscriber.is_some_and(|one| one.address == address)
        });
        if mine.count() >= means.config.max_subscriptions
            || followers.is_some_and(|all| all.len() >= FOLLOWERS)
        {
            return Err(Refusal::new(403));
        }
        Ok(())
    }

    /// Takes a SUBSCRIBE inside a subscription: refresh or end.
    pub(crate) fn resubscribe(
        &mut self,
        number: u64,
        key: Key,
        subscribe: &Message,
        means: &mut Means,
    ) {
        let Some(subscriber) = self.subscribers.get_mut(&number) else {
            return means.refuse(key, subscribe, Refusal::new(481));
        };
        let mut said = Vec::new();
        subscriber
            .dialog
            .handle(dialog::Input::Request(subscribe), &mut said);
        for output in said {
            if let dialog::Output::Reject { code, .. } = output {
                return means.refuse(key, subscribe, Refusal::new(code));
            }
        }
        let input = Input::Subscribe {
            expires: expires(subscribe),
        };
        self.input(number, input, Some((key, subscribe)), means);
    }

    /// The answer to a NOTIFY.
    pub(crate) fn notified(&mut self, number: u64, code: u16, means: &mut Means) {
        if code < 300 {
            return;
        }
        if let Some(subscriber) = self.subscribers.get_mut(&number) {
            // It may have missed a change.
            subscriber.told = None;
        }
        self.input(number, Input::NotifyFailed { code }, None, means);
    }

    /// A timer of a subscription.
    pub(crate) fn fired(&mut self, number: u64, timer: subscription::Timer, means: &mut Means) {
        self.input(number, Input::Fired(timer), None, means);
    }

    /// Tells those who follow the session what is new in it, its end included.
    pub(crate) fn follow(&mut self, session: &mut Session, means: &mut Means) {
        let changed = std::mem::take(&mut session.changed);
        let ended = session.stage == Stage::Ended;
        let topic = topic(session);
        let Some(conference) = self.conferences.get_mut(&topic) else {
            return;
        };
        let ours = conference.session == Some(session.id);
        if (ours && !changed && !ended) || (ended && !ours) {
            return;
        }
        if !ours {
            conference.masks = Masks::default();
        }
        conference.session = Some(session.id).filter(|_| !ended);
        let users = if ended {
            Vec::new()
        } else {
            shown(session, &mut conference.masks)
        };
        let news = conference.roster.update(users, !ended);
        for number in conference.subscribers.clone() {
            let lasting = self.subscribers.get(&number).is_some_and(|one| one.lasting);
            // 7.2.1.12/on-terminate/u1, 7.2.2.11
            let input = match (ended && !lasting, news) {
                (true, _) => Input::Terminate {
                    reason: Reason::Noresource,
                },
                // 7.2.1.12/on-state-change/u1
                (false, true) => Input::Changed,
                (false, false) => continue,
            };
            self.input(number, input, None, means);
        }
        self.close(&topic);
    }

    /// Ends every subscription, because the server stops.
    pub(crate) fn stop(&mut self, means: &mut Means) {
        for number in self.subscribers.keys().copied().collect::<Vec<_>>() {
            let reason = Reason::Deactivated;
            self.input(number, Input::Terminate { reason }, None, means);
        }
    }

    fn input(
        &mut self,
        number: u64,
        input: Input,
        asked: Option<(Key, &Message)>,
        means: &mut Means,
    ) {
        let Some(subscriber) = self.subscribers.get_mut(&number) else {
            return;
        };
        let conference = self.conferences.get(&subscriber.topic);
        // A conference that is gone has no state but that.
        let gone = matches!(
            input,
            Input::Terminate {
                reason: Reason::Noresource
            }
        );
        let roster = conference.map(|one| &one.roster).filter(|_| !gone);
        let mut said = Vec::new();
        subscriber.subscription.handle(input, &mut said);
        let party = party(number);
        for output in said {
            match output {
                Output::Accept { expires } => accept(subscriber, asked, expires, means),
                Output::TooBrief { min } => {
                    let refusal = Refusal::new(423).with("Min-Expires", min.to_string());
                    refuse(asked, refusal, means);
                }
                Output::Gone => refuse(asked, Refusal::new(481), means),
                Output::Notify { state, full } => {
                    let notify = subscriber.notify(&state, full, roster, &means.config.release);
                    let flow = means.hop(&subscriber.dialog, means.core().transport);
                    means.request(notify, flow, party);
                }
                Output::Arm { timer, after } => {
                    means.arm(Purpose::Subscription(party, timer), after)
                }
                Output::Disarm(timer) => means.disarm(&Purpose::Subscription(party, timer)),
                Output::Terminated => {}
                Output::Ignored(why) => means.ignore(why),
            }
        }
        if subscriber.subscription.state() != subscription::State::Active {
            self.drop(number, means);
        }
    }

    fn drop(&mut self, number: u64, means: &mut Means) {
        let Some(subscriber) = self.subscribers.remove(&number) else {
            return;
        };
        means.dialogs.remove(&subscriber.dialog.id);
        if let Some(conference) = self.conferences.get_mut(&subscriber.topic) {
            conference.subscribers.remove(&number);
        }
        self.close(&subscriber.topic);
    }

    // The names of the anonymous last as long as the session does.
    fn close(&mut self, topic: &Topic) {
        let over = |one: &Conference| one.session.is_none() && one.subscribers.is_empty();
        if self.conferences.get(topic).is_some_and(over) {
            self.conferences.remove(topic);
        }
    }
}

fn topic(session: &Session) -> Topic {
    match &session.group {
        Some(_) => Topic::Group(groups::name_of(&session.asserted).unwrap_or_default()),
        None => Topic::Session(session.id),
    }
}

fn party(number: u64) -> Party {
    Party {
        session: 0,
        role: Role::Subscriber(number),
    }
}

const LIFE: Settings = Settings {
    default: 3600,
    min: 60,
    max: 7200,
    interval: Duration::ZERO,
};

/// How many may follow one conference.
const FOLLOWERS: usize = 1024;
/// How many subscriptions a shard holds.
const SUBSCRIPTIONS: usize = 100_000;
