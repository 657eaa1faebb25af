//! What a chair remembers of one call.

use machines::port::Flow;
use wire::sip::Message;

use super::changes::Asked;
use super::sdp_of;

/// Which end of a call the chair is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The chair sent the INVITE or SUBSCRIBE.
    Caller,
    /// The subject sent it.
    Called,
}

/// One dialog (or the transaction that may become one) of a chair.
#[derive(Clone, Debug)]
pub struct Call {
    pub chair: String,
    pub side: Side,
    /// Names it among the calls of the scenario: its Call-ID, with the chair behind it where another chair's
    /// call has the same, as the two ends of a call that a proxy passes on.
    pub id: String,
    /// The request that began it, as sent or received.
    pub request: Message,
    pub flow: Flow,
    pub local: String,
    pub local_tag: String,
    pub remote: String,
    pub remote_tag: Option<String>,
    /// Request-URI of the chair's next request in the dialog.
    pub target: String,
    pub routes: Vec<String>,
    pub cseq: u32,
    /// Final status seen or given, if any.
    pub code: Option<u16>,
    /// The Contact that the chair gave to a client, in its latest answer.
    pub(crate) contact: Option<String>,
    pub ended: bool,
    /// The peer's session description, last seen.
    pub remote_sdp: Option<String>,
    pub(super) ack: Option<Vec<u8>>,
    /// Requests of the chair inside the dialog that offer or refresh.
    pub(crate) asked: Vec<Asked>,
    /// A request of the subject that waits for the chair's word.
    pub(crate) held: Option<Message>,
    pub(super) own_sdp: Option<String>,
}

impl Call {
    /// Takes what a response says of the other end.
    pub(super) fn learn(&mut self, response: &Message) {
        let accepts = matches!(response.code(), Some(200..300));
        if self.remote_tag.is_none() || accepts {
            let to = response.to();
            self.remote_tag = to.and_then(|to| to.tag().map(str::to_owned));
        }
        if let Some(contact) = response.contact() {
            self.target = contact.uri.to_string();
        }
        if let Some(sdp) = sdp_of(response) {
            self.remote_sdp = Some(sdp);
        }
    }

    /// The Call-ID on the wire.
    pub(crate) fn call_id(&self) -> &str {
        self.id.split(' ').next().unwrap_or_default()
    }
}
