//! What an operator decides about the SIP/IP core: users, initial filter criteria, routes, and whom it trusts.

use std::net::SocketAddr;

use wire::sip::{AcceptContact, Message};

pub use crate::digest::Algorithm;

/// The settings of one SIP/IP core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The domain that the core serves; also the realm of its challenges.
    pub domain: String,
    /// The subscribers.
    pub users: Vec<User>,
    /// The initial filter criteria of every subscriber; the first that matches wins.
    pub filters: Vec<Filter>,
    /// Where addresses of the domain that are no users are served, such as a conference factory.
    pub routes: Vec<Route>,
    /// Servers inside the trust domain (RFC 3325) besides those that filters and routes name.
    pub trusted: Vec<SocketAddr>,
    /// What challenges offer, best first.
    pub algorithms: Vec<Algorithm>,
    /// The shortest registration that is taken, in seconds; a shorter one gets 423.
    pub min_expires: u32,
    /// The longest, which is what a longer one is cut to.
    pub max_expires: u32,
    /// What a registration holds that says nothing of it.
    pub default_expires: u32,
    /// How long a nonce may be used, in seconds.
    pub nonce_lifetime: u32,
    /// Value of the Server header.
    pub release: String,
    /// Start of the identifier sequence: same seed and same inputs give the same octets. Nonces are as unguessable as
    /// this is.
    pub seed: u64,
}

/// A subscriber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name of digest authentication.
    pub name: String,
    /// Its password.
    pub password: String,
    /// The public user identities, the default one first: `sip:alice@example.com`. They are registered together.
    pub identities: Vec<String>,
}

/// When a request is evaluated (TS 29.228: SessionCase).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Case {
    /// For the user who sends it.
    Originating,
    /// For the user to whom it goes, and who is registered.
    TerminatingRegistered,
    /// For the user to whom it goes, and who is not.
    TerminatingUnregistered,
}

/// One initial filter criterion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The side that it is for.
    pub case: Case,
    /// The method that it is for; REGISTER asks for a third-party REGISTER (TS 24.229 5.4.1.7).
    pub method: String,
    /// The name of a feature parameter that some Accept-Contact has, such as `+g.oma.sip-im`; none: whatever it has.
    pub accept_contact: Option<String>,
    /// SIP URI of the application server, with an address as its host; none: the request goes on through the core.
    pub to: Option<String>,
    /// What happens when the server does not answer.
    pub default_handling: DefaultHandling,
}

/// What becomes of a request whose application server does not answer, or answers 408 or 5xx.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum DefaultHandling {
    /// It goes on with the next filter.
    #[default]
    Continue,
    /// It fails.
    Terminate,
}

/// Where an address of the domain is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `sip:conference-factory@example.com`, or `sip:rooms.example.com` for a whole host.
    pub uri: String,
    /// SIP URI of the server, with an address as its host.
    pub to: String,
}

impl Filter {
    /// The originating filter criteria of the specification (Appendix C.1), in the order in which they are printed.
    pub fn appendix_c(originating_port: &str) -> Vec<Filter> {
        let filter = |method: &str, tagged: bool| Filter {
            case: Case::Originating,
            method: method.into(),
            accept_contact: tagged.then(|| FEATURE.into()),
            to: tagged.then(|| originating_port.into()),
            default_handling: DefaultHandling::default(),
        };
        vec![
            filter("INVITE", true),
            filter("MESSAGE", true),
            filter("MESSAGE", false),
            filter("SUBSCRIBE", true),
            filter("REFER", true),
        ]
    }

    /// Whether the request is one that the filter is for. A feature is matched by its whole name (RFC 3840 9), in any
    /// of the values, and not when it is said to be absent.
    pub(super) fn matches(&self, case: Case, request: &Message) -> bool {
        let named = |tag: &String| {
            let values = request.values("Accept-Contact");
            let mut values = values.iter().take(VALUES);
            values.any(|value| has_feature(value, tag))
        };
        self.case == case
            && request.method() == Some(self.method.as_str())
            && self.accept_contact.as_ref().is_none_or(named)
    }
}

fn has_feature(value: &str, tag: &str) -> bool {
    let Ok(wanted) = AcceptContact::parse(value) else {
        return false;
    };
    match wanted.params.get(tag) {
        None => false,
        Some(None) => true,
        Some(Some(value)) => {
            let value = value.trim_matches('"');
            !value.eq_ignore_ascii_case("FALSE") && !value.eq_ignore_ascii_case("!TRUE")
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            domain: "im.example".into(),
            users: Vec::new(),
            filters: Vec::new(),
            routes: Vec::new(),
            trusted: Vec::new(),
            algorithms: vec![Algorithm::Sha256, Algorithm::Md5],
            min_expires: 60,
            max_expires: 7200,
            default_expires: 3600,
            nonce_lifetime: 300,
            release: "IM-core/OMA1.0 Shall/0.1".into(),
            seed: 1,
        }
    }
}

/// The feature tag of instant messaging.
pub const FEATURE: &str = "+g.oma.sip-im";
const VALUES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn matching(method: &str, headers: &[(&str, &str)]) -> Option<usize> {
        let mut request = Message::request(method, "sip:bob@im.example");
        for (name, value) in headers {
            request.push(name, *value);
        }
        let filters = Filter::appendix_c("sip:127.0.0.1:5071");
        filters
            .iter()
            .position(|filter| filter.matches(Case::Originating, &request))
    }

    #[test]
    fn a_feature_is_matched_by_its_whole_name() {
        let tagged = |value| matching("INVITE", &[("Accept-Contact", value)]);
        assert_eq!(tagged("*;+g.oma.sip-im;require;explicit"), Some(0));
        assert_eq!(tagged("*;require;+G.OMA.SIP-IM=\"TRUE\""), Some(0));
        assert_eq!(tagged("*;audio, *;+g.oma.sip-im"), Some(0));
        for other in [
            "*;+g.oma.sip-im.large-message",
            "*;+g.oma.sip-im=\"FALSE\"",
            "*;description=\"<+g.oma.sip-im>\"",
            "*;mobility=\"a;+g.oma.sip-im\"",
            "+g.oma.sip-im",
            "*;audio",
        ] {
            assert_eq!(tagged(other), None, "{other}");
        }
        let compact = matching("REFER", &[("a", "*;audio"), ("a", "*;+g.oma.sip-im")]);
        assert_eq!(compact, Some(4));
    }

    #[test]
    fn the_first_filter_wins() {
        let tag = ("Accept-Contact", "*;+g.oma.sip-im");
        assert_eq!(matching("MESSAGE", &[tag]), Some(1));
        assert_eq!(matching("MESSAGE", &[]), Some(2));
        assert_eq!(matching("SUBSCRIBE", &[tag]), Some(3));
        assert_eq!(matching("INVITE", &[]), None);
        assert_eq!(matching("PUBLISH", &[tag]), None);
    }
}
