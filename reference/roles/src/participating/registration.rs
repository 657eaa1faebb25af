//! Third-party registration (6.1.1): the core tells who of the served users is there.

use machines::port::Flow;
use machines::transactions::Key;
use wire::sip::Message;

use super::Participating;
use crate::controlling::general::Refusal;

impl Participating {
    pub(super) fn registered(&mut self, key: Key, flow: Flow, request: &Message) {
        if !self.is_trusted(flow) {
            return self.refuse(key, request, Refusal::new(403));
        }
        self.refuse(key, request, Refusal::new(405));
    }
}
