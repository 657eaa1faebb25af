//! Small questions to an exchange that answer with messages, and the findings they lead to.

use wire::Span;
use wire::scan::Scan;

use crate::{Direction, Evidence, Exchange, Finding, Frame, Held, Protocol};

/// A SIP message of an exchange.
#[derive(Clone, Debug)]
pub struct Sip<'a> {
    /// The frame that carried it.
    pub frame: &'a Frame,
    /// Its lossless view; spans count in `frame.bytes`.
    pub scan: Scan,
}

/// An MSRP frame of an exchange, if our strict reader takes it.
#[derive(Clone, Debug)]
pub struct Msrp<'a> {
    /// The frame that carried it.
    pub frame: &'a Frame,
    /// What it says.
    pub message: wire::msrp::Frame,
}

/// An HTTP message of an exchange.
#[derive(Clone, Debug)]
pub struct Http<'a> {
    /// The frame that carried it.
    pub frame: &'a Frame,
    /// Its lossless view: header lines and body are written as in SIP, the start line is not.
    pub scan: Scan,
}

impl Http<'_> {
    fn word(&self, number: usize) -> Option<String> {
        let line = self.scan.start_line();
        line.split(' ').nth(number).map(str::to_owned)
    }

    /// The method of a request.
    pub fn method(&self) -> Option<String> {
        self.word(0).filter(|word| !word.starts_with("HTTP/"))
    }

    /// The target of a request, as it was written.
    pub fn target(&self) -> Option<String> {
        self.method().and_then(|_| self.word(1))
    }

    /// The status of a response.
    pub fn code(&self) -> Option<u16> {
        match self.method() {
            Some(_) => None,
            None => self.word(1)?.parse().ok(),
        }
    }

    /// The start line as evidence.
    pub fn start(&self) -> Evidence {
        octets(self.frame, &self.scan.start)
    }

    /// The whole message as evidence.
    pub fn whole(&self) -> Evidence {
        whole(self.frame)
    }
}

impl<'a> Sip<'a> {
    /// The view of a SIP frame; `None` for MSRP.
    pub fn of(frame: &'a Frame) -> Option<Self> {
        (frame.protocol == Protocol::Sip).then(|| Self {
            frame,
            scan: sip(frame),
        })
    }

    /// The Call-ID, empty when missing.
    pub fn call_id(&self) -> String {
        self.scan
            .field("Call-ID")
            .map(|field| field.value)
            .unwrap_or_default()
    }

    /// Number and method of CSeq.
    pub fn cseq(&self) -> Option<(u32, String)> {
        let value = self.scan.field("CSeq")?.value;
        let mut words = value.split_ascii_whitespace();
        Some((words.next()?.parse().ok()?, words.next()?.to_owned()))
    }

    /// The whole message as evidence.
    pub fn whole(&self) -> Evidence {
        whole(self.frame)
    }

    /// The start line as evidence.
    pub fn start(&self) -> Evidence {
        octets(self.frame, &self.scan.start)
    }

    /// The first header of this name as evidence, or the start line when there is none.
    pub fn header(&self, name: &str) -> Evidence {
        match self.scan.field(name) {
            Some(field) => octets(self.frame, &field.span),
            None => self.start(),
        }
    }

    /// The body as evidence, or the start line when it is empty.
    pub fn body(&self) -> Evidence {
        if self.scan.body.is_empty() {
            self.start()
        } else {
            octets(self.frame, &self.scan.body)
        }
    }

    /// Whether `other` is a response to this request, or to the same request as this response.
    pub fn same_transaction(&self, other: &Self) -> bool {
        self.frame.chair == other.frame.chair
            && self.call_id() == other.call_id()
            && self.cseq() == other.cseq()
    }
}

/// The lossless view of a SIP frame.
pub fn sip(frame: &Frame) -> Scan {
    Scan::sip(&frame.bytes)
}

/// Octets of a frame as evidence.
pub fn octets(frame: &Frame, span: &Span) -> Evidence {
    Evidence {
        frame: frame.index,
        octets: (span.start, span.end),
    }
}

/// A whole frame as evidence.
pub fn whole(frame: &Frame) -> Evidence {
    Evidence {
        frame: frame.index,
        octets: (0, frame.bytes.len()),
    }
}

/// SIP messages that went this way, retransmissions included.
pub fn sip_messages(exchange: &Exchange, direction: Direction) -> impl Iterator<Item = Sip<'_>> {
    exchange
        .frames
        .iter()
        .filter(move |frame| frame.direction == direction)
        .filter_map(Sip::of)
}

/// Requests of this method that the subject sent, each once.
pub fn received_requests<'a>(exchange: &'a Exchange, method: &str) -> Vec<Sip<'a>> {
    requests(exchange, Direction::Received, method)
}

/// Requests of this method that the tester sent, each once.
pub fn sent_requests<'a>(exchange: &'a Exchange, method: &str) -> Vec<Sip<'a>> {
    requests(exchange, Direction::Sent, method)
}

/// What the subject answered to a request of the tester, in order, each once.
pub fn received_responses<'a>(exchange: &'a Exchange, request: &Frame) -> Vec<Sip<'a>> {
    responses(exchange, Direction::Received, request)
}

/// What the tester answered to a request of the subject, in order, each once.
pub fn sent_responses<'a>(exchange: &'a Exchange, request: &Frame) -> Vec<Sip<'a>> {
    responses(exchange, Direction::Sent, request)
}

fn requests<'a>(exchange: &'a Exchange, direction: Direction, method: &str) -> Vec<Sip<'a>> {
    let wanted = |message: &Sip<'_>| message.scan.method().is_some_and(|name| name == method);
    once(sip_messages(exchange, direction).filter(wanted))
}

fn responses<'a>(exchange: &'a Exchange, direction: Direction, request: &Frame) -> Vec<Sip<'a>> {
    let Some(request) = Sip::of(request) else {
        return Vec::new();
    };
    let answers = sip_messages(exchange, direction)
        .filter(|message| !message.scan.is_request() && message.same_transaction(&request));
    once(answers)
}

/// Leaves out byte-identical repetitions on the same chair.
fn once<'a>(messages: impl Iterator<Item = Sip<'a>>) -> Vec<Sip<'a>> {
    let mut seen: Vec<Sip<'a>> = Vec::new();
    for message in messages {
        let frame = message.frame;
        if !seen
            .iter()
            .any(|other| other.frame.chair == frame.chair && other.frame.bytes == frame.bytes)
        {
            seen.push(message);
        }
    }
    seen
}

/// MSRP frames that went this way and that the strict reader takes.
pub fn msrp_frames(exchange: &Exchange, direction: Direction) -> impl Iterator<Item = Msrp<'_>> {
    exchange
        .frames
        .iter()
        .filter(move |frame| frame.direction == direction && frame.protocol == Protocol::Msrp)
        .filter_map(|frame| {
            wire::msrp::Frame::parse(&frame.bytes)
                .ok()
                .map(|message| Msrp { frame, message })
        })
}

/// HTTP requests that the subject sent to the tester's XDMS, in order.
pub fn http_requests(exchange: &Exchange) -> Vec<Http<'_>> {
    http_frames(exchange, Direction::Received).collect()
}

/// What the tester's XDMS answered, in order.
pub fn http_responses(exchange: &Exchange) -> Vec<Http<'_>> {
    http_frames(exchange, Direction::Sent).collect()
}

fn http_frames(exchange: &Exchange, direction: Direction) -> impl Iterator<Item = Http<'_>> {
    let wanted =
        move |frame: &&Frame| frame.protocol == Protocol::Http && frame.direction == direction;
    exchange.frames.iter().filter(wanted).map(|frame| Http {
        frame,
        scan: Scan::sip(&frame.bytes),
    })
}

/// Lines that went this way between the tester and the user's side of a client.
pub fn user_lines(exchange: &Exchange, direction: Direction) -> impl Iterator<Item = &Frame> {
    let wanted =
        move |frame: &&Frame| frame.protocol == Protocol::User && frame.direction == direction;
    exchange.frames.iter().filter(wanted)
}

/// The clause was kept, and `evidence` shows it.
pub fn held(
    expected: impl Into<String>,
    found: impl Into<String>,
    evidence: Vec<Evidence>,
) -> Finding {
    Finding {
        held: Held::Yes,
        expected: expected.into(),
        found: found.into(),
        evidence,
    }
}

/// The clause was broken, and `evidence` shows where.
pub fn not_held(
    expected: impl Into<String>,
    found: impl Into<String>,
    evidence: Vec<Evidence>,
) -> Finding {
    Finding {
        held: Held::No,
        expected: expected.into(),
        found: found.into(),
        evidence,
    }
}

/// What the clause speaks of was never seen.
pub fn missing(expected: impl Into<String>, found: impl Into<String>) -> Finding {
    Finding {
        held: Held::Missing,
        expected: expected.into(),
        found: found.into(),
        evidence: Vec::new(),
    }
}

/// Trimmed value of the first header line of this name, read without any parser of ours.
pub(crate) fn sip_line(bytes: &[u8], name: &str, compact: &str) -> Option<String> {
    let head = bytes
        .split(|byte| *byte == b'\n')
        .skip(1)
        .take_while(|line| !matches!(*line, b"" | b"\r"));
    for line in head {
        let line = String::from_utf8_lossy(line);
        let Some((found, value)) = line.split_once(':') else {
            continue;
        };
        let found = found.trim();
        if found.eq_ignore_ascii_case(name) || found.eq_ignore_ascii_case(compact) {
            return Some(value.trim().to_owned());
        }
    }
    None
}
