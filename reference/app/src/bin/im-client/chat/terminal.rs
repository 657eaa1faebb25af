//! A terminal to chat at: what is typed stays below what is shown, and the terminal is left as it was found.

use std::io::IsTerminal as _;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Config, Editor, ExternalPrinter};
use tokio::sync::{mpsc, oneshot};

use super::Typed;

/// A terminal whose line is being edited.
pub(crate) struct Terminal {
    shown: mpsc::Sender<String>,
    /// Lines that found no room.
    lost: usize,
    all_shown: oneshot::Receiver<()>,
    found: Termios,
}

/// Takes the terminal, if there is one: what it is told to show, and what is typed.
pub(crate) fn open(prompt: String) -> Option<(Terminal, mpsc::Receiver<Typed>)> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return None;
    }
    let found = tcgetattr(std::io::stdin()).ok()?;
    let config = Config::builder().bracketed_paste(false).build();
    let mut editor = Editor::<(), _>::with_history(config, MemHistory::new()).ok()?;
    let mut printer = editor.create_external_printer().ok()?;
    let (lines, typed) = mpsc::channel(LINES);
    let (shown, mut showing) = mpsc::channel::<String>(LINES);
    let (end, all_shown) = oneshot::channel();
    std::thread::spawn(move || {
        loop {
            let (typed, last) = match editor.readline(&prompt) {
                Ok(line) => {
                    // A line that is not remembered can still be sent.
                    let _ = editor.add_history_entry(&line);
                    let last = line.trim() == "/quit";
                    (Typed::Line(line), last)
                }
                Err(ReadlineError::Interrupted) => (Typed::Interrupt, true),
                Err(_) => return,
            };
            if lines.blocking_send(typed).is_err() || last {
                return;
            }
        }
    });
    // A thread of its own: the editor may be slow to take a line, and the chat goes on.
    std::thread::spawn(move || {
        while let Some(line) = showing.blocking_recv() {
            // A terminal that is gone shows nothing.
            let _ = printer.print(line);
        }
        drop(end);
    });
    let terminal = Terminal {
        shown,
        lost: 0,
        all_shown,
        found,
    };
    Some((terminal, typed))
}

impl Terminal {
    /// Shows a line, or counts it as lost when the terminal is that slow.
    pub(crate) fn show(&mut self, line: &str) {
        if self.lost > 0 {
            let text = format!("({} lines are not shown)\n", self.lost);
            if self.shown.try_send(text).is_ok() {
                self.lost = 0;
            }
        }
        self.lost += usize::from(self.shown.try_send(format!("{line}\n")).is_err());
    }

    /// Waits a moment for what is still to be shown, then gives the terminal back.
    pub(crate) async fn close(self) {
        drop(self.shown);
        // A terminal that shows nothing for so long will not be waited for.
        let _ = tokio::time::timeout(LAST, self.all_shown).await;
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.found);
        // Where the prompt stood.
        print!("\r\u{1b}[K");
    }
}

/// Lines that may wait, either way.
const LINES: usize = 1024;
const LAST: std::time::Duration = std::time::Duration::from_secs(1);
