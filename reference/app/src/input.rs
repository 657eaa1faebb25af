//! Standard input, line by line.

use std::io::{BufRead as _, Read as _};

use tokio::sync::mpsc;

/// The lines of the input; a thread of their own reads them, and waits while nobody takes them.
pub fn lines<T: Send + 'static>(wrap: fn(String) -> T) -> mpsc::Receiver<T> {
    let (sender, receiver) = mpsc::channel(16);
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        loop {
            let mut line = Vec::new();
            match input.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\r', '\n']).to_owned();
            if sender.blocking_send(wrap(text)).is_err() {
                return;
            }
        }
    });
    receiver
}

/// The longest line, in octets; what is longer counts as several.
const LONGEST: u64 = 1 << 20;
