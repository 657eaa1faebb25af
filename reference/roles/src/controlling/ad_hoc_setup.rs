//! Ad-hoc IM Group setup request (7.2.1.2): an INVITE to the conference factory starts a session of those on its list.

use machines::port::Flow;
use machines::transactions::Key;
use wire::sip::Message;

use super::admission;
use super::general::Refusal;
use super::session::Session;
use crate::means::Means;

/// Takes an INVITE to a conference factory: a session that invites, or a refusal.
pub(crate) fn receive(
    id: u64,
    key: Key,
    flow: Flow,
    invite: Message,
    means: &mut Means,
) -> Option<Session> {
    let admitted = match admission::examine(&means.config, &invite) {
        Ok(admitted) => admitted,
        Err(refusal) => {
            means.refuse(key, &invite, refusal);
            return None;
        }
    };
    let Some(mut session) = Session::establish(id, key, flow, admitted, means) else {
        means.refuse(key, &invite, Refusal::new(400));
        return None;
    };
    // 7.2.1.2/on-invite/6
    for entry in session.entries.clone() {
        session.invite(&entry, means);
    }
    Some(session)
}
