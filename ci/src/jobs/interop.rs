//! Job `interop`: other people's programs against ours.

mod capture;
mod core;
mod exchange;
mod kamailio;
mod registrar;
mod run_file;
mod sanity;
mod schemas;
mod sipp;
mod store;
mod tools;

use crate::context::Context;
use crate::job::Outcome;
pub(super) use tools::{DATABASE, Tool, ensure, is_root};

/// One part: its name, and its check.
type Part = (&'static str, fn(&Context) -> Outcome);

const PARTS: &[Part] = &[
    ("SIPp calls im-server", sipp::check),
    ("tshark reads what we recorded", capture::check),
    ("tshark dissects exchange.pcapng", exchange::check),
    ("Kamailio finds our requests sane", sanity::check),
    ("im-client registers with Kamailio", registrar::check),
    ("Kamailio routes by the filter criteria", core::judged),
    ("im-server is called through Kamailio", core::called),
    ("libxml2 validates our XML", schemas::check),
    ("PostgreSQL keeps what a store keeps", store::check),
];

pub(super) fn check(context: &Context) -> Outcome {
    if let Err(why) = ensure(tools::PEERS) {
        return Outcome::Skipped(why);
    }
    let (mut faults, mut skipped, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for (name, part) in PARTS {
        match part(context) {
            Outcome::Failed(found) => {
                faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")))
            }
            Outcome::Passed(what) => {
                println!("  ok: {name}: {what}");
                told.push(what);
            }
            Outcome::Skipped(why) => skipped.push(format!("{name}: {why}")),
        }
    }
    if faults.is_empty() && !skipped.is_empty() {
        return Outcome::Skipped(skipped.join("; "));
    }
    Outcome::of(faults, told.join("; "))
}
