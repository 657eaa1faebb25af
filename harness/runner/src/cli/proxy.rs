//! Arguments of `shall proxy`.

use clap::Args;

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
