//! The registrar (RFC 3261 10.3): who may register, what a REGISTER changes, and what its 200 tells.

use machines::port::Flow;
use machines::transactions::Key;
use wire::sip::{Message, NameAddr};

use super::Core;
use super::config::Config;
use super::gate::Proven;
use super::location::Binding;
use crate::controlling::general::Refusal;

impl Core {
    /// Takes a REGISTER for our domain.
    pub(super) fn register(&mut self, key: Key, flow: Flow, request: &Message) {
        let required = request.values("Require");
        if !required.is_empty() {
            let refusal = Refusal::new(420).with("Unsupported", required.join(", "));
            return self.refuse(key, request, refusal);
        }
        let Some(user) = self.authenticated(key, flow, request) else {
            return;
        };
        let asked = request.to().map(|to| to.uri);
        let Some(owner) = asked.as_ref().and_then(|uri| self.user_of(uri)) else {
            return self.refuse(key, request, Refusal::new(404));
        };
        if owner != user {
            let (name, address) = (&self.config.users[user].name, asked.as_ref());
            let address = address.map(ToString::to_string).unwrap_or_default();
            let line = format!(
                "{name} at {} may not register {address}; add the address to the user's identities if it is theirs",
                flow.remote
            );
            self.warn(line);
            return self.refuse(key, request, Refusal::new(403));
        }
        let now = self.now;
        let after = change(self.location.of(user), request, flow, &self.config, now);
        match after {
            Err(refusal) => self.refuse(key, request, refusal),
            Ok(bindings) => {
                let changes = request.header("Contact").is_some();
                self.location.set(user, bindings);
                let response = self.registered(user, request);
                self.respond(key, response);
                self.tick();
                if changes {
                    self.tell_servers(user, request);
                }
            }
        }
    }

    /// The user whom the credentials prove; else the request is challenged.
    pub(super) fn authenticated(
        &mut self,
        key: Key,
        flow: Flow,
        request: &Message,
    ) -> Option<usize> {
        let proven = self.gate.check(request, &self.config, self.now);
        let (stale, why, remedy) = match proven {
            Proven::User(user) => return Some(user),
            Proven::Nothing => (false, None, ""),
            Proven::Stale(why) => (true, Some(why), "an honest client asks again by itself"),
            Proven::Wrong(why) => (
                false,
                Some(why),
                "compare the client's name and password with `users`, or bar that address",
            ),
        };
        if let Some(why) = why {
            let method = request.method().unwrap_or_default();
            self.warn(format!(
                "{method} from {} brings {why}; {remedy}",
                flow.remote
            ));
        }
        let response = self.gate.challenge(request, &self.config, self.now, stale);
        self.respond(key, response);
        self.nonces = self.now + u64::from(self.config.nonce_lifetime);
        self.tick();
        None
    }

    // RFC 3261 10.3 step 8.
    fn registered(&self, user: usize, request: &Message) -> Message {
        let mut response = Message::response(request, 200, "OK");
        for binding in self.location.of(user) {
            let mut contact = binding.contact.clone();
            let left = binding.until.saturating_sub(self.now);
            contact.params.set("expires", Some(left.to_string()));
            response.push("Contact", contact.to_string());
        }
        let identities = &self.config.users[user].identities;
        let identities: Vec<String> = identities.iter().map(|uri| format!("<{uri}>")).collect();
        response.push("P-Associated-URI", identities.join(", "));
        response
    }
}

/// The bindings after a REGISTER: all of its changes, or none (RFC 3261 10.3 steps 6 and 7).
fn change(
    before: &[Binding],
    request: &Message,
    flow: Flow,
    config: &Config,
    now: u64,
) -> Result<Vec<Binding>, Refusal> {
    let contacts = request.values("Contact");
    let (call_id, cseq) = (request.call_id().unwrap_or_default(), request.cseq());
    let cseq = cseq.ok_or(Refusal::new(400))?.number;
    let late = |one: &Binding| one.call_id == call_id && one.cseq >= cseq;
    if contacts.iter().any(|contact| contact.trim() == "*") {
        let all = contacts.len() == 1 && request.header("Expires").map(str::trim) == Some("0");
        return match before.iter().any(late) {
            _ if !all => Err(Refusal::new(400)),
            true => Err(Refusal::new(400)),
            false => Ok(Vec::new()),
        };
    }
    let mut after = before.to_vec();
    for contact in &contacts {
        let mut contact = NameAddr::parse(contact).map_err(|_| Refusal::new(400))?;
        let expires = lifetime(&contact, request, config)?;
        contact.params.remove("expires");
        let known = after
            .iter()
            .position(|one| one.contact.uri.same_as(&contact.uri));
        if before
            .iter()
            .any(|one| one.contact.uri.same_as(&contact.uri) && late(one))
        {
            return Err(Refusal::new(400));
        }
        let binding = Binding {
            contact,
            call_id: call_id.to_owned(),
            cseq,
            until: now + u64::from(expires),
            flow,
        };
        match (known, expires) {
            (Some(at), 0) => drop(after.remove(at)),
            (Some(at), _) => after[at] = binding,
            (None, 0) => {}
            (None, _) => after.push(binding),
        }
    }
    if after.len() > CONTACTS {
        return Err(Refusal::new(403));
    }
    Ok(after)
}

// RFC 3261 10.3 step 7: the contact's own word, else the message's, else ours. An unreadable one counts as not said.
fn lifetime(contact: &NameAddr, request: &Message, config: &Config) -> Result<u32, Refusal> {
    let own = contact
        .params
        .value("expires")
        .and_then(|it| it.trim().parse().ok());
    let general = || {
        request
            .header("Expires")
            .and_then(|it| it.trim().parse().ok())
    };
    let asked: u32 = own.or_else(general).unwrap_or(config.default_expires);
    if asked > 0 && asked < config.min_expires {
        let min = config.min_expires.to_string();
        return Err(Refusal::new(423).with("Min-Expires", min));
    }
    Ok(asked.min(config.max_expires))
}

/// The most contacts of one user; each gets a copy of what is sent to the user.
const CONTACTS: usize = 10;
