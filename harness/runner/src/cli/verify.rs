//! Arguments of `shall verify`.

use std::path::PathBuf;

use clap::Args;

use super::Format;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  shall verify bundle.zip                        octets and verdicts; tells who signed, if anybody did
  shall verify bundle.zip --key my.key.pub       demands that this key signed

The verdicts are derived again, by the features and the catalogue in the bundle, from the messages in it.

Exit codes: 0 verified, 1 refused (names the entry and why), 2 no bundle that can be read")]
pub(crate) struct VerifyOptions {
    /// What `shall certify` wrote
    #[arg(value_name = "BUNDLE")]
    pub(crate) bundle: PathBuf,
    /// The public key (Ed25519, PEM) that must have signed
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// What standard output shows
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
}
