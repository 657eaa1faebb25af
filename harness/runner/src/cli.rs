//! The command line; a file a command.

mod certify;
mod change;
mod clauses;
mod compare;
mod completions;
mod init;
mod judge;
mod man;
mod probe;
mod prove;
mod proxy;
mod report;
mod run;
mod verify;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use certify::CertifyOptions;
pub(crate) use change::ChangeOptions;
pub(crate) use clauses::ClausesOptions;
pub(crate) use compare::CompareOptions;
pub(crate) use completions::CompletionsOptions;
pub(crate) use init::{InitOptions, KindName};
pub(crate) use judge::JudgeOptions;
pub(crate) use man::ManOptions;
pub(crate) use probe::ProbeOptions;
pub(crate) use prove::ProveOptions;
pub(crate) use proxy::ProxyOptions;
pub(crate) use report::{LadderFormat, ReportOptions};
pub(crate) use run::RunOptions;
pub(crate) use verify::VerifyOptions;

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
  shall init --out my-server.yaml          write a profile to begin with
  shall certify out --out bundle.zip       hand over what the verdicts rest on
  shall change request.docx                what a change request touches, and what ails its text

Exit codes: 0 conformant, 1 a clause fails, 2 usage or profile, 3 no verdict, 4 harness error"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Writes a commented profile of a subject
    Init(InitOptions),
    /// Finds out what a subject does, and compares it with its profile
    Probe(ProbeOptions),
    /// Plays the features against a subject and judges it clause by clause
    Run(RunOptions),
    /// Judges an archived run again, by the features and the catalogue of today
    Judge(JudgeOptions),
    /// Renders a run again, merges its shards, or sets subjects side by side
    Report(ReportOptions),
    /// Tells what changed from one run to another; 1 when something turned worse
    Compare(CompareOptions),
    /// Tells what a change request changes, what is wrong with its text and whom it touches
    Change(ChangeOptions),
    /// Packs a run into a bundle of evidence that others can check
    Certify(CertifyOptions),
    /// Checks a bundle: every octet, who signed it, and every verdict from the messages
    Verify(VerifyOptions),
    /// Lists the catalogue, and what judges each clause
    Clauses(ClausesOptions),
    /// Breaks one clause at a time and demands that exactly this clause is lost
    Prove(ProveOptions),
    /// Stands between two processes and breaks one clause of what passes
    Proxy(ProxyOptions),
    /// Prints what a shell completes
    Completions(CompletionsOptions),
    /// Writes manual pages
    Man(ManOptions),
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
