//! The part of the configuration that is about the IM History Function.

use std::net::SocketAddr;
use std::time::Duration;

use roles::client;
use roles::history::Config;
use serde::Deserialize;

use crate::file::Fault;

/// An IM History Function, at an address of its own.
#[derive(Clone, Debug)]
pub struct HistoryConfig {
    /// Address of SIP, UDP and TCP.
    pub sip: SocketAddr,
    /// Address of MSRP.
    pub msrp: SocketAddr,
    /// What it does.
    pub role: Config,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    sip: SocketAddr,
    msrp: Option<SocketAddr>,
    address: String,
    initiator: String,
    messages: Option<u64>,
    octets: Option<u64>,
    patience: Option<u32>,
}

impl File {
    /// Core, factory, XDMS and the like are those of the server.
    pub(super) fn beside(self, server: &roles::Config, durable: bool) -> HistoryConfig {
        let usual = Config::default();
        let factory = server.conference_factories.first().cloned();
        let mut room = usual.room;
        room.records = self.messages.unwrap_or(room.records);
        room.octets = self.octets.unwrap_or(room.octets);
        let patience = self
            .patience
            .map(|seconds| Duration::from_secs(seconds.into()));
        let agent = client::Config {
            address: self.address,
            proxy: server.core,
            transport: server.core_transport,
            conference_factory: factory.unwrap_or_default(),
            accept_types: server.accept_types.clone(),
            session_expires: server.session_expires,
            release: server.release.clone(),
            // What is stored has names that must not come again after a restart.
            seed: if durable { super::seed() } else { server.seed },
            ..usual.agent
        };
        HistoryConfig {
            sip: self.sip,
            msrp: self.msrp.unwrap_or(SocketAddr::new(self.sip.ip(), 0)),
            role: Config {
                agent,
                initiator: self.initiator,
                xcap_root: server.xcap_root.clone(),
                durable,
                room,
                patience: patience.unwrap_or(usual.patience),
            },
        }
    }
}

pub(super) fn fault(file: &File) -> Option<Fault> {
    for (key, uri) in [("address", &file.address), ("initiator", &file.initiator)] {
        let read = wire::sip::Uri::parse(uri);
        if !read.is_ok_and(|uri| uri.is_sip() && uri.user.is_some()) {
            let problem = format!("`{uri}` is no SIP URI of a user");
            return Some((key, problem, "Write it as sip:user@host"));
        }
    }
    let none = file.messages == Some(0) || file.octets == Some(0);
    if none || file.patience.is_some_and(|seconds| seconds > LONGEST) {
        let (problem, remedy) = match none {
            true => (
                "there is no room for what is recorded",
                "Use 1 or more, or leave the key out for the usual value",
            ),
            false => (
                "a BYE would wait longer than its sender",
                "Use 31 or less: RFC 3261 gives a request up after 32 s",
            ),
        };
        return Some(("history", problem.into(), remedy));
    }
    None
}

/// Seconds that a BYE may wait: its sender gives it up after 64*T1.
const LONGEST: u32 = 31;
