//! What the document of a group lets somebody do: start a session (7.2.2.3), join one, go unnamed.

use wire::sip::{Message, Uri};
use wire::xml::group::Group;

use super::general::Refusal;

/// IM Session initiation policy (7.2.2.3): the rules that match say `allow-initiate-conference`.
pub(crate) fn initiation(group: &Group, who: &Uri) -> Result<(), Refusal> {
    allowed(group.actions(who).allow_initiate_conference)
}

/// IM Session joining policy: the rules that match say `join-handling`.
pub(crate) fn joining(group: &Group, who: &Uri) -> Result<(), Refusal> {
    allowed(group.actions(who).join_handling)
}

/// Whether somebody who wants to be anonymous may be: the rules that match say `allow-anonymity`.
pub(crate) fn anonymity(group: &Group, who: &Uri) -> Result<(), Refusal> {
    allowed(group.actions(who).allow_anonymity)
}

/// Whether the sender wants its identity withheld (RFC 3325 9.3).
pub(crate) fn wants_anonymity(message: &Message) -> bool {
    let values = message.values("Privacy");
    values
        .iter()
        .flat_map(|value| value.split(';'))
        .any(|one| one.trim().eq_ignore_ascii_case("id"))
}

fn allowed(action: bool) -> Result<(), Refusal> {
    if action {
        Ok(())
    } else {
        Err(Refusal::new(403))
    }
}
