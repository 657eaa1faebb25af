//! One message on one link, with its raw bytes, and the exchange that a scenario's frames make.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// Which way a frame went, seen from the tester.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The tester sent it to the subject.
    Sent,
    /// The subject sent it.
    Received,
}

/// The protocol of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// SIP (RFC 3261).
    Sip,
    /// MSRP (RFC 4975).
    Msrp,
    /// HTTP/1.1 (RFC 9112), between the subject and the tester's XDMS.
    Http,
    /// The upper tester: one JSON object a line, between the tester and the user's side of a client.
    User,
}

/// One message as it crossed the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Position in the exchange of its scenario, from 0; evidence points here.
    pub index: usize,
    /// Microseconds since the run began.
    pub at_us: u64,
    /// Sent by the tester, or received from the subject.
    pub direction: Direction,
    /// The chair of the tester that sent or received it: `alice`, `bob`, `carol`, `core`, `xdms`; in front of a client also `server` and `user`.
    pub chair: String,
    /// SIP, MSRP, HTTP or the user's lines.
    pub protocol: Protocol,
    /// `udp` or `tcp`; `line` for what the user does and sees.
    pub transport: String,
    /// The tester's end.
    pub local: SocketAddr,
    /// The subject's end.
    pub remote: SocketAddr,
    /// The message exactly as seen; base64 in the run file. An empty MSRP frame: the client closed the connection.
    #[serde(with = "crate::base64")]
    pub bytes: Vec<u8>,
}

/// Everything that crossed the wire in one scenario, in the order it was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The frames, in recorded order.
    pub frames: Vec<Frame>,
}

impl Exchange {
    /// The frame with this index.
    pub fn frame(&self, index: usize) -> Option<&Frame> {
        match self.frames.get(index) {
            Some(frame) if frame.index == index => Some(frame),
            _ => self.frames.iter().find(|frame| frame.index == index),
        }
    }

    /// Frames that the subject sent, in recorded order.
    pub fn received(&self) -> impl Iterator<Item = &Frame> {
        self.frames
            .iter()
            .filter(|frame| frame.direction == Direction::Received)
    }

    /// Frames that the tester sent, in recorded order.
    pub fn sent(&self) -> impl Iterator<Item = &Frame> {
        self.frames
            .iter()
            .filter(|frame| frame.direction == Direction::Sent)
    }
}
