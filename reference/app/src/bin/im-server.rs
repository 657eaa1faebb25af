//! `im-server`: the reference IM server as an ordinary program.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use app::trace::Trace;
use clap::Parser;

/// Runs the reference IM server until SIGTERM or SIGINT, then ends its sessions with BYE.
#[derive(Parser)]
#[command(
    version,
    after_help = "Example:\n  im-server --config reference/app/server.example.yaml --listen 127.0.0.1:5062\n\n\
        A second signal does not wait for answers to BYE.\n\
        Exit codes: 0 ended on a signal, 2 usage or configuration, 4 an address or the database cannot be used."
)]
struct Arguments {
    /// Configuration file (YAML); reference/app/server.example.yaml explains every key
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Listen for SIP here instead; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Listen for MSRP here instead; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    msrp: Option<SocketAddr>,
    /// Listen for HTTP of the XDMS here instead; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    xdms: Option<SocketAddr>,
    /// Run protocol timers this many times faster
    #[arg(long, value_name = "X")]
    time_scale: Option<f64>,
    /// Write every message that crosses a socket to this file: a JSON object a line, with what caused it
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("im-server: {error}");
            if let app::Error::Net(net::Error::InUse { .. } | net::Error::Listen { .. }) = error {
                eprintln!(
                    "im-server: --listen, --msrp and --xdms, or `listen` in the configuration, choose other addresses"
                );
            }
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), app::Error> {
    let mut config = app::config::load(&arguments.config)?;
    config.sip = arguments.listen.unwrap_or(config.sip);
    config.msrp = arguments.msrp.unwrap_or(config.msrp);
    if let (Some(xdms), Some(listen)) = (&mut config.xdms, arguments.xdms) {
        xdms.listen = listen;
    }
    config.time_scale = arguments.time_scale.unwrap_or(config.time_scale);
    let trace = arguments.trace.as_deref().map(Trace::to).transpose()?;
    config.trace = trace.as_ref().map(Trace::teller);
    let ended = app::signals()?;
    let mut running = app::start(config).await?;
    let core = running
        .core
        .as_ref()
        .map(|core| format!(" core={}", core.local.sip));
    let local = running.im.local;
    let xdms = running.xdms().map(|local| format!(" xdms={local}"));
    let functions = running.participating.iter();
    let functions: String = functions
        .map(|function| format!(" participating={}", function.local.sip))
        .collect();
    let history = running.history.as_ref();
    let history = history.map(|function| format!(" history={}", function.im.local.sip));
    let mut out = std::io::stdout();
    // Whoever started us may not listen to what we say.
    let _ = writeln!(
        out,
        "im-server ready sip={} msrp={}{}{}{functions}{}",
        local.sip,
        local.msrp,
        xdms.unwrap_or_default(),
        core.unwrap_or_default(),
        history.unwrap_or_default()
    );
    let _ = out.flush();
    tokio::select! {
        () = ended => {}
        () = converse(running.history.as_mut()) => {}
    }
    end(running, app::signals()?).await;
    if let Some(trace) = trace {
        trace.finish();
    }
    Ok(())
}

/// Passes lines of standard input to the history function, and what it tells to standard output; never ends.
async fn converse(function: Option<&mut app::client::RunningClient>) {
    let Some(function) = function else {
        return std::future::pending().await;
    };
    let mut lines = app::input::lines(std::convert::identity);
    let mut open = true;
    loop {
        tokio::select! {
            line = lines.recv(), if open => match line {
                Some(line) => function.line(&line).await,
                // Nobody gives commands: it goes on recording.
                None => open = false,
            },
            told = function.told.recv() => match told {
                // Whoever started us may not listen to what we say.
                Some(line) => drop(writeln!(std::io::stdout(), "{line}")),
                None => return std::future::pending().await,
            },
        }
    }
}

/// Ends the sessions; says so when that takes more than a second, and does not wait for them after another signal.
async fn end(running: app::Running, again: impl Future<Output = ()>) {
    let ended = std::pin::pin!(running.shutdown());
    let told = async {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        eprintln!(
            "im-server: waiting for answers to BYE, 32 s of protocol time at most; another signal ends at once"
        );
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = ended => {}
        () = again => eprintln!("im-server: ended at once, some BYEs unanswered"),
        () = told => {}
    }
}
