//! How a client comes to life: embedded, as a command, or in the hands of a person.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use machines::port::{Local, Node, Transport};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use super::person::Prompt;
use super::{Lines, Terms};
use crate::Command as Order;
use crate::profile::{Adapter, Kind, Profile};

/// Octets of one line of a client; one that says more is not listened to any further.
const LINE: u64 = 1 << 20;
/// Seconds that a command has to end by itself once its standard input is closed.
const END: Duration = Duration::from_secs(2);

/// What keeps a client alive.
pub(super) enum Running {
    /// Ends when nobody has orders for it any more.
    Embedded,
    Process(Box<Child>),
    Person(JoinHandle<()>),
}

impl Running {
    /// Ends it; nobody waits for that.
    pub(super) fn stop(self) {
        match self {
            Self::Embedded => {}
            Self::Process(mut child) => drop(tokio::spawn(async move {
                if tokio::time::timeout(END, child.wait()).await.is_err() {
                    // A client that is gone already is fine.
                    let _ = child.kill().await;
                }
            })),
            Self::Person(talk) => talk.abort(),
        }
    }
}

/// Starts a client; what is wrong is for the scenario's report.
pub(super) async fn start(
    profile: &Profile,
    terms: &Terms,
    lines: Lines,
    prompt: &Prompt,
) -> Result<Running, String> {
    match profile.adapter {
        Adapter::Embedded => embedded(profile.kind, terms, lines).await,
        Adapter::Process => process(profile, terms, lines),
        Adapter::Person => {
            let reached = profile.sip.unwrap_or(terms.proxy);
            Ok(Running::Person(prompt.talk(reached, lines)))
        }
        Adapter::Remote => Err("a client cannot be remote: nobody would tell it what to do".into()),
    }
}

async fn embedded(kind: Kind, terms: &Terms, mut lines: Lines) -> Result<Running, String> {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let options = net::Options {
        time_scale: terms.scale,
        sip: any,
        msrp: any,
        user: Some(lines.told),
        store: None,
        ..net::Options::default()
    };
    let node = node(kind, terms);
    let nodes = move |local: &Local| vec![node(*local)];
    let handle = net::serve(options, nodes, |_: &machines::port::Input, _: usize| 0)
        .await
        .map_err(|error| format!("the embedded client did not start: {error}"))?;
    handle.user(Order::Start.line());
    tokio::spawn(async move {
        while let Some(line) = lines.orders.recv().await {
            handle.user(line);
        }
        handle.shutdown().await;
    });
    Ok(Running::Embedded)
}

/// The reference that is told what to do.
fn node(kind: Kind, terms: &Terms) -> Box<dyn FnOnce(Local) -> Box<dyn Node>> {
    let history = roles::history::Config {
        initiator: terms.initiator.clone(),
        xcap_root: Some(terms.xdms.clone()),
        ..roles::history::Config::default()
    };
    let usual = match kind {
        Kind::History => history.agent.clone(),
        _ => roles::client::Config::default(),
    };
    let agent = roles::client::Config {
        address: terms.address.clone(),
        proxy: terms.proxy,
        transport: terms.transport,
        conference_factory: terms.factory.clone(),
        max_adhoc_group_size: terms.most,
        simultaneous_sessions: !terms.single,
        seed: u64::try_from(terms.number).unwrap_or(1),
        ..usual
    };
    match kind {
        Kind::History => Box::new(move |local| {
            let config = roles::history::Config { agent, ..history };
            Box::new(roles::history::History::new(config, local))
        }),
        _ => Box::new(move |local| Box::new(roles::client::Client::new(agent, local))),
    }
}

/// The command line with its placeholders filled in.
fn filled(profile: &Profile, terms: &Terms) -> Vec<String> {
    let transport = match terms.transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
    };
    let known = [
        ("{proxy}", terms.proxy.to_string()),
        ("{transport}", transport.to_owned()),
        ("{address}", terms.address.clone()),
        ("{initiator}", terms.initiator.clone()),
        ("{xdms}", terms.xdms.clone()),
        ("{factory}", terms.factory.clone()),
        ("{max}", terms.most.to_string()),
        ("{scale}", terms.scale.to_string()),
    ];
    let fill = |word: &String| {
        known.iter().fold(word.clone(), |word, (name, value)| {
            word.replace(name, value)
        })
    };
    let one: &[String] = if terms.single {
        &profile.one_session
    } else {
        &[]
    };
    let words = profile.command.iter();
    words
        .flat_map(|word| match word.as_str() {
            "{one_session}" => one.iter(),
            _ => std::slice::from_ref(word).iter(),
        })
        .map(fill)
        .collect()
}

fn process(profile: &Profile, terms: &Terms, mut lines: Lines) -> Result<Running, String> {
    let words = filled(profile, terms);
    let failed =
        |error: std::io::Error| format!("cannot start the client `{}`: {error}", words.join(" "));
    let mut child = Command::new(&words[0])
        .args(&words[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("the client has no standard input or output".to_owned());
    };
    tokio::spawn(async move {
        while let Some(line) = lines.orders.recv().await {
            if input
                .write_all(format!("{line}\n").as_bytes())
                .await
                .is_err()
            {
                break;
            }
        }
    });
    tokio::spawn(async move {
        let mut reader = BufReader::new(output);
        let mut line = Vec::new();
        loop {
            line.clear();
            let mut bounded = tokio::io::AsyncReadExt::take(&mut reader, LINE);
            match bounded.read_until(b'\n', &mut line).await {
                Ok(1..) if line.ends_with(b"\n") => {
                    let text = String::from_utf8_lossy(&line).into_owned();
                    if lines.told.send(text).await.is_err() {
                        break;
                    }
                }
                _ => break,
            }
        }
    });
    Ok(Running::Process(Box::new(child)))
}
