//! A connection of HTTP that somebody may look on: whole messages are told, as they are on the wire.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::DOCUMENT;
use crate::trace::{Cause, Place, Protocol, Teller};

/// What was last received on a connection, which is what causes the next that is sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latest(Arc<Mutex<Cause>>);

impl Latest {
    pub(crate) fn set(&self, cause: Cause) {
        *self.lock() = cause;
    }

    pub(crate) fn get(&self) -> Cause {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Cause> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The connection; without anybody to tell it keeps nothing.
#[derive(Debug)]
pub(crate) struct Tap {
    stream: TcpStream,
    teller: Teller,
    place: Option<Place>,
    latest: Latest,
    sent: Vec<u8>,
    received: Vec<u8>,
}

impl Tap {
    pub(crate) fn new(stream: TcpStream, teller: Teller, latest: Latest) -> Tap {
        Tap {
            place: Place::of(Protocol::Http, &stream).filter(|_| teller.0.is_some()),
            stream,
            teller,
            latest,
            sent: Vec::new(),
            received: Vec::new(),
        }
    }

    fn hear(&mut self, octets: &[u8]) {
        self.tell_sent();
        if self.place.is_some() {
            self.received.extend_from_slice(octets);
            if is_whole(&self.received) {
                self.tell_received();
            }
        }
    }

    fn say(&mut self, octets: &[u8]) {
        self.tell_received();
        if self.place.is_some() {
            self.sent.extend_from_slice(octets);
            if is_whole(&self.sent) {
                self.tell_sent();
            }
        }
    }

    fn tell_received(&mut self) {
        if !self.received.is_empty() {
            let octets = std::mem::take(&mut self.received);
            self.latest.set(self.teller.received(self.place, &octets));
        }
    }

    fn tell_sent(&mut self) {
        if !self.sent.is_empty() {
            let octets = std::mem::take(&mut self.sent);
            let mark = self.teller.mark(self.latest.get());
            self.teller.sent(self.place, mark, &octets);
        }
    }
}

// What says no length ends with the connection, or where the other side begins (RFC 9112 6.3).
fn is_whole(message: &[u8]) -> bool {
    let Some(head) = message.windows(4).position(|four| four == b"\r\n\r\n") else {
        return message.len() > MOST;
    };
    let text = String::from_utf8_lossy(&message[..head]);
    let mut fields = text.lines().skip(1).filter_map(|line| line.split_once(':'));
    let length = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|(_, value)| value.trim().parse::<usize>().ok());
    let asks = !message.starts_with(b"HTTP/");
    let length = length.or(asks.then_some(0)).unwrap_or(MOST);
    message.len() - head - 4 >= length.min(MOST)
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.tell_sent();
        self.tell_received();
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.hear(&buffer.filled()[before..]);
        }
        polled
    }
}

impl AsyncWrite for Tap {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, octets);
        if let Poll::Ready(Ok(count)) = &polled {
            self.say(&octets[..*count]);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Octets of a body, or of what has no end, that are told at once.
const MOST: usize = 2 * DOCUMENT;
