//! The SIP/IP core in the configuration of `im-server`: users, filter criteria, routes, and whom it trusts.

use std::net::SocketAddr;

use roles::core::{Algorithm, Case, Config, DefaultHandling, Filter, Route, User};
use serde::Deserialize;
use wire::sip::Uri;

use crate::file::Fault;

/// A SIP/IP core of our own.
#[derive(Clone, Debug)]
pub struct CoreConfig {
    /// Address of SIP, UDP and TCP.
    pub listen: SocketAddr,
    /// What it does.
    pub role: Config,
}

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Section {
    listen: SocketAddr,
    users: Vec<Subscriber>,
    #[serde(default)]
    filters: Vec<Criterion>,
    #[serde(default)]
    routes: Vec<Way>,
    #[serde(default)]
    trusted: Vec<SocketAddr>,
    algorithms: Option<Vec<Digest>>,
    min_expires: Option<u32>,
    max_expires: Option<u32>,
    default_expires: Option<u32>,
    nonce_lifetime: Option<u32>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subscriber {
    name: String,
    password: String,
    identities: Vec<String>,
    count: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Criterion {
    #[serde(default)]
    case: Side,
    method: String,
    accept_contact: Option<String>,
    to: Option<String>,
    #[serde(default)]
    default_handling: Handling,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Side {
    #[default]
    Originating,
    TerminatingRegistered,
    TerminatingUnregistered,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Handling {
    #[default]
    Continue,
    Terminate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Way {
    uri: String,
    to: String,
}

#[derive(Clone, Copy, Deserialize)]
enum Digest {
    #[serde(rename = "SHA-256")]
    Sha256,
    #[serde(rename = "MD5")]
    Md5,
}

impl Section {
    /// The core of that domain; nonces and identifiers begin at `seed`.
    pub(crate) fn core(self, domain: &str, seed: u64) -> CoreConfig {
        let usual = Config::default();
        let algorithms = self
            .algorithms
            .map(|all| all.into_iter().map(read).collect());
        let role = Config {
            domain: domain.to_owned(),
            users: self.users.iter().flat_map(Subscriber::users).collect(),
            filters: self.filters.into_iter().map(Criterion::filter).collect(),
            routes: self
                .routes
                .into_iter()
                .map(|way| Route {
                    uri: way.uri,
                    to: way.to,
                })
                .collect(),
            trusted: self.trusted,
            algorithms: algorithms.unwrap_or(usual.algorithms),
            min_expires: self.min_expires.unwrap_or(usual.min_expires),
            max_expires: self.max_expires.unwrap_or(usual.max_expires),
            default_expires: self.default_expires.unwrap_or(usual.default_expires),
            nonce_lifetime: self.nonce_lifetime.unwrap_or(usual.nonce_lifetime),
            release: usual.release,
            seed,
        };
        CoreConfig {
            listen: self.listen,
            role,
        }
    }

    /// The first value that is well-formed and still makes no sense.
    pub(crate) fn fault(&self) -> Option<Fault> {
        let place = |uri: &str| {
            let host = Uri::parse(uri).ok().filter(Uri::is_sip).map(|uri| uri.host);
            host.is_some_and(|host| {
                host.trim_matches(['[', ']'])
                    .parse::<std::net::IpAddr>()
                    .is_ok()
            })
        };
        let filters = self.filters.iter().filter_map(|one| one.to.as_deref());
        let routes = self.routes.iter().map(|one| one.to.as_str());
        if let Some(uri) = filters.chain(routes).find(|uri| !place(uri)) {
            return Some((
                "sip_ip_core",
                format!("`{uri}` is no SIP URI with an IP address"),
                "Write it as sip:127.0.0.1:5071, with ;transport=tcp behind it for TCP",
            ));
        }
        let identities = |user: &Subscriber| {
            let read = |uri: &String| Uri::parse(&uri.replace("{n}", "1")).is_ok();
            !user.identities.is_empty() && user.identities.iter().all(read)
        };
        if let Some(user) = self.users.iter().find(|user| !identities(user)) {
            return Some((
                "users",
                format!("the user `{}` has no identity that is a URI", user.name),
                "Write identities: [sip:alice@example.com]",
            ));
        }
        let none = self.algorithms.as_ref().is_some_and(Vec::is_empty);
        none.then(|| {
            let problem = "no user could prove anything without an algorithm".to_owned();
            ("algorithms", problem, "Write [SHA-256, MD5]")
        })
    }
}

impl Subscriber {
    // With `count`, as many users, whose numbers stand for {n}.
    fn users(&self) -> Vec<User> {
        let user = |n: usize| {
            let fill = |text: &String| text.replace("{n}", &n.to_string());
            User {
                name: fill(&self.name),
                password: fill(&self.password),
                identities: self.identities.iter().map(fill).collect(),
            }
        };
        (1..=self.count.unwrap_or(1)).map(user).collect()
    }
}

impl Criterion {
    fn filter(self) -> Filter {
        Filter {
            case: match self.case {
                Side::Originating => Case::Originating,
                Side::TerminatingRegistered => Case::TerminatingRegistered,
                Side::TerminatingUnregistered => Case::TerminatingUnregistered,
            },
            method: self.method,
            accept_contact: self.accept_contact,
            to: self.to,
            default_handling: match self.default_handling {
                Handling::Continue => DefaultHandling::Continue,
                Handling::Terminate => DefaultHandling::Terminate,
            },
        }
    }
}

fn read(digest: Digest) -> Algorithm {
    match digest {
        Digest::Sha256 => Algorithm::Sha256,
        Digest::Md5 => Algorithm::Md5,
    }
}
