//! User access policy of the XDMS (6.1.3.1): what comes for a served user waits for the rules that the user has written.

use std::collections::BTreeMap;
use std::time::Duration;

use machines::port::{Fetch, FetchId, Fetched, Flow, Output};
use machines::transactions::Key;
use wire::sip::{Message, NameAddr, Uri};
use wire::xml::ruleset::{self, Actions};

use super::{Participating, Side};
use crate::controlling::general::Refusal;
use crate::groups::identity;
use crate::xdms::{ACCESS_AUID, ACCESS_DOCUMENT, user_address};

/// The requests of one shard that wait for a document.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    requests: BTreeMap<u64, (Key, Flow, Message)>,
    /// Number of the latest question.
    count: u64,
}

impl Waiting {
    /// The request of `key` waits no longer: its sender has cancelled it.
    pub(super) fn withdraw(&mut self, key: Key) -> Option<Message> {
        let mut requests = self.requests.iter();
        let id = *requests.find(|(_, (known, ..))| *known == key)?.0;
        self.requests.remove(&id).map(|(_, _, message)| message)
    }

    pub(super) fn withdraw_all(&mut self) -> Vec<(Key, Message)> {
        let all = std::mem::take(&mut self.requests).into_values();
        all.map(|(key, _, message)| (key, message)).collect()
    }
}

impl Participating {
    /// A first INVITE or MESSAGE for a served user waits for the user's rules; true when it is taken care of.
    ///
    /// No document is kept, so that each request sees the rules of its day.
    pub(super) fn awaits_policy(&mut self, key: Key, flow: Flow, request: &Message) -> bool {
        let first = request.to().is_some_and(|to| to.tag().is_none());
        let judged = matches!(request.method(), Some("INVITE" | "MESSAGE"));
        let asked = request.uri().and_then(|uri| Uri::parse(uri).ok());
        let ours =
            |uri: &Uri| uri.user.is_some() && uri.host.eq_ignore_ascii_case(&self.config.domain);
        let (Some(root), Some(user)) = (&self.config.xcap_root, asked.filter(ours)) else {
            return false;
        };
        if self.config.side != Side::Terminating || !first || !judged {
            return false;
        }
        if self.waiting.requests.len() >= WAITING {
            let busy = Refusal::new(503).with("Retry-After", "60");
            self.refuse(key, request, busy);
            return true;
        }
        let user = identity(&user);
        let mut what = Fetch::get(user_address(root, ACCESS_AUID, &user, ACCESS_DOCUMENT));
        let owner = format!("\"{user}\"");
        what.headers.push(("X-XCAP-Asserted-Identity", owner));
        self.waiting.count += 1;
        let id = self.waiting.count;
        let waiting = (key, flow, request.clone());
        self.waiting.requests.insert(id, waiting);
        self.stack.out.push(Output::Fetch {
            id: FetchId(id),
            what,
            within: PATIENCE,
        });
        true
    }

    /// The XDMS has answered, or has not.
    pub(super) fn policy_fetched(&mut self, id: FetchId, outcome: Fetched) {
        let Some((key, flow, request)) = self.waiting.requests.remove(&id.0) else {
            return self.stack.ignore("a rule set that nobody waits for");
        };
        let who = request.values("P-Asserted-Identity").into_iter();
        let mut who = who.filter_map(|value| NameAddr::parse(&value).ok());
        let who = who.next().filter(|_| self.is_trusted(flow));
        match permitted(outcome, who.map(|who| who.uri).as_ref(), &request) {
            Ok(()) => self.dispatch(key, flow, &request),
            Err(refusal) => self.refuse(key, &request, refusal),
        }
    }
}

/// What the rules say about somebody who has an asserted identity, or none.
fn permitted(outcome: Fetched, who: Option<&Uri>, request: &Message) -> Result<(), Refusal> {
    let actions = match outcome {
        Fetched::Document { body, .. } => {
            let rules = ruleset::read(&body).map_err(|_| Refusal::new(500))?;
            rules.actions(who)
        }
        // A user without rules is reached as the operator decides.
        Fetched::Status(404) => Actions {
            allow_session: true,
            allow_pager_mode_message: true,
        },
        Fetched::Status(_) | Fetched::Failed(_) => return Err(Refusal::new(504)),
    };
    let allowed = match request.method() {
        Some("INVITE") => actions.allow_session,
        _ => actions.allow_pager_mode_message,
    };
    if allowed {
        Ok(())
    } else {
        Err(Refusal::new(403))
    }
}

/// How many requests may wait.
const WAITING: usize = 1000;

/// How long the XDMS has to answer, in protocol time.
const PATIENCE: Duration = Duration::from_secs(10);
