//! Writes what crosses the sockets to a file, a JSON object a line, and never makes the sockets wait for it.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use machines::port::Transport;
use net::{Crossing, Protocol, Way};
use serde::{Deserialize, Serialize};

use crate::Error;

/// One line of a trace.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// A message that crossed a socket.
    Message(Box<Message>),
    /// Lines that are missing here, because the file was too slow for them.
    Lost {
        /// How many.
        lost: u64,
    },
}

/// A message that crossed a socket.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Message {
    /// From 1, in the order in which the program decided to send, or read.
    pub number: u64,
    /// Number of the message that was received and made the program send this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<u64>,
    /// Microseconds since the Unix epoch.
    pub at_us: u64,
    /// `received` or `sent`.
    pub way: String,
    /// `sip`, `msrp` or `http`.
    pub protocol: String,
    /// `udp` or `tcp`.
    pub transport: String,
    /// Our end.
    pub local: SocketAddr,
    /// The other end.
    pub remote: SocketAddr,
    /// The message, when it is UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The message, when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub octets: Option<Vec<u8>>,
}

/// A trace that is being written.
#[derive(Debug)]
pub struct Trace {
    lines: SyncSender<Option<Message>>,
    lost: Arc<AtomicU64>,
    writer: JoinHandle<()>,
}

impl Trace {
    /// Writes to that file, which is made anew; a device or a pipe will do.
    pub fn to(path: &Path) -> Result<Trace, Error> {
        let file = File::create(path).map_err(|source| Error::Trace {
            file: path.display().to_string(),
            source,
        })?;
        let (lines, waiting) = sync_channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let missing = Arc::clone(&lost);
        let writer = std::thread::spawn(move || {
            // A full disk ends the trace, not the program.
            if let Err(why) = write(file, &waiting, &missing) {
                eprintln!("the trace ends here: {why}");
            }
        });
        Ok(Trace {
            lines,
            lost,
            writer,
        })
    }

    /// What the sockets tell.
    pub fn teller(&self) -> net::Trace {
        let (lines, lost) = (self.lines.clone(), Arc::clone(&self.lost));
        net::Trace::new(move |crossing| {
            if lines.try_send(Some(message(crossing))).is_err() {
                lost.fetch_add(1, Ordering::Relaxed);
            }
        })
    }

    /// Waits until all is written; the sockets are closed by now.
    pub fn finish(self) {
        // Either may have ended by a fault that has been told.
        let _ = self.lines.send(None);
        let _ = self.writer.join();
    }
}

fn write(file: File, waiting: &Receiver<Option<Message>>, missing: &AtomicU64) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    let mut next = waiting.recv().ok().flatten();
    while let Some(message) = next {
        line(&mut file, &Line::Message(Box::new(message)))?;
        let lost = missing.swap(0, Ordering::Relaxed);
        if lost > 0 {
            line(&mut file, &Line::Lost { lost })?;
        }
        next = match waiting.try_recv() {
            Ok(next) => next,
            Err(_) => {
                file.flush()?;
                waiting.recv().ok().flatten()
            }
        };
    }
    file.flush()
}

fn line(file: &mut impl io::Write, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *file, line)?;
    file.write_all(b"\n")
}

fn message(crossing: &Crossing<'_>) -> Message {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let text = std::str::from_utf8(crossing.bytes).ok();
    Message {
        number: crossing.number,
        because: crossing.cause,
        at_us: now.map_or(0, |now| u64::try_from(now.as_micros()).unwrap_or(u64::MAX)),
        way: match crossing.way {
            Way::Received => "received",
            Way::Sent => "sent",
        }
        .to_owned(),
        protocol: match crossing.protocol {
            Protocol::Http => "http",
            Protocol::Msrp => "msrp",
            Protocol::Sip => "sip",
        }
        .to_owned(),
        transport: match crossing.transport {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        }
        .to_owned(),
        local: crossing.local,
        remote: crossing.remote,
        message: text.map(str::to_owned),
        octets: text.is_none().then(|| crossing.bytes.to_vec()),
    }
}

/// Lines that wait to be written.
const WAITING: usize = 4096;
