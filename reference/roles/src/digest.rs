//! What both ends of digest authentication (RFC 7616, RFC 8760) reckon with: parameters, algorithms, the response.

use md5::Md5;

/// The algorithms that RFC 8760 2.2 asks for, less SHA-512/256; MD5 for those who know nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Algorithm {
    /// RFC 2617.
    Md5,
    /// RFC 8760.
    Sha256,
}

impl Algorithm {
    /// As it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// The one that a parameter names; MD5 when there is no such parameter.
    pub fn read(name: Option<&str>) -> Option<Self> {
        match name {
            None => Some(Self::Md5),
            Some(name) => [Self::Md5, Self::Sha256]
                .into_iter()
                .find(|known| known.name().eq_ignore_ascii_case(name)),
        }
    }

    /// The hash of a text, in hexadecimal.
    pub fn hash(self, text: &str) -> String {
        match self {
            Self::Md5 => hex(&<Md5 as md5::Digest>::digest(text.as_bytes())),
            Self::Sha256 => hex(&<sha2::Sha256 as sha2::Digest>::digest(text.as_bytes())),
        }
    }
}

/// What a response is made of (RFC 7616 3.4.1).
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// User name.
    pub user: &'a str,
    /// Realm of the challenge.
    pub realm: &'a str,
    /// Password of the user.
    pub password: &'a str,
    /// Method of the request.
    pub method: &'a str,
    /// Request-URI, as the credentials repeat it.
    pub uri: &'a str,
    /// Nonce of the challenge.
    pub nonce: &'a str,
    /// Nonce count and cnonce of `qop=auth`.
    pub auth: Option<(&'a str, &'a str)>,
}

impl Proof<'_> {
    /// The response, in hexadecimal.
    pub fn response(&self, algorithm: Algorithm) -> String {
        let Self {
            user,
            realm,
            password,
            method,
            uri,
            nonce,
            auth,
        } = self;
        let secret = algorithm.hash(&format!("{user}:{realm}:{password}"));
        let asked = algorithm.hash(&format!("{method}:{uri}"));
        algorithm.hash(&match auth {
            Some((count, cnonce)) => format!("{secret}:{nonce}:{count}:{cnonce}:auth:{asked}"),
            None => format!("{secret}:{nonce}:{asked}"),
        })
    }
}

/// The parameters of a challenge, or of the answer to one.
#[derive(Clone, Debug)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads `Digest name=value, …`; nothing for another scheme.
    pub fn read(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("Digest")
            .then(|| Self(pairs(rest)))
    }

    /// The value of a parameter, without its quotes.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
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

const PARAMETERS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_is_that_of_the_examples() {
        // RFC 7616 3.9.1
        let proof = Proof {
            user: "Mufasa",
            realm: "http-auth@example.org",
            password: "Circle of Life",
            method: "GET",
            uri: "/dir/index.html",
            nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            auth: Some(("00000001", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")),
        };
        assert_eq!(
            proof.response(Algorithm::Md5),
            "8ca523f5e9506fed4657c9700eebdbec"
        );
        assert_eq!(
            proof.response(Algorithm::Sha256),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
        );
    }
}
