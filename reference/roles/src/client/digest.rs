//! Digest authentication (RFC 2617, RFC 8760): the answer to a challenge of the registrar or the proxy.

use md5::Md5;
use wire::sip::Message;

use super::config::Credentials;

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

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Algorithm {
    Md5,
    Sha256,
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
        let (scheme, rest) = text.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let pairs = pairs(rest);
        let get = |name: &str| {
            let found = pairs
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.clone())
        };
        let algorithm = match get("algorithm") {
            None => Algorithm::Md5,
            Some(name) if name.eq_ignore_ascii_case("MD5") => Algorithm::Md5,
            Some(name) if name.eq_ignore_ascii_case("SHA-256") => Algorithm::Sha256,
            Some(_) => return None,
        };
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
        let hash = |text: String| match self.algorithm {
            Algorithm::Md5 => hex(&<Md5 as md5::Digest>::digest(text.as_bytes())),
            Algorithm::Sha256 => hex(&<sha2::Sha256 as sha2::Digest>::digest(text.as_bytes())),
        };
        let Self { realm, nonce, .. } = self;
        let Credentials { user, password, .. } = credentials;
        let secret = hash(format!("{user}:{realm}:{password}"));
        let asked = hash(format!("{method}:{uri}"));
        let response = if self.auth {
            hash(format!("{secret}:{nonce}:{COUNT}:{cnonce}:auth:{asked}"))
        } else {
            hash(format!("{secret}:{nonce}:{asked}"))
        };
        let algorithm = match self.algorithm {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha256 => "SHA-256",
        };
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

// name=value or name="value", separated by commas outside of quotes.
fn pairs(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        if found.len() == PARAMETERS {
            break;
        }
        let name = name.trim_matches([' ', ',', '\t']).to_owned();
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted_value(quoted),
            None => {
                let end = after.find(',').unwrap_or(after.len());
                (after[..end].trim().to_owned(), &after[end..])
            }
        };
        found.push((name, value));
        rest = next;
    }
    found
}

fn quoted_value(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Each answer uses a nonce once: every request is challenged for itself.
const COUNT: &str = "00000001";
const CHALLENGES: usize = 8;
const PARAMETERS: usize = 32;

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
