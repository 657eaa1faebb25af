//! A terminal with a program in it: keys go in, and what a person would see comes out.

use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};
use vt100::Parser;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

const ROWS: u16 = 40;
const COLUMNS: u16 = 100;

/// What the terminal shows, and whether more may come.
struct Picture {
    parser: Parser,
    open: bool,
}

/// A program at a terminal.
pub(crate) struct Screen {
    name: String,
    pty: Arc<Pty>,
    picture: Arc<(Mutex<Picture>, Condvar)>,
    child: Child,
}

impl Screen {
    /// Starts a program at a terminal of its own.
    pub(crate) fn start(name: &str, program: &str, arguments: &[String]) -> Screen {
        let (pty, end) = open().expect("a pseudo-terminal");
        pty.resize(Size::new(ROWS, COLUMNS)).expect("a size");
        let command = Command::new(program)
            .args(arguments)
            .env("TERM", "xterm")
            .env_remove("NO_COLOR");
        let child = command.spawn(end).expect("the program starts");
        let picture = Picture {
            parser: Parser::new(side(ROWS), side(COLUMNS), 0),
            open: true,
        };
        let picture = Arc::new((Mutex::new(picture), Condvar::new()));
        let pty = Arc::new(pty);
        let (from, to) = (Arc::clone(&pty), Arc::clone(&picture));
        std::thread::spawn(move || {
            let mut room = [0; 4096];
            loop {
                // The end of the program is an error or the end of the octets, as the system likes.
                let length = (&*from).read(&mut room).unwrap_or(0);
                let mut shown = to.0.lock().expect("nobody panics with it");
                shown.parser.process(&room[..length]);
                shown.open = length > 0;
                to.1.notify_all();
                if length == 0 {
                    return;
                }
            }
        });
        let name = name.to_owned();
        Screen {
            name,
            pty,
            picture,
            child,
        }
    }

    /// Presses keys.
    pub(crate) fn keys(&self, keys: &str) {
        let mut pty = &*self.pty;
        pty.write_all(keys.as_bytes()).expect("the terminal takes");
    }

    /// Types a line.
    pub(crate) fn types(&self, line: &str) {
        self.keys(&format!("{line}\r"));
    }

    /// Waits until a line of the screen is exactly this; gives the screen.
    pub(crate) fn shows(&self, line: &str) -> String {
        self.until(line, |text| text.lines().any(|one| one.trim_end() == line))
    }

    /// Waits until the screen holds these words.
    pub(crate) fn says(&self, words: &str) -> String {
        self.until(words, |text| text.contains(words))
    }

    /// Waits until the screen holds these words twice.
    pub(crate) fn says_again(&self, words: &str) -> String {
        self.until(words, |text| text.matches(words).count() == 2)
    }

    fn until(&self, wanted: &str, found: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        let mut picture = self.picture.0.lock().expect("nobody panics with it");
        loop {
            let text = picture.parser.screen().contents();
            if found(&text) {
                return text;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(
                picture.open && !left.is_zero(),
                "{} never saw {wanted:?}:\n{text}",
                self.name
            );
            picture = self
                .picture
                .1
                .wait_timeout(picture, left)
                .expect("nobody panics with it")
                .0;
        }
    }

    /// Whether any character on the screen has a colour of its own or is dimmed.
    pub(crate) fn coloured(&self, words: &str) -> bool {
        let picture = self.picture.0.lock().expect("nobody panics with it");
        let screen = picture.parser.screen();
        let row = (0..ROWS).find(|row| {
            let line: String = screen.contents_between(*row, 0, *row, COLUMNS);
            line.contains(words)
        });
        let row = row.expect("the words are on the screen");
        let cells = (0..COLUMNS).filter_map(|column| screen.cell(row, column));
        let mut styled = cells.filter(|cell| cell.dim() || cell.fgcolor() != vt100::Color::Default);
        styled.next().is_some()
    }

    /// Waits for the program to end; gives its status and the last picture.
    pub(crate) fn ends(mut self) -> (ExitStatus, String) {
        let end = Instant::now() + PATIENCE;
        let mut picture = self.picture.0.lock().expect("nobody panics with it");
        while picture.open {
            let left = end.saturating_duration_since(Instant::now());
            let text = picture.parser.screen().contents();
            assert!(!left.is_zero(), "{} does not end:\n{text}", self.name);
            let waited = self.picture.1.wait_timeout(picture, left);
            picture = waited.expect("nobody panics with it").0;
        }
        let text = picture.parser.screen().contents();
        drop(picture);
        (self.child.wait().expect("it ran"), text)
    }
}

fn side(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).expect("a screen has room")
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
