//! Arguments of `shall run`.

use std::path::PathBuf;

use clap::Args;

use super::{Choice, Format, TransportName};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  shall run --profile my-server.yaml --transport tcp --out out/tcp
  shall run --profile my-server.yaml --expect expectations.yaml
  shall run --tags 'not @long-wait'
  shall run --profile my-server.yaml --edition 000..002 --out out/before

Tags:
  @long-wait  waits for a session to expire: minutes against a server that runs in real time
  @violates   the tester breaks a rule on purpose, to see how the server takes it")]
pub(crate) struct RunOptions {
    /// The profile of a server or a client; without one the embedded server and client are judged
    #[arg(long, value_name = "FILE")]
    pub(crate) profile: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) choice: Choice,
    /// Judges by the catalogue as of these change requests, such as 000..002 or 000,003
    #[arg(long, value_name = "SET")]
    pub(crate) edition: Option<String>,
    /// SIP transport; may be repeated
    #[arg(long, value_enum, default_values = ["udp", "tcp"])]
    pub(crate) transport: Vec<TransportName>,
    /// Scenarios to play, as a Cucumber tag expression, such as "not @long-wait"
    #[arg(long, value_name = "EXPR")]
    pub(crate) tags: Option<String>,
    /// Plays only the K-th of N parts
    #[arg(long, value_name = "K/N")]
    pub(crate) shard: Option<String>,
    /// Folder for run.jsonl, junit.xml, summary.json and the snapshots
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(crate) out: PathBuf,
    /// Expected failures and waivers; features/profiles/expectations.yaml is an example
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: Option<PathBuf>,
    /// Folder of an earlier run; messages that differ from its snapshots make the exit code 1
    #[arg(long, value_name = "DIR")]
    pub(crate) baseline: Option<PathBuf>,
    /// What standard output shows
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
}
