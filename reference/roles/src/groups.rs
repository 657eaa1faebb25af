//! Requests for a pre-defined group: each waits until the XDMS has delivered the group's document.

use std::collections::BTreeMap;
use std::time::Duration;

use machines::port::{Fetch, FetchId, Fetched, Flow, Output};
use machines::transactions::Key;
use wire::mime;
use wire::sip::{Message, Params, Uri};
use wire::xml::group::{self, Group};

use crate::Config;
use crate::controlling::admission::LISTS;
use crate::controlling::general::Refusal;
use crate::means::Means;
use crate::xdms;

/// A request that nobody has answered yet, because its group's document is on the way.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) key: Key,
    pub(crate) flow: Flow,
    pub(crate) message: Message,
}

/// The waiting requests of one shard.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    waiting: BTreeMap<u64, Waiting>,
    count: u64,
}

impl Groups {
    /// The request of `key` waits no longer: its sender has cancelled it.
    pub(crate) fn withdraw(&mut self, key: Key) -> Option<Waiting> {
        let id = self.waiting.iter().find(|(_, one)| one.key == key)?.0;
        let id = *id;
        self.waiting.remove(&id)
    }

    /// Nobody waits any longer: the server stops.
    pub(crate) fn withdraw_all(&mut self) -> Vec<Waiting> {
        std::mem::take(&mut self.waiting).into_values().collect()
    }
}

impl Means {
    /// Asks the XDMS for the document of a group; no document is kept, so that each request sees the rules of its day.
    pub(crate) fn fetch_group(&mut self, group: &Uri, waiting: Waiting) {
        let Some(uri) = document_address(&self.config, group) else {
            return self.refuse(waiting.key, &waiting.message, Refusal::new(404));
        };
        if self.groups.waiting.len() >= WAITING {
            let busy = Refusal::new(503).with("Retry-After", "60");
            return self.refuse(waiting.key, &waiting.message, busy);
        }
        self.groups.count += 1;
        let id = self.groups.count;
        self.groups.waiting.insert(id, waiting);
        self.out.push(Output::Fetch {
            id: FetchId(id),
            what: Fetch::get(uri),
            within: PATIENCE,
        });
    }

    /// The XDMS has answered, or has not: the request that waited with its group, unless it had to be refused.
    pub(crate) fn fetched_group(
        &mut self,
        id: FetchId,
        outcome: Fetched,
    ) -> Option<(Waiting, Group)> {
        let Some(waiting) = self.groups.waiting.remove(&id.0) else {
            self.ignore("a group document that nobody waits for");
            return None;
        };
        match read(&waiting.message, outcome) {
            Ok(group) => Some((waiting, group)),
            Err(refusal) => {
                self.refuse(waiting.key, &waiting.message, refusal);
                None
            }
        }
    }
}

fn read(request: &Message, outcome: Fetched) -> Result<Group, Refusal> {
    match outcome {
        Fetched::Document { body, .. } => {
            let group = group::read(&body).map_err(|_| Refusal::new(500))?;
            // A document about another group is as good as none.
            if request.uri().and_then(name_of) == name_of(&group.uri) {
                Ok(group)
            } else {
                Err(Refusal::new(500))
            }
        }
        // Subclause 11.2: the group does not exist.
        Fetched::Status(404) => Err(Refusal::new(404)),
        Fetched::Status(_) | Fetched::Failed(_) => Err(Refusal::new(504)),
    }
}

/// What a request outside of any dialog is for, by the kind of its Request-URI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// A conference factory, or what somebody with a list takes for one.
    Factory,
    /// A pre-defined group, if its document exists.
    Group(Uri),
    /// Anything else: a session, or nothing that we have.
    Other,
}

/// Tells the kinds apart: a list is for a factory, another user of our domain is a group.
pub(crate) fn aim(config: &Config, request: &Message) -> Aim {
    let Some(asked) = request.uri().and_then(|uri| Uri::parse(uri).ok()) else {
        return Aim::Other;
    };
    if has_list(request) || is_factory(config, &asked) {
        return Aim::Factory;
    }
    let ours = asked.is_sip() && asked.host.eq_ignore_ascii_case(&config.domain);
    if ours && asked.user.is_some() && config.xcap_root.is_some() {
        Aim::Group(asked)
    } else {
        Aim::Other
    }
}

/// Whether the URI is one of the conference factories.
pub(crate) fn is_factory(config: &Config, asked: &Uri) -> bool {
    config
        .factories()
        .filter_map(|known| Uri::parse(known).ok())
        .any(|known| known.same_as(asked))
}

// A list of recipients (RFC 5363).
fn has_list(request: &Message) -> bool {
    request
        .header("Content-Type")
        .is_some_and(|kind| mime::find(kind, &request.body, LISTS).is_some())
}

/// What tells one group from another: user and host.
pub(crate) fn name(group: &Uri) -> String {
    let user = group.user.as_deref().unwrap_or_default();
    format!("{user}@{}", group.host.to_ascii_lowercase())
}

/// That of a URI as it is printed.
pub(crate) fn name_of(uri: &str) -> Option<String> {
    Uri::parse(uri).ok().map(|uri| name(&uri))
}

/// The IM Group Identity as it is printed.
pub(crate) fn identity(group: &Uri) -> String {
    let bare = Uri {
        params: Params::default(),
        headers: Vec::new(),
        ..group.clone()
    };
    bare.to_string()
}

// The XCAP address of the document that the XDMS keeps for a group identity.
fn document_address(config: &Config, group: &Uri) -> Option<String> {
    let root = config.xcap_root.as_deref()?;
    let identity = identity(group);
    Some(xdms::group_address(root, &config.groups_auid, &identity))
}

/// How many requests may wait.
const WAITING: usize = 1000;

/// How long the XDMS has to answer, in protocol time.
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_of_a_group_has_one_address() {
        let config = Config {
            xcap_root: Some("http://127.0.0.1:80/xcap/".into()),
            groups_auid: "org.openmobilealliance.groups".into(),
            ..Config::default()
        };
        let group = Uri::parse("sip:team%20one@im.example;x=y").expect("a URI");
        assert_eq!(
            document_address(&config, &group).as_deref(),
            Some(
                "http://127.0.0.1:80/xcap/org.openmobilealliance.groups/global/byGroupID/sip%3Ateam%2520one%40im.example"
            )
        );
    }
}
