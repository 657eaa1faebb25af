//! Telling application servers who is registered: the third-party REGISTER (TS 24.229 5.4.1.7 and 5.7.1.1).

use std::collections::HashMap;

use machines::transactions::Key;
use wire::sip::{Message, Uri};

use super::Core;
use super::config::{Case, Filter};

/// What the servers have been told.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Call-ID and latest CSeq, by user and server.
    calls: HashMap<(usize, String), (String, u32)>,
    /// To whom a REGISTER is on its way.
    pub(super) open: HashMap<Key, String>,
}

impl Core {
    /// Tells every server that a REGISTER filter names how long the user stays registered; 0 when not any more.
    pub(super) fn tell_servers(&mut self, user: usize, cause: &Message) {
        let is_asked = |filter: &&Filter| filter.matches(Case::Originating, cause);
        let asked: Vec<String> = self
            .config
            .filters
            .iter()
            .filter(is_asked)
            .filter_map(|filter| filter.to.clone())
            .collect();
        for server in asked {
            self.tell(user, &server, cause);
        }
    }

    fn tell(&mut self, user: usize, server: &str, cause: &Message) {
        let hop = Uri::parse(server).ok().and_then(|uri| self.hop_to(&uri));
        let Some(flow) = hop else {
            return self.warn(format!(
                "the filter's server {server} has no address; write its IP"
            ));
        };
        let left = |until: u64| until.saturating_sub(self.now);
        let bindings = self.location.of(user).iter();
        let expires = bindings.map(|one| left(one.until)).max().unwrap_or(0);
        let request = self.third_party(user, server, expires, cause);
        let key = self.with_layer(|layer, out| layer.request(request, flow, out));
        self.told.open.insert(key, server.to_owned());
        if expires == 0 {
            self.told.calls.remove(&(user, server.to_owned()));
        }
    }

    fn third_party(&mut self, user: usize, server: &str, expires: u64, cause: &Message) -> Message {
        let own = format!("sip:{}", self.local);
        let domain = self.config.domain.clone();
        let call_id = self.ids.call_id(&domain);
        let call = self.told.calls.entry((user, server.to_owned()));
        let (call_id, cseq) = call.or_insert((call_id, 0));
        *cseq += 1;
        let (call_id, cseq) = (call_id.clone(), *cseq);
        let registered = cause.to().and_then(|to| self.identity_of(user, &to.uri));
        let identity = registered.unwrap_or_else(|| self.config.users[user].identities[0].clone());
        let mut request = Message::request("REGISTER", server)
            .with("From", format!("<{own}>;tag={}", self.ids.tag()))
            .with("To", format!("<{identity}>"))
            .with("Call-ID", call_id)
            .with("CSeq", format!("{cseq} REGISTER"))
            .with("Contact", format!("<{own}>"))
            .with("Expires", expires.to_string())
            .with("P-Visited-Network-ID", wire::sip::quote(&domain))
            .with(
                "P-Charging-Vector",
                format!("icid-value={};orig-ioi={domain}", self.ids.boundary()),
            );
        if let Some(access) = cause.header("P-Access-Network-Info") {
            request.push("P-Access-Network-Info", access.to_owned());
        }
        request
    }

    /// The server's answer, when that is what it is.
    pub(super) fn told_server(&mut self, key: Key, code: u16) -> bool {
        let Some(server) = self.told.open.get(&key).cloned() else {
            return false;
        };
        if code >= 200 {
            self.told.open.remove(&key);
        }
        if code >= 300 {
            self.warn(format!(
                "the server {server} answers {code} to a third-party REGISTER, so that it takes users for absent; see that it runs and trusts {}",
                self.local
            ));
        }
        true
    }
}
