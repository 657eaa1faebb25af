//! Arguments of `shall probe`.

use std::path::PathBuf;

use clap::Args;

use super::Format;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  shall probe --profile my-server.yaml
  shall probe --profile my-server.yaml --format json

It knocks over UDP and TCP, plays a scenario for each claim and one of each feature, and says what it saw. What it
did not see it does not say.

Exit codes: 0 nothing contradicts the profile, 1 the wire says otherwise, 2 usage or profile, 3 nobody answered")]
pub(crate) struct ProbeOptions {
    /// The profile
    #[arg(long, value_name = "FILE")]
    pub(crate) profile: PathBuf,
    /// What standard output shows
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
}
