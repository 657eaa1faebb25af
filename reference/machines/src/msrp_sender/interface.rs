//! What goes into an MSRP sender and what comes out of it.

use std::time::Duration;

use wire::msrp::Frame;

/// The most that a sender keeps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Octets of one chunk; not below 2048 (RFC 4975 7.1.1).
    pub chunk: usize,
    /// Chunks without a response at a time.
    pub outstanding: usize,
    /// Octets that wait to be sent.
    pub queued: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            chunk: 2048,
            outstanding: 8,
            queued: 1 << 20,
        }
    }
}

/// Which transaction responses the sender of a message wants (RFC 4975 7.1.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailureReport {
    /// Always.
    Yes,
    /// Errors only.
    Partial,
    /// None.
    No,
}

impl FailureReport {
    /// What the header says; absent is yes.
    pub fn of(frame: &Frame) -> FailureReport {
        match frame.header("Failure-Report") {
            Some(value) if value.eq_ignore_ascii_case("no") => FailureReport::No,
            Some(value) if value.eq_ignore_ascii_case("partial") => FailureReport::Partial,
            _ => FailureReport::Yes,
        }
    }
}

/// A message to send.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outgoing {
    /// Its Message-ID.
    pub id: String,
    /// Its Content-Type.
    pub content_type: String,
    /// All of it.
    pub body: Vec<u8>,
    /// Whether a success REPORT is wanted.
    pub success_report: bool,
    /// Which responses are wanted.
    pub failure_report: FailureReport,
}

/// What can happen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// Send this.
    Send(Outgoing),
    /// A response came.
    Response {
        /// Its transaction.
        transaction: String,
        /// Its code.
        code: u16,
    },
    /// A REPORT came.
    Report(Frame),
    /// No response came in 30 s.
    Fired {
        /// The transaction.
        transaction: String,
    },
    /// Give a message up.
    Abort {
        /// Its Message-ID.
        id: String,
    },
    /// The link takes no more.
    Full,
    /// The link takes more again.
    Drained,
    /// The link is closed.
    Down,
}

/// What follows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Send this frame.
    Frame(Frame),
    /// Await the response.
    Arm {
        /// The transaction.
        transaction: String,
        /// 30 s.
        after: Duration,
    },
    /// The response came.
    Disarm {
        /// The transaction.
        transaction: String,
    },
    /// Every chunk is answered, or sent when no answer is due.
    Sent {
        /// The Message-ID.
        id: String,
    },
    /// A REPORT came for the message.
    Delivered {
        /// The Message-ID.
        id: String,
        /// Its status code: 200 for success.
        code: u16,
    },
    /// The message failed; 408 when no response came.
    Failed {
        /// The Message-ID.
        id: String,
        /// The code.
        code: u16,
    },
    /// The queue has no room for the message.
    Refused {
        /// The Message-ID.
        id: String,
    },
    /// The session does not exist at the other end, or the link is down.
    Gone,
    /// The queue is down to half of its limit.
    Drained,
    /// The input means nothing now, and why.
    Ignored(&'static str),
}
