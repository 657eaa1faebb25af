//! Reads a byte stream into a buffer that holds at most one message and one read more.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

/// Octets read at once; an idle connection keeps no buffer.
const READ: usize = 4096;

#[derive(Default)]
pub(crate) struct Reader {
    buffer: Vec<u8>,
    start: usize,
}

impl Reader {
    /// What was read and not yet consumed.
    pub(crate) fn pending(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    pub(crate) fn consume(&mut self, octets: usize) {
        self.start = (self.start + octets).min(self.buffer.len());
        if self.start == self.buffer.len() {
            self.buffer = Vec::new();
            self.start = 0;
        }
    }

    /// Drops empty lines before a message (RFC 3261 7.5).
    pub(crate) fn skip_empty_lines(&mut self) {
        let empty = self
            .pending()
            .chunks_exact(2)
            .take_while(|pair| *pair == b"\r\n")
            .count();
        self.consume(2 * empty);
    }

    /// Reads more; `false` when the peer has finished.
    pub(crate) async fn fill(&mut self, stream: &TcpStream) -> io::Result<bool> {
        loop {
            stream.readable().await?;
            self.buffer.drain(..self.start);
            self.start = 0;
            let before = self.buffer.len();
            self.buffer.resize(before + READ, 0);
            let read = stream.try_read(&mut self.buffer[before..]);
            self.buffer
                .truncate(before + read.as_ref().copied().unwrap_or(0));
            match read {
                Ok(count) => return Ok(count > 0),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.consume(0),
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads what the peer is still sending, within bounds: closing on unread octets would reset the connection and take our last words with it.
    pub(crate) async fn discard(&mut self, stream: &TcpStream) {
        for _ in 0..DISCARDED {
            self.consume(self.pending().len());
            match timeout(LINGER, self.fill(stream)).await {
                Ok(Ok(true)) => {}
                Ok(Ok(false) | Err(_)) | Err(_) => return,
            }
        }
    }
}

/// How many reads are thrown away after a refusal.
const DISCARDED: usize = 256;
/// How long the peer may be silent before it counts as finished.
const LINGER: Duration = Duration::from_millis(50);
