//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Proves on the wire whether an instant-messaging system keeps every SHALL of OMA SIMPLE IM.
#[derive(Debug, Parser)]
#[command(
    name = "shall",
    version,
    after_help = "Examples:
  shall run                                judge the embedded references, over UDP and TCP
  shall run --profile my-server.yaml       judge your own server, or your own client
  shall run --clause '7.2.1.2/on-200/*'    judge some clauses only
  shall clauses --coverage                 what judges each clause
  shall prove                              show that every check can fail

Exit codes: 0 conformant, 1 a clause fails, 2 usage or profile, 3 no verdict, 4 harness error"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Plays the features against a subject and judges it clause by clause
    Run(RunOptions),
    /// Judges an archived run again, by the features and the catalogue of today
    Judge(JudgeOptions),
    /// Tells what changed from one run to another; 1 when something turned worse
    Compare(CompareOptions),
    /// Lists the catalogue, and what judges each clause
    Clauses(ClausesOptions),
    /// Breaks one clause at a time and demands that exactly this clause is lost
    Prove(ProveOptions),
    /// Stands between two processes and breaks one clause of what passes
    Proxy(ProxyOptions),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TransportName {
    Udp,
    Tcp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Human,
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  shall run --profile my-server.yaml --transport tcp --out out/tcp
  shall run --profile my-server.yaml --expect expectations.yaml
  shall run --tags 'not @long-wait'

Tags:
  @long-wait  waits for a session to expire: minutes against a server that runs in real time
  @violates   the tester breaks a rule on purpose, to see how the server takes it")]
pub(crate) struct RunOptions {
    /// The profile of a server or a client; without one the embedded server and client are judged
    #[arg(long, value_name = "FILE")]
    pub(crate) profile: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) choice: Choice,
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

#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// Clauses to judge, as a glob; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) clause: Vec<String>,
    /// Clauses to leave out, as a glob; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    /// Scenarios played at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) jobs: u16,
    /// Reads features, catalogue and profiles from here instead of from the binary
    #[arg(long, value_name = "DIR")]
    pub(crate) features: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  shall judge out --out out/again     what changed since is told on standard error")]
pub(crate) struct JudgeOptions {
    /// The folder of a run, or its run.jsonl
    #[arg(value_name = "RUN")]
    pub(crate) run: PathBuf,
    /// Folder for the files of the new judgement
    #[arg(long, value_name = "DIR", default_value = "out/judged")]
    pub(crate) out: PathBuf,
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
    /// Reads features and catalogue from here instead of from the binary
    #[arg(long, value_name = "DIR")]
    pub(crate) features: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  shall compare out/monday out/tuesday

Exit codes: 0 nothing turned worse, 1 a verdict did or a clause is no longer judged, 2 no run file")]
pub(crate) struct CompareOptions {
    /// The earlier run: its folder, or its run.jsonl
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,
    /// The later run
    #[arg(value_name = "AFTER")]
    pub(crate) after: PathBuf,
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
    /// Reads the catalogue from here instead of from the binary
    #[arg(long, value_name = "DIR")]
    pub(crate) features: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  shall clauses '7.2.1.2/*' --coverage --format json")]
pub(crate) struct ClausesOptions {
    /// Clauses to list, as a glob
    #[arg(default_value = "*")]
    pub(crate) glob: String,
    /// Shows which scenarios judge each clause
    #[arg(long)]
    pub(crate) coverage: bool,
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
    #[arg(long, value_name = "DIR")]
    pub(crate) features: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  shall prove --clause '7.2.1.1/server-sends-200/*'")]
pub(crate) struct ProveOptions {
    #[command(flatten)]
    pub(crate) choice: Choice,
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
    /// Folder for kills.json
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  shall proxy --listen 127.0.0.1:5080 --subject 127.0.0.1:5060 --mutation '180 without Server'

It prints a line when it listens, and runs until it is interrupted. A profile with `sip: 127.0.0.1:5080`
then judges the server behind it. `shall prove` prints the names of the mutations.")]
pub(crate) struct ProxyOptions {
    /// Where the proxy listens, UDP and TCP
    #[arg(long)]
    pub(crate) listen: std::net::SocketAddr,
    /// The process behind it
    #[arg(long)]
    pub(crate) subject: std::net::SocketAddr,
    /// Name of the mutation, from the kill table
    #[arg(long)]
    pub(crate) mutation: String,
}
