//! Opening a session and delivering what was recorded (13.1.1.1 and 13.3.3).

use std::collections::VecDeque;

use wire::cpim::Cpim;

use super::History;
use super::shelf::Content;
use crate::client::upper::Told;

/// One session that delivers.
#[derive(Debug)]
pub(super) struct Delivery {
    /// The recording; everything when none is named.
    of: Option<String>,
    queue: VecDeque<Vec<u8>>,
    under_way: usize,
}

impl History {
    /// Opens a session by the conference factory; what was recorded follows when it is there.
    pub(super) fn deliver(&mut self, call: &str, of: Option<String>) {
        let initiator = self.config.initiator.clone();
        if self.agent.call_factory(call, &initiator) {
            let delivery = Delivery {
                of,
                queue: VecDeque::new(),
                under_way: 0,
            };
            self.deliveries.insert(call.to_owned(), delivery);
        }
    }

    /// The session is there.
    // 13.1.1.1/on-200/5: our reading of 13.3.3, each recorded message as a SEND, in order
    pub(super) fn begin(&mut self, call: &str) {
        let Some(delivery) = self.deliveries.get(call) else {
            return;
        };
        match self.shelf.content(call, delivery.of.clone()) {
            Content::Here(content) => self.load(call, content),
            Content::Asked(asked) => self.agent.put(asked),
        }
    }

    /// The content is there.
    pub(super) fn load(&mut self, call: &str, content: Vec<Vec<u8>>) {
        if let Some(delivery) = self.deliveries.get_mut(call) {
            if content.is_empty() {
                let text = format!("{call}: nothing was recorded");
                self.agent.tell(&Told::Notice { text });
            }
            delivery.queue = content.into();
            self.pump(call);
        }
    }

    /// A message was sent, or failed.
    pub(super) fn sent(&mut self, call: &str) {
        if let Some(delivery) = self.deliveries.get_mut(call) {
            delivery.under_way = delivery.under_way.saturating_sub(1);
            self.pump(call);
        }
    }

    fn pump(&mut self, call: &str) {
        while let Some(delivery) = self.deliveries.get_mut(call) {
            if delivery.under_way >= WINDOW {
                return;
            }
            let Some(envelope) = delivery.queue.pop_front() else {
                return;
            };
            delivery.under_way += 1;
            let text = text_of(&envelope);
            if let Err(why) = self.agent.pass_on(call, envelope, &text) {
                let text = format!("{call} {why}: what was recorded was not delivered");
                self.agent.tell(&Told::Notice { text });
                self.deliveries.remove(call);
                self.agent.leave_because(call, why);
            }
        }
    }

    /// The session is over.
    pub(super) fn broken_off(&mut self, call: &str) {
        let rest = self.deliveries.remove(call);
        let rest = rest.map_or(0, |delivery| delivery.queue.len() + delivery.under_way);
        if rest > 0 {
            let text = format!("{call}: {rest} recorded messages were not delivered");
            self.agent.tell(&Told::Notice { text });
        }
    }
}

fn text_of(envelope: &[u8]) -> String {
    let content = Cpim::parse_lenient(envelope).map(|cpim| cpim.content);
    String::from_utf8_lossy(&content.unwrap_or_default()).into_owned()
}

/// Messages under way at a time.
const WINDOW: usize = 4;
