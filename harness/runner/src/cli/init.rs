//! Arguments of `shall init`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use world::Kind;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  shall init                                           asks, on a terminal
  shall init --sip 192.0.2.7:5060 --domain example.org --out my-server.yaml
  shall init --kind client --out my-client.yaml
  shall init --schema > profile.schema.json            what editors know of the keys then

What is not given is asked for on a terminal; elsewhere it has its default.")]
pub(crate) struct InitOptions {
    /// The profile
    #[arg(long, value_name = "FILE", default_value = "profile.yaml")]
    pub(crate) out: PathBuf,
    /// What the subject is
    #[arg(long, value_enum)]
    pub(crate) kind: Option<KindName>,
    /// Its name in the reports
    #[arg(long, value_name = "NAME")]
    pub(crate) subject: Option<String>,
    /// Where it listens for SIP
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) sip: Option<SocketAddr>,
    /// Where Shall listens as the SIP/IP core, as the subject's configuration has it
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) core: Option<SocketAddr>,
    /// Where Shall listens as the XDMS, as the subject's configuration has it
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) xdms: Option<SocketAddr>,
    /// The domain of the subject and its users
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) domain: Option<String>,
    /// A claim that does not hold, such as pre_defined_groups; may be repeated
    #[arg(long, value_name = "CLAIM")]
    pub(crate) without: Vec<String>,
    /// Writes over a file that is there
    #[arg(long)]
    pub(crate) force: bool,
    /// Prints the JSON Schema of profiles, and writes nothing
    #[arg(long)]
    pub(crate) schema: bool,
}

/// [`Kind`], as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindName {
    Server,
    Client,
    Core,
    Participating,
    History,
}

impl From<KindName> for Kind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Server => Self::Server,
            KindName::Client => Self::Client,
            KindName::Core => Self::Core,
            KindName::Participating => Self::Participating,
            KindName::History => Self::History,
        }
    }
}
