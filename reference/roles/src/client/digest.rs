//! Digest authentication (RFC 2617, RFC 8760): the answer to a challenge of the registrar or the proxy.

use wire::sip::Message;

use super::config::Credentials;
use crate::digest::{Algorithm, Parameters, Proof};

/// Puts the answer to the challenge of a 401 or 407 into the request; false when there is none that we can answer.
pub(super) fn authenticate(
    request: &mut Message,
    challenge: &Message,
    credentials: &Credentials,
    cnonce: &str,
) -> bool {
    let (asks, answers) = if challenge.code() == Some(401) {
        ("WWW-Authenticate", "Authorization")
    } else {
        ("Proxy-Authenticate", "Proxy-Authorization")
    };
    let found: Vec<Challenge> = challenge
        .headers(asks)
        .take(CHALLENGES)
        .filter_map(Challenge::read)
        .collect();
    let better = found.iter().find(|one| one.algorithm == Algorithm::Sha256);
    let Some(chosen) = better.or(found.first()) else {
        return false;
    };
    let method = request.method().unwrap_or_default().to_owned();
    let uri = request.uri().unwrap_or_default().to_owned();
    let value = chosen.answer(credentials, &method, &uri, cnonce);
    request.set(answers, value);
    true
}

/// What the challenger asks for.
#[derive(Debug)]
struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    /// Whether `qop=auth` is offered.
    auth: bool,
}

impl Challenge {
    fn read(text: &str) -> Option<Self> {
        let parameters = Parameters::read(text)?;
        let get = |name: &str| parameters.get(name).map(str::to_owned);
        let algorithm = Algorithm::read(parameters.get("algorithm"))?;
        let qop = get("qop");
        let listed = |qop: &String| {
            qop.split(',')
                .any(|one| one.trim().eq_ignore_ascii_case("auth"))
        };
        let auth = qop.as_ref().is_some_and(listed);
        if qop.is_some() && !auth {
            return None;
        }
        Some(Self {
            realm: get("realm")?,
            nonce: get("nonce")?,
            opaque: get("opaque"),
            algorithm,
            auth,
        })
    }

    fn answer(&self, credentials: &Credentials, method: &str, uri: &str, cnonce: &str) -> String {
        let Self { realm, nonce, .. } = self;
        let Credentials { user, password, .. } = credentials;
        let proof = Proof {
            user,
            realm,
            password,
            method,
            uri,
            nonce,
            auth: self.auth.then_some((COUNT, cnonce)),
        };
        let response = proof.response(self.algorithm);
        let algorithm = self.algorithm.name();
        let quote = wire::sip::quote;
        let mut value = format!(
            "Digest username={}, realm={}, nonce={}, uri=\"{uri}\", response=\"{response}\", algorithm={algorithm}",
            quote(user),
            quote(realm),
            quote(nonce)
        );
        if self.auth {
            value += &format!(", qop=auth, nc={COUNT}, cnonce=\"{cnonce}\"");
        }
        if let Some(opaque) = &self.opaque {
            value += &format!(", opaque={}", quote(opaque));
        }
        value
    }
}

/// Each answer uses a nonce once: every request is challenged for itself.
const COUNT: &str = "00000001";
const CHALLENGES: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_that_of_the_example() {
        // RFC 2617 3.5
        let challenge = Challenge::read(
            "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
        )
        .expect("a challenge");
        let credentials = Credentials {
            user: "Mufasa".into(),
            password: "Circle Of Life".into(),
            expires: 3600,
        };
        let answer = challenge.answer(&credentials, "GET", "/dir/index.html", "0a4f113b");
        assert!(
            answer.contains("response=\"6629fae49393a05397450978507c4ef1\""),
            "{answer}"
        );
    }
}
