//! Arguments of `shall certify`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  shall certify out --new-key my.key          signed, with a key that is made for it
  shall certify out --key my.key              signed again with the same
  shall certify out --out evidence.zip        not signed

The bundle holds the run with every message, the profile without passwords and commands, the catalogue and the
features that judged it, the reports of the folder, and a manifest with a digest of each.

Exit codes: 0 written, 1 the messages do not bear the run's verdicts out, or a secret is in them, 2 usage")]
pub(crate) struct CertifyOptions {
    /// The folder of a run, or its run.jsonl
    #[arg(value_name = "RUN")]
    pub(crate) run: PathBuf,
    /// Signs with this private key (Ed25519, PEM), as `openssl genpkey -algorithm ed25519` makes it
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Makes a private key here and its public one in FILE.pub, and signs with it
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    pub(crate) new_key: Option<PathBuf>,
    /// The bundle
    #[arg(long, value_name = "FILE", default_value = "bundle.zip")]
    pub(crate) out: PathBuf,
    /// The features and the catalogue that judged the run, when those of the binary did not
    #[arg(long, value_name = "DIR")]
    pub(crate) features: Option<PathBuf>,
}
