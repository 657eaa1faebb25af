//! An INVITE that replaces a session of two (004:6.2.1.2/on-user-accepts, RFC 3891).

use wire::sip::{Message, NameAddr, Params};

use super::Client;
use super::general::{Refusal, asserted};
use super::session::Stage;

/// The session that an INVITE replaces.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Replaced {
    /// The name of its call.
    pub(super) call: String,
}

impl Client {
    /// The session that Replaces names, if the INVITE has one (RFC 3891 3).
    pub(super) fn replaces(&self, invite: &Message) -> Result<Option<Replaced>, Refusal> {
        let values: Vec<&str> = invite.headers("Replaces").collect();
        let Some(value) = values.first() else {
            return Ok(None);
        };
        if values.len() > 1 || value.contains(',') || invite.header("Join").is_some() {
            return Err(Refusal::new(400));
        }
        let (call_id, rest) = value.split_once(';').ok_or_else(|| Refusal::new(400))?;
        let params = params(rest);
        let tag = |name| params.value(name).ok_or_else(|| Refusal::new(400));
        let (to, from) = (tag("to-tag")?, tag("from-tag")?);
        let same = |one: &&super::session::Session| {
            one.dialog.as_ref().is_some_and(|dialog| {
                dialog.id.call_id == call_id.trim()
                    && dialog.id.local_tag == to
                    && dialog.id.remote_tag == from
            })
        };
        let Some(session) = self.sessions.values().find(same) else {
            return Err(Refusal::new(481));
        };
        match session.stage {
            Stage::Established | Stage::Accepted if params.has("early-only") => {
                Err(Refusal::new(486))
            }
            Stage::Established | Stage::Accepted => Ok(Some(Replaced {
                call: session.name.clone(),
            })),
            Stage::Leaving => Err(Refusal::new(603)),
            Stage::Calling | Stage::Withdrawn | Stage::Offered => Err(Refusal::new(481)),
        }
    }

    /// Whether the replaced peer stands behind the INVITE.
    // 004:6.2.1.2/on-user-accepts/2a and 2b
    pub(super) fn may_replace(&self, old: &Replaced, invite: &Message) -> Result<(), Refusal> {
        let first = self.sessions.get(&old.call);
        let first = first.and_then(|one| one.asserted.clone().or_else(|| one.peer.clone()));
        let referred = invite
            .header("Referred-By")
            .and_then(|value| NameAddr::parse(value).ok());
        let same = match (first, referred) {
            (Some(first), Some(referred)) => first.uri.same_as(&referred.uri),
            (_, _) => false,
        };
        if asserted(invite).is_some() && same {
            Ok(())
        } else {
            Err(Refusal::new(403))
        }
    }
}

fn params(text: &str) -> Params {
    let pair = |one: &str| match one.split_once('=') {
        Some((name, value)) => (name.trim().to_owned(), Some(value.trim().to_owned())),
        None => (one.trim().to_owned(), None),
    };
    Params(text.split(';').take(16).map(pair).collect())
}
