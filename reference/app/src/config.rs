//! The configuration file of `im-server`: YAML in, checked settings out, every error with its place and remedy.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::Error;
use crate::file::{self, Fault, Listen, Way};

/// All that a server needs to start.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Address of SIP, UDP and TCP.
    pub sip: SocketAddr,
    /// Address of MSRP.
    pub msrp: SocketAddr,
    /// The address that messages name, when it is not the one listened on.
    pub advertise: Option<IpAddr>,
    /// How much faster than real time protocol timers run.
    pub time_scale: f64,
    /// How many shards; by default one a core.
    pub shards: usize,
    /// How many connections may be open.
    pub connections: usize,
    /// The server's own XDMS, if it has one.
    pub xdms: Option<XdmsConfig>,
    /// What the server does.
    pub role: roles::Config,
}

/// The server's own XDMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XdmsConfig {
    /// Address of HTTP.
    pub listen: SocketAddr,
    /// Where documents are kept; `:memory:` keeps them as long as the server runs.
    pub database: PathBuf,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    domain: String,
    core: Core,
    listen: Listen,
    #[serde(default)]
    advertise: Option<IpAddr>,
    conference_factories: Vec<String>,
    #[serde(default)]
    barred: Vec<String>,
    #[serde(default)]
    session_only_factories: Vec<String>,
    uri_list_message: Option<bool>,
    max_recipients: Option<usize>,
    allow_anonymous_messages: Option<bool>,
    max_participants: Option<usize>,
    #[serde(default)]
    barred_nicknames: Vec<String>,
    #[serde(default)]
    announce: bool,
    accept_types: Option<Vec<String>>,
    session_expires: Option<u32>,
    min_se: Option<u32>,
    release: Option<String>,
    anonymity: Option<Anonymity>,
    max_subscriptions: Option<usize>,
    notify_interval: Option<u32>,
    propagate_modification: Option<bool>,
    seed: Option<u64>,
    time_scale: Option<f64>,
    shards: Option<usize>,
    connections: Option<usize>,
    #[serde(default)]
    xdms: Xdms,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Xdms {
    listen: Option<SocketAddr>,
    database: Option<PathBuf>,
    xcap_root: Option<String>,
    groups_auid: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Core {
    address: SocketAddr,
    #[serde(default)]
    transport: Way,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Anonymity {
    Ignore,
    Release,
}

/// Reads and checks a configuration file.
pub fn load(path: impl AsRef<Path>) -> Result<ServerConfig, Error> {
    file::load(path.as_ref(), parse)
}

/// Checks a configuration; `file` is the name that errors mention.
pub fn parse(text: &str, file: &str) -> Result<ServerConfig, Error> {
    let read: File = file::read(text, file, EXAMPLE)?;
    file::check(fault(&read), text, file)?;
    Ok(read.into())
}

/// What explains every key.
const EXAMPLE: &str = "reference/app/server.example.yaml";

impl From<File> for ServerConfig {
    fn from(file: File) -> ServerConfig {
        let usual = roles::Config::default();
        let (xdms, asked) = (file.xdms.own(), file.xdms);
        let role = roles::Config {
            domain: file.domain,
            core: file.core.address,
            core_transport: file.core.transport.into(),
            conference_factories: file.conference_factories,
            barred: file.barred,
            session_only_factories: file.session_only_factories,
            uri_list_message: file.uri_list_message.unwrap_or(usual.uri_list_message),
            max_recipients: file.max_recipients.unwrap_or(usual.max_recipients),
            allow_anonymous_messages: file
                .allow_anonymous_messages
                .unwrap_or(usual.allow_anonymous_messages),
            max_participants: file.max_participants.unwrap_or(usual.max_participants),
            barred_nicknames: file.barred_nicknames,
            announce: file.announce,
            accept_types: file.accept_types.unwrap_or(usual.accept_types),
            session_expires: file.session_expires.unwrap_or(usual.session_expires),
            min_se: file.min_se.unwrap_or(usual.min_se),
            release: file.release.unwrap_or(usual.release),
            anonymity: match file.anonymity {
                Some(Anonymity::Release) => roles::Anonymity::Release,
                Some(Anonymity::Ignore) | None => roles::Anonymity::Ignore,
            },
            max_subscriptions: file.max_subscriptions.unwrap_or(usual.max_subscriptions),
            notify_interval: file
                .notify_interval
                .map_or(usual.notify_interval, |seconds| {
                    Duration::from_secs(seconds.into())
                }),
            propagate_modification: file
                .propagate_modification
                .unwrap_or(usual.propagate_modification),
            seed: file.seed.unwrap_or(usual.seed),
            ..usual
        };
        ServerConfig {
            xdms,
            role: asked.applied(role),
            sip: file.listen.sip,
            msrp: file.listen.msrp,
            advertise: file.advertise,
            time_scale: file.time_scale.unwrap_or(1.0),
            shards: file
                .shards
                .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
            connections: file.connections.unwrap_or(net::CONNECTIONS),
        }
    }
}

impl Xdms {
    fn own(&self) -> Option<XdmsConfig> {
        Some(XdmsConfig {
            listen: self.listen?,
            database: self.database.clone()?,
        })
    }

    fn applied(self, role: roles::Config) -> roles::Config {
        roles::Config {
            xcap_root: self.xcap_root,
            groups_auid: self.groups_auid.unwrap_or(role.groups_auid),
            ..role
        }
    }
}

/// The first value that is well-formed and still makes no sense.
fn fault(file: &File) -> Option<Fault> {
    let not_sip = |uri: &&String| !uri.starts_with("sip:") && !uri.starts_with("sips:");
    if file.domain.is_empty() || file.domain.contains(char::is_whitespace) {
        return Some((
            "domain",
            "the domain is empty or holds a space".into(),
            "Write a host name, such as example.com",
        ));
    }
    if file.conference_factories.is_empty() {
        return Some((
            "conference_factories",
            "no conference factory is named".into(),
            "Name at least one SIP URI",
        ));
    }
    for (key, uris) in [
        ("conference_factories", &file.conference_factories),
        ("session_only_factories", &file.session_only_factories),
        ("barred", &file.barred),
    ] {
        if let Some(uri) = uris.iter().find(not_sip) {
            return Some((
                key,
                format!("`{uri}` is no SIP URI"),
                "Write it as sip:user@host",
            ));
        }
    }
    number_fault(file)
        .or_else(|| listen_fault(file))
        .or_else(|| xdms_fault(&file.xdms))
}

fn number_fault(file: &File) -> Option<Fault> {
    if file
        .time_scale
        .is_some_and(|scale| !(0.01..=10_000.0).contains(&scale))
    {
        return Some((
            "time_scale",
            "the time scale is out of range".into(),
            "Use 1 for real time; 0.01 to 10000 work",
        ));
    }
    if file.min_se.is_some_and(|seconds| seconds < 90) {
        return Some((
            "min_se",
            "the smallest session interval is below 90 s".into(),
            "RFC 4028 section 5 asks for 90 or more",
        ));
    }
    let usual = roles::Config::default();
    if file.session_expires.unwrap_or(usual.session_expires) < file.min_se.unwrap_or(usual.min_se) {
        return Some((
            "session_expires",
            "the session interval is below min_se".into(),
            "Raise session_expires or lower min_se",
        ));
    }
    for (key, value) in [
        ("max_participants", file.max_participants),
        ("max_recipients", file.max_recipients),
        ("max_subscriptions", file.max_subscriptions),
        ("shards", file.shards),
        ("connections", file.connections),
    ] {
        if value == Some(0) {
            return Some((
                key,
                format!("{key} is 0"),
                "Use 1 or more, or leave the key out for the usual value",
            ));
        }
    }
    None
}

fn listen_fault(file: &File) -> Option<Fault> {
    if file.advertise.is_none()
        && (file.listen.sip.ip().is_unspecified() || file.listen.msrp.ip().is_unspecified())
    {
        return Some((
            "listen",
            "peers cannot reply to an unspecified address".into(),
            "Add `advertise: ADDRESS`, the address that peers reach",
        ));
    }
    None
}

fn xdms_fault(xdms: &Xdms) -> Option<Fault> {
    let (problem, remedy) = match (&xdms.listen, &xdms.database, &xdms.xcap_root) {
        (Some(_), None, _) => (
            "an XDMS that listens has no place for its documents",
            "Add `database: FILE`, or `database: \":memory:\"` to keep nothing",
        ),
        (None, Some(_), _) => (
            "a database is named for an XDMS that does not listen",
            "Add `listen: 127.0.0.1:8090`, or take `database` away",
        ),
        (_, _, Some(root)) if !root.starts_with("http://") => (
            "the XCAP root is no http URI",
            "Write it as http://host:port/path",
        ),
        _ => return None,
    };
    Some(("xdms", problem.into(), remedy))
}
