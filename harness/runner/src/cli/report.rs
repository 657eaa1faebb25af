//! Arguments of `shall report`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Format;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LadderFormat {
    Svg,
    Mermaid,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  shall report out --ladder svg              one run: its files again, and a ladder diagram a scenario
  shall report part1 part2 --out whole       all parts of a run (--shard K/N): one run again
  shall report mine theirs --out compared    several subjects: where they differ, clause by clause

Exit codes: those of `shall run` for one run or its parts; 0 for several subjects; 2 no run file, or parts that do
not make one run")]
pub(crate) struct ReportOptions {
    /// Folders of runs, or their run.jsonl
    #[arg(value_name = "RUN", required = true)]
    pub(crate) runs: Vec<PathBuf>,
    /// Folder for what is rendered
    #[arg(long, value_name = "DIR", default_value = "out/report")]
    pub(crate) out: PathBuf,
    /// Expected failures and waivers, as of the day of the run
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: Option<PathBuf>,
    /// Draws each scenario's messages, into DIR/ladders
    #[arg(long, value_enum)]
    pub(crate) ladder: Option<LadderFormat>,
    /// What standard output shows
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
    /// Reads the catalogue from here instead of from the binary
    #[arg(long, value_name = "DIR")]
    pub(crate) features: Option<PathBuf>,
}
