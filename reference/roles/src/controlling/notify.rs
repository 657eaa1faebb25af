//! Who follows the conference state (7.2.1.12), and what they are sent (7.2.2.10, 7.2.2.11).

use machines::dialog::{self, Dialog};
use machines::subscription::{self, Input, Output, Reason, Settings, Subscription};
use machines::transactions::Key;
use wire::sip::{Event, Message};
use wire::xml::conference_info::{ConferenceInfo, Endpoint, User};

use super::admission::originator;
use super::general::{ALLOW, Refusal, contact};
use super::recipients::ANONYMOUS;
use super::session::{Participant, Presence, Session, Stage};
use crate::means::{Means, Party, Purpose, Role};

/// Somebody who follows the session.
#[derive(Debug)]
pub(crate) struct Subscriber {
    dialog: Dialog,
    event: String,
    subscription: Subscription,
    version: u32,
}

/// Refuses a SUBSCRIBE that no session could take.
pub(crate) fn examine(subscribe: &Message, means: &Means) -> Result<String, Refusal> {
    let event = subscribe
        .header("Event")
        .ok_or_else(|| Refusal::new(489).with("Allow-Events", PACKAGE))?;
    let parsed = Event::parse(event).map_err(|_| Refusal::new(400))?;
    if !parsed.package.eq_ignore_ascii_case(PACKAGE) {
        return Err(Refusal::new(489).with("Allow-Events", PACKAGE));
    }
    originator(&means.config, subscribe)?;
    Ok(event.to_owned())
}

impl Session {
    /// Takes a first SUBSCRIBE.
    pub(crate) fn subscribe(&mut self, key: Key, subscribe: &Message, means: &mut Means) {
        let event = match examine(subscribe, means) {
            Ok(event) => event,
            Err(refusal) => return means.refuse(key, subscribe, refusal),
        };
        if self.stage == Stage::Ended {
            return means.refuse(key, subscribe, Refusal::new(404));
        }
        if self.subscribers.len() >= SUBSCRIBERS {
            return means.refuse(key, subscribe, Refusal::new(403));
        }
        let tag = means.tag(key);
        let Ok(dialog) = Dialog::uas(subscribe, &tag, &contact(&self.identity), true) else {
            return means.refuse(key, subscribe, Refusal::new(400));
        };
        self.subscriptions += 1;
        let number = self.subscriptions;
        means
            .dialogs
            .insert(dialog.id.clone(), self.subscriber(number));
        let subscription = Subscription::new(Settings {
            default: 3600,
            min: 60,
            max: 7200,
        });
        self.subscribers.insert(
            number,
            Subscriber {
                dialog,
                event,
                subscription,
                version: 0,
            },
        );
        self.subscription_input(
            number,
            Input::Subscribe {
                expires: expires(subscribe),
            },
            Some((key, subscribe)),
            means,
        );
    }

    /// Takes a SUBSCRIBE inside the subscription: refresh or end.
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
        self.subscription_input(
            number,
            Input::Subscribe {
                expires: expires(subscribe),
            },
            Some((key, subscribe)),
            means,
        );
    }

    /// The answer to a NOTIFY.
    pub(crate) fn notified(&mut self, number: u64, code: u16, means: &mut Means) {
        if code >= 300 {
            self.subscription_input(number, Input::NotifyFailed { code }, None, means);
        }
    }

    /// A subscription's timer.
    pub(crate) fn subscription_fired(
        &mut self,
        number: u64,
        timer: subscription::Timer,
        means: &mut Means,
    ) {
        self.subscription_input(number, Input::Fired(timer), None, means);
    }

    /// Tells every subscriber the new state.
    pub(crate) fn notify_all(&mut self, means: &mut Means) {
        for number in self.subscribers.keys().copied().collect::<Vec<_>>() {
            self.subscription_input(number, Input::Changed, None, means);
        }
    }

    // 7.2.2.11: the session is gone.
    pub(crate) fn terminate_subscriptions(&mut self, means: &mut Means) {
        for number in self.subscribers.keys().copied().collect::<Vec<_>>() {
            self.subscription_input(
                number,
                Input::Terminate {
                    reason: Reason::Noresource,
                },
                None,
                means,
            );
        }
    }

    fn subscriber(&self, number: u64) -> Party {
        Party {
            session: self.id,
            role: Role::Subscriber(number),
        }
    }

    fn subscription_input(
        &mut self,
        number: u64,
        input: Input,
        asked: Option<(Key, &Message)>,
        means: &mut Means,
    ) {
        let Some(subscriber) = self.subscribers.get_mut(&number) else {
            return;
        };
        let mut said = Vec::new();
        subscriber.subscription.handle(input, &mut said);
        let party = self.subscriber(number);
        for output in said {
            match output {
                Output::Accept { expires } => self.accept_subscription(asked, expires, means),
                Output::TooBrief { min } => {
                    refuse(
                        asked,
                        Refusal::new(423).with("Min-Expires", min.to_string()),
                        means,
                    );
                }
                Output::Gone => refuse(asked, Refusal::new(481), means),
                Output::Notify { state } => self.notify(number, &state, means),
                Output::Arm { timer, after } => {
                    means.arm(Purpose::Subscription(party, timer), after)
                }
                Output::Disarm(timer) => means.disarm(&Purpose::Subscription(party, timer)),
                Output::Terminated => {}
                Output::Ignored(why) => means.ignore(why),
            }
        }
        let idle = |one: &Subscriber| one.subscription.state() != subscription::State::Active;
        if self.subscribers.get(&number).is_some_and(idle)
            && let Some(gone) = self.subscribers.remove(&number)
        {
            means.dialogs.remove(&gone.dialog.id);
        }
    }

    fn accept_subscription(&self, asked: Option<(Key, &Message)>, expires: u32, means: &mut Means) {
        let Some((key, request)) = asked else { return };
        let mut response = Message::response(request, 200, "OK");
        let routes: Vec<String> = request.headers("Record-Route").map(str::to_owned).collect();
        for route in routes {
            response.push("Record-Route", route);
        }
        response.push("Expires", expires.to_string());
        // 7.2.1.12/on-subscribe/7
        response.push("Contact", contact(&self.identity));
        // 7.2.1.12/on-subscribe/8a, 7.2.1.12/on-subscribe/8b
        response.push("P-Asserted-Identity", format!("<{}>", self.asserted));
        response.push("Allow", ALLOW);
        // 7.2.1.12/on-subscribe/9
        response.push("Supported", "norefersub");
        response.push("Server", means.config.release.clone());
        means.respond(key, response);
    }

    fn notify(&mut self, number: u64, state: &str, means: &mut Means) {
        let party = self.subscriber(number);
        let deleted = self.stage == Stage::Ended;
        let Some(version) = self
            .subscribers
            .get(&number)
            .map(|subscriber| subscriber.version + 1)
        else {
            return;
        };
        let document = self.conference_info(version, deleted).write();
        let Some(subscriber) = self.subscribers.get_mut(&number) else {
            return;
        };
        subscriber.version = version;
        let mut notify = subscriber.dialog.request("NOTIFY");
        notify.push("Event", subscriber.event.clone());
        notify.push("Subscription-State", state);
        notify.push("Server", means.config.release.clone());
        notify.set_body("application/conference-info+xml", document);
        let flow = means.core();
        means.request(notify, flow, party);
    }

    fn conference_info(&self, version: u32, deleted: bool) -> ConferenceInfo {
        let mut anonymous = 0;
        let shown = self
            .participants
            .iter()
            .filter_map(|one| status(one.presence).map(|status| (one, status)));
        ConferenceInfo {
            entity: self.identity.clone(),
            state: if deleted { "deleted" } else { "full" }.into(),
            version,
            users: shown
                .map(|(one, status)| user(one, status, &mut anonymous))
                .collect(),
            user_count: Some(u32::try_from(self.count(&[Presence::Connected])).unwrap_or(u32::MAX)),
        }
    }
}

fn refuse(asked: Option<(Key, &Message)>, refusal: Refusal, means: &mut Means) {
    if let Some((key, request)) = asked {
        means.refuse(key, request, refusal);
    }
}

// RFC 4575 5.6: whoever asked for privacy has a name that names nobody, but is not mixed up with others.
fn user(participant: &Participant, status: &str, anonymous: &mut u32) -> User {
    let entity = if participant.anonymous {
        *anonymous += 1;
        if *anonymous == 1 {
            ANONYMOUS.to_owned()
        } else {
            format!("sip:anonymous{anonymous}@anonymous.invalid")
        }
    } else {
        participant.address.uri.to_string()
    };
    let display_text = participant
        .address
        .display
        .clone()
        .filter(|_| !participant.anonymous);
    let endpoint = Endpoint {
        entity: entity.clone(),
        status: Some(status.into()),
        state: None,
    };
    User {
        entity,
        display_text,
        state: Some("full".into()),
        endpoints: vec![endpoint],
    }
}

// RFC 4575 5.7.3
fn status(presence: Presence) -> Option<&'static str> {
    match presence {
        Presence::Invited => Some("dialing-out"),
        Presence::Alerted => Some("alerting"),
        Presence::Connected => Some("connected"),
        Presence::Leaving | Presence::Departed => Some("disconnected"),
        Presence::Refused => None,
    }
}

fn expires(subscribe: &Message) -> Option<u32> {
    subscribe
        .header("Expires")
        .and_then(|value| value.trim().parse().ok())
}

pub(crate) const PACKAGE: &str = "conference";

/// How many may follow one session.
const SUBSCRIBERS: usize = 64;
