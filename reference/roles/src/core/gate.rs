//! Who a request is from: challenges, and whether an answer to one proves it (RFC 3261 22, RFC 7616, RFC 8760).

use std::collections::{HashMap, VecDeque};

use wire::sip::{Message, Uri};

use super::config::{Config, User};
use crate::digest::{Algorithm, Parameters, Proof};

/// What the credentials of a request are worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Proven {
    /// They are those of this user.
    User(usize),
    /// There are none for us.
    Nothing,
    /// They are right, and their nonce is not any more: a new one will do (RFC 7616 3.3: stale).
    Stale(&'static str),
    /// They are wrong.
    Wrong(&'static str),
}

/// Where requests prove themselves.
#[derive(Debug)]
pub(super) struct Gate {
    secret: String,
    issued: u64,
    /// The highest nonce count of each nonce that was used.
    counts: HashMap<String, u32>,
    order: VecDeque<String>,
    /// Nonces of this second or before may have counts that are forgotten.
    forgotten: Option<u64>,
}

impl Gate {
    pub(super) fn new(secret: String) -> Self {
        Self {
            secret,
            issued: 0,
            counts: HashMap::new(),
            order: VecDeque::new(),
            forgotten: None,
        }
    }

    /// A response with a challenge for each algorithm: 401 of a registrar, 407 of a proxy.
    pub(super) fn challenge(
        &mut self,
        request: &Message,
        config: &Config,
        now: u64,
        stale: bool,
    ) -> Message {
        let (code, reason, name) = if request.method() == Some("REGISTER") {
            (401, "Unauthorized", "WWW-Authenticate")
        } else {
            (407, "Proxy Authentication Required", "Proxy-Authenticate")
        };
        self.issued += 1;
        let nonce = self.nonce(now, self.issued);
        let mut response = Message::response(request, code, reason);
        for algorithm in &config.algorithms {
            let mut value = format!(
                "Digest realm={}, nonce=\"{nonce}\", algorithm={}, qop=\"auth\"",
                wire::sip::quote(&config.domain),
                algorithm.name()
            );
            if stale {
                value += ", stale=true";
            }
            response.push(name, value);
        }
        response
    }

    /// Looks at the credentials for our realm, and marks their nonce count as used when they are right.
    pub(super) fn check(&mut self, request: &Message, config: &Config, now: u64) -> Proven {
        let name = credentials(request);
        let found = request
            .headers(name)
            .take(CREDENTIALS)
            .filter_map(Parameters::read)
            .find(|found| found.get("realm") == Some(config.domain.as_str()));
        let Some(found) = found else {
            return Proven::Nothing;
        };
        let (Some(count), true) = (digits(&found), found.get("qop") == Some("auth")) else {
            return Proven::Wrong("no qop=auth with a nonce count");
        };
        let user = match proven(&found, request, config) {
            Ok(user) => user,
            Err(why) => return Proven::Wrong(why),
        };
        let nonce = found.get("nonce").unwrap_or_default();
        match self.stale(nonce, count, now, config.nonce_lifetime) {
            Some(why) => Proven::Stale(why),
            None => {
                self.used(nonce, count);
                Proven::User(user)
            }
        }
    }

    /// Why a nonce is not good any more with this count.
    fn stale(&self, nonce: &str, count: u32, now: u64, lifetime: u32) -> Option<&'static str> {
        let Some(at) = self.issued_at(nonce) else {
            return Some("a nonce that was never given");
        };
        if now.saturating_sub(at) > u64::from(lifetime) {
            return Some("a nonce that is too old");
        }
        match self.counts.get(nonce) {
            Some(last) if count <= *last => {
                Some("a nonce count that was used before, so that this is a replay")
            }
            None if self.forgotten >= Some(at) => Some("a nonce that may have been used before"),
            _ => None,
        }
    }

    // What we gave need not be kept: it names its second and carries our seal.
    fn nonce(&self, now: u64, number: u64) -> String {
        let sealed = format!("{now:x}.{number:x}");
        let seal = self.seal(&sealed);
        format!("{sealed}.{seal}")
    }

    fn issued_at(&self, nonce: &str) -> Option<u64> {
        let (sealed, seal) = nonce.rsplit_once('.')?;
        let (now, _) = sealed.split_once('.')?;
        let now = u64::from_str_radix(now, 16).ok()?;
        (seal == self.seal(sealed)).then_some(now)
    }

    fn seal(&self, sealed: &str) -> String {
        let mut seal = Algorithm::Sha256.hash(&format!("{}:{sealed}:{}", self.secret, self.secret));
        seal.truncate(32);
        seal
    }

    fn used(&mut self, nonce: &str, count: u32) {
        if self.counts.insert(nonce.to_owned(), count).is_some() {
            return;
        }
        self.order.push_back(nonce.to_owned());
        if self.order.len() > NONCES
            && let Some(oldest) = self.order.pop_front()
        {
            self.counts.remove(&oldest);
            // Else a replay of it would be taken for its first use.
            self.forgotten = self.forgotten.max(self.issued_at(&oldest));
        }
    }
}

/// The header that proves who sent such a request.
pub(super) fn credentials(request: &Message) -> &'static str {
    if request.method() == Some("REGISTER") {
        "Authorization"
    } else {
        "Proxy-Authorization"
    }
}

fn proven(found: &Parameters, request: &Message, config: &Config) -> Result<usize, &'static str> {
    let get = |name: &str| found.get(name).unwrap_or_default();
    let algorithm = Algorithm::read(found.get("algorithm"))
        .filter(|algorithm| config.algorithms.contains(algorithm))
        .ok_or("an algorithm that was not offered")?;
    if !same(get("uri"), request.uri().unwrap_or_default()) {
        return Err("credentials for another Request-URI");
    }
    let named = |user: &User| user.name == get("username");
    let user = config
        .users
        .iter()
        .position(named)
        .ok_or("an unknown user name")?;
    let proof = Proof {
        user: get("username"),
        realm: &config.domain,
        password: &config.users[user].password,
        method: request.method().unwrap_or_default(),
        uri: get("uri"),
        nonce: get("nonce"),
        auth: Some((get("nc"), get("cnonce"))),
    };
    if proof.response(algorithm) == get("response").to_ascii_lowercase() {
        Ok(user)
    } else {
        Err("a wrong digest")
    }
}

fn same(one: &str, other: &str) -> bool {
    match (Uri::parse(one), Uri::parse(other)) {
        (Ok(one), Ok(other)) => one.same_as(&other),
        _ => one == other,
    }
}

fn digits(found: &Parameters) -> Option<u32> {
    let count = found.get("nc").filter(|count| count.len() == 8)?;
    u32::from_str_radix(count, 16).ok()
}

/// How many used nonces are remembered, the latest.
const NONCES: usize = 100_000;
const CREDENTIALS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_whose_counts_are_forgotten_is_not_taken_for_a_new_one() {
        let mut gate = Gate::new("secret".into());
        let (first, later) = (gate.nonce(5, 1), gate.nonce(6, 2));
        assert_eq!(gate.stale(&first, 1, 6, 300), None);
        gate.used(&first, 1);
        for number in 0..NONCES {
            gate.used(&number.to_string(), 1);
        }
        let why = gate.stale(&first, 1, 6, 300);
        assert_eq!(why, Some("a nonce that may have been used before"));
        assert_eq!(gate.stale(&later, 1, 6, 300), None);
    }
}
