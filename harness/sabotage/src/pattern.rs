//! Which messages a mutation changes.

use serde::Deserialize;
use trace::Protocol;
use wire::scan::Scan;

/// Conditions on one message; all that are given must hold. SIP unless `msrp`, `http` or `user` is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pattern {
    /// Method of a SIP request; `*` is any.
    pub request: Option<String>,
    /// Status of a SIP response: `200`, `4xx`, `*`.
    pub response: Option<Word>,
    /// Method in CSeq.
    pub method: Option<String>,
    /// Number in CSeq.
    pub cseq: Option<u32>,
    /// Text in the user part, or anywhere else, of To.
    pub to: Option<String>,
    /// The same for From.
    pub from: Option<String>,
    /// Whether To has a tag.
    pub in_dialog: Option<bool>,
    /// A header that must be there.
    pub has: Option<String>,
    /// Text in the body (SIP) or after the start line (MSRP, HTTP).
    pub body: Option<String>,
    /// Method of an MSRP request, or status of an MSRP response.
    pub msrp: Option<Word>,
    /// Method of an HTTP request, or status of an HTTP response.
    pub http: Option<Word>,
    /// What a line says that a client tells its user, such as `notice`, or that its user wants, such as `invite`.
    pub user: Option<String>,
    /// Only the match with this number, from 1; repetitions of the same octets count as one.
    pub nth: Option<usize>,
}

/// A word of a data file that may look like a number.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Word {
    /// Such as `200`.
    Number(u16),
    /// Such as `4xx` or `SEND`.
    Text(String),
}

impl Word {
    /// Equal, or a status class such as `4xx`, or `*`.
    fn takes(&self, found: &str) -> bool {
        match self {
            Self::Number(number) => found == number.to_string(),
            Self::Text(text) => match text.strip_suffix("xx") {
                Some(class) => found.len() == 3 && found.starts_with(class),
                None => text == "*" || text == found,
            },
        }
    }
}

impl Pattern {
    /// Whether this message is meant, `nth` aside.
    pub fn takes(&self, protocol: Protocol, bytes: &[u8]) -> bool {
        match protocol {
            Protocol::Sip => {
                let other = self.msrp.is_some() || self.http.is_some() || self.user.is_some();
                !other && self.takes_sip(&Scan::sip(bytes))
            }
            Protocol::Msrp => self
                .msrp
                .as_ref()
                .is_some_and(|wanted| self.takes_other(wanted, 2, bytes)),
            Protocol::User => self.user.as_ref().is_some_and(|wanted| {
                let starts = |key: &str| contains(bytes, &format!("\"{key}\":\"{wanted}\""));
                let text = |text: &String| contains(bytes, text);
                (starts("event") || starts("do")) && self.body.as_ref().is_none_or(text)
            }),
            Protocol::Http => {
                let word = usize::from(bytes.starts_with(b"HTTP/"));
                self.http
                    .as_ref()
                    .is_some_and(|wanted| self.takes_other(wanted, word, bytes))
            }
        }
    }

    fn takes_sip(&self, scan: &Scan) -> bool {
        let start = match (&self.request, &self.response) {
            (Some(wanted), None) => scan
                .method()
                .is_some_and(|method| wanted == "*" || *wanted == method),
            (None, Some(wanted)) => scan
                .code()
                .is_some_and(|code| wanted.takes(&code.to_string())),
            _ => false,
        };
        let value = |name: &str| {
            scan.field(name)
                .map(|field| field.value)
                .unwrap_or_default()
        };
        let holds = |name: &str, wanted: &Option<String>| {
            wanted
                .as_ref()
                .is_none_or(|text| value(name).contains(text))
        };
        start
            && self
                .method
                .as_ref()
                .is_none_or(|method| value("CSeq").split_ascii_whitespace().nth(1) == Some(method))
            && self.cseq.is_none_or(|number| {
                value("CSeq").split_ascii_whitespace().next() == Some(&number.to_string())
            })
            && holds("To", &self.to)
            && holds("From", &self.from)
            && self
                .in_dialog
                .is_none_or(|wanted| value("To").contains(";tag=") == wanted)
            && self
                .has
                .as_ref()
                .is_none_or(|name| scan.field(name).is_some())
            && self
                .body
                .as_ref()
                .is_none_or(|text| contains(scan.body(), text))
    }

    /// Compares a word of the start line, and the text after that line.
    fn takes_other(&self, wanted: &Word, number: usize, bytes: &[u8]) -> bool {
        let line = bytes
            .split(|byte| *byte == b'\r')
            .next()
            .unwrap_or_default();
        let word = String::from_utf8_lossy(line)
            .split(' ')
            .nth(number)
            .unwrap_or_default()
            .to_owned();
        wanted.takes(&word)
            && self
                .body
                .as_ref()
                .is_none_or(|text| contains(&bytes[line.len()..], text))
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    text.is_empty()
        || bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
}
