//! `im-client chat`: one person at a terminal, or a script, in sessions with others.

mod talk;
#[cfg(unix)]
mod terminal;

use std::io::IsTerminal as _;

use anstyle::{AnsiColor, Style};
use app::client::RunningClient;
use app::client::words::Names;
use roles::client::upper::Told;
use talk::{Act, Kind, Talk};
use tokio::sync::mpsc;

use crate::{finish, lines, print_line, ready};

/// Whom to call first; nobody: wait, or do what is typed.
pub(crate) struct Call {
    pub(crate) users: Vec<String>,
    pub(crate) group: Option<String>,
    pub(crate) anonymous: bool,
}

/// What the keyboard, or a script, gives.
pub(crate) enum Typed {
    Line(String),
    /// Ctrl-C while a line is edited.
    #[cfg(unix)]
    Interrupt,
}

/// Chats until the call of the command line is over, or the person ends it.
pub(crate) async fn chat(
    mut client: RunningClient,
    own: &str,
    takes_all: bool,
    call: Call,
) -> Result<u8, app::Error> {
    let ended = app::signals()?;
    tokio::pin!(ended);
    if !ready(&mut client, &mut ended).await {
        finish(client).await;
        return Ok(1);
    }
    let (mut screen, mut typed) = Screen::open(&Names::of(own).short(own));
    let mut talk = Talk::new(own, takes_all);
    let asked = !call.users.is_empty() || call.group.is_some();
    talk.begin(&call.users, call.group, call.anonymous);
    let (mut ending, mut closed) = (false, false);
    while !done(&mut talk, &client, &mut screen).await {
        let patience = tokio::time::sleep(LAST_WORDS);
        let listens = !closed && (screen.edits() || !talk.too_early());
        tokio::select! {
            () = &mut ended, if !ending => {
                ending = true;
                talk.quit();
            }
            () = patience, if talk.settling() => talk.quit(),
            line = typed.recv(), if listens => match line {
                Some(Typed::Line(line)) => talk.typed(&line),
                #[cfg(unix)]
                Some(Typed::Interrupt) => talk.quit(),
                None => {
                    closed = true;
                    talk.end();
                }
            },
            line = client.told.recv() => match line.map(|line| Told::read(&line)) {
                Some(Ok(told)) => talk.hear(told),
                Some(Err(_)) => {}
                None => break,
            },
        }
    }
    screen.close().await;
    finish(client).await;
    Ok(u8::from(asked && !talk.opened))
}

/// Does what the talk wants; whether it is over.
async fn done(talk: &mut Talk, client: &RunningClient, screen: &mut Screen) -> bool {
    let acts = talk.acts();
    let over = acts.contains(&Act::Over);
    if over {
        // The last lines stand where the shell will go on.
        screen.close().await;
    }
    for act in acts {
        match act {
            Act::Do(command) => client.say(&command).await,
            Act::Show(kind, line) => screen.show(kind, &line),
            Act::Over => {}
        }
    }
    over
}

/// Where lines are shown.
struct Screen {
    #[cfg(unix)]
    terminal: Option<terminal::Terminal>,
    coloured: bool,
}

impl Screen {
    fn open(name: &str) -> (Self, mpsc::Receiver<Typed>) {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let coloured = std::io::stdout().is_terminal() && !plain;
        #[cfg(unix)]
        if let Some((terminal, typed)) = terminal::open(format!("{name}> ")) {
            let terminal = Some(terminal);
            return (Self { terminal, coloured }, typed);
        }
        let screen = Self {
            #[cfg(unix)]
            terminal: None,
            coloured,
        };
        (screen, lines(Typed::Line))
    }

    /// Whether somebody edits the lines, who may give up before a call is answered.
    fn edits(&self) -> bool {
        #[cfg(unix)]
        return self.terminal.is_some();
        #[cfg(not(unix))]
        return false;
    }

    fn show(&mut self, kind: Kind, line: &str) {
        let style = match kind {
            Kind::Said => Style::new(),
            Kind::News => Style::new().dimmed(),
            Kind::Trouble => AnsiColor::Yellow.on_default(),
        };
        let mark = if kind == Kind::Said { "" } else { "* " };
        let line = if self.coloured {
            format!("{style}{mark}{line}{style:#}")
        } else {
            format!("{mark}{line}")
        };
        #[cfg(unix)]
        if let Some(terminal) = &mut self.terminal {
            return terminal.show(&line);
        }
        print_line(&line);
    }

    async fn close(&mut self) {
        #[cfg(unix)]
        if let Some(terminal) = self.terminal.take() {
            terminal.close().await;
        }
    }
}

/// How long the end of the input waits for what was sent to arrive.
const LAST_WORDS: std::time::Duration = std::time::Duration::from_secs(5);
