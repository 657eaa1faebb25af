//! What a subject is and claims (PICS) and where it is (PIXIT), read from YAML.

mod check;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the subject is.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, Serialize, PartialEq, Eq)]
#[schemars(inline)]
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
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Serialize, PartialEq, Eq)]
#[schemars(inline)]
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

/// A subject's profile. What is said of a key here is what `shall init` writes beside it, and what editors show.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[schemars(
    title = "Profile of a subject of Shall",
    description = "What the subject is, where it is, and what it does not do."
)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Name of the subject in the reports.
    pub subject: String,
    /// What the subject is: server (IM server), client (IM client), core (SIP/IP core), participating (participating
    /// function of an IM server) or history (IM History Function). It decides which clauses are judged.
    #[serde(default)]
    pub kind: Kind,
    /// How the subject comes to life: embedded (the reference inside the harness), process (a `command` that the
    /// harness starts), remote (it already runs) or person (a client whose user is told at a prompt what to do).
    pub adapter: Adapter,
    /// Where the subject listens for SIP, UDP and TCP: an IP address and a port.
    #[serde(default)]
    pub sip: Option<SocketAddr>,
    /// Where a participating function takes requests towards its users; `sip` is then where it takes those from its
    /// users (the ports of C.1). Without it both are `sip`.
    #[serde(default)]
    pub terminating: Option<SocketAddr>,
    /// Where the tester listens as the SIP/IP core (UDP and TCP). The subject must send its own requests there:
    /// 7.2.2.2/server-invites/5.
    #[serde(default = "any_port")]
    pub core: SocketAddr,
    /// Where the tester listens as the IM server that the filter criteria of a SIP/IP core name: C.1/filter/u1.
    #[serde(default = "any_port")]
    pub im_server: SocketAddr,
    /// Where the tester listens as the XDMS (HTTP). The subject must fetch group documents from the XCAP root
    /// `http://ADDRESS:PORT/services`: 7.2.1.3 and the other clauses of pre-defined groups.
    #[serde(default = "any_port")]
    pub xdms: SocketAddr,
    /// The command line of a process, a word an entry. `{sip}`, `{terminating}`, `{core}`, `{im_server}`, `{xdms}`,
    /// `{transport}`, `{scale}`, `{password}` and `{config}` are filled in; for a client `{proxy}`, `{transport}`,
    /// `{address}`, `{factory}`, `{max}`, `{scale}` and `{one_session}`. It never leaves this file.
    #[serde(default)]
    pub command: Vec<String>,
    /// What the command of a client has in the place of `{one_session}` where it shall hold one session at a time:
    /// 004:6.2.1.1/on-invite/1.
    #[serde(default)]
    pub one_session: Vec<String>,
    /// A configuration file, written before the command starts; `{config}` in `command` is its path. It never leaves
    /// this file.
    #[serde(default)]
    pub config: Option<String>,
    /// The domain of the subject and its users.
    pub domain: String,
    /// The conference factory, which sets up ad-hoc sessions: 7.2.1.2/on-invite/1.
    pub conference_factory: String,
    /// A factory that sets up sessions but sends no MESSAGE to a list. Without one 8.3.1.1.1/on-message/1 stays
    /// inconclusive, unless `factory_without_uri_list_message` is false.
    #[serde(default)]
    pub session_only_factory: Option<String>,
    /// An address of the domain that is no conference factory: 7.2.1.2/on-invite/1.2.
    #[serde(default)]
    pub unallocated_factory: String,
    /// A user whom the subject does not authorise: 7.2.1.2/on-invite/2.2.
    #[serde(default)]
    pub barred_user: String,
    /// Addresses of the users; `{chair}` is alice, bob, carol, …, and `{n}` a number that keeps scenarios apart. Without
    /// `{n}` scenarios run one after the other.
    pub users: String,
    /// Password of every user at a SIP/IP core, whose name for digest authentication is the user part of the address:
    /// rfc3261:22. It never leaves this file.
    #[serde(default = "password")]
    pub password: String,
    /// Addresses of the groups whose documents the tester hands out, which the subject must take for groups of its own:
    /// 7.2.1.3/on-invite/1. `{group}` is friends, …; `{n}` as in `users`. Without it `sip:{group}.{n}@DOMAIN`.
    #[serde(default)]
    pub groups: String,
    /// Most participants of an ad-hoc session, the inviter included: 7.2.1.2/on-invite/5; what a client is provisioned
    /// with as MAX-ADHOC-GROUP-SIZE: 6.2.1.3. 2 to 50.
    pub max_participants: usize,
    /// How many times faster than the clock the subject runs its timers; 1 for anything but a test build. 0.01 to 1000.
    #[serde(default = "real_time")]
    pub time_scale: f64,
    /// The same for scenarios tagged `@long-wait`, which the embedded reference plays on a clock of its own.
    #[serde(default)]
    pub long_wait_scale: Option<f64>,
    /// Seconds between two NOTIFYs of changes, in the embedded reference only: rfc4575:3.10/rate.
    #[serde(default)]
    pub notify_interval: Option<u32>,
    /// The session interval that the tester asks for, in seconds; RFC 4028 allows 90 and more: 7.2.1.1/on-invite/1.
    #[serde(default = "least_interval")]
    pub session_interval: u32,
    /// What the subject does not do. A claim set to false makes its clauses not applicable, unless the subject is seen
    /// to break them; a claim that is true or left out changes nothing.
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

/// The claim that a server knows groups which an XDMS defines.
pub const GROUPS: &str = "pre_defined_groups";

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
    /// JSON Schema of a profile; the names of claims are the catalogue's to add.
    #[must_use]
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }

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

    /// Whether the subject is said not to have what `claim` names.
    pub fn denies(&self, claim: &str) -> bool {
        self.claims.get(claim) == Some(&false)
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
