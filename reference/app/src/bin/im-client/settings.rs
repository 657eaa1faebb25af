//! What the command line and the configuration file say together.

use std::net::SocketAddr;
use std::path::PathBuf;

use app::client::{ClientConfig, config};
use app::trace::Trace;
use clap::{Args, ValueEnum};
use machines::port::Transport;

#[derive(Args)]
pub(crate) struct Settings {
    /// Configuration file (YAML); reference/app/client.example.yaml explains every key
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// IM Address of the user
    #[arg(long, value_name = "URI")]
    address: Option<String>,
    /// What others shall call the user
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Where every request goes
    #[arg(long, value_name = "ADDRESS:PORT")]
    proxy: Option<SocketAddr>,
    /// How requests go there
    #[arg(long, value_enum)]
    transport: Option<Way>,
    /// Conference factory for sessions of several users; conference-factory in the user's domain by default
    #[arg(long, value_name = "URI")]
    factory: Option<String>,
    /// Most users that such a session may be asked for with
    #[arg(long, value_name = "COUNT")]
    max_adhoc_group_size: Option<usize>,
    /// Turn a call down while another session goes on
    #[arg(long)]
    one_session: bool,
    /// Send P-Asserted-Identity, to a server that trusts the client itself
    #[arg(long)]
    assert_identity: bool,
    /// Listen for SIP here; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Listen for MSRP here; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    msrp: Option<SocketAddr>,
    /// Run protocol timers this many times faster
    #[arg(long, value_name = "X")]
    time_scale: Option<f64>,
    /// Write every message that crosses a socket to this file: a JSON object a line, with what caused it
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Way {
    Tcp,
    Udp,
}

impl Settings {
    /// The trace that is asked for.
    pub(crate) fn trace(&self) -> Result<Option<Trace>, app::Error> {
        self.trace.as_deref().map(Trace::to).transpose()
    }

    /// The configuration that file and flags make together.
    pub(crate) fn applied(self) -> Result<ClientConfig, app::Error> {
        let bare = self.config.is_none();
        let mut config = match &self.config {
            Some(path) => config::load(path)?,
            None => ClientConfig::default(),
        };
        if bare && (self.address.is_none() || self.proxy.is_none()) {
            return Err(usage(
                "neither --config nor --address and --proxy say who calls, and through what",
            ));
        }
        let role = &mut config.role;
        role.address = self.address.unwrap_or_else(|| role.address.clone());
        role.display_name = self.name.or_else(|| role.display_name.clone());
        role.proxy = self.proxy.unwrap_or(role.proxy);
        match self.transport {
            Some(Way::Tcp) => role.transport = Transport::Tcp,
            Some(Way::Udp) => role.transport = Transport::Udp,
            None => {}
        }
        if let (true, Ok(uri)) = (bare, wire::sip::Uri::parse(&role.address)) {
            role.conference_factory = format!("sip:conference-factory@{}", uri.host);
        }
        role.conference_factory = self
            .factory
            .unwrap_or_else(|| role.conference_factory.clone());
        role.max_adhoc_group_size = self
            .max_adhoc_group_size
            .unwrap_or(role.max_adhoc_group_size);
        role.simultaneous_sessions &= !self.one_session;
        role.assert_identity |= self.assert_identity;
        if let (Some(register), Ok(password)) = (&mut role.register, std::env::var(PASSWORD)) {
            register.password = password;
        }
        config.sip = self.listen.unwrap_or(config.sip);
        config.msrp = self.msrp.unwrap_or(config.msrp);
        config.time_scale = self.time_scale.unwrap_or(config.time_scale);
        match config::fault(&config) {
            Some((key, problem, remedy)) => Err(usage(&format!("{key}: {problem}. {remedy}"))),
            None => Ok(config),
        }
    }
}

fn usage(problem: &str) -> app::Error {
    app::Error::Usage(problem.to_owned())
}

/// Where a password may stand that shall not stand in a file.
const PASSWORD: &str = "IM_CLIENT_PASSWORD";
