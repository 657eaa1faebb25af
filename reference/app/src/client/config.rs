//! The configuration of `im-client`: a YAML file, flags that win over it, every error with its place and remedy.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use roles::client::{Config, Credentials};
use serde::Deserialize;

use crate::Error;
use crate::file::{self, Fault, Listen, Way};

/// All that a client needs to start.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Address of SIP, UDP and TCP.
    pub sip: SocketAddr,
    /// Address of MSRP.
    pub msrp: SocketAddr,
    /// The address that messages name, when it is not the one listened on.
    pub advertise: Option<IpAddr>,
    /// How much faster than real time protocol timers run.
    pub time_scale: f64,
    /// Who is told of everything that crosses the sockets.
    pub trace: Option<net::Trace>,
    /// What the client does.
    pub role: Config,
}

impl Default for ClientConfig {
    /// Free ports of this machine, real time, identifiers that nobody can guess.
    fn default() -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let seed = RandomState::new().build_hasher().finish();
        Self {
            sip: any,
            msrp: any,
            advertise: None,
            time_scale: 1.0,
            trace: None,
            role: Config {
                seed,
                ..Config::default()
            },
        }
    }
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    address: String,
    display_name: Option<String>,
    proxy: SocketAddr,
    transport: Option<Way>,
    conference_factory: Option<String>,
    max_adhoc_group_size: Option<usize>,
    accept_types: Option<Vec<String>>,
    session_expires: Option<u32>,
    simultaneous_sessions: Option<bool>,
    auto_accept: Option<bool>,
    auto_subscribe: Option<bool>,
    assert_identity: Option<bool>,
    register: Option<Register>,
    patience: Option<u32>,
    listen: Option<Listen>,
    advertise: Option<IpAddr>,
    time_scale: Option<f64>,
    seed: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Register {
    user: String,
    password: String,
    expires: Option<u32>,
}

/// Reads and checks a configuration file.
pub fn load(path: impl AsRef<Path>) -> Result<ClientConfig, Error> {
    file::load(path.as_ref(), parse)
}

/// Checks a configuration; `file` is the name that errors mention.
pub fn parse(text: &str, file: &str) -> Result<ClientConfig, Error> {
    let read: File = file::read(text, file, EXAMPLE)?;
    let config = ClientConfig::from(read);
    file::check(fault(&config), text, file)?;
    Ok(config)
}

/// What explains every key.
const EXAMPLE: &str = "reference/app/client.example.yaml";

impl From<File> for ClientConfig {
    fn from(file: File) -> ClientConfig {
        let usual = ClientConfig::default();
        let role = usual.role;
        let register = file.register.map(|one| Credentials {
            user: one.user,
            password: one.password,
            expires: one.expires.unwrap_or(3600),
        });
        ClientConfig {
            sip: file.listen.as_ref().map_or(usual.sip, |one| one.sip),
            msrp: file.listen.as_ref().map_or(usual.msrp, |one| one.msrp),
            advertise: file.advertise,
            time_scale: file.time_scale.unwrap_or(usual.time_scale),
            trace: None,
            role: Config {
                address: file.address,
                display_name: file.display_name,
                proxy: file.proxy,
                transport: file.transport.unwrap_or_default().into(),
                conference_factory: file.conference_factory.unwrap_or(role.conference_factory),
                max_adhoc_group_size: file
                    .max_adhoc_group_size
                    .unwrap_or(role.max_adhoc_group_size),
                accept_types: file.accept_types.unwrap_or(role.accept_types),
                session_expires: file.session_expires.unwrap_or(role.session_expires),
                release: role.release,
                simultaneous_sessions: file
                    .simultaneous_sessions
                    .unwrap_or(role.simultaneous_sessions),
                auto_accept: file.auto_accept.unwrap_or(role.auto_accept),
                auto_subscribe: file.auto_subscribe.unwrap_or(role.auto_subscribe),
                assert_identity: file.assert_identity.unwrap_or(role.assert_identity),
                register,
                patience: file.patience.map_or(role.patience, |seconds| {
                    Duration::from_secs(u64::from(seconds))
                }),
                seed: file.seed.unwrap_or(role.seed),
            },
        }
    }
}

/// The first value that is well-formed and still makes no sense.
pub fn fault(config: &ClientConfig) -> Option<Fault> {
    let role = &config.role;
    for (key, uri) in [
        ("address", &role.address),
        ("conference_factory", &role.conference_factory),
    ] {
        let sip = uri.starts_with("sip:") || uri.starts_with("sips:");
        if !sip || wire::sip::Uri::parse(uri).is_err() {
            let problem = format!("`{uri}` is no SIP URI");
            return Some((key, problem, "Write it as sip:user@host"));
        }
    }
    if role.accept_types.is_empty() {
        let problem = "no content type is named".into();
        return Some(("accept_types", problem, "Name message/cpim at least"));
    }
    if role.session_expires < 90 {
        let problem = "the session interval is below 90 s".into();
        return Some((
            "session_expires",
            problem,
            "RFC 4028 section 5 asks for 90 or more",
        ));
    }
    if !(0.01..=10_000.0).contains(&config.time_scale) {
        let problem = "the time scale is out of range".into();
        return Some((
            "time_scale",
            problem,
            "Use 1 for real time; 0.01 to 10000 work",
        ));
    }
    let open = config.sip.ip().is_unspecified() || config.msrp.ip().is_unspecified();
    if config.advertise.is_none() && open {
        let problem = "peers cannot reply to an unspecified address".into();
        return Some((
            "listen",
            problem,
            "Add `advertise: ADDRESS`, the address that peers reach",
        ));
    }
    None
}
