//! What the tester's server does as a proxy beside a SIP/IP core: it passes requests on, and their responses back.

use machines::port::Flow;
use wire::sip::Message;

use super::{Agent, Reply};
use crate::actions::SERVER;

impl Agent {
    /// The server has passed a request on; its responses go back, and the server has no call of it.
    pub(crate) fn relay(&mut self, branch: String, received: Message, back: Flow) {
        let call_id = received.call_id().unwrap_or_default();
        self.calls
            .retain(|call| call.chair != SERVER || call.call_id() != call_id);
        self.unanswered.retain(|(_, held, _)| *held != received);
        self.relayed.insert(branch, (received, back));
    }

    /// A response to what the server passed on, without the Via of the server (RFC 3261 16.7).
    pub(super) fn relayed_response(&self, message: &Message) -> Option<Vec<Reply>> {
        let branch = message.via()?.branch()?.to_owned();
        let (_, back) = self.relayed.get(&branch)?;
        let mut response = message.clone();
        let vias = response.values("Via");
        response.remove("Via");
        for via in vias.into_iter().skip(1).rev() {
            response.push_first("Via", via);
        }
        let reply = (SERVER.to_owned(), *back, response.to_bytes());
        Some(
            vec![reply]
                .into_iter()
                .filter(|_| message.code() != Some(100))
                .collect(),
        )
    }
}
