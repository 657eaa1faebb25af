//! The part of the configuration that is about participating functions.

use std::net::SocketAddr;

use roles::participating::{Bar, Config, Deferral, Mode, Side};
use serde::Deserialize;

use super::{Core, cores};
use crate::file::Fault;

/// One side of a participating function, at an address of its own.
#[derive(Clone, Debug)]
pub struct ParticipatingConfig {
    /// Address of SIP, UDP and TCP.
    pub sip: SocketAddr,
    /// Address of MSRP.
    pub msrp: SocketAddr,
    /// How many shards.
    pub shards: usize,
    /// What it does.
    pub role: Config,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    side: FileSide,
    #[serde(default)]
    mode: FileMode,
    sip: SocketAddr,
    msrp: Option<SocketAddr>,
    core: Option<Core>,
    domain: Option<String>,
    accept_types: Option<Vec<String>>,
    #[serde(default)]
    barred: Vec<String>,
    shards: Option<usize>,
    deferred: Option<Deferred>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FileSide {
    Originating,
    Terminating,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FileMode {
    #[default]
    B2bua,
    Proxy,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deferred {
    messages: Option<u64>,
    octets: Option<u64>,
    lifetime: Option<u32>,
}

/// The functions of a file; what they do not say themselves is said for the whole server.
pub(super) fn all(file: &mut super::File) -> Vec<ParticipatingConfig> {
    let functions = std::mem::take(&mut file.participating);
    functions.into_iter().map(|one| read(one, file)).collect()
}

fn read(one: File, file: &super::File) -> ParticipatingConfig {
    let usual = Config::default();
    let core = one.core.unwrap_or(file.core);
    let mut role = Config {
        side: match one.side {
            FileSide::Originating => Side::Originating,
            FileSide::Terminating => Side::Terminating,
        },
        mode: match one.mode {
            FileMode::B2bua => Mode::B2bua,
            FileMode::Proxy => Mode::Proxy,
        },
        core: core.address,
        core_transport: core.transport.into(),
        domain: one.domain.unwrap_or_else(|| file.domain.clone()),
        release: file.release.clone().unwrap_or(usual.release),
        accept_types: one.accept_types.unwrap_or(usual.accept_types),
        barred: one.barred.iter().map(|uri| Bar::entirely(uri)).collect(),
        // What is delivered after a restart must have other branches than what was delivered before.
        seed: match (file.seed, one.deferred) {
            (Some(seed), None) => seed,
            _ => super::seed(),
        },
        ..Config::default()
    };
    let shards = role.shards(one.shards.or(file.shards).unwrap_or_else(cores));
    role.deferred = one.deferred.map(|asked| asked.read(shards));
    ParticipatingConfig {
        sip: one.sip,
        msrp: one.msrp.unwrap_or(SocketAddr::new(one.sip.ip(), 0)),
        shards,
        role,
    }
}

impl Deferred {
    fn read(self, shards: usize) -> Deferral {
        let usual = Deferral::default();
        Deferral {
            messages: self.messages.unwrap_or(usual.messages),
            octets: self.octets.unwrap_or(usual.octets),
            lifetime: self.lifetime.unwrap_or(usual.lifetime),
            shards,
        }
    }
}

pub(super) fn fault(file: &super::File) -> Option<Fault> {
    let keeps = |one: &File| one.deferred.is_some();
    let (problem, remedy) = if file.participating.iter().any(keeps) && file.store.is_none() {
        (
            "deferred messages have no store",
            "Add `store:` with `database: FILE`, or take `deferred` away",
        )
    } else if file
        .participating
        .iter()
        .any(|one| keeps(one) && one.side == FileSide::Originating)
    {
        (
            "the originating side has no messages to keep",
            "Write `deferred` under the terminating side",
        )
    } else if file.participating.iter().any(|one| one.shards == Some(0)) {
        (
            "a participating function without shards",
            "Use 1 or more, or leave the key out",
        )
    } else {
        return None;
    };
    Some(("participating", problem.into(), remedy))
}
