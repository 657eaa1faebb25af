//! `im-client`: the reference IM client as an ordinary program.

mod chat;
mod settings;

use std::io::Write as _;
use std::process::ExitCode;

use app::client::{RunningClient, start, words};
use app::input::lines;
use app::trace::Trace;
use clap::{Parser, Subcommand};
use roles::client::upper::{Command, Told};
use settings::Settings;

/// Talks to others through an IM server: one message, a session, or whatever a program asks for.
#[derive(Parser)]
#[command(
    version,
    after_help = "Examples:\n  im-client --address sip:alice@im.example --proxy 127.0.0.1:5060 message bob hello there\n  \
        im-client --config alice.yaml chat bob carol@other.example\n  \
        im-client --config bob.yaml listen\n\n\
        Exit codes: 0 done, 1 refused or not delivered, 2 usage or configuration, 4 an address cannot be used."
)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Send one message outside of sessions
    Message {
        /// Users, as in `bob,carol`, or one group
        #[arg(value_name = "NAME,...")]
        to: String,
        /// What to say
        #[arg(required = true, num_args = 1.., value_name = "TEXT")]
        text: Vec<String>,
    },
    /// Talk with others: call them, or wait for a call; each line of the input is sent, its end leaves
    #[command(after_help = CHATTING)]
    Chat {
        /// Users to call, such as bob, bob@other.example or sip:bob@other.example; nobody: wait for a call
        #[arg(value_name = "NAME")]
        users: Vec<String>,
        /// A pre-defined group, instead of users
        #[arg(long, value_name = "NAME", conflicts_with = "users")]
        group: Option<String>,
        /// Ask for anonymity
        #[arg(long)]
        anonymous: bool,
    },
    /// Take every call, and show what is said until SIGINT or SIGTERM
    Listen,
    /// Do what JSON lines on the input say, tell by JSON lines on the output
    Upper,
}

const CHATTING: &str = "\
While you chat:
  /invite NAME ...   call, or make a session of two one of more
  /accept, /reject   answer a call
  /help              tell the rest; /quit or Ctrl-C ends

Example, on a terminal each:
  im-client --address sip:bob@im.example --proxy 192.0.2.1:5060 chat
  im-client --address sip:alice@im.example --proxy 192.0.2.1:5060 chat bob";

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("im-client: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(arguments: Arguments) -> Result<u8, app::Error> {
    let trace = arguments.settings.trace()?;
    let teller = trace.as_ref().map(Trace::teller);
    let done = act(arguments, teller).await;
    if let Some(trace) = trace {
        trace.finish();
    }
    done
}

async fn act(arguments: Arguments, trace: Option<net::Trace>) -> Result<u8, app::Error> {
    let mut config = arguments.settings.applied()?;
    config.trace = trace;
    config.role.auto_accept |= matches!(arguments.act, Act::Listen);
    let (own, takes_all) = (config.role.address.clone(), config.role.auto_accept);
    let names = words::Names::of(&own);
    let client = start(config).await?;
    client.say(&Command::Start).await;
    match arguments.act {
        Act::Message { to, text } => {
            let to = to.split(',').map(|name| names.address(name)).collect();
            message(client, to, text.join(" ")).await
        }
        Act::Chat {
            users,
            group,
            anonymous,
        } => {
            let group = group.map(|name| names.address(&name));
            let call = chat::Call {
                users,
                group,
                anonymous,
            };
            chat::chat(client, &own, takes_all, call).await
        }
        Act::Listen => listen(client).await,
        Act::Upper => upper(client).await,
    }
}

/// Waits for what the client tells until `wanted` finds it; shows the rest.
async fn until<T>(client: &mut RunningClient, wanted: impl Fn(&Told) -> Option<T>) -> Option<T> {
    while let Some(line) = client.told.recv().await {
        let Ok(told) = Told::read(&line) else {
            continue;
        };
        show(&told);
        if let Some(found) = wanted(&told) {
            return Some(found);
        }
    }
    None
}

fn show(told: &Told) {
    if let Some(line) = words::said(told) {
        print_line(&line);
    }
}

// Whoever started us may not listen to what we say.
fn print_line(line: &str) {
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

async fn started(client: &mut RunningClient) -> bool {
    let ready = until(client, |told| match told {
        Told::Ready { .. } => Some(true),
        Told::Notice { .. } => Some(false),
        _ => None,
    });
    ready.await.unwrap_or(false)
}

/// The same, unless the program is ended before that.
async fn ready(client: &mut RunningClient, ended: impl Future<Output = ()>) -> bool {
    tokio::select! {
        ready = started(client) => ready,
        () = ended => false,
    }
}

async fn message(
    mut client: RunningClient,
    to: Vec<String>,
    text: String,
) -> Result<u8, app::Error> {
    let mut code = 1;
    if started(&mut client).await {
        client.say(&Command::Message { to, text }).await;
        let sent = until(&mut client, |told| match told {
            Told::Delivered { call: None, .. } => Some(true),
            Told::Notice { .. } => Some(false),
            _ => None,
        });
        code = u8::from(sent.await != Some(true));
    }
    finish(client).await;
    Ok(code)
}

async fn listen(mut client: RunningClient) -> Result<u8, app::Error> {
    let ended = app::signals()?;
    tokio::pin!(ended);
    if !ready(&mut client, &mut ended).await {
        finish(client).await;
        return Ok(1);
    }
    loop {
        tokio::select! {
            () = &mut ended => break,
            line = client.told.recv() => match line.map(|line| Told::read(&line)) {
                Some(Ok(told)) => show(&told),
                Some(Err(_)) => {}
                None => break,
            },
        }
    }
    finish(client).await;
    Ok(0)
}

async fn upper(mut client: RunningClient) -> Result<u8, app::Error> {
    let ended = app::signals()?;
    tokio::pin!(ended);
    let mut lines = lines(std::convert::identity);
    loop {
        tokio::select! {
            () = &mut ended => break,
            line = lines.recv() => match line {
                Some(line) if matches!(Command::read(&line), Ok(Command::Quit)) => break,
                Some(line) if line.trim().is_empty() => {}
                Some(line) => client.line(&line).await,
                None => break,
            },
            line = client.told.recv() => match line {
                Some(line) => print_line(&line),
                None => break,
            },
        }
    }
    for line in client.shutdown().await {
        print_line(&line);
    }
    Ok(0)
}

async fn finish(client: RunningClient) {
    for line in client.shutdown().await {
        if let Ok(told) = Told::read(&line) {
            show(&told);
        }
    }
}
