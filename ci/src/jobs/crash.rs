//! Job `crash`: an im-server that is killed again and again, or whose database is, loses no message that it has accepted.

mod ledger;
mod network;
mod report;
mod server;
mod sip;

use std::time::{Duration, Instant};

use super::interop::{DATABASE, ensure};
use super::postgresql::Cluster;
use crate::context::Context;
use crate::job::Outcome;
use ledger::Ledger;
use network::Network;
use report::Report;
use server::Server;

/// How much is done, unless `--messages`, `--kills` and `--seed` say otherwise.
const MESSAGES: u64 = 1000;
const KILLS: u64 = 50;
const SEED: u64 = 20_080_221;
/// The same on PostgreSQL, where each second kill is one of the database.
const MESSAGES_ON_POSTGRESQL: u64 = 200;
const KILLS_ON_POSTGRESQL: u64 = 10;
/// Users who get the messages.
const USERS: u64 = 25;
/// The longest life of a server that will be killed.
const LIFE: Duration = Duration::from_millis(160);
/// How long the last server may take to deliver what is left.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn check(context: &Context) -> Outcome {
    let sqlite = match checked(context, None) {
        Ok(report) if report.faults().is_empty() => report.line(),
        Ok(report) => return Outcome::Failed(report.faults()),
        Err(fault) => return Outcome::fault(fault),
    };
    println!("  SQLite: {sqlite}");
    if let Err(why) = ensure(&[DATABASE]) {
        return Outcome::Skipped(format!("PostgreSQL: {why}; SQLite: {sqlite}"));
    }
    let cluster = Cluster::start().and_then(|mut cluster| checked(context, Some(&mut cluster)));
    match cluster {
        Ok(report) => Outcome::of(
            report.faults(),
            format!("SQLite: {sqlite}; PostgreSQL: {}", report.line()),
        ),
        Err(fault) => Outcome::fault(format!("on PostgreSQL: {fault}")),
    }
}

fn checked(context: &Context, mut cluster: Option<&mut Cluster>) -> Result<Report, String> {
    let number = |name: &str, usual: u64| {
        let given = context.value(name).map_or(Ok(usual), str::parse);
        given.map_err(|_| format!("{name} takes a number, for example `cargo ci crash {name} 7`"))
    };
    let (folder, messages, kills) = match cluster {
        None => ("crash", MESSAGES, KILLS),
        Some(_) => (
            "crash-postgresql",
            MESSAGES_ON_POSTGRESQL,
            KILLS_ON_POSTGRESQL,
        ),
    };
    let messages = number("--messages", messages)?;
    let kills = number("--kills", kills)?;
    let seed = number("--seed", SEED)?;
    let out = context.fresh(folder).map_err(|fault| fault.to_string())?;
    let database = match &cluster {
        None => out.join("store.sqlite").display().to_string(),
        Some(cluster) => cluster.address(),
    };
    let begun = Instant::now();
    let mut network = Network::open(USERS)?;
    let mut server = Server::new(context, &out, network.port, &database)?;
    let mut ledger = Ledger::new(messages, USERS);
    let mut chance = Chance(seed);
    for life in 1..=kills {
        server.start()?;
        // So that something is left to be offered in every life.
        let offered = messages * life / (kills + 1);
        let end = Instant::now() + chance.below(LIFE);
        network.talk(&mut ledger, server.sip, offered, end)?;
        match &mut cluster {
            // Everybody goes on talking while the database is away.
            Some(cluster) if life % 2 == 0 => std::thread::scope(|scope| {
                let crash = scope.spawn(|| cluster.crash());
                while !crash.is_finished() {
                    let end = Instant::now() + LIFE;
                    network.talk(&mut ledger, server.sip, offered, end)?;
                }
                let crashed = crash.join();
                crashed.unwrap_or_else(|_| Err("PostgreSQL was not started again".into()))
            })?,
            _ => {
                server.kill()?;
                network.drain(&mut ledger)?;
                ledger.killed();
            }
        }
    }
    server.start()?;
    let end = Instant::now() + PATIENCE;
    network.talk(&mut ledger, server.sip, messages, end)?;
    server.stop()?;
    let report = Report::of(&ledger, seed, begun.elapsed());
    report.write(&out)?;
    Ok(report)
}

/// Random numbers that a seed repeats (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^= word >> 31;
        limit.mul_f64((word >> 11) as f64 / (1_u64 << 53) as f64)
    }
}
