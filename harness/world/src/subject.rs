//! The three adapters that bring a subject to life: embedded, process, remote.

mod core;
mod participating;

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use machines::port::{Node, Transport};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::lab::{LabError, Stand};
use crate::profile::{Adapter, Kind, Profile};
use crate::xdms::Xdms;

/// Seconds a spawned subject has to say where it listens.
const START: Duration = Duration::from_secs(5);

pub(crate) enum Subject {
    Embedded(net::Handle, SocketAddr),
    /// With the configuration that was written for it.
    Process(Box<Child>, SocketAddr, Option<Written>),
    Remote(SocketAddr),
}

/// A file that goes when it is no longer needed, however the start ends.
pub(crate) struct Written(std::path::PathBuf);

impl Drop for Written {
    fn drop(&mut self) {
        // One that is gone already is fine.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Subject {
    pub(crate) async fn start(
        profile: &Profile,
        stand: &Stand,
        xdms: &Xdms,
    ) -> Result<Self, LabError> {
        match profile.adapter {
            // Only a client can have this adapter, and clients start with their scenarios.
            Adapter::Remote | Adapter::Person => {
                profile.sip.map(Self::Remote).ok_or(LabError::NoAddress)
            }
            Adapter::Embedded => {
                let any = SocketAddr::new(stand.core.address.ip(), 0);
                let options = net::Options {
                    time_scale: stand.scale,
                    sip: any,
                    msrp: any,
                    ..net::Options::default()
                };
                let handle = match profile.kind {
                    Kind::Server => server(options, profile, stand, xdms).await?,
                    Kind::Core => core::start(options, profile, stand).await?,
                    Kind::Participating => {
                        participating::start(options, profile, stand, xdms).await?
                    }
                    kind => return Err(LabError::NoReference(kind.tag())),
                };
                let sip = handle.local.sip;
                Ok(Self::Embedded(handle, sip))
            }
            Adapter::Process => process(profile, stand, xdms).await,
        }
    }

    pub(crate) fn sip(&self) -> SocketAddr {
        match self {
            Self::Embedded(_, sip) | Self::Process(_, sip, _) | Self::Remote(sip) => *sip,
        }
    }

    pub(crate) async fn stop(self) {
        match self {
            // At once: nobody is left at the tester's side who would answer a last BYE.
            Self::Embedded(handle, _) => drop(handle),
            Self::Process(mut child, _, _config) => {
                // The subject ends with its run; a child that is gone already is fine.
                let _ = child.kill().await;
            }
            Self::Remote(_) => {}
        }
    }
}

async fn server(
    options: net::Options,
    profile: &Profile,
    stand: &Stand,
    xdms: &Xdms,
) -> Result<net::Handle, net::Error> {
    // The clock of the long waits is for the intervals too.
    let notify_interval = match profile.notify_interval {
        Some(seconds) if !stand.setting.long => Duration::from_secs(seconds.into()),
        _ => roles::Config::default().notify_interval,
    };
    let config = roles::Config {
        domain: profile.domain.clone(),
        core: stand.core.address,
        core_transport: stand.transport,
        conference_factories: vec![profile.conference_factory.clone()],
        session_only_factories: profile.session_only_factory.iter().cloned().collect(),
        barred: vec![profile.barred_user.clone()],
        max_participants: profile.max_participants,
        notify_interval,
        xcap_root: Some(xdms.root()),
        ..roles::Config::default()
    };
    let shards = std::thread::available_parallelism().map_or(1, usize::from);
    let router = roles::router(&config);
    let nodes = move |local: &machines::port::Local| {
        (0..shards)
            .map(|shard| {
                Box::new(roles::Server::new(config.clone(), *local, shard)) as Box<dyn Node>
            })
            .collect()
    };
    net::serve(options, nodes, router).await
}

/// What the profile's command and configuration are filled in with, the path of the latter aside.
fn placeholders(
    profile: &Profile,
    sip: SocketAddr,
    stand: &Stand,
    xdms: &Xdms,
) -> [(&'static str, String); 8] {
    let core = stand.core.address;
    let im_server = stand.im_server.as_ref().map_or(core, |place| place.address);
    let transport = match stand.transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
    };
    [
        ("{sip}", sip.to_string()),
        (
            "{terminating}",
            profile.terminating.unwrap_or(sip).to_string(),
        ),
        ("{core}", core.to_string()),
        ("{im_server}", im_server.to_string()),
        ("{xdms}", xdms.root()),
        ("{transport}", transport.to_owned()),
        ("{scale}", profile.time_scale.to_string()),
        ("{password}", profile.password.clone()),
    ]
}

async fn process(profile: &Profile, stand: &Stand, xdms: &Xdms) -> Result<Subject, LabError> {
    let sip = profile.sip.ok_or(LabError::NoAddress)?;
    let known = placeholders(profile, sip, stand, xdms);
    let fill = |text: &str, config: &str| {
        let filled = known.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(name, value)
        });
        filled.replace("{config}", config)
    };
    let file = std::env::temp_dir().join(format!(
        "shall-subject-{}-{}.yaml",
        std::process::id(),
        stand.core.address.port()
    ));
    let path = file.to_string_lossy().into_owned();
    let config = match &profile.config {
        None => None,
        Some(config) => {
            std::fs::write(&file, fill(config, &path))
                .map_err(|error| LabError::Start(path.clone(), error))?;
            Some(Written(file))
        }
    };
    let words: Vec<String> = profile
        .command
        .iter()
        .map(|word| fill(word, &path))
        .collect();
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => LabError::NoProgram {
            program: words[0].clone(),
            folder: std::env::current_dir()
                .map_or_else(|_| ".".to_owned(), |folder| folder.display().to_string()),
        },
        _ => LabError::Start(words.join(" "), error),
    };
    let mut child = Command::new(&words[0])
        .args(&words[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    // Its first line says that it listens.
    let silent = |how: String| LabError::Silent(words.join(" "), how);
    let out = child.stdout.take();
    let out = out.ok_or_else(|| silent("has no standard output".to_owned()))?;
    let mut lines = BufReader::new(out).lines();
    match tokio::time::timeout(START, lines.next_line()).await {
        Ok(Ok(Some(_))) => {}
        Ok(_) => {
            let end = child.wait().await;
            let how = end.map_or_else(|error| error.to_string(), |status| status.to_string());
            return Err(silent(format!("ended without a word ({how})")));
        }
        Err(_) => return Err(silent("printed nothing within 5 s".to_owned())),
    }
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok(Subject::Process(Box::new(child), sip, config))
}
