//! What a subject is and claims (PICS) and where it is (PIXIT), read from YAML.

mod check;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// What the subject is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An IM server.
    #[default]
    Server,
    /// An IM client, one for each scenario.
    Client,
    /// A SIP/IP core.
    Core,
    /// The participating function of an IM server.
    Participating,
    /// An IM history function, one for each scenario.
    History,
}

impl Kind {
    pub const ALL: [Self; 5] = [
        Self::Server,
        Self::Client,
        Self::Core,
        Self::Participating,
        Self::History,
    ];

    /// Tag of the features whose subject is of this kind; features without one are for an IM server.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::Core => "core",
            Self::Participating => "participating",
            Self::History => "history",
        }
    }

    /// The kind of subject that is the actor of a clause.
    #[must_use]
    pub fn of_actor(actor: &str) -> Self {
        match actor {
            "im-client" => Self::Client,
            "sip-ip-core" => Self::Core,
            "im-history-function" => Self::History,
            _ if actor.starts_with("im-server-participating") => Self::Participating,
            _ => Self::Server,
        }
    }

    /// Whether every scenario has a subject of its own, which is told line by line what to do.
    #[must_use]
    pub fn is_told(self) -> bool {
        matches!(self, Self::Client | Self::History)
    }
}

/// What a scenario needs of the subject, told by its tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// `@long-wait`: it waits for minutes of protocol time.
    pub long: bool,
    /// `@terminating`: the port for requests towards the user; else the originating one.
    pub terminating: bool,
    /// `@proxy`: the subject is a SIP proxy; else a B2BUA.
    pub proxy: bool,
}

impl Setting {
    /// Reads the tags of a scenario and its feature.
    #[must_use]
    pub fn of(tags: &[String]) -> Self {
        let has = |name: &str| tags.iter().any(|tag| tag == name);
        Self {
            long: has("long-wait"),
            terminating: has("terminating"),
            proxy: has("proxy"),
        }
    }
}

/// How the subject comes to life.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Adapter {
    /// The reference, inside the harness, over real sockets.
    Embedded,
    /// A command that the harness starts and stops.
    Process,
    /// A server that already runs somewhere.
    Remote,
    /// A client that a person uses, who is told at a prompt what to do (`kind: client`).
    Person,
}

/// A subject's profile; every key is explained in `features/profiles/remote.yaml`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub subject: String,
    #[serde(default)]
    pub kind: Kind,
    pub adapter: Adapter,
    /// Where the subject listens for SIP (`remote`, `process`).
    #[serde(default)]
    pub sip: Option<SocketAddr>,
    /// Where a participating function takes requests towards its users; by default at `sip` too.
    #[serde(default)]
    pub terminating: Option<SocketAddr>,
    /// Where the tester listens as the SIP/IP core; the subject sends its requests there.
    #[serde(default = "any_port")]
    pub core: SocketAddr,
    /// Where the tester listens as the IM server that a SIP/IP core sends to (`kind: core`).
    #[serde(default = "any_port")]
    pub im_server: SocketAddr,
    /// Where the tester listens as the XDMS; the subject asks for group documents there.
    #[serde(default = "any_port")]
    pub xdms: SocketAddr,
    /// The subject's command line (`process`); `{sip}`, `{terminating}`, `{core}`, `{im_server}`, `{xdms}`, `{transport}`, `{scale}`, `{password}`, `{config}` are filled in; for
    /// a client `{proxy}`, `{transport}`, `{address}`, `{factory}`, `{max}`, `{scale}`
    /// and `{one_session}`.
    #[serde(default)]
    pub command: Vec<String>,
    /// What a client's command has in the place of `{one_session}` where it shall hold one session at a time.
    #[serde(default)]
    pub one_session: Vec<String>,
    /// A configuration file written before the command starts; `{config}` in `command` is its path.
    #[serde(default)]
    pub config: Option<String>,
    pub domain: String,
    pub conference_factory: String,
    /// A conference factory without the MESSAGE URI-list service, if the subject has one.
    #[serde(default)]
    pub session_only_factory: Option<String>,
    /// An address of the subject's domain that is no conference factory.
    #[serde(default)]
    pub unallocated_factory: String,
    /// An originator the subject does not authorise.
    #[serde(default)]
    pub barred_user: String,
    /// Address of a chair; `{chair}` is alice, bob, …; `{n}` keeps scenarios apart.
    pub users: String,
    /// Password of every user at a SIP/IP core, whose name for digest authentication is the user part of the address.
    #[serde(default = "password")]
    pub password: String,
    /// Address of a pre-defined group; `{group}` is friends, …; `{n}` keeps scenarios apart.
    #[serde(default)]
    pub groups: String,
    /// Most participants of an ad-hoc session, the inviter included; a client's MAX-ADHOC-GROUP-SIZE.
    pub max_participants: usize,
    /// Protocol time runs so many times faster than the clock (only where the subject's does too).
    #[serde(default = "real_time")]
    pub time_scale: f64,
    /// The same for scenarios tagged `@long-wait`, which the embedded reference plays on a clock of its own.
    #[serde(default)]
    pub long_wait_scale: Option<f64>,
    /// Seconds between two NOTIFYs of changes, where the scenario has no `@long-wait` (embedded only); by default as the
    /// reference would have it.
    #[serde(default)]
    pub notify_interval: Option<u32>,
    /// Session interval the tester asks for, in seconds (RFC 4028: at least 90).
    #[serde(default = "least_interval")]
    pub session_interval: u32,
    /// Named claims of the PICS.
    #[serde(default)]
    pub claims: BTreeMap<String, bool>,
}

/// More than the scenarios of one run; the number of a scenario tells its run above this.
pub(crate) const SCENES: usize = 100_000;

fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn real_time() -> f64 {
    1.0
}

fn password() -> String {
    "secret".to_owned()
}

fn least_interval() -> u32 {
    90
}

/// A profile that cannot be used: where and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{file}{place}: {problem}\n  help: {remedy}")]
pub struct ProfileError {
    pub file: String,
    /// `:line:column`, or empty when the whole file is meant.
    pub place: String,
    pub problem: String,
    pub remedy: String,
}

impl Profile {
    /// Reads a profile; `file` names the text in errors.
    pub fn parse(file: &str, text: &str) -> Result<Self, ProfileError> {
        // Reading to a value first reports keys given twice.
        let mut profile = serde_yaml::from_str::<serde_yaml::Value>(text)
            .and_then(|_| serde_yaml::from_str::<Self>(text))
            .map_err(|error| check::unreadable(file, text, &error))?;
        if profile.groups.is_empty() {
            profile.groups = format!("sip:{{group}}.{{n}}@{}", profile.domain);
        }
        check::profile(file, text, &profile)?;
        Ok(profile)
    }

    /// Refuses claims that are not `known`; `file` and `text` as for `parse`.
    pub fn check_claims(&self, file: &str, text: &str, known: &[&str]) -> Result<(), ProfileError> {
        check::claims(file, text, self, known)
    }

    /// Address of the group `name` in scenario `n`; the same in every run.
    #[must_use]
    pub fn group(&self, name: &str, n: usize) -> String {
        self.groups
            .replace("{group}", name)
            .replace("{n}", &(n % SCENES).to_string())
    }

    /// Address of `chair` in scenario `n`; the same in every run.
    #[must_use]
    pub fn user(&self, chair: &str, n: usize) -> String {
        self.users
            .replace("{chair}", chair)
            .replace("{n}", &(n % SCENES).to_string())
    }
}

#[cfg(test)]
mod tests;
