//! The configuration file of `im-server`: YAML in, checked settings out, every error with its place and remedy.

mod core;
mod history;
mod participating;
mod store;
mod xdms;

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

pub use self::core::CoreConfig;
use crate::Error;
use crate::file::{self, Fault, Listen, Way};
pub use history::HistoryConfig;
pub use participating::ParticipatingConfig;
pub use store::StoreConfig;
use xdms::Xdms;
pub use xdms::XdmsConfig;

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
    /// Where functions keep what they have promised to keep.
    pub store: Option<StoreConfig>,
    /// Participating functions, one a side.
    pub participating: Vec<ParticipatingConfig>,
    /// The IM History Function, if there is one.
    pub history: Option<HistoryConfig>,
    /// A SIP/IP core beside the server, if there is one.
    pub sip_ip_core: Option<CoreConfig>,
    /// Who is told of everything that crosses the sockets.
    pub trace: Option<net::Trace>,
    /// What the server does.
    pub role: roles::Config,
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
    store: Option<store::File>,
    #[serde(default)]
    participating: Vec<participating::File>,
    history: Option<history::File>,
    sip_ip_core: Option<core::Section>,
}

#[derive(Clone, Copy, Deserialize)]
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
    fn from(mut file: File) -> ServerConfig {
        let participating = participating::all(&mut file);
        let seed = file.seed.unwrap_or_else(seed);
        let usual = roles::Config::default();
        let (xdms, asked) = (file.xdms.own(), file.xdms);
        // What was a nonce before a restart must be none behind it: the counts that were used are forgotten.
        let core = |section: core::Section| section.core(&file.domain, self::seed());
        let sip_ip_core = file.sip_ip_core.map(core);
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
            seed,
            ..usual
        };
        let role = asked.applied(role);
        let durable = file.store.is_some();
        ServerConfig {
            history: file.history.map(|one| one.beside(&role, durable)),
            xdms,
            store: file.store.map(StoreConfig::from),
            participating,
            trace: None,
            role,
            sip_ip_core,
            sip: file.listen.sip,
            msrp: file.listen.msrp,
            advertise: file.advertise,
            time_scale: file.time_scale.unwrap_or(1.0),
            shards: file.shards.unwrap_or_else(cores),
            connections: file.connections.unwrap_or(net::CONNECTIONS),
        }
    }
}

/// As many shards as there are cores.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Another one for each start: identifiers of before must not come again, for a peer would take new requests for old ones.
pub(crate) fn seed() -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(std::process::id())
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
        .or_else(|| xdms::fault(&file.xdms))
        .or_else(|| store::fault(file.store.as_ref()))
        .or_else(|| participating::fault(file))
        .or_else(|| history::fault(file.history.as_ref()?))
        .or_else(|| file.sip_ip_core.as_ref()?.fault())
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
